/** Small functions over byte strings. Nothing here writes into bytes it did not allocate. */

const HEX_BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Value of each ASCII code as a hex digit, or 0xff where it is none. */
const HEX_DIGITS = new Uint8Array(128).fill(0xff);
for (let digit = 0; digit < 16; digit++) {
  HEX_DIGITS[digit.toString(16).charCodeAt(0)] = digit;
  HEX_DIGITS[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}

export const EMPTY_BYTES: Uint8Array = new Uint8Array(0);

/** Lower-case hex of `bytes`, first byte first. */
export function toHex(bytes: Uint8Array): string {
  let hex = "";
  for (let index = 0; index < bytes.length; index++) hex += HEX_BYTES[bytes[index]!];
  return hex;
}

/** Hex of `bytes` last byte first: how Bitcoin shows hashes to people. */
export function toReversedHex(bytes: Uint8Array): string {
  let hex = "";
  for (let index = bytes.length - 1; index >= 0; index--) hex += HEX_BYTES[bytes[index]!];
  return hex;
}

/** The bytes of a hex string of even length in either case, or `undefined` where the text is no such string. */
export function tryFromHex(hex: string): Uint8Array | undefined {
  if (hex.length % 2 !== 0) return undefined;
  const bytes = new Uint8Array(hex.length / 2);
  for (let index = 0; index < bytes.length; index++) {
    const high = HEX_DIGITS[hex.charCodeAt(2 * index)] ?? 0xff;
    const low = HEX_DIGITS[hex.charCodeAt(2 * index + 1)] ?? 0xff;
    if (high === 0xff || low === 0xff) return undefined;
    bytes[index] = (high << 4) | low;
  }
  return bytes;
}

/** The bytes of a hex string. For text from outside use {@link tryFromHex}. Throws `RangeError` on anything else. */
export function fromHex(hex: string): Uint8Array {
  const bytes = tryFromHex(hex);
  if (bytes === undefined) throw new RangeError("expected an even number of hexadecimal digits");
  return bytes;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const part of parts) size += part.length;
  const joined = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

/** Order of byte strings as `memcmp` has it, the shorter first where one begins the other: negative, zero or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index++) {
    const difference = a[index]! - b[index]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** A new byte string with the bytes in opposite order. */
export function reversedBytes(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes).reverse();
}

/** An unsigned integer of little-endian bytes, of any length. */
export function bigIntFromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${toReversedHex(bytes)}`);
}

/** `value` as `size` little-endian bytes; higher bits are cut off. */
export function littleEndianFromBigInt(value: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let rest = value;
  for (let index = 0; index < size; index++) {
    bytes[index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}
