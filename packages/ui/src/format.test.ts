import { describe, expect, test } from "vitest";
import {
  formatAge,
  formatAmount,
  formatBytes,
  formatCount,
  formatDateTime,
  formatDifficulty,
  formatDuration,
  formatHashRate,
  formatMeanDuration,
  formatShare,
  formatWeight,
  shortHash,
  splitAmount,
} from "./format.ts";

describe("amounts", () => {
  test.each([
    [0n, "0.00000000", "0"],
    [1n, "0.00000001", "1"],
    [-1n, "−0.00000001", "−1"],
    [99_999_999n, "0.99999999", "99,999,999"],
    [100_000_000n, "1.00000000", "100,000,000"],
    [5_000_000_000n, "50.00000000", "5,000,000,000"],
    [123_456_789_012n, "1,234.56789012", "123,456,789,012"],
    [2_100_000_000_000_000n, "21,000,000.00000000", "2,100,000,000,000,000"],
  ])("%d sats", (sats, btc, grouped) => {
    expect(formatAmount(sats, "BTC")).toBe(btc);
    expect(formatAmount(sats, "sats")).toBe(grouped);
  });

  test("an amount beyond the reach of floats keeps every digit", () => {
    expect(formatAmount(9_007_199_254_740_993n, "BTC")).toBe("90,071,992.54740993");
  });

  test("the parts put together are the whole", () => {
    expect(splitAmount(150_000_000n, "BTC")).toEqual({ whole: "1", fraction: "50000000" });
    expect(splitAmount(150_000_000n, "sats")).toEqual({ whole: "150,000,000", fraction: "" });
  });
});

describe("ages", () => {
  test.each([
    [-7200, "in 2 h"],
    [-60, "in 1 min"],
    [-59, "just now"],
    [0, "just now"],
    [0.9, "just now"],
    [1, "1 s ago"],
    [59.9, "59 s ago"],
    [60, "1 min ago"],
    [3599, "59 min ago"],
    [3600, "1 h ago"],
    [3900, "1 h 5 min ago"],
    [86_399, "23 h 59 min ago"],
    [86_400, "1 d ago"],
    [97_200, "1 d 3 h ago"],
    [31_536_000, "1 y ago"],
    [34_473_600, "1 y 34 d ago"],
  ])("%d seconds: %s", (seconds, text) => expect(formatAge(seconds)).toBe(text));

  test("a duration is never negative", () => expect(formatDuration(-5)).toBe("0 s"));

  test.each([
    [0, "0.0 s"],
    [9.84, "9.8 s"],
    [10.4, "10 s"],
    [600, "10 min"],
  ])("a mean of %d seconds: %s", (seconds, text) => expect(formatMeanDuration(seconds)).toBe(text));

  test("date and time in the reader's zone, padded", () => {
    const seconds = new Date(2026, 2, 1, 9, 5, 7).getTime() / 1000;
    expect(formatDateTime(seconds)).toBe("2026-03-01 09:05:07");
  });
});

describe("hashes", () => {
  const hash = "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206";
  test("the middle is left out", () => expect(shortHash(hash)).toBe("0f9188f1…466e2206"));
  test("as many digits as asked for", () => expect(shortHash(hash, 4)).toBe("0f91…2206"));
  test("nothing is gained by shortening one digit", () => {
    expect(shortHash("0123456789abcdefg", 8)).toBe("0123456789abcdefg");
    expect(shortHash("0123456789abcdefgh", 8)).toBe("01234567…abcdefgh");
  });
});

describe("sizes, counts, shares", () => {
  test.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.00 kB"],
    [1044, "1.04 kB"],
    [9_994, "9.99 kB"],
    [9_996, "10.0 kB"],
    [999_499, "999 kB"],
    [999_500, "1.00 MB"],
    [3_990_000, "3.99 MB"],
  ])("%d bytes: %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  test("hash rates have their own unit", () => {
    expect(formatHashRate(0)).toBe("0 H/s");
    expect(formatHashRate(3_420_000)).toBe("3.42 MH/s");
    expect(formatHashRate(4.088116251661679e-7)).toBe("409 nH/s");
    expect(formatHashRate(0.00999)).toBe("9.99 mH/s");
    expect(formatHashRate(0.01)).toBe("0.01 H/s");
    expect(formatHashRate(2.5e-5)).toBe("25 µH/s");
    expect(formatHashRate(1e-10)).toBe("<1 nH/s");
    expect(formatHashRate(0.2512345)).toBe("0.251 H/s");
    expect(formatHashRate(812.4321)).toBe("812 H/s");
    expect(formatHashRate(6.5e20)).toBe("650 EH/s");
  });
  test("weight has its own unit", () => expect(formatWeight(4_000_000)).toBe("4.00 MWU"));

  test.each([
    [0, "0"],
    [999, "999"],
    [1000, "1,000"],
    [1_234_567, "1,234,567"],
  ])("%d: %s", (count, text) => expect(formatCount(count)).toBe(text));

  test.each([
    [0, "0 %"],
    [0.00022, "<0.1 %"],
    [0.001, "0.1 %"],
    [0.025, "2.5 %"],
    [0.5, "50 %"],
    [0.99999, "99.9 %"],
    [1, "100 %"],
  ])("a share of %d: %s", (share, text) => expect(formatShare(share)).toBe(text));
});

describe("difficulty", () => {
  test.each([
    [0, "0"],
    [4.656542373906925e-10, "4.66 × 10⁻¹⁰"],
    [0.001126515290698186, "0.0011"],
    [1, "1"],
    [16_307.42, "16.31 k"],
    [110_451_907_374_649.8, "110.45 T"],
  ])("%d: %s", (difficulty, text) => expect(formatDifficulty(difficulty)).toBe(text));
});
