import { describe, expect, test } from "vitest";
import { failingInput, isFeeTooHigh, reasonMeaning } from "./reject-reasons.ts";
import { broadcastTexts } from "./texts.ts";

describe("reasons of a refusal", () => {
  test("are found by their beginning, since the node adds figures behind", () => {
    expect(reasonMeaning("min relay fee not met, 0 < 141")).toBe(broadcastTexts.reasons["min relay fee not met"]);
    expect(reasonMeaning("mempool-script-verify-flag-failed (Witness program hash mismatch)")).toContain("script");
  });

  test("the longest beginning decides", () => {
    expect(reasonMeaning("bad-txns-in-belowout, value in (1) < value out (2)")).toBe(
      broadcastTexts.reasons["bad-txns-in-belowout"],
    );
    expect(reasonMeaning("bad-txns-something-new")).toBe(broadcastTexts.reasons["bad-txns"]);
  });

  test("one that is not known is still said to be the node's", () => {
    expect(reasonMeaning("never heard of")).toBe(broadcastTexts.unknownReason);
  });

  test("too much of a fee can be meant", () => {
    expect(isFeeTooHigh("max-fee-exceeded")).toBe(true);
    expect(isFeeTooHigh("min relay fee not met")).toBe(false);
  });

  test("a script that fails names its input", () => {
    const reason = "mempool-script-verify-flag-failed (Operation not valid), input 12 of ab (wtxid cd), spending ef:0";
    expect(failingInput(reason)).toBe(12);
    expect(failingInput("bad-txns-in-belowout, input 1 of")).toBeUndefined();
    expect(failingInput("mempool-script-verify-flag-failed (Operation not valid)")).toBeUndefined();
  });
});
