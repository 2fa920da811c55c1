import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PricedCoin, priceCoin } from "./coin.ts";
import { eligibilityFilters } from "./eligibility.ts";
import { groupCoins } from "./output-group.ts";
import { type SelectionParams, selectCoins } from "./select-coins.ts";
import { isSelected, selectedEffectiveValue, selectedValue } from "./selection.ts";
import {
  CENT,
  type CoinTraits,
  coinOf,
  coinWorth,
  failureOf,
  paramsAt,
  script,
  seededRandom,
  selected,
  worths,
} from "./test-kit.ts";

const COIN = 100n * CENT;
const free = paramsAt(0n, { longTermFeerateSatPerKvb: 0n, minViableChange: 1n, costOfChange: 1n, changeTarget: CENT });
const coins = (count: number, value: bigint, traits: CoinTraits = {}) =>
  Array.from({ length: count }, () => priceCoin(coinOf(value, traits), free));

function select(
  available: readonly PricedCoin[],
  target: bigint,
  params: SelectionParams = free,
  preselected: readonly PricedCoin[] = [],
) {
  return selectCoins({ available, preselected, allowsOthers: true }, target, params);
}

describe("eligibility", () => {
  const own = { isFromMe: true };
  const all = { ...free, includesUnsafe: true, rejectsLongChains: false };
  test.each([
    ["a coin of others with one confirmation", { depth: 1 }, free, true],
    ["an unconfirmed coin of others", { depth: 0, ancestorCount: 1 }, free, false],
    ["an unconfirmed coin of others, unsafe ones allowed", { depth: 0, ancestorCount: 1 }, all, true],
    ["own change", { depth: 0, ancestorCount: 1, ...own }, free, true],
    [
      "own change where it may not be spent",
      { ...own, depth: 0 },
      { ...free, spendsZeroConfirmationChange: false },
      false,
    ],
    ["24 ancestors", { ...own, depth: 0, ancestorCount: 24 }, free, true],
    ["25 ancestors", { ...own, depth: 0, ancestorCount: 25 }, free, false],
    ["a cluster of 24", { ...own, depth: 0, clusterCount: 24 }, free, true],
    ["a cluster of 25", { ...own, depth: 0, clusterCount: 25 }, free, false],
    ["25 ancestors where long chains are not rejected", { ...own, depth: 0, ancestorCount: 25 }, all, true],
  ] as const)("%s", (_, traits, params, isTaken) => {
    expect(isSelected(select(coins(1, COIN, traits), CENT, params))).toBe(isTaken);
  });

  test("the filters in their order", () => {
    const rows = eligibilityFilters(all).map((one) => [
      one.ownDepthMin,
      one.foreignDepthMin,
      one.ancestorCountMax,
      one.clusterCountMax,
      one.includesPartialGroups,
    ]);
    const unlimited = Number.POSITIVE_INFINITY;
    expect(rows).toEqual([
      [1, 6, 0, 0, false],
      [1, 1, 0, 0, false],
      [0, 1, 2, 2, false],
      [0, 1, 4, 4, false],
      [0, 1, 12, 12, false],
      [0, 1, 24, 24, true],
      [0, 0, 24, 24, true],
      [0, 1, unlimited, unlimited, true],
    ]);
  });

  test("settled coins are spent before others, and change last", () => {
    const settled = coins(1, 3n * COIN, { depth: 6 });
    const young = coins(1, COIN, { depth: 5 });
    const change = coins(1, 2n * COIN, { depth: 0, ancestorCount: 1, ...own });
    const pool = [...change, ...young, ...settled];
    expect(selected(select(pool, COIN)).coins).toEqual(settled);
    expect(new Set(selected(select(pool, 4n * COIN)).coins)).toEqual(new Set([...young, ...settled]));
    expect(selected(select(pool, 5n * COIN + 1n)).coins).toHaveLength(3);
  });

  test("tells that only long chains are left", () => {
    const long = coins(1, COIN, { depth: 0, ancestorCount: 25, ...own });
    expect(failureOf(select(long, CENT))).toContain("creates a chain of transactions that will be rejected");
    expect(failureOf(select(coins(1, COIN, { depth: 0 }), CENT))).toBe("");
  });
});

describe("types", () => {
  const legacy = { type: "legacy", script: Uint8Array.of(0x51) } as const;
  test("are not mixed where one suffices", () => {
    const pool = [...coins(2, COIN, legacy), ...coins(2, COIN)];
    const types = selected(select(pool, 2n * COIN)).coins.map(({ coin }) => coin.type);
    expect(new Set(types).size).toBe(1);
    expect(selected(select(pool, 3n * COIN)).coins).toHaveLength(3);
  });

  test("of young coins are mixed only by the second filter", () => {
    const pool = [
      ...coins(1, COIN, { ...legacy, depth: 6 }),
      ...coins(1, COIN, { depth: 6 }),
      ...coins(1, 2n * COIN, { depth: 1 }),
    ];
    expect(worths(select(pool, 2n * COIN))).toEqual([2n * COIN]);
  });
});

describe("preselected coins", () => {
  const params = paramsAt(5000n, { longTermFeerateSatPerKvb: 3000n, changeTarget: 0n });
  const worth = (cents: bigint) => coinWorth(cents * CENT, params);

  test("are taken though others would do better", () => {
    const [ten, nine, one] = [worth(10n), worth(9n), worth(1n)];
    const outcome = select([ten, one], 10n * CENT, params, [nine]);
    expect(worths(outcome)).toEqual([CENT, 9n * CENT]);
    expect(selected(outcome)).toMatchObject({ algorithm: "bnb", evaluatedCount: 2, target: 10n * CENT });
  });

  test("suffice or not by their effective value", () => {
    const alone = (target: bigint) =>
      selectCoins({ available: [], preselected: [worth(10n)], allowsOthers: false }, target, params);
    expect(selected(alone(10n * CENT)).algorithm).toBe("manual");
    expect(failureOf(alone(10n * CENT + 1n))).toContain("The preselected coins total amount does not cover");
  });

  test("and others together keep to the weight", () => {
    const light = { ...params, weightMax: 4 * (params.sizeWithoutInputs + params.changeOutputSize + 68 + 68) };
    const heavy = coinWorth(CENT, params, { inputVirtualSize: 300 });
    expect(failureOf(select([worth(5n)], 6n * CENT, light, [heavy]))).toContain(
      "The combination of the pre-selected inputs",
    );
    expect(worths(select([worth(5n)], 6n * CENT, light, [worth(1n)]))).toEqual([CENT, 5n * CENT]);
  });
});

describe("weight", () => {
  const small = 3_300_000n;
  test("one large coin for very many small ones", () => {
    const outcome = select([...coins(1515, small), ...coins(1, 50n * COIN)], (99n * COIN) / 2n);
    expect(worths(outcome)).toContain(50n * COIN);
    expect(selected(outcome).weight).toBeLessThanOrEqual(400_000 - 4 * (42 + 31));
  });

  test("some of many, the most valuable first", () => {
    const outcome = select([...coins(400, 6_250_000n), ...coins(2000, 2_500_000n)], (99n * COIN) / 2n);
    expect(new Set(worths(outcome))).toEqual(new Set([2_500_000n, 6_250_000n]));
    expect(selected(outcome).weight).toBeLessThanOrEqual(400_000 - 4 * (42 + 31));
  });

  test("too many small ones", () => {
    expect(failureOf(select(coins(1515, small), (99n * COIN) / 2n))).toContain("exceeds the maximum weight");
  });

  test("no room", () => {
    const none = { ...free, weightMax: 4 * free.sizeWithoutInputs };
    expect(failureOf(select(coins(1, COIN), CENT, none))).toBe(
      "Maximum transaction weight is less than transaction weight without inputs",
    );
    const noChange = { ...free, weightMax: 4 * (free.sizeWithoutInputs + 30) };
    expect(failureOf(select(coins(1, COIN), CENT, noChange))).toBe(
      "Maximum transaction weight is too low, can not accommodate change output",
    );
  });

  test("of version 3 with an unconfirmed parent", () => {
    const own = { isFromMe: true, depth: 0, ancestorCount: 1 };
    const truc = { ...free, version: 3 };
    // 13 inputs and the outputs are the most that 1,000 vbytes hold.
    expect(selected(select(coins(13, COIN, own), 13n * COIN - CENT, truc)).coins).toHaveLength(13);
    expect(failureOf(select(coins(14, COIN, own), 14n * COIN - CENT, truc))).toContain("exceeds the maximum weight");
    expect(selected(select(coins(14, COIN, own), 14n * COIN - CENT)).coins).toHaveLength(14);
    expect(selected(select(coins(14, COIN), 14n * COIN - CENT, truc)).coins).toHaveLength(14);
  });
});

describe("groups", () => {
  const params = { ...free, avoidsPartialSpends: true };
  test("spend all coins of a script or none", () => {
    const pool = [1, 2, 3].flatMap((fill) => coins(2, COIN, { script: script(fill) }));
    const chosen = selected(select(pool, COIN, params)).coins;
    expect(chosen).toHaveLength(2);
    expect(new Set(chosen.map(({ coin }) => coin.output.scriptPubKey[2])).size).toBe(1);
    expect(selected(select(pool, COIN)).coins).toHaveLength(1);
  });

  test.each([
    [100, [[100, false]]],
    [
      101,
      [
        [100, false],
        [1, true],
      ],
    ],
    [
      200,
      [
        [100, false],
        [100, true],
      ],
    ],
  ])("of %i coins", (count, sizes) => {
    const { mixed } = groupCoins(coins(count, COIN), params);
    expect(mixed.map((group) => [group.coins.length, group.isPartial])).toEqual(sizes);
  });

  test("leave the rest of a script for when it is needed", () => {
    const pool = coins(101, COIN);
    expect(selected(select(pool, CENT, params)).coins).toHaveLength(100);
    expect(selected(select(pool, 100n * COIN + CENT, params)).coins).toHaveLength(101);
  });

  test("of coins that cost more than they bring keep these apart", () => {
    const dear = paramsAt(10_000n, { avoidsPartialSpends: true });
    const { mixed, positive } = groupCoins([coinWorth(-5n, dear), coinWorth(5n, dear)], dear);
    expect([mixed[0]?.amount, positive[0]?.amount]).toEqual([0n, 5n]);
  });
});

describe("bump fees", () => {
  const params = paramsAt(10_000n);
  const unconfirmed = { depth: 0, ancestorCount: 1, isFromMe: true };
  const bumped = () => priceCoin(coinOf(COIN, unconfirmed), params, 1000n);

  test("are paid once for what is shared", () => {
    const pool = [bumped(), bumped()];
    const outcome = selected(select(pool, COIN + CENT, { ...params, combinedBumpFee: () => 1200n }));
    expect(outcome.bumpFeeDiscount).toBe(800n);
    expect(selectedEffectiveValue(outcome)).toBe(2n * COIN - 1360n - 1200n);
    const grown = selected(select(pool, COIN + CENT, { ...params, combinedBumpFee: () => 2001n }));
    expect(grown.bumpFeeDiscount).toBe(0n);
  });

  test("that nobody can tell", () => {
    const unknown = { ...params, combinedBumpFee: () => undefined };
    expect(failureOf(select([bumped()], CENT, unknown))).toContain("depend on an enormous cluster");
    expect(isSelected(select([priceCoin(coinOf(COIN), params)], CENT, unknown))).toBe(true);
  });
});

test("fees paid by recipients rule out selections without change by branch and bound", () => {
  const params = paramsAt(3000n, { subtractsFee: true, changeTarget: 300n });
  const pool = [COIN + params.costOfChange, COIN / 2n + params.costOfChange, COIN / 2n].map((value) =>
    priceCoin(coinOf(value), params),
  );
  const outcome = selected(select(pool, COIN, params));
  expect(outcome.algorithm).not.toBe("bnb");
  expect(outcome.coins).toHaveLength(2);
});

test("CoinGrinder joins in above three times the long-term feerate", () => {
  // Ten small coins and a large one: all ways but one spend about as much, the lightest is one coin.
  const at = (feerate: bigint) => {
    const params = paramsAt(feerate, { random: seededRandom(3) });
    const pool = [
      coinWorth(4n * CENT, params, { inputVirtualSize: 1000 }),
      ...Array.from({ length: 4 }, () => coinWorth(2n * CENT, params)),
    ];
    return selected(select(pool, 3n * CENT, params));
  };
  expect(at(300_000n)).toMatchObject({ weight: 4 * 2 * 68 });
});

test("whatever is selected pays, once and not too heavily", () => {
  const coin = fc.record({
    value: fc.integer({ min: 1, max: 3_000_000 }),
    inputVirtualSize: fc.constantFrom(58, 68, 91, 148),
    depth: fc.constantFrom(0, 1, 7),
    isFromMe: fc.boolean(),
    type: fc.constantFrom("legacy" as const, "bech32" as const, "bech32m" as const),
    fill: fc.integer({ min: 1, max: 4 }),
    bump: fc.constantFrom(0, 0, 500),
  });
  const cases = fc.record({
    pool: fc.array(coin, { maxLength: 25 }),
    target: fc.integer({ min: 1, max: 20_000_000 }),
    feerate: fc.constantFrom(0n, 1000n, 10_000n, 31_000n, 200_000n),
    weightMax: fc.constantFrom(2000, 400_000),
    subtractsFee: fc.boolean(),
    avoidsPartialSpends: fc.boolean(),
    includesUnsafe: fc.boolean(),
    seed: fc.integer(),
  });
  fc.assert(
    fc.property(cases, ({ pool, target, feerate, seed, ...others }) => {
      const params = paramsAt(feerate, { ...others, random: seededRandom(seed) });
      const priced = pool.map(({ value, bump, fill, ...traits }) => {
        const isUnconfirmed = traits.depth === 0;
        const made = coinOf(BigInt(value), { ...traits, script: script(fill), ancestorCount: isUnconfirmed ? 1 : 0 });
        return priceCoin(made, params, isUnconfirmed ? BigInt(bump) : 0n);
      });
      const outcome = selectCoins({ available: priced, preselected: [], allowsOthers: true }, BigInt(target), params);
      if (!isSelected(outcome)) return;
      const value = params.subtractsFee ? selectedValue(outcome) : selectedEffectiveValue(outcome);
      expect(value).toBeGreaterThanOrEqual(BigInt(target));
      expect(outcome.weight + 4 * params.sizeWithoutInputs).toBeLessThanOrEqual(params.weightMax);
      expect(new Set(outcome.coins).size).toBe(outcome.coins.length);
      for (const { coin } of outcome.coins) expect(coin.depth > 0 || coin.isFromMe || params.includesUnsafe).toBe(true);
    }),
    { numRuns: 500 },
  );
});
