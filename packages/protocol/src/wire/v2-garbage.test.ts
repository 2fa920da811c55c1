import { describe, expect, test } from "vitest";
import { concatBytes } from "../bytes/bytes.ts";
import { seededBytes } from "../crypto/test-kit.ts";
import { GARBAGE_SIZE_MAX, GarbageSearch, garbageSize } from "./v2-garbage.ts";

const terminator = seededBytes(1)(16);

describe("the search for the garbage terminator", () => {
  test.each([0, 1, 15, 16, 17, 4094, 4095])("%i bytes of garbage, byte by byte and at once", (size) => {
    const garbage = seededBytes(2)(size);
    const bytes = concatBytes(garbage, terminator, Uint8Array.of(1, 2, 3));
    const whole = new GarbageSearch(terminator);
    expect(whole.take(bytes)).toBe(size + 16);
    expect(whole.garbage).toEqual(garbage);
    const bytewise = new GarbageSearch(terminator);
    for (let index = 0; index < size + 16; index++) {
      expect(bytewise.garbage).toBeUndefined();
      bytewise.take(bytes.subarray(index, index + 1));
    }
    expect(bytewise.garbage).toEqual(garbage);
  });

  test("one byte of garbage too many", () => {
    const search = new GarbageSearch(terminator);
    expect(search.take(concatBytes(new Uint8Array(4096), terminator))).toBe(4111);
    expect(search.isFull).toBe(true);
    expect(search.garbage).toBeUndefined();
  });

  test("a terminator that begins again within itself", () => {
    const periodic = new Uint8Array(16).fill(7);
    const search = new GarbageSearch(periodic);
    expect(search.take(concatBytes(periodic.subarray(1), Uint8Array.of(8), periodic))).toBe(32);
    expect(search.garbage).toEqual(concatBytes(periodic.subarray(1), Uint8Array.of(8)));
  });
});

describe("how much garbage is sent", () => {
  test("whatever is drawn, between none and the limit", () => {
    expect(garbageSize(() => Uint8Array.of(0, 0), undefined)).toBe(0);
    expect(garbageSize(() => Uint8Array.of(0xff, 0xff), undefined)).toBe(4095);
    expect(garbageSize(() => Uint8Array.of(1, 0xf2), undefined)).toBe(0x201);
  });

  test("what is wanted, up to the limit", () => {
    expect(garbageSize(seededBytes(1), GARBAGE_SIZE_MAX)).toBe(4095);
    expect(() => garbageSize(seededBytes(1), GARBAGE_SIZE_MAX + 1)).toThrow(RangeError);
  });
});
