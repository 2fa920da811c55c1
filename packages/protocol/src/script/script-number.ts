import { EMPTY_BYTES } from "../bytes/bytes.ts";

/** Bytes that a number may have as an operand. Results may have one more; they are byte strings until used again. */
export const SCRIPT_NUMBER_SIZE_MAX = 4;

/** BIP65, BIP112: lock times take five bytes, since four would end in 2038. */
export const LOCK_TIME_NUMBER_SIZE_MAX = 5;

/**
 * The number in a stack item: little-endian, the highest bit of the last byte being the sign. `undefined` where it is
 * longer than `sizeMax` (at most 6) bytes or, with `requireMinimal`, where a shorter item would say the same.
 */
export function decodeScriptNumber(
  bytes: Uint8Array,
  requireMinimal: boolean,
  sizeMax: number = SCRIPT_NUMBER_SIZE_MAX,
): number | undefined {
  const size = bytes.length;
  if (size > sizeMax) return undefined;
  if (size === 0) return 0;
  const last = bytes[size - 1]!;
  if (requireMinimal && (last & 0x7f) === 0 && (size === 1 || (bytes[size - 2]! & 0x80) === 0)) return undefined;
  let magnitude = last & 0x7f;
  for (let index = size - 2; index >= 0; index--) magnitude = magnitude * 0x100 + bytes[index]!;
  return (last & 0x80) !== 0 && magnitude !== 0 ? -magnitude : magnitude;
}

const ONE_BYTE_NUMBERS: readonly Uint8Array[] = Array.from({ length: 0x80 }, (_, number) => Uint8Array.of(number));

/** The shortest stack item for a safe integer. The bytes may be shared: nobody writes into them. */
export function encodeScriptNumber(number: number): Uint8Array {
  if (number === 0) return EMPTY_BYTES;
  if (number > 0 && number < 0x80) return ONE_BYTE_NUMBERS[number]!;
  const bytes: number[] = [];
  for (let rest = Math.abs(number); rest > 0; rest = Math.floor(rest / 0x100)) bytes.push(rest % 0x100);
  if ((bytes.at(-1)! & 0x80) !== 0) bytes.push(0);
  if (number < 0) bytes[bytes.length - 1]! |= 0x80;
  return Uint8Array.from(bytes);
}

/** What IF, VERIFY and the end of a script ask: false is any item of zeros, negative zero included. */
export function isTruthy(item: Uint8Array): boolean {
  const last = item.length - 1;
  for (let index = 0; index < last; index++) if (item[index] !== 0) return true;
  return last >= 0 && item[last] !== 0 && item[last] !== 0x80;
}
