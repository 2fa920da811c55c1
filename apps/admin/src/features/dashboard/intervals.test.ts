import { expect, test } from "vitest";
import { blockIntervals, meanInterval } from "./intervals.ts";

test("the step from genesis is left out", () => {
  const series = { heights: [0, 1, 2, 3], times: [1, 1000, 1010, 1040], time_before: null };
  expect(blockIntervals(series)).toEqual([
    { height: 2, seconds: 10 },
    { height: 3, seconds: 30 },
  ]);
});

test("the first of a longer chain is measured from the block before it", () => {
  const series = { heights: [50, 51], times: [1000, 1020], time_before: 990 };
  expect(blockIntervals(series).map(({ seconds }) => seconds)).toEqual([10, 20]);
});

test("times of headers may run backwards; their mean does not", () => {
  const intervals = blockIntervals({ heights: [8, 9], times: [1000, 900], time_before: 990 });
  expect(intervals.map(({ seconds }) => seconds)).toEqual([10, -100]);
  expect(meanInterval(intervals)).toBe(0);
});

test("without two blocks there is no mean", () => {
  expect(meanInterval(blockIntervals({ heights: [0], times: [1], time_before: null }))).toBeUndefined();
  expect(meanInterval([{ height: 2, seconds: 9 }])).toBe(9);
});
