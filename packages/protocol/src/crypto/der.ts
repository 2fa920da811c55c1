import { CURVE_ORDER, CURVE_ORDER_HALF, compareScalar, SIGNATURE_SIZE } from "./secp256k1.ts";

/**
 * ECDSA signatures between DER, as scripts carry them, and r‖s, as the curve takes them.
 *
 * Before BIP66 consensus accepted whatever OpenSSL's BER parser did, and blocks from then contain such signatures. What
 * has to be understood: lengths in long form and with leading zeros, a sequence length that is not true, integers with
 * any padding, the sign bit taken as part of the number, and anything behind the second integer.
 */

const SEQUENCE_TAG = 0x30;
const INTEGER_TAG = 0x02;
const LONG_FORM_BIT = 0x80;
const INTEGER_SIZE = 32;

/** Digits a length may have behind its leading zeros. Longer ones describe more than any signature holds. */
const LENGTH_DIGITS_MAX = 3;

/** Where an integer's bytes lie in a signature. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * r‖s of a signature without its hash type byte, or `undefined` where it cannot be read at all. A number of the order of
 * the curve or beyond makes both zero: a signature that was read, and that no key and message satisfy.
 */
export function parseLaxDer(signature: Uint8Array): Uint8Array | undefined {
  if (signature[0] !== SEQUENCE_TAG) return undefined;
  const sequenceLength = signature[1];
  if (sequenceLength === undefined) return undefined;
  // The announced length is skipped, not believed.
  const digitCount = sequenceLength & LONG_FORM_BIT ? sequenceLength - LONG_FORM_BIT : 0;
  const r = integerAt(signature, 2 + digitCount);
  if (r === undefined) return undefined;
  const s = integerAt(signature, r.end);
  if (s === undefined) return undefined;
  const parsed = new Uint8Array(SIGNATURE_SIZE);
  const fits = placeInteger(signature, r, parsed, 0) && placeInteger(signature, s, parsed, INTEGER_SIZE);
  return fits ? parsed : new Uint8Array(SIGNATURE_SIZE);
}

/** The strict DER of r‖s, without hash type byte: what BIP66 asks for. */
export function encodeDer(signature64: Uint8Array): Uint8Array {
  const r = minimalInteger(signature64.subarray(0, INTEGER_SIZE));
  const s = minimalInteger(signature64.subarray(INTEGER_SIZE, SIGNATURE_SIZE));
  const body = [INTEGER_TAG, r.length, ...r, INTEGER_TAG, s.length, ...s];
  return Uint8Array.from([SEQUENCE_TAG, body.length, ...body]);
}

/** BIP62, BIP146: whether s is at most half the order, the one form of the two that is relayed. */
export function hasLowS(signature64: Uint8Array): boolean {
  return compareScalar(signature64, INTEGER_SIZE, CURVE_ORDER_HALF) <= 0;
}

/** The integer whose tag stands at `offset`, or `undefined` where there is none or it runs past the end. */
function integerAt(bytes: Uint8Array, offset: number): Span | undefined {
  if (bytes[offset] !== INTEGER_TAG) return undefined;
  const first = bytes[offset + 1];
  if (first === undefined) return undefined;
  let start = offset + 2;
  let size = first;
  if (first & LONG_FORM_BIT) {
    const digitsEnd = start + first - LONG_FORM_BIT;
    if (digitsEnd > bytes.length) return undefined;
    while (start < digitsEnd && bytes[start] === 0) start++;
    if (digitsEnd - start > LENGTH_DIGITS_MAX) return undefined;
    size = 0;
    for (; start < digitsEnd; start++) size = (size << 8) | bytes[start]!;
  }
  const end = start + size;
  return end > bytes.length ? undefined : { start, end };
}

/** Copies an unsigned integer, right-aligned, to 32 bytes of `target`; false where it is not below the curve's order. */
function placeInteger(source: Uint8Array, span: Span, target: Uint8Array, offset: number): boolean {
  let start = span.start;
  while (start < span.end && source[start] === 0) start++;
  const size = span.end - start;
  if (size > INTEGER_SIZE) return false;
  for (let index = 0; index < size; index++) target[offset + INTEGER_SIZE - size + index] = source[start + index]!;
  return compareScalar(target, offset, CURVE_ORDER) < 0;
}

/** Without leading zeros but the one that keeps the number positive. */
function minimalInteger(bytes: Uint8Array): readonly number[] {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const digits = [...bytes.subarray(start)];
  return digits[0]! & 0x80 ? [0, ...digits] : digits;
}
