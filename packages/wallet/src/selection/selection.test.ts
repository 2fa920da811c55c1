import { describe, expect, test } from "vitest";
import { minViableChange, randomChangeTarget } from "./change-target.ts";
import { type PricedCoin, priceCoin } from "./coin.ts";
import { changeOf, leastWasteful, mergeSelections, selectionOfCoins, totalBumpFee, wasteOf } from "./selection.ts";
import { CENT, coinOf, script, seededRandom } from "./test-kit.ts";

const COIN = 100n * CENT;

/** A coin that costs `fee` now and `longTermFee` some day. */
function coin(value: bigint, fee: bigint, longTermFee: bigint, bumpFee = 0n): PricedCoin {
  const allFees = fee + bumpFee;
  return {
    coin: coinOf(value),
    inputVirtualSize: 148,
    fee: allFees,
    bumpFee,
    longTermFee,
    effectiveValue: value - allFees,
  };
}

const manual = (target: bigint, ...coins: PricedCoin[]) =>
  selectionOfCoins("manual", coins, { target, subtractsFee: false });

describe("waste", () => {
  const terms = { minViableChange: 300n, costOfChange: 125n, changeFee: 30n };
  const [target, exact, fee, step, excess] = [2n * COIN, 3n * COIN - 200n, 100n, 40n, 80n];
  const two = (goal: bigint, now: bigint, later: bigint) =>
    manual(goal, coin(COIN, now, later), coin(2n * COIN, now, later));

  test.each([
    ["with change: what inputs cost more now, and change", target, fee, fee - step, 2n * step + 125n],
    ["more where fees are higher", target, 2n * fee, fee - step, 2n * (fee + step) + 125n],
    ["less where inputs are cheaper now", target, fee, fee + step, -2n * step + 125n],
    ["without change: what inputs cost more now, and the excess", exact - excess, fee, fee - step, 2n * step + excess],
    ["less without change where inputs are cheaper now", exact - excess, fee, fee + step, -2n * step + excess],
    ["with change and equal feerates: change", target, fee, fee, 125n],
    ["without change and with equal feerates: the excess", exact - excess, fee, fee, excess],
    ["nothing where all is exact", exact, fee, fee, 0n],
    ["nothing where the excess is what is saved", exact - 2n * step, fee, fee + step, 0n],
    ["below nothing where something is saved", exact, fee, fee + step, -2n * step],
    ["below nothing where more is saved than change costs", target, fee, fee + 90n, -55n],
  ] as const)("%s", (_, goal, now, later, waste) => {
    expect(wasteOf(two(goal, now, later), terms)).toBe(waste);
  });

  test("counts bump fees, and takes off what is paid once", () => {
    const bumpTerms = { minViableChange: 200n, costOfChange: 125n, changeFee: 35n };
    const coins = [coin(COIN, fee, fee + step, 20n), coin(2n * COIN, fee, fee + step, 40n)];
    const withChange = manual(target, ...coins);
    expect(wasteOf(withChange, bumpTerms)).toBe(-2n * step + 125n + 60n);
    expect(wasteOf({ ...withChange, bumpFeeDiscount: 30n }, bumpTerms)).toBe(-2n * step + 125n + 60n - 30n);
    expect(totalBumpFee({ ...withChange, bumpFeeDiscount: 30n })).toBe(30n);
    // Without change the discount goes to the fee: no less is wasted.
    const changeless = manual(3n * COIN - 2n * fee - 100n, ...coins);
    expect(wasteOf(changeless, bumpTerms)).toBe(-2n * step + 60n + 40n);
    expect(wasteOf({ ...changeless, bumpFeeDiscount: 30n }, bumpTerms)).toBe(-2n * step + 30n + 70n);
  });

  test("of equal waste more coins are better, then the first", () => {
    const [one, both] = [
      manual(COIN, coin(COIN, 0n, 0n)),
      manual(3n * COIN, coin(COIN, 0n, 0n), coin(2n * COIN, 0n, 0n)),
    ];
    expect(leastWasteful([one, both], terms)).toBe(both);
    expect(leastWasteful([one, manual(COIN, coin(COIN, 0n, 0n))], terms)).toBe(one);
    expect(leastWasteful([both, manual(COIN, coin(COIN, 0n, 1n))], terms)?.coins).toHaveLength(1);
    expect(leastWasteful([], terms)).toBeUndefined();
  });
});

describe("change", () => {
  test("is what is left beyond its fee, or nothing", () => {
    const terms = { minViableChange: 300n, costOfChange: 0n, changeFee: 30n };
    const goal = COIN - 100n - 330n;
    expect(changeOf(manual(goal, coin(COIN, 100n, 0n)), terms)).toBe(300n);
    expect(changeOf(manual(goal + 1n, coin(COIN, 100n, 0n)), terms)).toBe(0n);
    const paidByRecipients = { ...manual(goal, coin(COIN, 100n, 0n)), subtractsFee: true };
    expect(changeOf(paidByRecipients, terms)).toBe(430n);
  });

  test("is aimed at between 50,000 satoshis and twice the payment", () => {
    const random = seededRandom(1);
    const bounds = (payment: bigint) => {
      const targets = Array.from({ length: 2000 }, () => Number(randomChangeTarget(payment, 7n, random)) - 7);
      return [Math.min(...targets), Math.max(...targets)] as const;
    };
    expect(bounds(25_000n)).toEqual([50_000, 50_000]);
    expect(bounds(25_001n)).toEqual([50_000, 50_001]);
    const [least, most] = bounds(COIN);
    expect(least).toBeGreaterThanOrEqual(50_000);
    expect(least).toBeLessThan(60_000);
    expect(most).toBeGreaterThan(990_000);
    expect(most).toBeLessThan(1_000_000);
  });

  test("is worth an output from the dust limit on, or from what spending it costs", () => {
    const output = { value: 0n, scriptPubKey: script(1) };
    expect(minViableChange(output, 68, 3000n)).toBe(294n);
    expect(minViableChange(output, 97, 3000n)).toBe(294n);
    expect(minViableChange(output, 98, 3000n)).toBe(295n);
  });
});

test("merging adds targets, and no coin twice", () => {
  const [first, second] = [manual(COIN, coin(COIN, 0n, 0n)), manual(COIN, coin(COIN, 0n, 0n))];
  const merged = mergeSelections({ ...first, algorithm: "bnb" }, second);
  expect(merged).toMatchObject({ algorithm: "bnb", target: 2n * COIN, weight: 2 * 148 * 4 });
  expect(() => mergeSelections(first, first)).toThrow("share a coin");
});

describe("the price of a coin", () => {
  const prices = { feerateSatPerKvb: 1000n, longTermFeerateSatPerKvb: 500n };
  test.each([
    ["at a feerate", 1000n, 148, 9852n],
    ["more than it is worth", 100_000n, 148, -4800n],
    ["rounded up", 1n, 148, 9999n],
  ] as const)("%s", (_, feerateSatPerKvb, inputVirtualSize, worth) => {
    const priced = priceCoin(coinOf(10_000n, { inputVirtualSize }), { ...prices, feerateSatPerKvb });
    expect(priced.effectiveValue).toBe(worth);
  });

  test("is nothing where its size is unknown, and more where ancestors have to be paid", () => {
    expect(priceCoin(coinOf(10_000n, { inputWeight: undefined }), prices)).toMatchObject({
      fee: 0n,
      effectiveValue: 10_000n,
    });
    expect(priceCoin(coinOf(10_000n), prices, 100n)).toMatchObject({ fee: 168n, bumpFee: 100n, longTermFee: 34n });
  });
});
