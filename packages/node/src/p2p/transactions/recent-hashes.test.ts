import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import type { Hash256 } from "@bitfleet/protocol/primitives/types.ts";
import { expect, test } from "vitest";
import { RecentHashes } from "./recent-hashes.ts";

const hash = (number: number) => sha256(Uint8Array.of(number, number >>> 8)) as Hash256;

test.each([1, 2, 7, 100])("the last %i are always there, and no more than as many again", (capacity) => {
  const recent = new RecentHashes(capacity);
  for (let number = 0; number < 5 * capacity; number++) {
    recent.add(hash(number));
    for (let back = 0; back < Math.min(capacity, number + 1); back++)
      expect(recent.has(hash(number - back))).toBe(true);
    expect(recent.has(hash(number - 2 * capacity))).toBe(false);
    expect(recent.size).toBeLessThanOrEqual(2 * capacity);
  }
});

test("one given again takes no more room, and what it never was given is not there", () => {
  const recent = new RecentHashes(10);
  for (let count = 0; count < 50; count++) recent.add(hash(1));
  expect(recent.size).toBe(1);
  expect(recent.has(hash(2))).toBe(false);
  recent.clear();
  expect(recent.has(hash(1))).toBe(false);
  expect(recent.size).toBe(0);
});
