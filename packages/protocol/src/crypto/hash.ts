import { hmac } from "@noble/hashes/hmac.js";
import { ripemd160 as nobleRipemd160, sha1 as nobleSha1 } from "@noble/hashes/legacy.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "../bytes/bytes.ts";
import type { Hash256 } from "../primitives/types.ts";

export function sha256(bytes: Uint8Array): Hash256 {
  return nobleSha256(bytes);
}

/** SHA-256 of SHA-256. */
export function sha256d(bytes: Uint8Array): Hash256 {
  return nobleSha256(nobleSha256(bytes));
}

/** {@link sha256d} of each 64 bytes of `pairs`, joined: one level of a merkle tree. `pairs.length` is a multiple of 64. */
export function sha256dOfPairs(pairs: Uint8Array): Uint8Array {
  const hashes = new Uint8Array(pairs.length / 2);
  for (let offset = 0; offset < pairs.length; offset += 64)
    hashes.set(sha256d(pairs.subarray(offset, offset + 64)), offset / 2);
  return hashes;
}

export function ripemd160(bytes: Uint8Array): Uint8Array {
  return nobleRipemd160(bytes);
}

export function sha1(bytes: Uint8Array): Uint8Array {
  return nobleSha1(bytes);
}

/** RIPEMD-160 of SHA-256: what addresses and pay-to-hash outputs carry. */
export function hash160(bytes: Uint8Array): Uint8Array {
  return ripemd160(sha256(bytes));
}

export function hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return hmac(nobleSha256, key, bytes);
}

/** BIP340: SHA-256 whose input begins with the tag's hash twice, so that no two uses collide. */
export function taggedHash(tag: string, ...parts: readonly Uint8Array[]): Hash256 {
  const tagHash = sha256(new TextEncoder().encode(tag));
  return sha256(concatBytes(tagHash, tagHash, ...parts));
}
