import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { DecodeError, Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readVarInt, readVarInt64, writeVarInt, writeVarInt64 } from "./varint.ts";

function encoded(value: number): Uint8Array {
  const writer = new Writer(2);
  writeVarInt(writer, value);
  return writer.finish();
}

function encoded64(value: bigint): Uint8Array {
  const writer = new Writer(2);
  writeVarInt64(writer, value);
  return writer.finish();
}

describe("variable-length integers of the databases", () => {
  test.each([
    [0, "00"],
    [1, "01"],
    [127, "7f"],
    [128, "8000"],
    [255, "807f"],
    [256, "8100"],
    [16_383, "fe7f"],
    [16_384, "ff00"],
    [16_511, "ff7f"],
    [16_512, "808000"],
    [65_535, "82fe7f"],
    [0xffffffff, "8efefefe7f"],
    [2 ** 32, "8efefeff00"],
    [2_097_151, "fefe7f"],
    [2_113_664, "80808000"],
  ])("%d is %s", (value, hex) => {
    expect(toHex(encoded(value))).toBe(hex);
    expect(toHex(encoded64(BigInt(value)))).toBe(hex);
    expect(readVarInt(new Reader(encoded(value)), Number.MAX_SAFE_INTEGER)).toBe(value);
  });

  test("round trip of every exact number", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        const reader = new Reader(encoded(value));
        expect(readVarInt(reader, Number.MAX_SAFE_INTEGER)).toBe(value);
        reader.end();
      }),
    );
  });

  test("round trip of every 64-bit number", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), (value) => {
        const reader = new Reader(encoded64(value));
        expect(readVarInt64(reader)).toBe(value);
        reader.end();
      }),
    );
    expect(toHex(encoded64((1n << 64n) - 1n))).toBe("80fefefefefefefefe7f");
  });

  test("larger than the limit", () => {
    expect(readVarInt(new Reader(encoded(0xffffffff)))).toBe(0xffffffff);
    expect(() => readVarInt(new Reader(encoded(2 ** 32)))).toThrow(DecodeError);
    expect(readVarInt(new Reader(encoded(7)), 7)).toBe(7);
    expect(() => readVarInt(new Reader(encoded(8)), 7)).toThrow(DecodeError);
  });

  test("2^64 and endless digits", () => {
    const bytes = encoded64((1n << 64n) - 1n);
    const next = Uint8Array.from(bytes);
    next[next.length - 2] = 0xff;
    next[next.length - 1] = 0x00;
    expect(() => readVarInt64(new Reader(next))).toThrow(DecodeError);
    expect(() => readVarInt64(new Reader(new Uint8Array(1000).fill(0xff)))).toThrow(/too large/);
    expect(() => readVarInt(new Reader(new Uint8Array(1000).fill(0xff)), Number.MAX_SAFE_INTEGER)).toThrow(/too large/);
  });

  test("cut off", () => {
    expect(() => readVarInt(new Reader(Uint8Array.of(0x80)))).toThrow(/unexpected end/);
    expect(() => readVarInt64(new Reader(Uint8Array.of(0x80)))).toThrow(/unexpected end/);
  });
});
