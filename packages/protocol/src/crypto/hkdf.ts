import { concatBytes, EMPTY_BYTES } from "../bytes/bytes.ts";
import { hmacSha256 } from "./hash.ts";

const HASH_SIZE = 32;
/** RFC 5869: the number of a block of output is one byte. */
const OUTPUT_SIZE_MAX = 255 * HASH_SIZE;

/** RFC 5869, HKDF-Extract with SHA-256: a key of 32 bytes to derive others from. `salt` may be empty. */
export function hkdfExtract(salt: Uint8Array, keyMaterial: Uint8Array): Uint8Array {
  return hmacSha256(salt, keyMaterial);
}

/** RFC 5869, HKDF-Expand with SHA-256: `size` bytes for the purpose `info`. Throws `RangeError` for more than 8160. */
export function hkdfExpand(key: Uint8Array, info: Uint8Array, size: number): Uint8Array {
  if (size > OUTPUT_SIZE_MAX) throw new RangeError(`HKDF gives at most ${OUTPUT_SIZE_MAX} bytes`);
  const blocks: Uint8Array[] = [];
  let previous = EMPTY_BYTES;
  for (let number = 1; (number - 1) * HASH_SIZE < size; number++) {
    previous = hmacSha256(key, concatBytes(previous, info, Uint8Array.of(number)));
    blocks.push(previous);
  }
  return concatBytes(...blocks).subarray(0, size);
}
