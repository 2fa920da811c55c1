import type { BlockHash } from "@bitfleet/protocol/primitives/types.ts";
import { expect, test } from "vitest";
import { FoundBlocks } from "./found-blocks.ts";

const hashOf = (index: number) => {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, index);
  return bytes as BlockHash;
};
const blockOf = (index: number) => ({
  hash: hashOf(index),
  height: 100 + index,
  timeSeconds: 1_600_000_000 + index,
  reward: 5_000_000_000n,
  transactionCount: 1,
});

test("blocks go stale and come back, each counted once", () => {
  const found = new FoundBlocks();
  found.add(blockOf(1), true);
  found.add(blockOf(2), false);
  expect([found.count, found.staleCount]).toEqual([2, 1]);
  expect(found.moved(hashOf(1), false)).toBe(true);
  expect(found.moved(hashOf(1), false)).toBe(false);
  expect([found.count, found.staleCount]).toEqual([2, 2]);
  expect(found.moved(hashOf(2), true)).toBe(true);
  expect(found.staleCount).toBe(1);
  expect(found.moved(hashOf(3), false)).toBe(false);
  expect([found.count, found.staleCount]).toEqual([2, 1]);
});

test("the newest come first, as they stand now", () => {
  const found = new FoundBlocks();
  for (const index of [1, 2, 3]) found.add(blockOf(index), true);
  found.moved(hashOf(2), false);
  expect(found.last(2)).toEqual([
    { ...blockOf(3), isActive: true },
    { ...blockOf(2), isActive: false },
  ]);
  expect(found.last(9)).toHaveLength(3);
  expect(found.last(0)).toEqual([]);
});

test("the last thousand are watched", () => {
  const found = new FoundBlocks();
  for (let index = 0; index < 1001; index++) found.add(blockOf(index), true);
  expect(found.moved(hashOf(0), false)).toBe(false);
  expect(found.moved(hashOf(1), false)).toBe(true);
  expect([found.count, found.staleCount]).toEqual([1001, 1]);
  expect(found.last(2000)).toHaveLength(1000);
});
