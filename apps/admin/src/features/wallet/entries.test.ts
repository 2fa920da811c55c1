import { describe, expect, test } from "vitest";
import { amountEntry, passphraseProblem, readAmount, readFeerate } from "./entries.ts";
import { texts } from "./texts.ts";

const { entries } = texts;

describe("an amount", () => {
  test.each([
    ["1", "BTC", 100_000_000],
    [".5", "BTC", 50_000_000],
    ["007.", "BTC", 700_000_000],
    ["0.00000001", "BTC", 1],
    ["0.123456780000", "BTC", 12_345_678],
    ["21000000", "BTC", 2_100_000_000_000_000],
    ["1", "sats", 1],
    ["1500.00", "sats", 1_500],
  ] as const)("%s %s are %d satoshis", (text, unit, sats) => {
    expect(readAmount(text, unit)).toEqual({ sats });
  });

  test.each([
    ["", "BTC", entries.noAmount],
    ["1,5", "BTC", entries.noNumber],
    ["-1", "BTC", entries.noNumber],
    [".", "BTC", entries.noNumber],
    ["0.123456789", "BTC", entries.tooFine],
    ["0.5", "sats", entries.tooFine],
    ["0", "sats", entries.nothing],
    ["0.00000000", "BTC", entries.nothing],
    ["21000000.00000001", "BTC", entries.tooMuch],
    ["2100000000000001", "sats", entries.tooMuch],
    ["99999999999999999999", "BTC", entries.tooMuch],
  ] as const)("%j %s: %s", (text, unit, problem) => {
    expect(readAmount(text, unit)).toEqual({ problem });
  });

  test.each([
    [150_000_000, "BTC", "1.5"],
    [1, "BTC", "0.00000001"],
    [200_000_000, "BTC", "2"],
    [1_500, "sats", "1500"],
  ] as const)("%d satoshis are entered in %s as %s, and read back", (sats, unit, text) => {
    expect(amountEntry(sats, unit)).toBe(text);
    expect(readAmount(text, unit)).toEqual({ sats });
  });
});

test.each([
  ["1", 1],
  ["0.001", 0.001],
  ["2.0004", 2],
  ["100000", 100_000],
])("a feerate of %s is %d", (text, feerate) => {
  expect(readFeerate(text)).toEqual({ feerate });
});

test.each([
  ["", entries.noFeerate],
  ["fast", entries.noFeerate],
  ["0", entries.feerateRange],
  ["0.0004", entries.feerateRange],
  ["100001", entries.feerateRange],
])("%j as a feerate: %s", (text, problem) => {
  expect(readFeerate(text)).toEqual({ problem });
});

test("a passphrase is entered twice alike", () => {
  expect(passphraseProblem("correct horse", "correct horse")).toBeUndefined();
  expect(passphraseProblem("correct horse", "correct horze")).toBe(entries.notTheSame);
});
