import { dustThreshold } from "@bitfleet/protocol/policy/dust.ts";
import { feeFor } from "@bitfleet/protocol/policy/feerate.ts";
import { payToTaproot } from "@bitfleet/protocol/script/templates.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CENT, type CoinTraits, coinOf, newOutPoint, script } from "../selection/test-kit.ts";
import { type BuildRequest, isError } from "./build-request.ts";
import { buildTransaction } from "./build-transaction.ts";
import {
  balanceOf,
  built,
  CHANGE_SCRIPT,
  errorOf,
  P2WPKH_WEIGHT,
  SETTINGS,
  type TestWalletParts,
  testWallet,
  walletCoins,
} from "./test-kit.ts";

const COIN = 100n * CENT;
const FEERATE = 10_000n;
const to = (amount: bigint, subtractsFee = false) => ({ scriptPubKey: script(9), amount, subtractsFee });
const pay = (amount: bigint, more: Partial<BuildRequest> = {}): BuildRequest => ({
  recipients: [to(amount)],
  feerateSatPerKvb: FEERATE,
  ...more,
});
const build = (request: BuildRequest, parts: TestWalletParts) => buildTransaction(request, testWallet(parts));
const own: CoinTraits = { inputWeight: P2WPKH_WEIGHT };

describe("a payment", () => {
  test("with change pays for its size, and change takes the rest", () => {
    const tx = built(build(pay(COIN / 2n, { changePosition: 1 }), { coins: walletCoins(COIN) }));
    // One witness key hash in, two out: 140.25 vbytes, as signed.
    expect(tx.size).toEqual({ weight: 561, virtualSize: 141 });
    expect(tx.fee).toBe(1410n);
    expect(tx.changeIndex).toBe(1);
    expect(tx.fields.outputs).toEqual([
      { value: COIN / 2n, scriptPubKey: script(9) },
      { value: COIN / 2n - 1410n, scriptPubKey: CHANGE_SCRIPT },
    ]);
    expect(tx.feerate).toEqual({ feerateSatPerKvb: FEERATE, reason: "None" });
  });

  test("without change leaves what is little to the fee", () => {
    // 110 vbytes without change. It would cost 310 satoshis, and has to be 980: dust at the discard feerate.
    const left = (satoshis: bigint) => built(build(pay(COIN - 1100n - satoshis), { coins: walletCoins(COIN) }));
    expect(left(0n)).toMatchObject({ changeIndex: undefined, fee: 1100n, size: { virtualSize: 110 } });
    expect(left(310n + 979n)).toMatchObject({ changeIndex: undefined, fee: 1100n + 310n + 979n });
    expect(left(310n + 980n)).toMatchObject({ changeIndex: expect.any(Number), fee: 1410n });
  });

  test("puts change anywhere unless told", () => {
    const places = new Set<number | undefined>();
    for (let seed = 0; seed < 40; seed++) {
      const request = pay(CENT, { recipients: [to(CENT), to(2n * CENT)] });
      places.add(built(build(request, { coins: walletCoins(COIN), seed })).changeIndex);
    }
    expect(places).toEqual(new Set([0, 1, 2]));
    const far = pay(CENT, { changePosition: 2 });
    expect(errorOf(build(far, { coins: walletCoins(COIN) }))).toBe("Transaction change output index out of range");
  });

  test.each([
    ["no recipients", { recipients: [] }, "Transaction must have at least one recipient"],
    ["a negative amount", { recipients: [to(-1n)] }, "Transaction amounts must not be negative"],
    ["dust", { recipients: [to(293n)] }, "Transaction amount too small"],
    ["more than there is", { recipients: [to(2n * COIN + 1n)] }, "Insufficient funds"],
    [
      "the fee too much",
      { recipients: [to(2n * COIN - 1n)] },
      "The total exceeds your balance when the 0.0000042 transaction fee is included.",
    ],
    [
      "a feerate too low",
      { feerateSatPerKvb: 999n },
      /^Fee rate \(0\.999 sat\/vB\) is lower than the minimum fee rate setting \(1\.000 sat\/vB\)\.\nConsider/,
    ],
    [
      "a fee too high",
      { feerateSatPerKvb: 100_000_000n },
      "Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)",
    ],
    ["a weight too low", { weightMax: 259 }, "Maximum transaction weight must be between 260 and 400000"],
    ["a weight too high", { weightMax: 400_001 }, "Maximum transaction weight must be between 260 and 400000"],
    [
      "no room for inputs",
      { weightMax: 260, recipients: [to(CENT), to(CENT)] },
      "Maximum transaction weight is less than transaction weight without inputs",
    ],
  ] as const)("fails: %s", (_, more, error) => {
    const outcome = build(pay(CENT, more), { coins: walletCoins(COIN, COIN) });
    if (typeof error === "string") expect(errorOf(outcome)).toBe(error);
    else expect(errorOf(outcome)).toMatch(error);
  });

  test("the dust limit itself can be paid", () => {
    expect(isError(build(pay(294n), { coins: walletCoins(COIN) }))).toBe(false);
  });

  test("of nothing for nothing is none", () => {
    const request = {
      recipients: [{ scriptPubKey: Uint8Array.of(0x6a), amount: 0n }],
      feerateSatPerKvb: 0n,
      overridesMinimum: true,
    };
    expect(errorOf(build(request, { coins: walletCoins(COIN) }))).toContain(
      "Transaction requires one destination of non-zero value",
    );
  });
});

describe("the fee taken from recipients", () => {
  test("is shared, and the first pays what does not divide", () => {
    const recipients = [to(COIN / 4n), to(COIN / 4n, true), to(COIN / 4n, true)];
    const tx = built(build(pay(0n, { recipients, changePosition: 0 }), { coins: walletCoins(COIN) }));
    // 561 weight units and two outputs more: 203 vbytes.
    expect(tx.fee).toBe(2030n);
    expect(tx.fields.outputs.map(({ value }) => COIN / 4n - value)).toEqual([0n, 0n, 1015n, 1015n]);
    const three = [to(COIN / 4n, true), to(COIN / 4n, true), to(COIN / 4n, true)];
    const odd = built(build(pay(0n, { recipients: three, changePosition: 3 }), { coins: walletCoins(COIN) }));
    expect(odd.fields.outputs.slice(0, 3).map(({ value }) => COIN / 4n - value)).toEqual([678n, 676n, 676n]);
  });

  test("can spend all", () => {
    const tx = built(build(pay(0n, { recipients: [to(COIN, true)] }), { coins: walletCoins(COIN) }));
    expect(tx.fields.outputs).toEqual([{ value: COIN - 1100n, scriptPubKey: script(9) }]);
  });

  test("leaves no dust", () => {
    const request = (amount: bigint) => pay(0n, { recipients: [to(amount, true)], changePosition: 1 });
    const coins = walletCoins(COIN);
    expect(errorOf(build(request(1409n), { coins }))).toBe("The transaction amount is too small to pay the fee");
    expect(errorOf(build(request(1410n + 293n), { coins }))).toBe(
      "The transaction amount is too small to send after the fee has been deducted",
    );
    expect(isError(build(request(1410n + 294n), { coins }))).toBe(false);
  });

  test("gives recipients what is too little for change", () => {
    const tx = built(build(pay(0n, { recipients: [to(COIN - 979n, true)] }), { coins: walletCoins(COIN) }));
    expect(tx).toMatchObject({ changeIndex: undefined, fee: 1100n });
    expect(tx.fields.outputs[0]?.value).toBe(COIN - 1100n);
  });
});

describe("inputs", () => {
  const first = coinOf(COIN, own);
  const second = coinOf(COIN, own);
  test("that are preselected come first, in their order", () => {
    const preselected = [second, first].map(({ outPoint }) => ({ outPoint }));
    const coins = [first, second, ...walletCoins(COIN, COIN, COIN)];
    const tx = built(build(pay(4n * COIN, { preselected }), { coins }));
    expect(tx.coins.slice(0, 2).map(({ outPoint }) => outPoint)).toEqual([second.outPoint, first.outPoint]);
    expect(tx.coins).toHaveLength(5);
    expect(tx.fields.inputs[0]?.previousOutput).toBe(second.outPoint);
  });

  test("are no others where none are allowed", () => {
    const preselected = [{ outPoint: first.outPoint }];
    const request = pay(COIN, { preselected, allowsOtherInputs: false });
    expect(errorOf(build(request, { coins: [first, second] }))).toContain(
      "The preselected coins total amount does not cover",
    );
  });

  test("of others need their output and their size", () => {
    const outPoint = newOutPoint();
    const external = { output: { value: COIN, scriptPubKey: script(3) }, isSegwit: true };
    const request = (input: object) => pay(CENT, { preselected: [{ outPoint, ...input }], changePosition: 1 });
    expect(errorOf(build(request({}), {}))).toMatch(/^Not found pre-selected input COutPoint\([0-9a-f]{10}, 0\)$/);
    expect(errorOf(build(request({ external }), {}))).toMatch(/^Not solvable pre-selected input COutPoint/);
    expect(built(build(request({ external: { ...external, inputWeight: 273 } }), {})).size.weight).toBe(563);
    expect(built(build(request({ external, weight: 1000 }), {})).size.weight).toBe(290 + 1000);
  });

  test("weigh a unit less each without any witness, unless their weight was given", () => {
    const legacy = { inputWeight: 593, isSegwit: false, type: "legacy" as const };
    const coins = [coinOf(COIN, legacy)];
    const frame = 4 * (8 + 1 + 1 + 31 + 31);
    expect(built(build(pay(CENT), { coins })).size.weight).toBe(frame + 592);
    const preselected = [{ outPoint: coins[0]!.outPoint, weight: 593 }];
    expect(built(build(pay(CENT, { preselected }), { coins })).size.weight).toBe(frame + 593);
    const mixed = pay(COIN + CENT);
    expect(built(build(mixed, { coins: [...coins, ...walletCoins(COIN)] })).size.weight).toBe(frame + 2 + 593 + 271);
  });

  test("whose size nobody knows make that of the transaction unknown", () => {
    const coins = [coinOf(COIN, { inputWeight: undefined })];
    expect(errorOf(build(pay(CENT), { coins }))).toBe("Missing solving data for estimating transaction size");
  });

  test("keep what satisfied them, and sequence numbers", () => {
    const input = { outPoint: first.outPoint, sequence: 7, scriptSig: Uint8Array.of(1), witness: [Uint8Array.of(2)] };
    const tx = built(build(pay(COIN, { preselected: [input] }), { coins: [first, second] }));
    expect(tx.fields.inputs[0]).toEqual({
      previousOutput: first.outPoint,
      sequence: 7,
      scriptSig: Uint8Array.of(1),
      witness: [Uint8Array.of(2)],
    });
    expect(tx.fields.inputs[1]?.sequence).toBe(0xfffffffd);
    expect(tx.fields.lockTime).toBe(0);
  });

  test.each([
    ["unsafe", { isSafe: false, isFromMe: true }, {}, { includesUnsafe: true }],
    ["too young", { depth: 1 }, { depthMin: 2 }, { depthMin: 1 }],
    ["too old", { depth: 3 }, { depthMax: 2 }, { depthMax: 3 }],
    ["of a used address", { isReused: true }, { avoidsReuse: true }, {}],
    ["unconfirmed and of version 3", { depth: 0, version: 3, isFromMe: true }, {}, { version: 3 }],
    ["unconfirmed and not of version 3", { depth: 0, version: 2, isFromMe: true }, { version: 3 }, {}],
  ])("%s", (_, traits, refusing, allowing) => {
    const coins = [coinOf(COIN, { ...own, ...traits })];
    expect(errorOf(build(pay(CENT, refusing), { coins }))).toBe("Insufficient funds");
    expect(isError(build(pay(CENT, allowing), { coins }))).toBe(false);
  });

  test("of version 3 have one unconfirmed parent without a child", () => {
    const truc = { ...own, depth: 0, version: 3, isFromMe: true, ancestorCount: 1 };
    const request = (amount: bigint) => pay(amount, { version: 3 });
    const [poor, rich] = [coinOf(COIN, truc), coinOf(2n * COIN, truc)];
    expect(built(build(request(COIN), { coins: [poor, rich] })).coins).toEqual([rich]);
    expect(errorOf(build(request((5n * COIN) / 2n), { coins: [poor, rich] }))).toBe("Insufficient funds");
    for (const traits of [{ hasChildInMempool: true }, { ancestorCount: 2 }])
      expect(errorOf(build(request(CENT), { coins: [coinOf(COIN, { ...truc, ...traits })] }))).toBe(
        "Insufficient funds",
      );
    const chosen = (version: number, coin = poor) =>
      errorOf(build(pay(CENT, { version, preselected: [{ outPoint: coin.outPoint }] }), { coins: [coin] }));
    expect(chosen(2)).toBe("Can't spend unconfirmed version 3 pre-selected input with a version 2 tx");
    expect(chosen(3)).toBe("");
    const two = coinOf(COIN, { ...truc, version: 2 });
    expect(chosen(3, two)).toBe("Can't spend unconfirmed version 2 pre-selected input with a version 3 tx");
  });

  test("pay for poor ancestors", () => {
    const coins = [coinOf(COIN, { ...own, depth: 0, isFromMe: true, ancestorCount: 1 })];
    const tx = built(build(pay(CENT, { changePosition: 1 }), { coins, bumpFeeOf: () => 500n }));
    expect(tx.fee).toBe(1410n + 500n);
  });
});

describe("scripts together", () => {
  const coins = [1, 1, 2, 2].map((fill) => coinOf(COIN, { ...own, script: script(fill) }));
  const parts = (partialSpendsFeeMax: bigint) => ({
    coins,
    settings: { partialSpendsFeeMax, longTermFeerateSatPerKvb: 1000n },
  });
  test.each([
    ["never", -1n, 1],
    ["where it costs nothing", 0n, 1],
    ["where it costs an input less a satoshi", 669n, 1],
    ["where it costs an input", 670n, 2],
  ])("%s", (_, limit, count) => {
    expect(built(build(pay(CENT), parts(limit))).coins).toHaveLength(count);
  });

  test("always, where asked for", () => {
    expect(built(build(pay(CENT, { avoidsPartialSpends: true }), parts(-1n))).coins).toHaveLength(2);
  });

  test("reserve no second script for change", () => {
    const wallet = testWallet(parts(0n));
    built(buildTransaction(pay(CENT), wallet));
    expect(wallet.reservations).toEqual({ kept: 1, released: 0, types: ["bech32"] });
  });
});

describe("change", () => {
  const coins = walletCoins(COIN);
  test("goes where told", () => {
    const wallet = testWallet({ coins });
    const tx = built(buildTransaction(pay(CENT, { changeScript: script(7), changePosition: 0 }), wallet));
    expect(tx.fields.outputs[0]?.scriptPubKey).toEqual(script(7));
    expect(wallet.reservations.types).toEqual([]);
  });

  test("keeps its script, or gives it back", () => {
    const wallet = testWallet({ coins });
    buildTransaction(pay(2n * COIN), wallet);
    expect(wallet.reservations).toMatchObject({ kept: 0, released: 1 });
  });

  test("that has no script is missed only where there is any", () => {
    const changeError = "Error: Keypool ran out, please call keypoolrefill first";
    expect(errorOf(build(pay(CENT), { coins, changeError }))).toBe(
      `Transaction needs a change address, but we can't generate it. ${changeError}`,
    );
    expect(isError(build(pay(COIN - 1110n), { coins, changeError }))).toBe(false);
  });

  test("is of the recipient's type", () => {
    const wallet = testWallet({ coins, changeTypes: ["bech32m", "bech32"] });
    buildTransaction(pay(CENT), wallet);
    buildTransaction(
      pay(0n, { recipients: [{ scriptPubKey: payToTaproot(new Uint8Array(32).fill(2)), amount: CENT }] }),
      wallet,
    );
    buildTransaction(pay(CENT, { changeType: "p2sh-segwit" }), wallet);
    expect(wallet.reservations.types).toEqual(["bech32", "bech32m", "p2sh-segwit"]);
  });
});

describe("replacement and lock time", () => {
  const coins = walletCoins(COIN);
  test.each([
    [undefined, true, 0xfffffffd],
    [undefined, false, 0xfffffffe],
    [true, false, 0xfffffffd],
    [false, true, 0xfffffffe],
  ])("asked %j, set %j", (replaceable, signalsReplacement, sequence) => {
    const tx = built(build(pay(CENT, { replaceable }), { coins, settings: { signalsReplacement } }));
    expect(tx.fields.inputs[0]?.sequence).toBe(sequence);
  });

  test("the height of the tip, or a little less, or the one that is asked for", () => {
    const lockTimes = Array.from(
      { length: 300 },
      (_, seed) => built(build(pay(CENT), { coins, seed })).fields.lockTime,
    );
    expect(lockTimes.filter((height) => height === 200).length).toBeGreaterThan(240);
    expect(Math.min(...lockTimes)).toBeGreaterThan(100);
    expect(new Set(lockTimes).size).toBeGreaterThan(5);
    expect(built(build(pay(CENT, { lockTime: 5 }), { coins })).fields.lockTime).toBe(5);
    expect(built(build(pay(CENT), { coins, tip: { isInitialBlockDownload: true } })).fields.lockTime).toBe(0);
    expect(built(build(pay(CENT), { coins, tip: { ageSeconds: 8 * 3600 + 1 } })).fields.lockTime).toBe(0);
    const young = { coins, tip: { ageSeconds: 8 * 3600 }, seed: 2 };
    expect(built(build(pay(CENT), young)).fields.lockTime).toBeGreaterThan(100);
  });
});

test("every transaction balances, pays its feerate, and leaves no dust", () => {
  const cases = fc.record({
    values: fc.array(fc.integer({ min: 1, max: 5_000_000 }), { minLength: 1, maxLength: 20 }),
    amounts: fc.array(fc.tuple(fc.integer({ min: 294, max: 2_000_000 }), fc.boolean()), { minLength: 1, maxLength: 4 }),
    feerate: fc.constantFrom(1000n, 1001n, 12_345n, 77_777n, 300_000n),
    preselected: fc.integer({ min: 0, max: 3 }),
    kinds: fc.array(fc.constantFrom([271, true], [230, true], [593, false], [364, true]), {
      minLength: 1,
      maxLength: 4,
    }),
    partialSpendsFeeMax: fc.constantFrom(-1n, 0n, 10_000n),
    seed: fc.integer(),
  });
  let successes = 0;
  fc.assert(
    fc.property(cases, ({ values, amounts, feerate, preselected, kinds, partialSpendsFeeMax, seed }) => {
      const coins = values.map((value, index) => {
        const [inputWeight, isSegwit] = kinds[index % kinds.length] as [number, boolean];
        return coinOf(BigInt(value), {
          inputWeight,
          isSegwit,
          script: script(index % 5),
          type: isSegwit ? "bech32" : "legacy",
        });
      });
      const request: BuildRequest = {
        recipients: amounts.map(([amount, subtractsFee]) => to(BigInt(amount), subtractsFee)),
        feerateSatPerKvb: feerate,
        preselected: coins.slice(0, preselected).map(({ outPoint }) => ({ outPoint })),
      };
      const outcome = build(request, { coins, seed, settings: { ...SETTINGS, partialSpendsFeeMax } });
      if (isError(outcome)) return;
      successes++;
      const { spent, paid } = balanceOf(outcome);
      expect(spent).toBe(paid);
      const needed = feeFor(feerate, outcome.size.virtualSize);
      const subtracts = amounts.some(([, subtractsFee]) => subtractsFee);
      // Only what is too little for change is paid beyond need.
      if (outcome.changeIndex !== undefined || subtracts) expect(outcome.fee).toBe(needed);
      else expect(outcome.fee).toBeGreaterThanOrEqual(needed);
      for (const output of outcome.fields.outputs)
        expect(output.value).toBeGreaterThanOrEqual(dustThreshold(output, 3000n));
      const payments = outcome.fields.outputs.filter((_, index) => index !== outcome.changeIndex);
      payments.forEach(({ value }, index) => {
        const [amount, subtractsFee] = amounts[index]!;
        if (!subtractsFee) expect(value).toBe(BigInt(amount));
      });
      expect(new Set(outcome.coins).size).toBe(outcome.coins.length);
    }),
    { numRuns: 500 },
  );
  expect(successes).toBeGreaterThan(100);
});
