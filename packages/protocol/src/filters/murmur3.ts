const MIX_1 = 0xcc9e2d51;
const MIX_2 = 0x1b873593;

/** MurmurHash3 (x86, 32 bits) of `bytes`: an unsigned 32-bit number. What BIP37's filters spread their bits with; no cryptography. */
export function murmur3(seed: number, bytes: Uint8Array): number {
  const size = bytes.length;
  const wholeEnd = size - (size % 4);
  let hash = seed | 0;
  for (let offset = 0; offset < wholeEnd; offset += 4) {
    hash ^= mixed(littleEndian(bytes, offset, 4));
    hash = (Math.imul(rotated(hash, 13), 5) + 0xe6546b64) | 0;
  }
  if (wholeEnd < size) hash ^= mixed(littleEndian(bytes, wholeEnd, size - wholeEnd));
  hash ^= size;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function mixed(word: number): number {
  return Math.imul(rotated(Math.imul(word, MIX_1), 15), MIX_2);
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function littleEndian(bytes: Uint8Array, offset: number, size: number): number {
  let word = 0;
  for (let index = 0; index < size; index++) word |= bytes[offset + index]! << (8 * index);
  return word;
}
