import type { Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";

/**
 * The variable-length integer of Bitcoin's databases (not the wire's CompactSize): base 128, most significant digit first,
 * every byte but the last with its high bit set. One is subtracted at each carry, so that every number has exactly one form.
 */

/** Numbers below this can take one more digit without leaving the exact integers. */
const SAFE_BEFORE_SHIFT = 2 ** 46;
const UINT64_MAX = (1n << 64n) - 1n;

/** Writes a number from 0 to 2^53 - 1. */
export function writeVarInt(writer: Writer, value: number): void {
  if (value > 0x7f) writeHigherDigits(writer, Math.floor(value / 128) - 1);
  writer.uint8(value % 128);
}

function writeHigherDigits(writer: Writer, value: number): void {
  if (value > 0x7f) writeHigherDigits(writer, Math.floor(value / 128) - 1);
  writer.uint8(0x80 | (value % 128));
}

/** Writes an unsigned 64-bit number. */
export function writeVarInt64(writer: Writer, value: bigint): void {
  const digits = [Number(value & 0x7fn)];
  let rest = value >> 7n;
  while (rest > 0n) {
    rest -= 1n;
    digits.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  for (let index = digits.length - 1; index >= 0; index--) writer.uint8(digits[index]!);
}

/** Reads a number of at most `max` (at most 2^53 - 1). Throws `DecodeError` where it is larger. */
export function readVarInt(reader: Reader, max = 0xffffffff): number {
  let value = 0;
  for (;;) {
    const byte = reader.uint8();
    if (value >= SAFE_BEFORE_SHIFT) reader.fail("variable-length integer too large");
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) break;
    value++;
  }
  if (value > max) reader.fail(`variable-length integer too large: ${value}, at most ${max} expected`);
  return value;
}

/** Reads an unsigned 64-bit number. Throws `DecodeError` where it is larger. */
export function readVarInt64(reader: Reader): bigint {
  let exact = 0;
  while (exact < SAFE_BEFORE_SHIFT) {
    const byte = reader.uint8();
    exact = exact * 128 + (byte & 0x7f);
    if (byte < 0x80) return BigInt(exact);
    exact++;
  }
  let value = BigInt(exact);
  for (;;) {
    const byte = reader.uint8();
    value = (value << 7n) | BigInt(byte & 0x7f);
    if (byte >= 0x80) value += 1n;
    if (value > UINT64_MAX) reader.fail("variable-length integer too large");
    if (byte < 0x80) return value;
  }
}
