import { describe, expect, test } from "vitest";
import { COIN, formatMoney, isMoney, MAX_MONEY, totalValue } from "./amount.ts";

describe("amounts", () => {
  test("range from nothing to 21 million bitcoin", () => {
    expect(MAX_MONEY).toBe(2_100_000_000_000_000n);
    expect(isMoney(0n)).toBe(true);
    expect(isMoney(-1n)).toBe(false);
    expect(isMoney(MAX_MONEY)).toBe(true);
    expect(isMoney(MAX_MONEY + 1n)).toBe(false);
  });

  test("add up beyond 64 bits without wrapping (CVE-2010-5139)", () => {
    expect(totalValue([{ value: 9223372036854775807n }, { value: 1n }])).toBe(9223372036854775808n);
    expect(totalValue([])).toBe(0n);
  });

  test.each([
    [0n, "0.00"],
    [1n, "0.00000001"],
    [10n, "0.0000001"],
    [50_000_000n, "0.50"],
    [COIN, "1.00"],
    [COIN + 100n, "1.000001"],
    [123_456_789n, "1.23456789"],
    [123_000_000n, "1.23"],
    [1234n * COIN + 120_000_000n, "1235.20"],
    [-COIN / 2n, "-0.50"],
    [-1n, "-0.00000001"],
    [MAX_MONEY, "21000000.00"],
  ])("%s satoshis read %s", (amount, text) => {
    expect(formatMoney(amount)).toBe(text);
  });
});
