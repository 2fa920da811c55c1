import { describe, expect, test } from "vitest";
import { isLocked, signalsReplacement } from "./features-of.ts";

const inputs = (...sequences: readonly number[]) => sequences.map((sequence) => ({ sequence })) as never;

describe("what sequences say", () => {
  test("BIP125: one input below the last two values signals replacement, a coinbase never does", () => {
    expect(signalsReplacement({ is_coinbase: false, inputs: inputs(0xffffffff, 0xfffffffd) })).toBe(true);
    expect(signalsReplacement({ is_coinbase: false, inputs: inputs(0xffffffff, 0xfffffffe) })).toBe(false);
    expect(signalsReplacement({ is_coinbase: true, inputs: inputs(0) })).toBe(false);
  });

  test("a lock time counts while an input is not final", () => {
    expect(isLocked({ lock_time: 5, inputs: inputs(0xffffffff, 0xfffffffe) })).toBe(true);
    expect(isLocked({ lock_time: 5, inputs: inputs(0xffffffff) })).toBe(false);
    expect(isLocked({ lock_time: 0, inputs: inputs(0) })).toBe(false);
  });
});
