import { concatBytes, equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { sha256 } from "@noble/hashes/sha2.js";
import { importSealKey, openSeal, SEAL_OVERHEAD, seal } from "./aes-seal.ts";
import {
  type DeriveKey,
  isPayable,
  type KdfCost,
  type KdfParameters,
  KEY_SIZE,
  normalPassphrase,
  SALT_SIZE,
} from "./passphrase-key.ts";

/** A random key sealed by a passphrase, as it stands in a browser's vault and at the head of a backup. */
export interface SealedKey {
  readonly kdf: KdfParameters;
  readonly sealed: Uint8Array;
}

/** What opening a key from a passphrase takes. */
export interface PassphraseWork {
  readonly deriveKey: DeriveKey;
  /** Told how much of a passphrase's work is done, from 0 to 1. */
  readonly onProgress?: ((share: number) => void) | undefined;
}

const FORMAT = 1;
const CHECK_SIZE = 8;
const HEAD_SIZE = 1 + 4 + 4 + 4 + SALT_SIZE;
const SEALED_SIZE = KEY_SIZE + SEAL_OVERHEAD;
export const SEALED_KEY_SIZE = HEAD_SIZE + SEALED_SIZE + CHECK_SIZE;

/** Seals `key` by a passphrase that was checked. `purpose` says what for, and opens with the same only. */
export async function sealKey(
  key: Uint8Array,
  passphrase: string,
  purpose: string,
  cost: KdfCost,
  work: PassphraseWork,
): Promise<SealedKey> {
  const kdf = { ...cost, salt: crypto.getRandomValues(new Uint8Array(SALT_SIZE)) };
  const derived = await work.deriveKey(normalPassphrase(passphrase), kdf, work.onProgress);
  const sealed = await seal(await importSealKey(derived), key, placeOf(kdf, purpose));
  derived.fill(0);
  return { kdf, sealed };
}

/** The key, for the caller to clear; `undefined` where the passphrase is another. */
export async function openKey(
  { kdf, sealed }: SealedKey,
  passphrase: string,
  purpose: string,
  work: PassphraseWork,
): Promise<Uint8Array | undefined> {
  const derived = await work.deriveKey(normalPassphrase(passphrase), kdf, work.onProgress);
  const key = await openSeal(await importSealKey(derived), sealed, placeOf(kdf, purpose));
  derived.fill(0);
  return key;
}

/** Format, n, r, p (little-endian, 4 bytes each), salt, the sealed key, and the first 8 bytes of the SHA-256 of all that. */
export function encodeSealedKey({ kdf, sealed }: SealedKey): Uint8Array {
  const body = concatBytes(encodeKdf(kdf), sealed);
  return concatBytes(body, checkOf(body));
}

/** Why it is none: `damaged`, or of a later format. */
export function decodeSealedKey(bytes: Uint8Array): SealedKey | "damaged" | "too-new" {
  const body = bytes.subarray(0, -CHECK_SIZE);
  if (bytes.length <= CHECK_SIZE || !equalBytes(checkOf(body), bytes.subarray(-CHECK_SIZE))) return "damaged";
  if (body[0]! > FORMAT) return "too-new";
  if (bytes.length !== SEALED_KEY_SIZE || body[0] !== FORMAT) return "damaged";
  const reader = new Reader(body, 1);
  const cost = { n: reader.uint32(), r: reader.uint32(), p: reader.uint32() };
  const kdf = { ...cost, salt: reader.bytes(SALT_SIZE).slice() };
  return isPayable(cost) ? { kdf, sealed: reader.bytes(SEALED_SIZE).slice() } : "damaged";
}

function encodeKdf({ n, r, p, salt }: KdfParameters): Uint8Array {
  return new Writer(HEAD_SIZE).uint8(FORMAT).uint32(n).uint32(r).uint32(p).bytes(salt).finish();
}

function placeOf(kdf: KdfParameters, purpose: string): Uint8Array {
  return concatBytes(new TextEncoder().encode(`bitfleet ${purpose} key `), encodeKdf(kdf));
}

/** Tells damage from a wrong passphrase. No secret: who can write the bytes can write this too. */
function checkOf(body: Uint8Array): Uint8Array {
  return sha256(body).subarray(0, CHECK_SIZE);
}
