import { concatBytes, equalBytes } from "../bytes/bytes.ts";
import { sha256d } from "../crypto/hash.ts";

/** No 0, O, I and l, which look alike. */
const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

const DIGIT_OF_CODE = new Int8Array(128).fill(-1);
for (let digit = 0; digit < ALPHABET.length; digit++) DIGIT_OF_CODE[ALPHABET.charCodeAt(digit)] = digit;

const CHECKSUM_SIZE = 4;

/** Base 58 of `bytes`, each leading zero byte a `1`. */
export function encodeBase58(bytes: Uint8Array): string {
  const leadingZeros = countLeading(bytes, 0);
  const digits = convertBase(bytes.subarray(leadingZeros), 256, 58);
  let text = "1".repeat(leadingZeros);
  for (const digit of digits) text += ALPHABET[digit];
  return text;
}

/** The bytes of base 58 text, at most `sizeMax`; `undefined` for other text. White space around it is no error. */
export function decodeBase58(text: string, sizeMax: number): Uint8Array | undefined {
  const trimmed = withoutSpaces(text);
  const digits: number[] = [];
  for (let index = 0; index < trimmed.length; index++) {
    const digit = DIGIT_OF_CODE[trimmed.charCodeAt(index)] ?? -1;
    if (digit < 0) return undefined;
    digits.push(digit);
  }
  const leadingZeros = countLeading(digits, 0);
  // Each digit is worth more than 0.73 of a byte: text that is much too long is refused before it costs anything.
  if (leadingZeros + Math.floor((digits.length - leadingZeros - 1) * 0.73) > sizeMax) return undefined;
  const rest = convertBase(digits.slice(leadingZeros), 58, 256);
  if (leadingZeros + rest.length > sizeMax) return undefined;
  return concatBytes(new Uint8Array(leadingZeros), Uint8Array.from(rest));
}

const SPACES: ReadonlySet<string> = new Set(" \t\n\v\f\r");

/** By hand: a pattern takes seconds for a long row of spaces inside a text. */
function withoutSpaces(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && SPACES.has(text[start]!)) start += 1;
  while (end > start && SPACES.has(text[end - 1]!)) end -= 1;
  return text.slice(start, end);
}

/** Base 58 of `bytes` and the first four bytes of their double hash. */
export function encodeBase58Check(bytes: Uint8Array): string {
  return encodeBase58(concatBytes(bytes, checksumOf(bytes)));
}

/** The bytes of {@link encodeBase58Check}, at most `sizeMax`; `undefined` where the checksum is wrong. */
export function decodeBase58Check(text: string, sizeMax: number): Uint8Array | undefined {
  const checked = decodeBase58(text, sizeMax + CHECKSUM_SIZE);
  if (checked === undefined || checked.length < CHECKSUM_SIZE) return undefined;
  const bytes = checked.subarray(0, -CHECKSUM_SIZE);
  return equalBytes(checksumOf(bytes), checked.subarray(-CHECKSUM_SIZE)) ? bytes : undefined;
}

function checksumOf(bytes: Uint8Array): Uint8Array {
  return sha256d(bytes).subarray(0, CHECKSUM_SIZE);
}

function countLeading(digits: ArrayLike<number>, digit: number): number {
  let count = 0;
  while (count < digits.length && digits[count] === digit) count += 1;
  return count;
}

/** Digits of the same number in another base, highest first, without leading zeros. */
function convertBase(digits: Iterable<number>, from: number, to: number): number[] {
  const result: number[] = [];
  for (const digit of digits) {
    let carry = digit;
    for (let index = 0; index < result.length; index++) {
      carry += result[index]! * from;
      result[index] = carry % to;
      carry = Math.floor(carry / to);
    }
    for (; carry > 0; carry = Math.floor(carry / to)) result.push(carry % to);
  }
  return result.reverse();
}
