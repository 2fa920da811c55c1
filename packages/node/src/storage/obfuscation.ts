/** Bitcoin Core's protection against virus scanners: everything stored is XORed with eight random bytes, over and over. */
export const OBFUSCATION_KEY_SIZE = 8;

/** XORs `bytes` in place, which stand at `offset` of the file or value. A key of zeros, or none, leaves them as they are. */
export function obfuscate(bytes: Uint8Array, key: Uint8Array, offset = 0): void {
  if (key.every((byte) => byte === 0)) return;
  const size = bytes.length;
  let index = 0;
  // Byte by byte up to where a word can be read, a word at a time for the bulk.
  while (index < size && (bytes.byteOffset + index) % 4 !== 0) xorByte(bytes, index++, key, offset);
  const wordCount = (size - index) >> 2;
  if (wordCount > 0) {
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset + index, wordCount);
    const rotated = new Uint8Array(OBFUSCATION_KEY_SIZE);
    for (let byte = 0; byte < rotated.length; byte++) rotated[byte] = key[(offset + index + byte) % key.length]!;
    const [even, odd] = new Uint32Array(rotated.buffer) as unknown as [number, number];
    for (let word = 0; word < wordCount; word++) words[word] = words[word]! ^ (word & 1 ? odd : even);
    index += wordCount * 4;
  }
  while (index < size) xorByte(bytes, index++, key, offset);
}

function xorByte(bytes: Uint8Array, index: number, key: Uint8Array, offset: number): void {
  bytes[index] = bytes[index]! ^ key[(offset + index) % key.length]!;
}
