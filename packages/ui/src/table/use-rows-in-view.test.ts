import { expect, test } from "vitest";
import { rowsAt } from "./use-rows-in-view.ts";

const ROW_HEIGHT = 40;

test("at the top: what is in view, and some below", () => {
  expect(rowsAt(0, 800, ROW_HEIGHT)).toEqual({ first: 0, end: 32 });
});

test("further down: some above and below, however many there are", () => {
  expect(rowsAt(2_000_000, 800, ROW_HEIGHT)).toEqual({ first: 49_990, end: 50_030 });
});

test("a step of scrolling makes others only where it comes to the next four rows", () => {
  const at = (scrollTop: number) => rowsAt(scrollTop, 800, ROW_HEIGHT);
  expect(at(4001)).toEqual(at(4000 + 4 * ROW_HEIGHT - 1));
  expect(at(4000 + 4 * ROW_HEIGHT)).not.toEqual(at(4000));
  for (const scrollTop of [0, 39, 41, 999, 12_345]) {
    const { first, end } = at(scrollTop);
    expect(first * ROW_HEIGHT).toBeLessThanOrEqual(scrollTop);
    expect(end * ROW_HEIGHT).toBeGreaterThanOrEqual(scrollTop + 800);
  }
});
