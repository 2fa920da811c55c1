import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import { concatBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Random } from "../../ports.ts";

/** AES-256-GCM around small secrets: a random nonce of 12 bytes, the encrypted bytes, a tag of 16. */

export const SEAL_KEY_SIZE = 32;
const NONCE_SIZE = 12;
const TAG_SIZE = 16;
/** What a seal is longer than its contents. */
export const SEAL_OVERHEAD = NONCE_SIZE + TAG_SIZE;

/** `place` is bound to the seal: it opens only where the same is said of it, so that no record can be moved to another row. */
export function seal(key: Uint8Array, bytes: Uint8Array, place: Uint8Array, random: Pick<Random, "bytes">): Uint8Array {
  const nonce = random.bytes(NONCE_SIZE);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(place);
  const head = cipher.update(bytes);
  return concatBytes(nonce, head, cipher.final(), cipher.getAuthTag());
}

/** The contents, in a buffer that is the caller's to clear; `undefined` where key or place is another, or a bit has changed. */
export function openSeal(key: Uint8Array, sealed: Uint8Array, place: Uint8Array): Uint8Array | undefined {
  if (sealed.length < SEAL_OVERHEAD) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, NONCE_SIZE), { authTagLength: TAG_SIZE });
  decipher.setAAD(place);
  decipher.setAuthTag(sealed.subarray(-TAG_SIZE));
  const opened = decipher.update(sealed.subarray(NONCE_SIZE, -TAG_SIZE));
  try {
    decipher.final();
    // A copy: what Node answers is a Buffer, whose `slice` is a view.
    return Uint8Array.from(opened);
  } catch {
    return undefined;
  } finally {
    clear(opened);
  }
}

/** A key for one purpose from a key for several (HKDF-SHA256). */
export function keyFor(purpose: string, secret: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(0), `bitfleet wallet ${purpose}`, SEAL_KEY_SIZE));
}

/** Overwrites what is no longer needed. */
export function clear(...secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0);
}
