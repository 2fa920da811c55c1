import { expect, test } from "vitest";
import { COLOR_COUNT, colorIndex, feerateColors, feerateShare, LEGEND_FEERATES } from "./feerate-colors.ts";

test("the scale goes from nothing to its top and no further", () => {
  expect(feerateShare(-1)).toBe(0);
  expect(feerateShare(0)).toBe(0);
  expect(feerateShare(500)).toBe(1);
  expect(feerateShare(1e9)).toBe(1);
  const shares = [0, ...LEGEND_FEERATES, 500].map(feerateShare);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
});

test.each(["dark", "light"] as const)("every feerate has a colour in the %s theme", (scheme) => {
  const colors = feerateColors(scheme);
  expect(colors).toHaveLength(COLOR_COUNT);
  expect(new Set(colors).size).toBe(COLOR_COUNT);
  for (const feerate of [0, 0.1, 1, 20, 499, 5000]) expect(colors[colorIndex(feerate)]).toMatch(/^rgb\(\d+ \d+ \d+\)$/);
  expect(colors[colorIndex(0)]).not.toBe(colors[colorIndex(1)]);
});
