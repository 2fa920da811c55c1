import { hmac } from "@noble/hashes/hmac.js";
import { ripemd160 as nobleRipemd160, sha1 as nobleSha1 } from "@noble/hashes/legacy.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";

/** The hashes in plain JavaScript: for engines without WebAssembly, for rare ones, and to test the fast ones against. */

export function portableSha256(bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes);
}

export function portableSha256dOfPairs(pairs: Uint8Array): Uint8Array {
  const hashes = new Uint8Array(pairs.length / 2);
  for (let offset = 0; offset < pairs.length; offset += 64) {
    hashes.set(nobleSha256(nobleSha256(pairs.subarray(offset, offset + 64))), offset / 2);
  }
  return hashes;
}

export function portableRipemd160(bytes: Uint8Array): Uint8Array {
  return nobleRipemd160(bytes);
}

export function portableSha1(bytes: Uint8Array): Uint8Array {
  return nobleSha1(bytes);
}

export function portableHmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return hmac(nobleSha256, key, bytes);
}
