import { paymentTexts } from "@bitfleet/ui/payment/texts.ts";
import { describe, expect, test } from "vitest";
import { feerateOf, speedOf } from "./fee-wish.ts";
import { moneyTexts } from "./texts.ts";

const choice = (feerateSatPerKvb: bigint) => ({ feerateSatPerKvb, blocks: 6, seconds: 3_600, isEstimate: true });
const choices = { slow: choice(1_000n), usual: choice(5_000n), fast: choice(9_000n), minimumSatPerKvb: 1_000n };
const texts = moneyTexts.fee;

describe("what a payment pays", () => {
  test("is the usual while nothing was chosen", () => {
    expect(speedOf({}, { choices })).toBe("usual");
    expect(feerateOf({}, { choices })).toEqual({ feerateSatPerKvb: 5_000n });
  });

  test("is the speed that was chosen", () => {
    expect(feerateOf({ speed: "fast", own: "77" }, { choices })).toEqual({ feerateSatPerKvb: 9_000n });
  });

  test("is one's own feerate, to thousandths", () => {
    expect(feerateOf({ speed: "own", own: " 2.5 " }, { choices })).toEqual({ feerateSatPerKvb: 2_500n });
    expect(feerateOf({ speed: "own" }, { choices })).toEqual({ problem: paymentTexts.noFeerate });
  });

  test("is no less than what is relayed", () => {
    expect(feerateOf({ speed: "own", own: "1" }, { choices })).toEqual({ feerateSatPerKvb: 1_000n });
    expect(feerateOf({ speed: "own", own: "0.999" }, { choices })).toEqual({ problem: texts.tooLow("1") });
  });

  test("is not known before anybody was asked", () => {
    expect(feerateOf({}, {})).toEqual({ problem: texts.loading });
  });

  test("is one's own where nobody answers, and what was known stays where somebody did before", () => {
    const problem = "It does not answer.";
    expect(speedOf({ speed: "fast" }, { problem })).toBe("own");
    expect(feerateOf({ own: "3" }, { problem })).toEqual({ feerateSatPerKvb: 3_000n });
    expect(feerateOf({ speed: "slow" }, { choices, problem })).toEqual({ feerateSatPerKvb: 1_000n });
  });
});
