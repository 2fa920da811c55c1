import { expect, test } from "vitest";
import { blockPace } from "./block-pace.ts";

/** Blocks, the newest first, that came so many seconds behind the one before each. */
function after(...seconds: readonly number[]): readonly { readonly height: number; readonly timestamp: number }[] {
  let timestamp = 1_000_000;
  const blocks = [{ height: 1, timestamp }];
  for (const each of seconds.toReversed()) {
    timestamp += each;
    blocks.push({ height: blocks.length + 1, timestamp });
  }
  return blocks.reverse();
}

test("the pace of a network is the mean of its latest blocks", () => {
  expect(blockPace(after(600, 300, 1_200, 60, 840))).toBe(600);
  expect(blockPace(after(10, 10, 10, 10, 10, 10, 10))).toBe(10);
  // One that came at once did so by chance; times of headers may run backwards.
  expect(blockPace(after(10, 1, 19, 10, 10))).toBe(10);
  expect(blockPace(after(30, -10, 10, 10, 10))).toBe(10);
});

test("blocks that were made at once before tell nothing of it, and too few since then neither", () => {
  expect(blockPace(after(10, 10, 10, 10, 10, 1, 1, 1, 0, 1))).toBe(10);
  expect(blockPace(after(10, 10, 10, 10, 1, 1, 1, 1, 1, 1))).toBeUndefined();
  expect(blockPace(after(1, 1, 10, 10, 10, 10, 10))).toBeUndefined();
  expect(blockPace(after(0, 0, 0, 0, 0, 0))).toBeUndefined();
  expect(blockPace([])).toBeUndefined();
  expect(blockPace(after())).toBeUndefined();
});

test("the first block of a chain, whose time was fixed years ago, counts for nothing", () => {
  const first = { height: 0, timestamp: 0 };
  expect(blockPace([...after(10, 10, 10, 10, 10), first])).toBe(10);
  expect(blockPace([...after(10, 10, 10, 10), first])).toBeUndefined();
});
