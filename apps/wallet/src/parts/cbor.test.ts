import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { describe, expect, test } from "vitest";
import { decodeCbor, encodeCborBytes, encodeCborPart } from "./cbor.ts";

describe("an item is read", () => {
  test.each([
    ["17", 23],
    ["1818", 24],
    ["18ff", 255],
    ["190100", 256],
    ["19ffff", 65_535],
    ["1a00010000", 65_536],
    ["1affffffff", 0xffffffff],
    // Longer than it need be, as some devices write.
    ["1a00000001", 1],
    ["43010203", Uint8Array.of(1, 2, 3)],
    ["63e282bf", "₿"],
    ["83010283f4f580", [1, 2, [false, true, []]]],
    [
      "a20141ff0262c3bc",
      new Map<number, unknown>([
        [1, Uint8Array.of(255)],
        [2, "ü"],
      ]),
    ],
    ["d99d6fa0", { tag: 40_303, value: new Map() }],
  ])("%s", (hex, value) => {
    expect(decodeCbor(fromHex(hex))).toEqual(value);
  });
});

describe("is refused", () => {
  test.each([
    ["nothing", ""],
    ["bytes behind the item", "0101"],
    ["a text that ends too early", "6361"],
    ["four thousand million bytes that are not there", "5affffffff00"],
    ["as many items", "9affffffff00"],
    ["as many pairs", "baffffffff0000"],
    ["a number of 64 bits", "1b0000000100000000"],
    ["an array without an end", "9f01ff"],
    ["a number below zero", "20"],
    ["a float", "f93c00"],
    ["null", "f6"],
    ["a key that is a text", "a1613101"],
    ["a key that is there twice", "a201010102"],
    ["a text that is no UTF-8", "61ff"],
    ["one within seventeen others", `${"81".repeat(17)}00`],
  ])("%s", (_name, hex) => {
    expect(() => decodeCbor(fromHex(hex))).toThrow(/at byte \d/);
  });

  test("more than 10,000 items, and no less", () => {
    expect(() => decodeCbor(fromHex(`99270f${"00".repeat(9_999)}`))).not.toThrow();
    expect(() => decodeCbor(fromHex(`992710${"00".repeat(10_000)}`))).toThrow("10000 items");
  });

  test("one within sixteen others is read", () => {
    expect(() => decodeCbor(fromHex(`${"81".repeat(16)}00`))).not.toThrow();
  });
});

test("bytes are written in the shortest form", () => {
  const heads = [0, 23, 24, 255, 256, 65_535, 65_536].map((size) =>
    toHex(encodeCborBytes(new Uint8Array(size))).slice(0, -2 * size || undefined),
  );
  expect(heads).toEqual(["40", "57", "5818", "58ff", "590100", "59ffff", "5a00010000"]);
});

test("a part is written as BCR-2024-001 has it", () => {
  const part = encodeCborPart([12, 8, 100, 0x12345678], Uint8Array.of(1, 5, 3, 3, 5));
  expect(toHex(part)).toBe("850c0818641a12345678450105030305");
});
