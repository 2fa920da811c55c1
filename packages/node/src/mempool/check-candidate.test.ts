import { coin, coinbase, input, linkAt, lookupOf, outPoint, output } from "@bitfleet/protocol/consensus/test-kit.ts";
import { isReject } from "@bitfleet/protocol/consensus/verdict.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { childOf, STANDARD_SCRIPT, standardTransaction } from "@bitfleet/protocol/policy/test-kit.ts";
import type { PolicyReject } from "@bitfleet/protocol/policy/verdict.ts";
import type { Transaction, TransactionFields } from "@bitfleet/protocol/primitives/transaction.ts";
import { hashKey, type Sats } from "@bitfleet/protocol/primitives/types.ts";
import { Op } from "@bitfleet/protocol/script/opcodes.ts";
import { payToWitnessScriptHash } from "@bitfleet/protocol/script/templates.ts";
import { describe, expect, test } from "vitest";
import { contextOf, entryOf, poolOf, SINGLE_MODE } from "./acceptance-test-kit.ts";
import {
  areSequenceLocksMetNext,
  type CheckContext,
  type CheckMode,
  chainOutPointsOf,
  checkAlone,
  checkFeerate,
  checkWithCoins,
  coinsOf,
  isFinalNext,
} from "./check-candidate.ts";
import { MEMPOOL_DEFAULTS } from "./mempool-options.ts";

/** The block to come has height 200; the median time past of its parent: */
const MEDIAN_TIME = 1_600_194_000;
const WITHOUT_TASTE = { ...MEMPOOL_DEFAULTS, requiresStandard: false };
const witnessed = (...items: readonly Uint8Array[]) =>
  standardTransaction({ inputs: [input(outPoint(1), { witness: items })] });

describe("without coins", () => {
  const alone = (tx: Transaction, fields: Partial<CheckContext> = {}, mode: Partial<CheckMode> = {}) =>
    checkAlone(tx, contextOf(fields), { ...SINGLE_MODE, ...mode });

  test("nothing is said against a standard transaction", () => {
    expect(alone(standardTransaction())).toBeUndefined();
  });

  test("consensus comes first", () => {
    expect(alone(standardTransaction({ version: 4, inputs: [] }))).toEqual({
      kind: "consensus",
      reason: "bad-txns-vin-empty",
      detail: "",
    });
    expect(alone(coinbase(200))).toEqual({ kind: "consensus", reason: "coinbase", detail: "" });
  });

  test("then taste, unless -acceptnonstdtxn drops it", () => {
    const tx = standardTransaction({ version: 4 });
    expect(alone(tx)?.reason).toBe("version");
    expect(alone(tx, { options: WITHOUT_TASTE })).toBeUndefined();
  });

  test("64 bytes are too few with -acceptnonstdtxn too", () => {
    const tx = (size: number) => standardTransaction({ outputs: [output(0n, new Uint8Array(size - 60))] });
    expect(tx(64).strippedSize).toBe(64);
    expect(alone(tx(64), { options: WITHOUT_TASTE })?.reason).toBe("tx-size-small");
    expect(alone(tx(65), { options: WITHOUT_TASTE })).toBeUndefined();
  });

  test.each([
    ["a height", 199, 200],
    ["a time", MEDIAN_TIME - 1, MEDIAN_TIME],
  ])("a lock time that is %s lies before the next block", (_, passed, ahead) => {
    const locked = (lockTime: number, sequence: number) =>
      standardTransaction({ lockTime, inputs: [input(outPoint(1), { sequence })] });
    expect(alone(locked(passed, 0))).toBeUndefined();
    expect(alone(locked(ahead, 0xfffffffe))).toEqual({ kind: "premature-spend", reason: "non-final", detail: "" });
    expect(alone(locked(ahead, 0xffffffff))).toBeUndefined();
    expect(isFinalNext(locked(passed, 0), contextOf().tip)).toBe(true);
    expect(isFinalNext(locked(ahead, 0), contextOf().tip)).toBe(false);
  });

  test("it may be here already, with its witness or another", () => {
    const pool = poolOf(entryOf(witnessed(new Uint8Array(1)), 1000n));
    expect(alone(witnessed(new Uint8Array(1)), { pool })).toEqual({
      kind: "conflict",
      reason: "txn-already-in-mempool",
      detail: "",
    });
    expect(alone(witnessed(new Uint8Array(2)), { pool })).toEqual({
      kind: "conflict",
      reason: "txn-same-nonwitness-data-in-mempool",
      detail: "",
    });
  });

  test("a conflict matters here only where nothing is replaced", () => {
    const pool = poolOf(entryOf(standardTransaction(), 1000n));
    const other = standardTransaction({ lockTime: 1 });
    expect(alone(other, { pool })).toBeUndefined();
    expect(alone(other, { pool }, { allowsReplacement: false })).toEqual({
      kind: "policy",
      reason: "bip125-replacement-disallowed",
      detail: "",
    });
  });
});

describe("coins", () => {
  const parent = standardTransaction({ outputs: [output(7n), output(8n)] });
  const member = standardTransaction({ inputs: [input(outPoint(2))], outputs: [output(9n)] });
  const context = contextOf({
    pool: poolOf(entryOf(parent, 0n)),
    packageMembers: new Map([[hashKey(member.txid), member]]),
  });
  const tx = standardTransaction({
    inputs: [
      input({ txid: parent.txid, index: 1 }),
      input(outPoint(5)),
      input({ txid: member.txid, index: 0 }),
      input({ txid: parent.txid, index: 2 }),
    ],
  });

  test("of the mempool and of the package are not looked for in the chain; outputs that they lack are", () => {
    expect(chainOutPointsOf(tx, context)).toEqual([outPoint(5), { txid: parent.txid, index: 2 }]);
  });

  test("that are unconfirmed count as if the next block had them", () => {
    const confirmed = coin(3n, { height: 50 });
    expect(coinsOf(tx, context, lookupOf([[outPoint(5), confirmed]]))).toEqual([
      { output: output(8n), height: 200, isCoinbase: false },
      confirmed,
      { output: output(9n), height: 200, isCoinbase: false },
      undefined,
    ]);
  });
});

/** A transaction that spends standard coins of `value` satoshis each and pays 1,000 of them, in 110 vbytes at most. */
const VALUE = 100_000n;
const paying = (fee: Sats, fields: Partial<TransactionFields> = {}) =>
  standardTransaction({ outputs: [output(VALUE - fee, STANDARD_SCRIPT)], ...fields });

function judged(
  tx: Transaction,
  fields: Partial<CheckContext> = {},
  mode: Partial<CheckMode> = {},
  coins = tx.inputs.map(() => coin(VALUE, { script: STANDARD_SCRIPT })),
) {
  return checkWithCoins(tx, coins, contextOf(fields), { ...SINGLE_MODE, ...mode });
}

/** The reject, `undefined` where there is none. */
function rejectOf(answer: ReturnType<typeof checkWithCoins>): PolicyReject | undefined {
  return isReject(answer) ? answer : undefined;
}

describe("with coins", () => {
  test("a candidate knows its fee, size, cost and conflicts", () => {
    const rival = entryOf(paying(500n), 500n);
    const tx = paying(1000n, { lockTime: 1 });
    const candidate = judged(tx, { pool: poolOf(rival), sequence: 42, feeDeltaOf: () => 5n });
    if (isReject(candidate)) throw new Error(candidate.reason);
    expect(candidate.entry).toMatchObject({
      tx,
      fee: 1000n,
      modifiedFee: 1005n,
      virtualSize: tx.virtualSize,
      sigopsCost: 1,
      timeSeconds: 1_700_000_000,
      height: 199,
      sequence: 42,
      spendsCoinbase: false,
    });
    expect([...candidate.conflicts]).toEqual([rival]);
    expect(candidate.evictsSibling).toBe(false);
  });

  test("BIP68: the relative lock of a coin ends with the next block", () => {
    const locked = (sequence: number, version = 2) =>
      paying(1000n, { version, inputs: [input(outPoint(1), { sequence })] });
    const at = (height: number) => [coin(VALUE, { script: STANDARD_SCRIPT, height })];
    const early = { kind: "premature-spend", reason: "non-BIP68-final", detail: "" };
    expect(rejectOf(judged(locked(10), {}, {}, at(190)))).toBeUndefined();
    expect(rejectOf(judged(locked(10), {}, {}, at(191)))).toEqual(early);
    expect(rejectOf(judged(locked(10, 1), {}, {}, at(191)))).toBeUndefined();
    // Five units of 512 seconds behind the median time of the block before the coin's: 2,560 seconds.
    const { tip } = contextOf();
    expect(areSequenceLocksMetNext(locked(0x400005), at(197), tip)).toBe(true);
    expect(areSequenceLocksMetNext(locked(0x400005), at(198), tip)).toBe(false);
    // An unconfirmed coin is as young as can be.
    expect(areSequenceLocksMetNext(locked(0), at(200), tip)).toBe(true);
    expect(areSequenceLocksMetNext(locked(1), at(200), tip)).toBe(false);
  });

  test("a reward is 100 blocks old", () => {
    const reward = (height: number) => [coin(VALUE, { script: STANDARD_SCRIPT, height, isCoinbase: true })];
    const ripe = judged(paying(1000n), {}, {}, reward(100));
    expect(ripe).toMatchObject({ entry: { spendsCoinbase: true } });
    expect(judged(paying(1000n), {}, {}, reward(101))).toEqual({
      kind: "premature-spend",
      reason: "bad-txns-premature-spend-of-coinbase",
      detail: "tried to spend coinbase at depth 99",
    });
  });

  test("no more is paid out than comes in", () => {
    expect(judged(paying(-1n))).toEqual({
      kind: "consensus",
      reason: "bad-txns-in-belowout",
      detail: "value in (0.001) < value out (0.00100001)",
    });
  });

  test("inputs and witnesses are standard, unless -acceptnonstdtxn drops it", () => {
    const odd = [coin(VALUE)];
    expect(rejectOf(judged(paying(1000n), {}, {}, odd))).toMatchObject({
      reason: "bad-txns-nonstandard-inputs",
      detail: "input 0 script unknown",
    });
    const stuffed = paying(1000n, { inputs: [input(outPoint(1), { witness: [new Uint8Array(1)] })] });
    expect(rejectOf(judged(stuffed, {}, {}, odd))?.reason).toBe("bad-txns-nonstandard-inputs");
    const options = WITHOUT_TASTE;
    expect(rejectOf(judged(stuffed, { options }, {}, odd))).toBeUndefined();
    const wsh = [coin(VALUE, { script: payToWitnessScriptHash(new Uint8Array(32)) })];
    const large = paying(1000n, { inputs: [input(outPoint(1), { witness: [new Uint8Array(3601)] })] });
    expect(rejectOf(judged(large, {}, {}, wsh))).toEqual({
      kind: "witness-mutated",
      reason: "bad-witness-nonstandard",
      detail: "",
    });
    expect(rejectOf(judged(large, { options }, {}, wsh))).toBeUndefined();
  });

  test("signature operations cost 16,000 at most, and count for five vbytes each", () => {
    // In a witness script a check costs one.
    const costing = (count: number) => {
      const witnessScript = new Uint8Array(count).fill(Op.CHECKSIG);
      const tx = paying(50_000n, { inputs: [input(outPoint(1), { witness: [witnessScript] })] });
      const coins = [coin(VALUE, { script: payToWitnessScriptHash(sha256(witnessScript)) })];
      return judged(tx, { options: WITHOUT_TASTE }, {}, coins);
    };
    expect(costing(16_000)).toMatchObject({ entry: { sigopsCost: 16_000, virtualSize: 80_000 } });
    expect(costing(16_001)).toEqual({ kind: "not-standard", reason: "bad-txns-too-many-sigops", detail: "16001" });
  });

  test("what makes dust pays nothing", () => {
    const dusty = (fee: Sats) =>
      paying(0n, { outputs: [output(VALUE - 293n - fee, STANDARD_SCRIPT), output(293n, STANDARD_SCRIPT)] });
    const mode = { paidByPackage: true };
    const dust = { kind: "not-standard", reason: "dust", detail: "tx with dust output must be 0-fee" };
    expect(rejectOf(judged(dusty(0n), {}, mode))).toBeUndefined();
    expect(rejectOf(judged(dusty(1n), {}, mode))).toEqual(dust);
    expect(rejectOf(judged(dusty(0n), { feeDeltaOf: () => 1n }, mode))).toEqual(dust);
    expect(rejectOf(judged(dusty(1n), {}, { ...mode, bypassLimits: true }))).toEqual(dust);
    expect(rejectOf(judged(dusty(1n), { options: WITHOUT_TASTE }, mode))).toBeUndefined();
  });
});

describe("the fee", () => {
  const size = paying(0n).virtualSize;
  const relayFee = BigInt(Math.ceil(size / 10));

  test("is 100 satoshis a thousand vbytes at least, to the satoshi", () => {
    expect(rejectOf(judged(paying(relayFee)))).toBeUndefined();
    expect(judged(paying(relayFee - 1n))).toEqual({
      kind: "reconsiderable",
      reason: "min relay fee not met",
      detail: `${relayFee - 1n} < ${relayFee}`,
    });
    const options = { ...MEMPOOL_DEFAULTS, minRelayFeerateSatPerKvb: 0n };
    expect(rejectOf(judged(paying(0n), { options }))).toBeUndefined();
  });

  test("counts what the operator adds or takes", () => {
    expect(rejectOf(judged(paying(0n), { feeDeltaOf: () => relayFee }))).toBeUndefined();
    expect(rejectOf(judged(paying(relayFee), { feeDeltaOf: () => -1n }))?.detail).toBe(
      `${relayFee - 1n} < ${relayFee}`,
    );
  });

  test("is what a full mempool asks for, told before the fee for relay", () => {
    const full = { rollingFeerateSatPerKvb: 1000n };
    const fee = BigInt(size);
    expect(rejectOf(judged(paying(fee), full))).toBeUndefined();
    expect(judged(paying(fee - 1n), full)).toEqual({
      kind: "reconsiderable",
      reason: "mempool min fee not met",
      detail: `${fee - 1n} < ${fee}`,
    });
    expect(rejectOf(judged(paying(0n), full))?.reason).toBe("mempool min fee not met");
    // A rolling minimum below the fee for relay hides nothing.
    expect(rejectOf(judged(paying(relayFee - 1n), { rollingFeerateSatPerKvb: 1n }))?.reason).toBe(
      "min relay fee not met",
    );
  });

  test("does not matter for what a package pays for, nor for what comes back from a block", () => {
    const full = { rollingFeerateSatPerKvb: 1000n };
    expect(rejectOf(judged(paying(0n), full, { paidByPackage: true }))).toBeUndefined();
    const back = judged(paying(0n), full, { bypassLimits: true });
    expect(back).toMatchObject({ entry: { sequence: 0 } });
  });

  test("of a package is rounded once", () => {
    const context = { options: MEMPOOL_DEFAULTS, rollingFeerateSatPerKvb: 0n };
    expect(checkFeerate(2n, 20, context)).toBeUndefined();
    expect(checkFeerate(2n, 21, context)?.detail).toBe("2 < 3");
  });
});

describe("families", () => {
  const parent = entryOf(paying(1000n, { version: 3 }), 1000n);
  const pool = poolOf(parent, entryOf(childOf([parent.tx], { version: 3 }), 1000n));
  const heir = childOf([parent.tx], { version: 2, outputs: [output(1000n, STANDARD_SCRIPT)] }, 1);
  const coins = [coin(VALUE, { script: STANDARD_SCRIPT, height: 200 })];

  test("are looked at behind the fee, and not for what comes back from a block", () => {
    expect(rejectOf(judged(heir, { pool }, {}, coins))).toMatchObject({ kind: "policy", reason: "TRUC-violation" });
    expect(rejectOf(judged(heir, { pool, rollingFeerateSatPerKvb: 10_000_000n }, {}, coins))?.reason).toBe(
      "mempool min fee not met",
    );
    expect(rejectOf(judged(heir, { pool }, { bypassLimits: true }, coins))).toBeUndefined();
  });

  test("a sibling is among the conflicts where it may be evicted", () => {
    const sibling = childOf([parent.tx], { version: 3, outputs: [output(1000n, STANDARD_SCRIPT)] }, 1);
    expect(judged(sibling, { pool }, {}, coins)).toMatchObject({ evictsSibling: true });
    expect(judged(sibling, { pool }, { evictsSibling: false }, coins)).toMatchObject({ reason: "TRUC-violation" });
  });
});

test("a tip without ancestors has a median time of its own", () => {
  const tip = linkAt(0, { time: 1_600_000_000 });
  expect(
    isFinalNext(standardTransaction({ lockTime: 1_599_999_999, inputs: [input(outPoint(1), { sequence: 0 })] }), tip),
  ).toBe(true);
  expect(
    isFinalNext(standardTransaction({ lockTime: 1_600_000_000, inputs: [input(outPoint(1), { sequence: 0 })] }), tip),
  ).toBe(false);
});
