import type { BlockHash } from "@bitfleet/protocol/primitives/types.ts";
import { expect, test } from "vitest";
import { FoundBlocks } from "./found-blocks.ts";

const hashOf = (index: number) => {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, index);
  return bytes as BlockHash;
};

test("blocks go stale and come back, each counted once", () => {
  const found = new FoundBlocks();
  found.add(hashOf(1), true);
  found.add(hashOf(2), false);
  expect([found.count, found.staleCount]).toEqual([2, 1]);
  expect(found.moved(hashOf(1), false)).toBe(true);
  expect(found.moved(hashOf(1), false)).toBe(false);
  expect([found.count, found.staleCount]).toEqual([2, 2]);
  expect(found.moved(hashOf(2), true)).toBe(true);
  expect(found.staleCount).toBe(1);
  expect(found.moved(hashOf(3), false)).toBe(false);
  expect([found.count, found.staleCount]).toEqual([2, 1]);
});

test("the last thousand are watched", () => {
  const found = new FoundBlocks();
  for (let index = 0; index < 1001; index++) found.add(hashOf(index), true);
  expect(found.moved(hashOf(0), false)).toBe(false);
  expect(found.moved(hashOf(1), false)).toBe(true);
  expect([found.count, found.staleCount]).toEqual([1001, 1]);
});
