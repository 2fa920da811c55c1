import { describe, expect, test } from "vitest";
import { COIN, MAX_MONEY } from "./amount.ts";
import { MAINNET, regtestNetwork } from "./networks.ts";
import { blockSubsidy } from "./subsidy.ts";

const main = MAINNET.params;

describe("block subsidy", () => {
  test.each([
    [0, 50n * COIN],
    [209_999, 50n * COIN],
    [210_000, 25n * COIN],
    [419_999, 25n * COIN],
    [420_000, 1_250_000_000n],
    [840_000, 312_500_000n],
    [210_000 * 32, 1n],
    [210_000 * 33 - 1, 1n],
    [210_000 * 33, 0n],
    [210_000 * 63, 0n],
    [210_000 * 64, 0n],
    [2_147_483_647, 0n],
  ])("at height %i is %s", (height, subsidy) => {
    expect(blockSubsidy(height, main)).toBe(subsidy);
  });

  test("halves every 150 blocks on regtest", () => {
    const { params } = regtestNetwork();
    expect([149, 150, 299, 300].map((height) => blockSubsidy(height, params))).toEqual([
      50n * COIN,
      25n * COIN,
      25n * COIN,
      1_250_000_000n,
    ]);
  });

  test("adds up to 2,099,999,997,690,000 satoshis", () => {
    let total = 0n;
    for (let height = 0; height < 14_000_000; height += 1000) total += 1000n * blockSubsidy(height, main);
    expect(total).toBe(2_099_999_997_690_000n);
    expect(total < MAX_MONEY).toBe(true);
  });
});
