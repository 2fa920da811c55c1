import { describe, expect, test } from "vitest";
import { assignSlots, type Placed, placeOfSlot } from "./peer-slots.ts";

const inbound = (id: number): Placed => ({ id, direction: "inbound" });
const outbound = (id: number): Placed => ({ id, direction: "outbound" });

describe("the places of peers", () => {
  test("each side is filled from its first place on", () => {
    const slots = assignSlots(new Map(), [outbound(0), inbound(1), outbound(2), inbound(5)]);
    expect([...slots]).toEqual([
      [0, 0],
      [1, 0],
      [2, 1],
      [5, 1],
    ]);
  });

  test("who stays keeps its place when others go, and who comes has the first that is free", () => {
    const before = assignSlots(new Map(), [outbound(0), outbound(1), outbound(2)]);
    const without = assignSlots(before, [outbound(1), outbound(2)]);
    expect([...without]).toEqual([
      [1, 1],
      [2, 2],
    ]);
    const after = assignSlots(without, [outbound(1), outbound(2), outbound(9), outbound(10)]);
    expect([...after]).toEqual([
      [1, 1],
      [2, 2],
      [9, 0],
      [10, 3],
    ]);
  });

  test("nothing new is no new map", () => {
    const peers = [outbound(0), inbound(1)];
    const slots = assignSlots(new Map(), peers);
    expect(assignSlots(slots, [...peers].reverse())).toBe(slots);
    // As many, but another one.
    expect(assignSlots(slots, [outbound(0), inbound(2)])).not.toBe(slots);
  });

  test("the first ring has seven places, the second fifteen, each place in the widest gap", () => {
    expect([0, 1, 2, 3, 4].map((slot) => placeOfSlot(slot).share)).toEqual([1 / 2, 1 / 4, 3 / 4, 1 / 8, 5 / 8]);
    expect([0, 6, 7, 21, 22].map((slot) => placeOfSlot(slot).ring)).toEqual([0, 0, 1, 1, 2]);
    expect(placeOfSlot(7).share).toBe(1 / 2);
  });

  test("no two of a thousand stand in one place", () => {
    const places = Array.from({ length: 1000 }, (_, slot) => placeOfSlot(slot));
    expect(new Set(places.map(({ ring, share }) => `${ring} ${share}`)).size).toBe(1000);
    expect(places.every(({ share }) => share > 0 && share < 1)).toBe(true);
  });
});
