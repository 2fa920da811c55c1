import { describe, expect, test } from "vitest";
import { CHANGE_TARGET_MIN } from "./change-target.ts";
import type { OutputGroup } from "./output-group.ts";
import { selectByRandomDraw } from "./single-random-draw.ts";
import { CENT, failureOf, groupWorth, P2WPKH_INPUT, paramsAt, seededRandom, selected, worths } from "./test-kit.ts";

const FEERATES = [0n, 1n, 100n, 2345n, 59_764n, 1_500_000n];

describe.each(FEERATES)("single random draw at %i satoshis a thousand vbytes", (feerate) => {
  const params = paramsAt(feerate);
  const groupsOf = (...worth: bigint[]) => worth.map((one) => groupWorth(one, params));
  const pool = groupsOf(CENT, 3n * CENT, 5n * CENT);
  const select = (groups: readonly OutputGroup[], target: bigint, weightMax = 400_000, seed = 1) =>
    selectByRandomDraw(groups, { ...params, target, weightMax }, seededRandom(seed));
  const most = 9n * CENT - params.changeFee - CHANGE_TARGET_MIN;

  test.each([21_000n, CENT, 3_125_000n, 4n * CENT, 7n * CENT, most])("leaves change beyond %i", (target) => {
    for (let seed = 0; seed < 20; seed++) {
      const total = worths(select(pool, target, 400_000, seed)).reduce((sum, one) => sum + one, 0n);
      expect(total).toBeGreaterThanOrEqual(target + params.changeFee + CHANGE_TARGET_MIN);
    }
  });

  test.each([most + 1n, 9n * CENT, 9n * CENT + 1n])("finds nothing for %i", (target) => {
    expect(failureOf(select(pool, target))).toBe("");
    expect(failureOf(select([], CENT))).toBe("");
  });

  test("puts back what is worth least where it gets too heavy", () => {
    const many = [...pool, ...groupsOf(...Array<bigint>(100).fill(5n * CENT), ...Array<bigint>(3).fill(7n * CENT))];
    const weightMax = 4 * 4 * (P2WPKH_INPUT - 1);
    for (let seed = 0; seed < 20; seed++) {
      const outcome = select(many, 20n * CENT, weightMax, seed);
      expect(worths(outcome)).toEqual([7n * CENT, 7n * CENT, 7n * CENT]);
      expect(selected(outcome).weight).toBeLessThanOrEqual(weightMax);
    }
    expect(failureOf(select(many, 25n * CENT, 4 * 3 * P2WPKH_INPUT))).toContain("exceeds the maximum weight");
  });

  test("puts back the heavier of equals", () => {
    const light = groupWorth(5n * CENT, params, P2WPKH_INPUT - 1);
    const outcome = select([...groupsOf(5n * CENT, 5n * CENT), light], 9n * CENT, 4 * (2 * P2WPKH_INPUT - 1));
    expect(selected(outcome).weight).toBeLessThanOrEqual(4 * (2 * P2WPKH_INPUT - 1));
  });
});
