import { expect, test } from "vitest";
import { feeBucketBounds, feeBucketIndex } from "./fee-buckets.ts";

const BOUNDS = feeBucketBounds();

test("bounds go up by a twentieth from 100 to ten million, and end without one", () => {
  expect(BOUNDS).toHaveLength(237);
  expect(BOUNDS[0]).toBe(100);
  expect(BOUNDS.slice(1, -1).every((bound, index) => bound === BOUNDS[index]! * 1.05)).toBe(true);
  expect(BOUNDS.at(-2)).toBeLessThanOrEqual(1e7);
  expect(BOUNDS.at(-2)! * 1.05).toBeGreaterThan(1e7);
  expect(BOUNDS.at(-1)).toBe(1e99);
});

test("a feerate is in the first bucket whose bound is not below it", () => {
  for (const [index, bound] of BOUNDS.entries()) {
    expect(feeBucketIndex(BOUNDS, bound)).toBe(index);
    expect(feeBucketIndex(BOUNDS, bound * (1 + 2 ** -52))).toBe(Math.min(index + 1, BOUNDS.length - 1));
    expect(feeBucketIndex(BOUNDS, bound * (1 - 2 ** -52))).toBe(index);
  }
  expect(feeBucketIndex(BOUNDS, 0)).toBe(0);
  expect(feeBucketIndex(BOUNDS, 101)).toBe(1);
  expect(feeBucketIndex(BOUNDS, 2e99)).toBe(BOUNDS.length - 1);
});

test("of two bounds the second takes all that the first does not", () => {
  expect([0, 5, 6, 100].map((feerate) => feeBucketIndex([5, 10], feerate))).toEqual([0, 0, 1, 1]);
});
