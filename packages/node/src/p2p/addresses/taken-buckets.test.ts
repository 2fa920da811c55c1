import { beforeEach, describe, expect, test } from "vitest";
import { TakenBuckets } from "./taken-buckets.ts";

describe("buckets that have an entry", () => {
  let buckets: TakenBuckets;

  beforeEach(() => {
    buckets = new TakenBuckets(8);
  });

  const sorted = () => [...buckets.list].sort();

  test("are none at first", () => {
    expect(buckets.list).toEqual([]);
  });

  test("are each there once, however many entries they have", () => {
    for (const bucket of [3, 5, 3, 0, 3]) buckets.added(bucket);
    expect(sorted()).toEqual([0, 3, 5]);
  });

  test("are there until the last entry goes, and others stay", () => {
    for (const bucket of [3, 5, 3, 7]) buckets.added(bucket);
    buckets.removed(3);
    expect(sorted()).toEqual([3, 5, 7]);
    buckets.removed(3);
    expect(sorted()).toEqual([5, 7]);
    buckets.removed(7);
    buckets.removed(5);
    expect(buckets.list).toEqual([]);
  });

  test("come back when an entry does", () => {
    buckets.added(6);
    buckets.removed(6);
    buckets.added(6);
    expect(buckets.list).toEqual([6]);
  });
});
