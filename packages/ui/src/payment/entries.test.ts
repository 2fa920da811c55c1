import { describe, expect, test } from "vitest";
import { amountEntry, amountEntryIn, readAmount, readFeerate } from "./entries.ts";
import { paymentTexts as texts } from "./texts.ts";

describe("an amount", () => {
  test.each([
    ["1", "BTC", 100_000_000n],
    [".5", "BTC", 50_000_000n],
    ["007.", "BTC", 700_000_000n],
    ["0.00000001", "BTC", 1n],
    ["0.123456780000", "BTC", 12_345_678n],
    ["21000000", "BTC", 2_100_000_000_000_000n],
    ["1", "sats", 1n],
    ["1500.00", "sats", 1_500n],
  ] as const)("%s %s are %d satoshis", (text, unit, sats) => {
    expect(readAmount(text, unit)).toEqual({ sats });
  });

  test.each([
    ["", "BTC", texts.noAmount],
    ["1,5", "BTC", texts.noNumber],
    ["-1", "BTC", texts.noNumber],
    [".", "BTC", texts.noNumber],
    ["0.123456789", "BTC", texts.tooFine],
    ["0.5", "sats", texts.tooFine],
    ["0", "sats", texts.nothing],
    ["0.00000000", "BTC", texts.nothing],
    ["21000000.00000001", "BTC", texts.tooMuch],
    ["2100000000000001", "sats", texts.tooMuch],
    ["99999999999999999999", "BTC", texts.tooMuch],
  ] as const)("%j %s: %s", (text, unit, problem) => {
    expect(readAmount(text, unit)).toEqual({ problem });
  });

  test.each([
    [150_000_000n, "BTC", "1.5"],
    [1n, "BTC", "0.00000001"],
    [200_000_000n, "BTC", "2"],
    [1_500n, "sats", "1500"],
  ] as const)("%d satoshis are entered in %s as %s, and read back", (sats, unit, text) => {
    expect(amountEntry(sats, unit)).toBe(text);
    expect(readAmount(text, unit)).toEqual({ sats });
  });

  test.each([
    ["1.5", "BTC", "sats", "150000000"],
    ["150000000", "sats", "BTC", "1.5"],
    [" 0.00000001 ", "BTC", "sats", "1"],
    ["1.5", "BTC", "BTC", "1.5"],
    ["half", "BTC", "sats", "half"],
    ["", "sats", "BTC", ""],
    ["0.", "BTC", "sats", "0."],
  ] as const)("%j in %s is, in %s, %j: another unit means the same amount", (text, from, to, expected) => {
    expect(amountEntryIn(text, from, to)).toBe(expected);
  });
});

test.each([
  ["1", 1_000],
  ["0.001", 1],
  ["2.0004", 2_000],
  ["100000", 100_000_000],
])("a feerate of %s is %d satoshis a thousand virtual bytes", (text, satsPerKvb) => {
  expect(readFeerate(text)).toEqual({ satsPerKvb });
});

test.each([
  ["", texts.noFeerate],
  ["fast", texts.noFeerate],
  ["0", texts.feerateRange],
  ["0.0004", texts.feerateRange],
  ["100001", texts.feerateRange],
])("%j as a feerate: %s", (text, problem) => {
  expect(readFeerate(text)).toEqual({ problem });
});
