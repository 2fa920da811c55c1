/** RFC4648 base32 without padding, as the host names of Tor and I2P have it. */

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** Lower-case base32 of `bytes`. */
export function encodeBase32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let buffer = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(buffer >>> (bits - 5)) & 31];
  }
  return bits > 0 ? text + ALPHABET[(buffer << (5 - bits)) & 31] : text;
}

/** The bytes of base32 text in either case. `undefined` where a character is none of the alphabet's, or where bits left over are no zeros. */
export function decodeBase32(text: string): Uint8Array | undefined {
  // Other letters may turn into one of the alphabet's when they are made lower case (U+212A, the Kelvin sign).
  if (!/^[a-zA-Z2-7]*$/.test(text)) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let size = 0;
  let bits = 0;
  let buffer = 0;
  for (const character of text.toLowerCase()) {
    buffer = ((buffer << 5) | ALPHABET.indexOf(character)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[size++] = buffer >>> bits;
  }
  const surplus = buffer & ((1 << bits) - 1);
  return bits >= 5 || surplus !== 0 ? undefined : bytes;
}
