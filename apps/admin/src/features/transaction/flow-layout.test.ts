import { describe, expect, test } from "vitest";
import { flowBands, flowHeight, foldSide } from "./flow-layout.ts";

describe("rows of the flow picture", () => {
  test("as many as fit are shown as they are", () => {
    expect(foldSide([5, 1, 3], 3)).toEqual({ shown: [0, 1, 2], foldedCount: 0, foldedValue: 0 });
  });

  test("of more the largest are kept in their order, and the others are one row", () => {
    expect(foldSide([5, 1, 30, 2], 3)).toEqual({ shown: [0, 2], foldedCount: 2, foldedValue: 3 });
  });

  test("of equals the first are kept", () => {
    expect(foldSide([1, 1, 1, 1], 3).shown).toEqual([0, 1]);
  });
});

describe("bands of the flow picture", () => {
  /** Top and bottom where a band meets the waist. */
  const waistOf = (path: string) => {
    const [, top, bottom] = /(?:50\.6|49\.4) ([\d.]+)L[\d.]+ ([\d.]+)/.exec(path) ?? [];
    return [Number(top), Number(bottom)];
  };

  test("they share the waist by value, without a gap", () => {
    const [first, second] = flowBands([3, 1], 200, "in").map(waistOf);
    expect(first).toEqual([40, 130]);
    expect(second).toEqual([130, 160]);
  });

  test("rows are spread over the height, each side from its own edge", () => {
    expect(flowBands([0, 100], 112, "in")[0]).toMatch(/^M0 27/);
    expect(flowBands([0, 100], 112, "out")[0]).toMatch(/^M100 27/);
  });

  test("a side worth nothing has equal bands", () => {
    const [first, second] = flowBands([0, 0], 120, "out").map(waistOf);
    expect(first![1]! - first![0]!).toBe(second![1]! - second![0]!);
  });

  test("a picture of one row is high enough to be seen", () => {
    expect(flowHeight(1)).toBe(120);
    expect(flowHeight(10)).toBe(560);
  });
});
