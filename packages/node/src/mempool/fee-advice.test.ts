import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import { adviseFeerate, type FeerateAdviser } from "./fee-advice.ts";
import type { FeeMode } from "./fee-estimator.ts";

/** An adviser whose estimator answers `estimate` for three blocks. */
function adviserOf(estimate: Sats | undefined, fields: { readonly fallback?: Sats; readonly least?: Sats } = {}) {
  const asked: [number, FeeMode][] = [];
  const adviser: FeerateAdviser = {
    estimator: {
      estimateSmart: (target, mode) => {
        asked.push([target, mode]);
        const reason = estimate === undefined ? "None" : "Target 85% Threshold";
        return { feerateSatPerKvb: estimate, blocks: 3, reason };
      },
      targetMax: () => 1008,
    },
    mempool: { minFeerateSatPerKvb: fields.least ?? 100n },
    fallbackFeerateSatPerKvb: fields.fallback ?? 0n,
  };
  return { adviser, asked };
}

test("an estimate is advised as one, whatever the fallback", () => {
  const { adviser, asked } = adviserOf(5000n, { fallback: 9000n });
  expect(adviseFeerate(6, "conservative", adviser)).toEqual({
    feerateSatPerKvb: 5000n,
    source: "estimate",
    blocks: 3,
    reason: "Target 85% Threshold",
  });
  expect(asked).toEqual([[6, "conservative"]]);
});

describe("without an estimate", () => {
  test("the fallback is advised and marked, where there is one", () => {
    const { adviser } = adviserOf(undefined, { fallback: 1000n });
    const advice = { feerateSatPerKvb: 1000n, source: "fallback", blocks: 3, reason: "Fallback fee" };
    expect(adviseFeerate(6, "economical", adviser)).toEqual(advice);
  });

  test("nothing is advised where there is none", () => {
    const advice = { feerateSatPerKvb: undefined, source: "none", blocks: 3, reason: "None" };
    expect(adviseFeerate(6, "economical", adviserOf(undefined).adviser)).toEqual(advice);
  });

  test("because none are made, the fallback is for the target", () => {
    const adviser = { ...adviserOf(undefined, { fallback: 1000n }).adviser, estimator: undefined };
    expect(adviseFeerate(6, "economical", adviser)).toMatchObject({ source: "fallback", blocks: 6 });
    const none = { ...adviser, fallbackFeerateSatPerKvb: 0n };
    expect(adviseFeerate(6, "economical", none)).toMatchObject({ source: "none", blocks: 6 });
  });
});

test("what is advised is never less than the mempool takes", () => {
  const advise = (estimate: Sats | undefined, least: Sats) => {
    const { adviser } = adviserOf(estimate, { fallback: 1000n, least });
    const { feerateSatPerKvb, source, reason } = adviseFeerate(6, "economical", adviser);
    return [feerateSatPerKvb, source, reason];
  };
  expect(advise(1000n, 1000n)).toEqual([1000n, "estimate", "Target 85% Threshold"]);
  expect(advise(1000n, 1001n)).toEqual([1001n, "estimate", "Mempool Min Fee"]);
  expect(advise(undefined, 1000n)).toEqual([1000n, "fallback", "Fallback fee"]);
  expect(advise(undefined, 1001n)).toEqual([1001n, "fallback", "Mempool Min Fee"]);
});
