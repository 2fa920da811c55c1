import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bigIntFromLittleEndian,
  compareBytes,
  concatBytes,
  equalBytes,
  fromHex,
  littleEndianFromBigInt,
  reversedBytes,
  toHex,
  toReversedHex,
  tryFromHex,
} from "./bytes.ts";

const anyBytes = fc.uint8Array({ maxLength: 300 });

describe("hex", () => {
  test("there and back, in either case", () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const hex = toHex(bytes);
        expect(hex).toMatch(/^[0-9a-f]*$/);
        expect(fromHex(hex)).toEqual(bytes);
        expect(fromHex(hex.toUpperCase())).toEqual(bytes);
        expect(toReversedHex(bytes)).toBe(toHex(reversedBytes(bytes)));
      }),
    );
  });

  test("every byte", () => {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    expect(toHex(all)).toBe([...all].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
  });

  test.each(["0", "0g", "g0", " 0", "0x", "00 0", "0\u0000", "é0", "０0", "0Ā"])("%j is none", (text) => {
    expect(tryFromHex(text)).toBeUndefined();
    expect(() => fromHex(text)).toThrow(RangeError);
  });
});

test("joining", () => {
  fc.assert(
    fc.property(fc.array(anyBytes, { maxLength: 5 }), (parts) => {
      expect([...concatBytes(...parts)]).toEqual(parts.flatMap((part) => [...part]));
    }),
  );
});

test("order and equality", () => {
  const short = fc.uint8Array({ maxLength: 3, max: 2 });
  fc.assert(
    fc.property(short, short, (a, b) => {
      const [left, right] = [toHex(a), toHex(b)];
      expect(Math.sign(compareBytes(a, b))).toBe(left < right ? -1 : left > right ? 1 : 0);
      expect(equalBytes(a, b)).toBe(left === right);
    }),
  );
  expect(compareBytes(Uint8Array.of(0xff), Uint8Array.of(1, 0))).toBeGreaterThan(0);
});

test("integers of little-endian bytes", () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      expect(littleEndianFromBigInt(bigIntFromLittleEndian(bytes), bytes.length)).toEqual(bytes);
    }),
  );
  expect(bigIntFromLittleEndian(Uint8Array.of(1, 2))).toBe(0x201n);
  expect(bigIntFromLittleEndian(new Uint8Array(0))).toBe(0n);
  expect([...littleEndianFromBigInt(0x1_02_03n, 2)]).toEqual([3, 2]);
});
