import { expect, test } from "vitest";
import { blocksToMaturity, counts, isWaiting } from "./standing.ts";

test.each([
  ["pending", true, true],
  ["unsent", true, true],
  ["confirmed", false, true],
  ["doubted", true, true],
  ["reorged", true, false],
  ["replaced", false, false],
  ["dropped", false, false],
  ["abandoned", false, false],
] as const)("one that is %s waits: %s, and counts: %s", (standing, waits, isCounted) => {
  expect([isWaiting(standing), counts(standing)]).toEqual([waits, isCounted]);
});

test.each([
  ["mined", "confirmed", 1, 99],
  ["mined", "confirmed", 99, 1],
  ["mined", "confirmed", 100, 0],
  ["mined", "reorged", 0, 0],
  ["in", "confirmed", 1, 0],
] as const)(
  "what is %s and %s, with %d confirmations, matures in %d blocks",
  (direction, standing, confirmations, blocks) => {
    expect(blocksToMaturity({ direction, standing, confirmations })).toBe(blocks);
  },
);
