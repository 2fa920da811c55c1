import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { selectByKnapsack } from "./knapsack.ts";
import type { OutputGroup } from "./output-group.ts";
import { isSelected } from "./selection.ts";
import { CENT, failureOf, groupWorth, P2WPKH_INPUT, paramsAt, seededRandom, selected, worths } from "./test-kit.ts";

const free = paramsAt(0n);
const COIN = 100n * CENT;
/** Chance decides on ways, not on the answers below: they hold for every one. */
const SEEDS = Array.from({ length: 20 }, (_, seed) => seed);

const groupsOf = (...worth: bigint[]) => worth.map((one) => groupWorth(one, free));
const cents = (...counts: number[]) => groupsOf(...counts.map((count) => BigInt(Math.round(count * 1_000_000))));

function select(groups: readonly OutputGroup[], target: bigint, seed = 1, weightMax = 400_000) {
  const goal = { target, changeTarget: CENT, weightMax, subtractsFee: false };
  return selectByKnapsack(groups, goal, seededRandom(seed));
}

const total = (outcome: ReturnType<typeof select>) => worths(outcome).reduce((sum, one) => sum + one, 0n);

describe("knapsack", () => {
  const five = [1, 2, 5, 10, 20];
  test.each([
    ["a coin that is the target", [1], 1, 1, 1],
    ["all that is there", [1, 2], 3, 3, 2],
    ["the closest sum where none fits", five, 34, 35, 3],
    ["two small ones", five, 7, 7, 2],
    ["all small ones", five, 8, 8, 3],
    ["the next larger where the small ones do not suffice", five, 9, 10, 1],
    ["all of five", [6, 7, 8, 20, 30], 71, 71, 5],
    ["a larger one that is closer than the small ones", [6, 7, 8, 20, 30], 16, 20, 1],
    ["small ones that are closer than the next larger", [5, 6, 7, 8, 20, 30], 16, 18, 3],
    ["the larger one of two ways that come to the same", [5, 6, 7, 8, 18, 20, 30], 16, 18, 1],
    ["an exact sum", [5, 6, 7, 8, 18, 20, 30], 11, 11, 2],
    ["the smallest larger one", [5, 6, 7, 8, 18, 20, 30, 100, 200, 300, 400], 95, 100, 1],
    ["the smallest larger one again", [5, 6, 7, 8, 18, 20, 30, 100, 200, 300, 400], 195, 200, 1],
    ["a larger one, as the small ones leave little change", [0.5, 0.6, 0.7, 1111], 1, 1111, 1],
    ["an exact sum of fractions", [0.4, 0.6, 0.8, 1111], 1, 1, 2],
    ["all, so that change is not small", [0.05, 1, 100], 100.01, 101.05, 3],
    ["the larger of two small ones, so that change is not small", [0.05, 1, 100], 99.9, 101, 2],
  ] as const)("selects %s", (_, coins, target, sum, count) => {
    for (const seed of SEEDS) {
      const outcome = select(cents(...coins), BigInt(Math.round(target * 1_000_000)), seed);
      expect(total(outcome)).toBe(BigInt(Math.round(sum * 1_000_000)));
      expect(selected(outcome).coins).toHaveLength(count);
    }
  });

  test.each([
    [[0.1, 0.2, 0.3, 0.4, 0.5]],
    [[0.1, 0.2, 0.3, 0.4, 0.5, 1111]],
    [[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 1111]],
  ])("finds an exact sum among %j", (coins) => {
    for (const seed of SEEDS) expect(total(select(cents(...coins), CENT, seed))).toBe(CENT);
  });

  test("puts large equal coins together without change", () => {
    const outcome = select(groupsOf(...Array<bigint>(20).fill(50_000n * COIN)), 500_000n * COIN);
    expect(selected(outcome).coins).toHaveLength(10);
  });

  test("finds the one coin that completes an exact sum among a thousand", () => {
    const outcome = select(groupsOf(...Array<bigint>(1000).fill(1000n * COIN), 3n * COIN), 1003n * COIN);
    expect(worths(outcome)).toEqual([3n * COIN, 1000n * COIN]);
  });

  test.each([1500n, 15_000n, 150_000n, 1_500_000n, 15_000_000n])(
    "takes as few of 676 equals of %i as leave change",
    (amount) => {
      const outcome = select(groupsOf(...Array<bigint>(676).fill(amount)), 2000n);
      const few = amount - 2000n < CENT ? Number((2000n + CENT + amount - 1n) / amount) : 1;
      expect(selected(outcome).coins).toHaveLength(few);
    },
  );

  test("takes different ones of equals in different runs", () => {
    const pool = groupsOf(...Array<bigint>(100).fill(COIN));
    const chosen = (target: bigint, seed: number) => new Set(selected(select(pool, target, seed)).coins);
    expect(chosen(50n * COIN, 1)).not.toEqual(chosen(50n * COIN, 2));
    expect(new Set(SEEDS.map((seed) => [...chosen(COIN, seed)][0])).size).toBeGreaterThan(1);
  });

  test("fails for want of money, and where all that pays is too heavy", () => {
    expect(failureOf(select([], CENT))).toBe("");
    expect(failureOf(select(cents(6, 7, 8, 20, 30), 72n * CENT))).toBe("");
    const weight = 4 * 2 * P2WPKH_INPUT;
    expect(total(select(cents(1, 2), 3n * CENT, 1, weight))).toBe(3n * CENT);
    expect(failureOf(select(cents(1, 2), 3n * CENT, 1, weight - 1))).toContain("exceeds the maximum weight");
    expect(failureOf(select([groupWorth(5n * CENT, free, 1000)], CENT, 1, 3999))).toContain(
      "exceeds the maximum weight",
    );
  });

  test("spends coins that are worth nothing where they come along", () => {
    const outcome = select([...cents(3), groupWorth(-10n, free)], 3n * CENT - 10n);
    expect(worths(outcome)).toEqual([-10n, 3n * CENT]);
  });

  test("what is selected covers the target and keeps to the weight", () => {
    const group = fc.tuple(fc.integer({ min: -1, max: 400 }), fc.constantFrom(58, P2WPKH_INPUT, 300));
    const random = fc.integer();
    const weights = fc.constantFrom(500, 2000, 400_000);
    fc.assert(
      fc.property(
        fc.array(group, { maxLength: 30 }),
        fc.integer({ min: 1, max: 3000 }),
        random,
        weights,
        (amounts, target, seed, weightMax) => {
          const pool = amounts.map(([amount, size]) => groupWorth(BigInt(amount) * 10_000n, free, size));
          const outcome = select(pool, BigInt(target) * 10_000n, seed, weightMax);
          if (!isSelected(outcome)) return;
          expect(total(outcome)).toBeGreaterThanOrEqual(BigInt(target) * 10_000n);
          expect(outcome.weight).toBeLessThanOrEqual(weightMax);
          expect(new Set(outcome.coins).size).toBe(outcome.coins.length);
        },
      ),
      { numRuns: 300 },
    );
  });
});
