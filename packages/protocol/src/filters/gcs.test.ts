import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes, fromHex, toHex } from "../bytes/bytes.ts";
import { DecodeError } from "../bytes/cursor.ts";
import { sha256 } from "../crypto/hash.ts";
import { checkGcs, encodeGcs, type GcsParams, gcsMatches, gcsMatchesAny } from "./gcs.ts";

const KEY = { k0: 0x0706050403020100n, k1: 0x0f0e0d0c0b0a0908n };
const BASIC: GcsParams = { key: KEY, riceBits: 19, inverseFalsePositiveRate: 784_931 };
const COARSE: GcsParams = { key: { k0: 0n, k1: 0n }, riceBits: 10, inverseFalsePositiveRate: 1 << 10 };

const element = (number: number) => sha256(Uint8Array.of(number, number >>> 8, number >>> 16));
const elements = (from: number, count: number) => Array.from({ length: count }, (_, index) => element(from + index));

describe("Golomb-coded sets (BIP158)", () => {
  test("an empty set is one byte, and has nothing", () => {
    expect(toHex(encodeGcs([], BASIC))).toBe("00");
    expect(checkGcs(fromHex("00"), BASIC)).toBe(0);
    expect(gcsMatches(fromHex("00"), element(1), BASIC)).toBe(false);
    expect(gcsMatchesAny(fromHex("00"), [], BASIC)).toBe(false);
  });

  test("has every element that was put in, alone and among others", () => {
    const included = elements(0, 300);
    const set = encodeGcs(included, BASIC);
    expect(checkGcs(set, BASIC)).toBe(300);
    for (const one of included) expect(gcsMatches(set, one, BASIC)).toBe(true);
    const others = elements(1000, 50);
    expect(gcsMatchesAny(set, [...others, included[0]!], BASIC)).toBe(true);
    expect(gcsMatchesAny(set, [included[299]!, ...others], BASIC)).toBe(true);
  });

  test("is wrong about others as often as its rate says", () => {
    const set = encodeGcs(elements(0, 200), COARSE);
    const yeses = elements(10_000, 20_000).filter((one) => gcsMatches(set, one, COARSE)).length;
    // 19.5 are expected.
    expect(yeses).toBeGreaterThan(5);
    expect(yeses).toBeLessThan(45);
    const fine = encodeGcs(elements(0, 200), BASIC);
    expect(gcsMatchesAny(fine, elements(10_000, 300), BASIC)).toBe(false);
  });

  test("order and repetition do not matter", () => {
    const list = elements(0, 40);
    const set = encodeGcs(list, BASIC);
    expect(encodeGcs([...list].reverse(), BASIC)).toEqual(set);
    expect(encodeGcs([...list, ...list.slice(3, 9)], BASIC)).toEqual(set);
  });

  test("codes a difference as ones for the quotient, a zero, and the remainder, highest bits first", () => {
    // One element below M = 4 with P = 1: quotient 0 or 1, remainder 0 or 1.
    const params: GcsParams = { key: KEY, riceBits: 1, inverseFalsePositiveRate: 4 };
    const encodings = new Set(elements(0, 64).map((one) => toHex(encodeGcs([one], params))));
    expect([...encodings].sort()).toEqual(["0100", "0140", "0180", "01a0"]);
  });

  test("a set that ends too early, or too late, is refused", () => {
    const set = encodeGcs(elements(0, 20), BASIC);
    expect(() => checkGcs(set.subarray(0, set.length - 1), BASIC)).toThrow(DecodeError);
    expect(() => checkGcs(concatBytes(set, Uint8Array.of(0)), BASIC)).toThrow(DecodeError);
    expect(() => checkGcs(new Uint8Array(0), BASIC)).toThrow(DecodeError);
    expect(checkGcs(set, BASIC)).toBe(20);
  });

  test("a count that the bytes cannot hold is refused at once", () => {
    // 32 Mi elements announced, one byte there.
    expect(() => checkGcs(fromHex("fe0000000200"), BASIC)).toThrow(/33554432 elements announced, 1 bytes left/);
    expect(() => gcsMatches(fromHex("fe0000000200"), element(1), BASIC)).toThrow(DecodeError);
    // Two bytes hold nothing of twenty bits; three hold one, not two.
    expect(() => checkGcs(fromHex("010000"), BASIC)).toThrow(DecodeError);
    expect(checkGcs(fromHex("01000000"), BASIC)).toBe(1);
    expect(() => checkGcs(fromHex("02000000"), BASIC)).toThrow(DecodeError);
  });

  test("arbitrary bytes are a set or a DecodeError, and nothing else", () => {
    const answers = { sets: 0, errors: 0 };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const read of [() => checkGcs(bytes, BASIC), () => gcsMatchesAny(bytes, [element(1)], BASIC)]) {
          try {
            read();
            answers.sets++;
          } catch (error) {
            if (!(error instanceof DecodeError)) throw error;
            answers.errors++;
          }
        }
      }),
      // One of each kind is always among them: the empty set, and no bytes at all.
      { examples: [[Uint8Array.of(0)], [new Uint8Array(0)]] },
    );
    expect(answers.sets).toBeGreaterThan(0);
    expect(answers.errors).toBeGreaterThan(0);
  });
});
