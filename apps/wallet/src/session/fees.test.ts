import { expect, test } from "vitest";
import { FEES_UNKNOWN, feeChoicesOf, nodeFeesOf } from "./fees.ts";

const estimates = [
  { blocks: 25, feerateSatPerKvb: 2_000n },
  { blocks: 2, feerateSatPerKvb: 9_000n },
  { blocks: 6, feerateSatPerKvb: 4_000n },
];

test("a choice has the estimate for its time, or for the next shorter one, and never less than is taken", () => {
  const fees = { ...FEES_UNKNOWN, estimates, minimumSatPerKvb: 3_000n, blockSeconds: 30 };
  expect(feeChoicesOf(fees)).toEqual({
    slow: { feerateSatPerKvb: 3_000n, blocks: 25, seconds: 750, isEstimate: true },
    usual: { feerateSatPerKvb: 4_000n, blocks: 6, seconds: 180, isEstimate: true },
    fast: { feerateSatPerKvb: 9_000n, blocks: 2, seconds: 60, isEstimate: true },
    minimumSatPerKvb: 3_000n,
  });
});

test("where nothing can be estimated, all choices are the least that is taken", () => {
  const { slow, fast } = feeChoicesOf(FEES_UNKNOWN);
  expect(fast).toEqual({ feerateSatPerKvb: 1_000n, blocks: 1, seconds: undefined, isEstimate: false });
  expect(slow).toMatchObject({ feerateSatPerKvb: 1_000n, isEstimate: false });
  expect(nodeFeesOf(FEES_UNKNOWN).estimate(6, "economical").feerateSatPerKvb).toBeUndefined();
  expect(nodeFeesOf({ ...FEES_UNKNOWN, estimates }).estimate(10, "economical").feerateSatPerKvb).toBe(4_000n);
});
