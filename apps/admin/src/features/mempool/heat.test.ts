import { expect, test } from "vitest";
import { heatColor, heatOf } from "./heat.ts";

test("the scale goes from a tenth of a satoshi to three hundred, by ratios", () => {
  expect(heatOf(0)).toBe(0);
  expect(heatOf(0.1)).toBe(0);
  expect(heatOf(300)).toBe(1);
  expect(heatOf(5000)).toBe(1);
  expect(heatOf(10) - heatOf(1)).toBeCloseTo(heatOf(100) - heatOf(10));
});

test("cool is blue, warm is red", () => {
  expect(heatColor(0.1)).toBe("oklch(0.7 0.14 255)");
  expect(heatColor(1000)).toBe("oklch(0.7 0.14 25)");
});
