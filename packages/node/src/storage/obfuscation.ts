/** Bitcoin Core's protection against virus scanners: everything stored is XORed with eight random bytes, over and over. */
export const OBFUSCATION_KEY_SIZE = 8;

/** Below this, words are not worth their preparation. */
const WORDS_FROM_BYTES = 64;

/** XORs `bytes` in place, which stand at `offset` of the file or value. A key of zeros, or none, leaves them as they are. */
export function obfuscate(bytes: Uint8Array, key: Uint8Array, offset = 0): void {
  if (key.length === 0) return;
  const size = bytes.length;
  let index = 0;
  if (size >= WORDS_FROM_BYTES) {
    while ((bytes.byteOffset + index) % 4 !== 0) xorByte(bytes, index++, key, offset);
    const wordCount = (size - index) >> 2;
    xorWords(new Uint32Array(bytes.buffer, bytes.byteOffset + index, wordCount), key, offset + index);
    index += wordCount * 4;
  }
  while (index < size) xorByte(bytes, index++, key, offset);
}

function xorWords(words: Uint32Array, key: Uint8Array, offset: number): void {
  const rotated = new Uint8Array(OBFUSCATION_KEY_SIZE);
  for (let byte = 0; byte < rotated.length; byte++) rotated[byte] = key[(offset + byte) % OBFUSCATION_KEY_SIZE]!;
  const [even, odd] = new Uint32Array(rotated.buffer) as unknown as [number, number];
  if (even === 0 && odd === 0) return;
  for (let word = 0; word < words.length; word++) words[word] = words[word]! ^ (word & 1 ? odd : even);
}

function xorByte(bytes: Uint8Array, index: number, key: Uint8Array, offset: number): void {
  bytes[index] = bytes[index]! ^ key[(offset + index) % OBFUSCATION_KEY_SIZE]!;
}
