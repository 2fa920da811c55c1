import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { selectByBranchAndBound } from "./branch-and-bound.ts";
import type { OutputGroup } from "./output-group.ts";
import { isSelected, wasteOf } from "./selection.ts";
import { CENT, failureOf, groupWorth, P2WPKH_INPUT, paramsAt, selected, subsetsOf, worths } from "./test-kit.ts";

/** From nothing over the smallest that nodes take to more than was ever needed, satoshis a thousand vbytes. */
const FEERATES = [0n, 1n, 99n, 100n, 315n, 1000n, 2345n, 10_292n, 59_764n, 1_500_000n];
const WEIGHT_MAX = 400_000;

function select(groups: readonly OutputGroup[], target: bigint, feerate: bigint, weightMax = WEIGHT_MAX) {
  return selectByBranchAndBound(groups, { target, costOfChange: paramsAt(feerate).costOfChange, weightMax });
}

describe.each(FEERATES)("branch and bound at %i satoshis a thousand vbytes", (feerate) => {
  const params = paramsAt(feerate);
  const groupsOf = (...worth: bigint[]) => worth.map((one) => groupWorth(one, params));
  const pool = groupsOf(CENT, 3n * CENT, 5n * CENT);

  test.each([
    ["the smallest", CENT, [1n], 3],
    ["the middle one", 3n * CENT, [3n], 3],
    ["the largest", 5n * CENT, [5n], 2],
    ["two", 4n * CENT, [1n, 3n], 4],
    ["all", 9n * CENT, [1n, 3n, 5n], 5],
    ["two that exceed the target by the cost of change", 4n * CENT - params.costOfChange, [1n, 3n], 4],
  ] as const)("selects %s", (_, target, expected, evaluated) => {
    const outcome = select(pool, target, feerate);
    expect(worths(outcome)).toEqual(expected.map((cents) => cents * CENT));
    expect(selected(outcome).evaluatedCount).toBe(evaluated);
    expect(selected(outcome).isComplete).toBe(true);
  });

  test.each([
    ["more than the cost of change above the target", 4n * CENT - params.costOfChange - 1n],
    ["the smallest too large", CENT / 2n],
    ["no sum in the window", 7n * CENT],
    ["more than there is", 10n * CENT],
  ] as const)("finds nothing: %s", (_, target) => {
    expect(failureOf(select(pool, target, feerate))).toBe("");
  });

  test("finds nothing in nothing", () => {
    expect(failureOf(select([], CENT, feerate))).toBe("");
  });

  test("keeps to the weight", () => {
    const weight = 4 * 2 * P2WPKH_INPUT;
    expect(selected(select(pool, 4n * CENT, feerate, weight)).weight).toBe(weight);
    expect(failureOf(select(pool, 4n * CENT, feerate, weight - 1))).toContain("exceeds the maximum weight");
  });

  test("passes over 50,000 equals", () => {
    const clones = Array.from({ length: 50_000 }, () => groupWorth(5n * CENT, params));
    const outcome = select([...groupsOf(2n * CENT, 7n * CENT, 7n * CENT), ...clones], 16n * CENT, feerate);
    expect(worths(outcome)).toEqual([2n * CENT, 7n * CENT, 7n * CENT]);
    expect(selected(outcome).evaluatedCount).toBe(16);
  });

  /** Eight that fit, and others a little too large to: every combination of eight has to be seen. */
  const lookalikes = (count: number) =>
    groupsOf(...Array.from({ length: count }, (_, i) => CENT + BigInt(i) + (i < 8 ? 0n : params.costOfChange)));

  test.each([
    [17, 51_765],
    [18, 87_957],
  ])("finds eight of %i lookalikes", (count, evaluated) => {
    const outcome = select(lookalikes(count), 8n * CENT, feerate);
    expect(worths(outcome)).toEqual(Array.from({ length: 8 }, (_, i) => CENT + BigInt(i)));
    expect(selected(outcome).evaluatedCount).toBe(evaluated);
  });

  test("gives up on eight of 19 lookalikes", () => {
    expect(failureOf(select(lookalikes(19), 8n * CENT, feerate))).toBe("");
  });
});

describe("branch and bound weighs feerates", () => {
  const [low, high] = [5000n, 25_000n];
  const poolAt = (feerate: bigint) => [2n, 3n, 5n, 10n].map((cents) => groupWorth(cents * CENT, paramsAt(feerate)));
  const heavyAt = (feerate: bigint) => [6n, 7n].map((cents) => groupWorth(cents * CENT, paramsAt(feerate), 500));

  test.each([
    ["many inputs while they are cheap", poolAt(low), 10n, low, [2n, 3n, 5n], 6],
    ["one input where they are dear", poolAt(high), 10n, high, [10n], 5],
    ["heavy inputs while they are cheap", [...poolAt(low), ...heavyAt(low)], 13n, low, [6n, 7n], 18],
    ["light inputs where they are dear", [...poolAt(high), ...heavyAt(high)], 13n, high, [3n, 10n], 9],
  ] as const)("%s", (_, pool, cents, feerate, expected, evaluated) => {
    const outcome = select(pool, cents * CENT, feerate);
    expect(worths(outcome)).toEqual(expected.map((one) => one * CENT));
    expect(selected(outcome).evaluatedCount).toBe(evaluated);
  });
});

test("no selection of a few coins wastes less, and where one exists it is found", () => {
  const group = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.constantFrom(58, P2WPKH_INPUT, 91, 300));
  const feerates = fc.constantFrom(1000n, 9999n, 10_000n, 10_001n, 40_000n);
  fc.assert(
    fc.property(
      fc.array(group, { minLength: 1, maxLength: 9 }),
      fc.integer({ min: 1, max: 150 }),
      feerates,
      fc.constantFrom(1000, 2000, WEIGHT_MAX),
      (amounts, thousands, feerate, weightMax) => {
        const params = paramsAt(feerate);
        const pool = amounts.map(([amount, size]) => groupWorth(BigInt(amount) * 1000n, params, size));
        const target = BigInt(thousands) * 1000n - 200n;
        const wastes = [...subsetsOf(pool)]
          .filter((subset) => {
            const amount = subset.reduce((sum, one) => sum + one.amount, 0n);
            const weight = subset.reduce((sum, one) => sum + one.weight, 0);
            return amount >= target && amount <= target + params.costOfChange && weight <= weightMax;
          })
          .map((subset) => subset.reduce((sum, one) => sum + one.amount + one.fee - one.longTermFee, -target));
        const outcome = select(pool, target, feerate, weightMax);
        expect(isSelected(outcome)).toBe(wastes.length > 0);
        if (!isSelected(outcome)) return;
        const noChange = { ...params, minViableChange: params.costOfChange + 1n, changeFee: 0n };
        expect(wasteOf(outcome, noChange)).toBe(wastes.sort((a, b) => Number(a - b))[0]);
      },
    ),
    { numRuns: 500 },
  );
});
