import { describe, expect, test } from "vitest";
import { sha256 } from "../crypto/hash.ts";
import { RollingFilter } from "./rolling-filter.ts";

const item = (number: number) => sha256(Uint8Array.of(number, number >>> 8, number >>> 16));
const TWEAK = 0x9e3779b9;

describe("rolling filter", () => {
  test("has nothing until it is given something", () => {
    const filter = new RollingFilter(100, 0.01, TWEAK);
    expect(filter.contains(item(1))).toBe(false);
    filter.insert(item(1));
    expect(filter.contains(item(1))).toBe(true);
    expect(filter.contains(item(2))).toBe(false);
  });

  test.each([
    [1, 0.01],
    [2, 0.01],
    [101, 0.01],
    [1000, 0.001],
  ])("always remembers the last %i", (capacity, rate) => {
    const filter = new RollingFilter(capacity, rate, TWEAK);
    for (let number = 0; number < 5 * capacity + 7; number++) {
      filter.insert(item(number));
      for (const back of [0, capacity >> 1, capacity - 1]) {
        if (number >= back) expect(filter.contains(item(number - back))).toBe(true);
      }
    }
  });

  test("forgets what is older than half as many again", () => {
    const capacity = 200;
    const filter = new RollingFilter(capacity, 0.000001, TWEAK);
    for (let number = 0; number < 10 * capacity; number++) filter.insert(item(number));
    const last = 10 * capacity - 1;
    const isKept = (back: number) => filter.contains(item(last - back));
    expect(Array.from({ length: capacity }, (_, back) => isKept(back)).every(Boolean)).toBe(true);
    const older = Array.from({ length: 8 * capacity }, (_, index) => isKept(1.5 * capacity + index));
    expect(older.filter(Boolean).length).toBe(0);
  });

  test("is wrong at most as often as it says, when it is as full as it gets", () => {
    const filter = new RollingFilter(100, 0.01, TWEAK);
    for (let number = 0; number < 399; number++) filter.insert(item(number));
    let wrong = 0;
    for (let number = 0; number < 10_000; number++) if (filter.contains(item(100_000 + number))) wrong++;
    // 100 are expected at most.
    expect(wrong).toBeGreaterThan(20);
    expect(wrong).toBeLessThan(140);
  });

  test("takes the memory that its rate needs, two bits for each position", () => {
    const filter = new RollingFilter(1000, 0.001, TWEAK);
    expect(filter.sizeBytes).toBe(8 * Math.ceil((-10 * 1500) / Math.log(1 - 0.001 ** 0.1) / 32));
  });

  test("reset forgets everything", () => {
    const filter = new RollingFilter(10, 0.001, TWEAK);
    for (let number = 0; number < 25; number++) filter.insert(item(number));
    filter.reset(TWEAK);
    for (let number = 0; number < 25; number++) expect(filter.contains(item(number))).toBe(false);
    filter.insert(item(3));
    expect(filter.contains(item(3))).toBe(true);
  });

  test("the tweak decides what is confused", () => {
    const confused = (tweak: number) => {
      const filter = new RollingFilter(100, 0.05, tweak);
      for (let number = 0; number < 149; number++) filter.insert(item(number));
      return Array.from({ length: 2000 }, (_, index) => index + 1000).filter((number) => filter.contains(item(number)));
    };
    expect(confused(TWEAK)).toEqual(confused(TWEAK));
    expect(confused(TWEAK)).not.toEqual(confused(TWEAK + 1));
  });
});
