import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { selectByCoinGrinder } from "./coin-grinder.ts";
import type { OutputGroup } from "./output-group.ts";
import { isSelected } from "./selection.ts";
import { CENT, failureOf, groupWorth, P2WPKH_INPUT, paramsAt, selected, subsetsOf, worths } from "./test-kit.ts";

const COIN = 100n * CENT;
const params = paramsAt(5000n);
const WEIGHT_MAX = 400_000;

const times = (count: number, worth: bigint, size = P2WPKH_INPUT) =>
  Array.from({ length: count }, () => groupWorth(worth, params, size));

function select(groups: readonly OutputGroup[], target: bigint, weightMax = WEIGHT_MAX, changeTarget = CENT) {
  return selectByCoinGrinder(groups, { target, changeTarget, weightMax, subtractsFee: false });
}

describe("CoinGrinder", () => {
  test("fails for want of money", () => {
    const pool = [...times(10, COIN), ...times(10, 2n * COIN)];
    expect(failureOf(select(pool, (99n * COIN) / 2n, 10_000))).toBe("");
    expect(failureOf(select([], 1n))).toBe("");
  });

  test("needs the change beside the target", () => {
    const pool = times(2, COIN);
    expect(worths(select(pool, 2n * COIN - CENT))).toEqual([COIN, COIN]);
    expect(failureOf(select(pool, 2n * COIN - CENT + 1n))).toBe("");
  });

  test("fails where all that pays is too heavy", () => {
    const pool = [...times(10, COIN), ...times(10, 2n * COIN)];
    expect(failureOf(select(pool, (59n * COIN) / 2n, 3000))).toContain("exceeds the maximum weight");
  });

  test("finds the lightest that is light enough", () => {
    const small = 33n * CENT;
    const outcome = select([...times(60, small), ...times(10, 2n * COIN)], 2533n * CENT, 10_000);
    expect(worths(outcome)).toEqual([...Array(17).fill(small), ...Array(10).fill(2n * COIN)]);
    expect(selected(outcome).evaluatedCount).toBe(37);
  });

  test("takes two light ones for a heavy one", () => {
    const outcome = select([...times(1, 2n * COIN, 148), ...times(2, COIN)], 190n * CENT);
    expect(worths(outcome)).toEqual([COIN, COIN]);
    expect(selected(outcome).evaluatedCount).toBe(3);
  });

  test("finds its way among mixed weights", () => {
    const pool = [0n, 1n, 2n, 3n, 4n].flatMap((j) => [
      groupWorth((3n + 3n * j) * COIN, params, 350),
      groupWorth((2n + 3n * j) * COIN, params, 250),
      groupWorth((1n + 3n * j) * COIN, params, 150),
    ]);
    const outcome = select(pool, 30n * COIN);
    expect(worths(outcome)).toEqual([4n * COIN, 13n * COIN, 14n * COIN]);
    expect(selected(outcome).evaluatedCount).toBe(92);
  });

  test("finds the lightest among many equals", () => {
    const light = [4n, 3n, 2n, 1n].map((coins) => groupWorth(coins * COIN, params, 100));
    const heavy = [
      times(100, 8n * COIN, 1000),
      times(100, 7n * COIN, 800),
      times(100, 6n * COIN, 600),
      times(100, 5n * COIN, 400),
    ];
    const outcome = select([...light, ...heavy.flat()], 990n * CENT);
    expect(worths(outcome)).toEqual([COIN, 2n * COIN, 3n * COIN, 4n * COIN]);
    expect(selected(outcome).evaluatedCount).toBe(38);
  });

  test("passes over many that are too heavy for what they are worth", () => {
    const tiny = Array.from({ length: 100 }, (_, i) => groupWorth(CENT + BigInt(i), params, 110));
    const outcome = select(
      [groupWorth(180n * CENT, params, 2500), ...times(2, COIN, 1000), ...tiny],
      190n * CENT,
      40_000,
    );
    expect(worths(outcome)).toEqual([COIN, COIN]);
    expect(selected(outcome).evaluatedCount).toBe(7);
  });

  test("finds eight of 18 lookalikes, and gives up on eight of 19", () => {
    const lookalikes = (count: number) =>
      Array.from({ length: count }, (_, i) => groupWorth(COIN + BigInt(i), paramsAt(0n), 96 + i));
    const outcome = select(lookalikes(18), 8n * COIN, 3200, 0n);
    expect(worths(outcome)).toEqual(Array.from({ length: 8 }, (_, i) => COIN + BigInt(i)));
    expect(selected(outcome).evaluatedCount).toBe(87_525);
    expect(isSelected(select(lookalikes(19), 8n * COIN, 3200, 0n))).toBe(false);
  });

  test("no selection of a few coins weighs less, and of equally light ones none is smaller", () => {
    const group = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.constantFrom(58, P2WPKH_INPUT, 91, 300));
    fc.assert(
      fc.property(
        fc.array(group, { minLength: 1, maxLength: 10 }),
        fc.integer({ min: 1, max: 150 }),
        fc.constantFrom(1000, 2000, WEIGHT_MAX),
        (amounts, thousands, weightMax) => {
          const pool = amounts.map(([amount, size]) => groupWorth(BigInt(amount) * 1000n, params, size));
          const [target, changeTarget] = [BigInt(thousands) * 1000n, 5000n];
          const sums = [...subsetsOf(pool)]
            .map((subset) => ({
              amount: subset.reduce((sum, one) => sum + one.amount, 0n),
              weight: subset.reduce((sum, one) => sum + one.weight, 0),
            }))
            .filter(({ amount, weight }) => amount >= target + changeTarget && weight <= weightMax)
            .sort((a, b) => a.weight - b.weight || Number(a.amount - b.amount));
          const outcome = select(pool, target, weightMax, changeTarget);
          const found = isSelected(outcome)
            ? { amount: worths(outcome).reduce((sum, one) => sum + one, 0n), weight: outcome.weight }
            : undefined;
          expect(found).toEqual(sums[0]);
        },
      ),
      { numRuns: 500 },
    );
  });
});
