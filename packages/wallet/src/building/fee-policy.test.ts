import { describe, expect, test } from "vitest";
import {
  discardFeerate,
  FALLBACK_DISABLED,
  FEE_SETTINGS_DEFAULT,
  feerateFor,
  minimumFeerate,
  requiredFee,
  satPerVbText,
} from "./fee-policy.ts";
import { NODE } from "./test-kit.ts";

const estimating = (feerateSatPerKvb: bigint | undefined) => ({
  ...NODE,
  estimate: (_: number, mode: string) => ({ feerateSatPerKvb, reason: `estimated ${mode}` }),
});

describe("the feerate", () => {
  const rich = { ...NODE, mempoolMinFeerateSatPerKvb: 5000n };
  test.each([
    ["as asked for", { feerateSatPerKvb: 2000n }, {}, NODE, 2000n, "None"],
    ["as asked for, whatever the mempool's minimum", { feerateSatPerKvb: 2000n }, {}, rich, 2000n, "None"],
    ["as estimated", {}, {}, estimating(7000n), 7000n, "estimated economical"],
    [
      "as estimated, where replacement is ruled out",
      { replaceable: false },
      {},
      estimating(7000n),
      7000n,
      "estimated conservative",
    ],
    [
      "as estimated, where the wallet rules out replacement",
      {},
      { signalsReplacement: false },
      estimating(7000n),
      7000n,
      "estimated conservative",
    ],
    [
      "as estimated in the mode that is asked for",
      { replaceable: false, estimateMode: "economical" },
      {},
      estimating(7000n),
      7000n,
      "estimated economical",
    ],
    ["the fallback", {}, { fallbackFeerateSatPerKvb: 20_000n }, NODE, 20_000n, "Fallback fee"],
    ["the mempool's minimum", {}, { fallbackFeerateSatPerKvb: 4999n }, rich, 5000n, "Mempool Min Fee"],
    [
      "the estimate at the mempool's minimum",
      {},
      {},
      { ...estimating(5000n), mempoolMinFeerateSatPerKvb: 5000n },
      5000n,
      "estimated economical",
    ],
    ["what is required", {}, {}, estimating(999n), 1000n, "Minimum Required Fee"],
    [
      "what relay requires",
      {},
      { minFeerateSatPerKvb: 0n },
      { ...estimating(150n), relayMinFeerateSatPerKvb: 151n },
      151n,
      "Minimum Required Fee",
    ],
    [
      "no more than asked for, where minimums are overridden",
      { feerateSatPerKvb: 1n, overridesMinimum: true },
      {},
      NODE,
      1n,
      "None",
    ],
  ] as const)("is %s", (_, request, settings, node, feerateSatPerKvb, reason) => {
    expect(feerateFor(request, { ...FEE_SETTINGS_DEFAULT, ...settings }, node)).toEqual({ feerateSatPerKvb, reason });
  });

  test("is unknown without estimate and fallback", () => {
    expect(feerateFor({}, FEE_SETTINGS_DEFAULT, NODE)).toEqual({ error: FALLBACK_DISABLED });
    expect(minimumFeerate({}, FEE_SETTINGS_DEFAULT, NODE)).toEqual({ feerateSatPerKvb: 0n, reason: "Fallback fee" });
  });

  test("is not raised behind the user's back", () => {
    const ask = (feerateSatPerKvb: bigint) => feerateFor({ feerateSatPerKvb }, FEE_SETTINGS_DEFAULT, NODE);
    expect(ask(999n)).toEqual({
      error:
        "Fee rate (0.999 sat/vB) is lower than the minimum fee rate setting (1.000 sat/vB).\nConsider modifying -mintxfee (1.000 sat/vB) or -minrelaytxfee (0.100 sat/vB).",
    });
    expect(ask(1000n)).toMatchObject({ feerateSatPerKvb: 1000n });
  });

  test("asks for the wallet's target unless told", () => {
    const targets: number[] = [];
    const node = {
      ...NODE,
      estimate: (blocks: number) => {
        targets.push(blocks);
        return { feerateSatPerKvb: 2000n, reason: "" };
      },
    };
    feerateFor({}, FEE_SETTINGS_DEFAULT, node);
    feerateFor({ confirmationTarget: 2 }, FEE_SETTINGS_DEFAULT, node);
    expect(targets).toEqual([6, 2]);
  });
});

test("change has to be worth the least feerate that could confirm, within the setting and above dust", () => {
  expect(discardFeerate(FEE_SETTINGS_DEFAULT, NODE)).toBe(10_000n);
  expect(discardFeerate(FEE_SETTINGS_DEFAULT, estimating(9999n))).toBe(9999n);
  expect(discardFeerate(FEE_SETTINGS_DEFAULT, estimating(10_001n))).toBe(10_000n);
  expect(discardFeerate(FEE_SETTINGS_DEFAULT, estimating(2999n))).toBe(3000n);
});

test("the required fee is rounded up", () => {
  expect(requiredFee({ ...FEE_SETTINGS_DEFAULT, minFeerateSatPerKvb: 1001n }, NODE, 1000)).toBe(1001n);
  expect(requiredFee({ ...FEE_SETTINGS_DEFAULT, minFeerateSatPerKvb: 1001n }, NODE, 999)).toBe(1000n);
});

test.each([
  [0n, "0.000 sat/vB"],
  [1n, "0.001 sat/vB"],
  [123_456n, "123.456 sat/vB"],
])("%i shows as %s", (feerate, text) => {
  expect(satPerVbText(feerate)).toBe(text);
});
