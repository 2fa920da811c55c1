import { concatBytes } from "@bitfleet/protocol/bytes/bytes.ts";

/** AES-256-GCM by WebCrypto: a random nonce of 12 bytes, the encrypted bytes, a tag of 16. */

const NONCE_SIZE = 12;
const TAG_SIZE = 16;
/** What a seal is longer than its contents. */
export const SEAL_OVERHEAD = NONCE_SIZE + TAG_SIZE;

/** Bytes as WebCrypto takes them: never of shared memory here. */
export const asSource = (bytes: Uint8Array) => bytes as Uint8Array<ArrayBuffer>;

/** A key that seals and opens, and that nobody reads again. */
export function importSealKey(key: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", asSource(key), "AES-GCM", false, ["encrypt", "decrypt"]);
}

/**
 * `place` is bound to the seal: it opens only where the same is said of it. Nonces are random: one key may make 2^32 seals before two
 * with the same nonce become as likely as one in 2^32.
 */
export async function seal(key: CryptoKey, bytes: Uint8Array, place: Uint8Array): Promise<Uint8Array> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_SIZE));
  const algorithm = { name: "AES-GCM", iv: nonce, additionalData: asSource(place) };
  return concatBytes(nonce, new Uint8Array(await crypto.subtle.encrypt(algorithm, key, asSource(bytes))));
}

/** The contents; `undefined` where key or place is another, or a bit has changed. */
export async function openSeal(key: CryptoKey, sealed: Uint8Array, place: Uint8Array): Promise<Uint8Array | undefined> {
  if (sealed.length < SEAL_OVERHEAD) return undefined;
  const iv = asSource(sealed.subarray(0, NONCE_SIZE));
  const algorithm = { name: "AES-GCM", iv, additionalData: asSource(place) };
  try {
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, asSource(sealed.subarray(NONCE_SIZE))));
  } catch {
    return undefined;
  }
}

/** A key for one purpose from a key for several (HKDF-SHA256). */
export async function keyFor(purpose: string, master: Uint8Array): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("raw", asSource(master), "HKDF", false, ["deriveBits"]);
  const info = new TextEncoder().encode(`bitfleet vault ${purpose}`);
  const algorithm = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, 256));
}
