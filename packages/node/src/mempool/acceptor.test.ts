import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { input, outPoint, output } from "@bitfleet/protocol/consensus/test-kit.ts";
import { Transaction, type TransactionFields } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, type Sats } from "@bitfleet/protocol/primitives/types.ts";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  KEY_SCRIPT,
  openTestChain,
  rewardOf,
  type Spendable,
  spend,
  spendableOf,
  submitAll,
  type TestChain,
  type Tip,
} from "../chain/test-kit.ts";
import type { AcceptResult } from "./accept-result.ts";
import { ANCHOR, anchorChain, mineAnchors } from "./acceptance-test-kit.ts";
import type { Mempool } from "./mempool.ts";
import type { MempoolOptions } from "./mempool-options.ts";
import { openTestMempool } from "./test-kit.ts";

/** Rewards that the next block may spend; the last block is one more, with a transaction in it. */
const RIPE_COUNT = 12;

let folder: string;
let testChain: TestChain;
let tips: Tip[];
let confirmed: Transaction;
let mempool: Mempool;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-acceptor-"));
  testChain = await openTestChain(folder);
  tips = anchorChain(99 + RIPE_COUNT);
  confirmed = paying([rewardOf(tips[0]!)], 1000n);
  tips.push(...mineAnchors(tips.at(-1)!, 1, { transactions: [confirmed] }));
  await submitAll(testChain.chain, tips);
});
afterAll(async () => {
  await testChain.chain.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => open());
afterEach(() => mempool.close());

function open(options: Partial<MempoolOptions> = {}): void {
  mempool?.close();
  mempool = openTestMempool(testChain.chain, testChain.clock, testChain.log, options);
}

/** The reward of block `number`, from 2 on: an anchor. */
const reward = (number: number): Spendable => rewardOf(tips[number - 1]!);

/** Spends anchors to one of each of `scripts`; the first gets what the others, worth 100,000 satoshis, and the fee leave. */
function paying(
  coins: readonly Spendable[],
  fee: Sats,
  scripts: readonly Uint8Array[] = [ANCHOR, ANCHOR],
  fields: Partial<TransactionFields> = {},
): Transaction {
  const valueIn = coins.reduce((sum, coin) => sum + coin.output.value, 0n);
  const rest = 100_000n * BigInt(scripts.length - 1);
  return new Transaction({
    version: 2,
    inputs: coins.map((coin) => input(coin.outPoint, { sequence: 0xfffffffd })),
    outputs: scripts.map((script, index) => output(index === 0 ? valueIn - rest - fee : 100_000n, script)),
    lockTime: 0,
    ...fields,
  });
}

function rejectOf(result: AcceptResult | undefined) {
  return result?.kind === "rejected" ? result.reject : undefined;
}

async function take(...transactions: readonly Transaction[]): Promise<void> {
  for (const tx of transactions) expect(rejectOf(await mempool.accept(tx))).toBeUndefined();
}

describe("a transaction", () => {
  test("is taken with what it says of itself", async () => {
    const tx = paying([reward(2)], 1000n);
    const result = await mempool.accept(tx);
    if (result.kind === "rejected") throw new Error(result.reject.reason);
    expect(result.effective).toEqual({ fee: 1000n, virtualSize: tx.virtualSize, wtxids: [tx.wtxid] });
    expect(result.replaced).toEqual([]);
    expect(mempool.get(tx.txid)).toBe(result.entry);
  });

  test("is only tested where it should be", async () => {
    const tx = paying([reward(2)], 1000n);
    expect(await mempool.accept(tx, { testOnly: true })).toMatchObject({ kind: "accepted" });
    expect(mempool.size).toBe(0);
  });

  test("whose coins are missing may be confirmed already", async () => {
    const stranger = paying([{ outPoint: outPoint(1), output: output(1_000_000n) }], 1000n);
    expect(rejectOf(await mempool.accept(stranger))).toEqual({
      kind: "missing-inputs",
      reason: "bad-txns-inputs-missingorspent",
      detail: "",
    });
    expect(rejectOf(await mempool.accept(confirmed))).toEqual({
      kind: "conflict",
      reason: "txn-already-known",
      detail: "",
    });
  });

  test("may spend a reward of a hundred blocks before the next", async () => {
    expect(rejectOf(await mempool.accept(paying([reward(RIPE_COUNT + 1)], 1000n)))).toBeUndefined();
    expect(rejectOf(await mempool.accept(paying([reward(RIPE_COUNT + 2)], 1000n)))).toMatchObject({
      reason: "bad-txns-premature-spend-of-coinbase",
      detail: "tried to spend coinbase at depth 99",
    });
  });

  test("spends outputs that the mempool has, not those it has not", async () => {
    const parent = paying([reward(2)], 1000n);
    await take(parent, paying([spendableOf(parent, 1)], 1000n, [KEY_SCRIPT]));
    const third = { outPoint: { txid: parent.txid, index: 2 }, output: output(100_000n) };
    expect(rejectOf(await mempool.accept(paying([third], 1000n, [KEY_SCRIPT])))).toMatchObject({
      kind: "missing-inputs",
    });
  });

  test("may pay as much as the caller says, exactly", async () => {
    const tx = paying([reward(2)], 1000n);
    const edge = (1000n * 1000n) / BigInt(tx.virtualSize);
    const options = { testOnly: true };
    expect(rejectOf(await mempool.accept(tx, { ...options, feerateMax: edge }))).toEqual({
      kind: "policy",
      reason: "max feerate exceeded",
      detail: "",
    });
    expect(rejectOf(await mempool.accept(tx, { ...options, feerateMax: edge + 1n }))).toBeUndefined();
    // What the operator adds counts.
    mempool.prioritise(tx.txid, 10n);
    expect(rejectOf(await mempool.accept(tx, { ...options, feerateMax: edge + 1n }))?.reason).toBe(
      "max feerate exceeded",
    );
  });

  test("takes the place of another, and says so", async () => {
    const old = paying([reward(2)], 1000n);
    const child = paying([spendableOf(old)], 1000n);
    await take(old, child);
    const result = await mempool.accept(paying([reward(2)], 5000n));
    if (result.kind === "rejected") throw new Error(result.reject.detail);
    expect(result.replaced.map(({ txid }) => displayHash(txid)).sort()).toEqual(
      [old, child].map(({ txid }) => displayHash(txid)).sort(),
    );
    expect(mempool.size).toBe(1);
  });

  test("evicts its sibling of version 3 where it pays for it", async () => {
    const parent = paying([reward(2)], 1000n, [ANCHOR, ANCHOR], { version: 3 });
    const sibling = paying([spendableOf(parent, 0)], 1000n, [ANCHOR, ANCHOR], { version: 3 });
    await take(parent, sibling);
    const heir = (fee: Sats) => paying([spendableOf(parent, 1)], fee, [KEY_SCRIPT], { version: 3 });
    expect(rejectOf(await mempool.accept(heir(1000n)))?.reason).toBe("insufficient fee (including sibling eviction)");
    await take(heir(2000n));
    expect(mempool.has(sibling.txid)).toBe(false);
  });
});

describe("scripts", () => {
  const signed = async (options: Parameters<typeof spend>[1] = {}) => {
    const parent = paying([reward(2)], 1000n, [KEY_SCRIPT]);
    await take(parent);
    return { parent, tx: spend([spendableOf(parent)], options) };
  };

  test("are checked last, and the input is named", async () => {
    const { parent, tx } = await signed({ badSignature: true });
    const place = `input 0 of ${displayHash(tx.txid)} (wtxid ${displayHash(tx.wtxid)}), spending ${displayHash(parent.txid)}:0`;
    expect(rejectOf(await mempool.accept(tx))).toEqual({
      kind: "not-standard",
      reason: "mempool-script-verify-flag-failed (Signature must be zero for failed CHECK(MULTI)SIG operation)",
      detail: place,
    });
    // Its fee is looked at before.
    const cheap = spend([spendableOf(parent)], { badSignature: true, fee: 0n });
    expect(rejectOf(await mempool.accept(cheap))?.reason).toBe("min relay fee not met");
    await take(spend([spendableOf(parent)]));
  });

  test("a witness that is missed is told apart: another form of the transaction may be valid", async () => {
    const { tx } = await signed();
    const { version, outputs, lockTime } = tx;
    const inputs = tx.inputs.map((each) => ({ ...each, witness: [] }));
    expect(rejectOf(await mempool.accept(new Transaction({ version, inputs, outputs, lockTime })))).toMatchObject({
      kind: "witness-stripped",
      reason: "mempool-script-verify-flag-failed (Witness program hash mismatch)",
    });
    await take(tx);
    const other = inputs.map((each) => ({ ...each, witness: [Uint8Array.of(1)] }));
    expect(
      rejectOf(await mempool.accept(new Transaction({ version, inputs: other, outputs, lockTime }))),
    ).toMatchObject({
      kind: "conflict",
      reason: "txn-same-nonwitness-data-in-mempool",
    });
  });
});

describe("ephemeral dust", () => {
  const DUST_OUTPUT = output(239n, ANCHOR);
  const dusty = () => {
    const { version, inputs, outputs, lockTime } = paying([reward(2)], 239n, [ANCHOR]);
    return new Transaction({ version, inputs, outputs: [...outputs, DUST_OUTPUT], lockTime });
  };
  const both = (tx: Transaction) => [spendableOf(tx, 0), spendableOf(tx, 1)];

  test("comes with a child that spends it", async () => {
    const parent = dusty();
    expect(rejectOf(await mempool.accept(parent))?.reason).toBe("min relay fee not met");
    const sloppy = paying([spendableOf(parent, 0)], 5000n);
    const refused = await mempool.acceptPackage([parent, sloppy]);
    expect(refused.packageReject?.reason).toBe("unspent-dust");
    expect(rejectOf(refused.results[1])).toMatchObject({ kind: "policy", reason: "missing-ephemeral-spends" });
    expect(mempool.size).toBe(0);
    const { packageReject, results } = await mempool.acceptPackage([parent, paying(both(parent), 5000n)]);
    expect(packageReject).toBeUndefined();
    expect(results.map(({ kind }) => kind)).toEqual(["accepted", "accepted"]);
  });

  test("is spent by whoever replaces that child", async () => {
    open({ minRelayFeerateSatPerKvb: 0n });
    const parent = dusty();
    await take(parent, paying(both(parent), 1000n));
    expect(rejectOf(await mempool.accept(paying([spendableOf(parent, 0)], 5000n)))?.reason).toBe(
      "missing-ephemeral-spends",
    );
    await take(paying(both(parent), 5000n));
  });

  test("is nobody's matter without taste", async () => {
    open({ minRelayFeerateSatPerKvb: 0n, requiresStandard: false });
    const parent = dusty();
    await take(parent, paying([spendableOf(parent, 0)], 5000n));
  });
});

describe("a package", () => {
  test("pays together, to the satoshi", async () => {
    const parent = paying([reward(2)], 0n);
    const child = (fee: Sats) => paying([spendableOf(parent)], fee);
    const size = parent.virtualSize + child(0n).virtualSize;
    const least = BigInt(Math.ceil(size / 10));
    const refused = await mempool.acceptPackage([parent, child(least - 1n)]);
    expect(refused.packageReject).toMatchObject({ reason: "transaction failed" });
    expect(refused.results.map(rejectOf)).toEqual([
      expect.objectContaining({ reason: "min relay fee not met", detail: `0 < ${Math.ceil(parent.virtualSize / 10)}` }),
      expect.objectContaining({ reason: "min relay fee not met", detail: `${least - 1n} < ${least}` }),
    ]);
    const { packageReject, results } = await mempool.acceptPackage([parent, child(least)]);
    expect(packageReject).toBeUndefined();
    const effective = { fee: least, virtualSize: size, wtxids: [parent.wtxid, child(least).wtxid] };
    for (const result of results) expect(result).toMatchObject({ kind: "accepted", effective });
  });

  test("one that pays for itself is taken by itself", async () => {
    const parent = paying([reward(2)], 1000n);
    const child = paying([spendableOf(parent)], 0n);
    const { results, packageReject } = await mempool.acceptPackage([parent, child]);
    expect(results[0]).toMatchObject({ kind: "accepted", effective: { wtxids: [parent.wtxid] } });
    expect(rejectOf(results[1])?.reason).toBe("min relay fee not met");
    expect(packageReject?.reason).toBe("transaction failed");
    expect(mempool.size).toBe(1);
  });

  test("takes the place of others, told once", async () => {
    const old = paying([reward(2)], 1000n);
    await take(old);
    const parent = paying([reward(2)], 0n, [ANCHOR, ANCHOR], { lockTime: 1 });
    const { results, packageReject } = await mempool.acceptPackage([parent, paying([spendableOf(parent)], 5000n)]);
    expect(packageReject).toBeUndefined();
    const replaced = results.map((result) =>
      result.kind === "accepted" ? result.replaced.map(({ txid }) => txid) : [],
    );
    expect(replaced).toEqual([[old.txid], []]);
  });

  test("the caller's limit holds for each", async () => {
    const parent = paying([reward(2)], 0n);
    const child = paying([spendableOf(parent)], 5000n);
    const { results, packageReject } = await mempool.acceptPackage([parent, child], { feerateMax: 10_000n });
    expect(packageReject?.reason).toBe("transaction failed");
    expect(results.map((result) => rejectOf(result)?.reason)).toEqual([
      "min relay fee not met",
      "max feerate exceeded",
    ]);
    expect(mempool.size).toBe(0);
  });

  test("of version 3 is a family of two", async () => {
    const parent = paying([reward(2)], 0n, [ANCHOR, ANCHOR], { version: 3 });
    const heir = paying([spendableOf(parent)], 5000n, [KEY_SCRIPT], { version: 2 });
    const { packageReject } = await mempool.acceptPackage([parent, heir]);
    expect(packageReject).toMatchObject({ kind: "policy", reason: "TRUC-violation" });
  });
});

describe("a package that is only tested", () => {
  test("changes nothing, and each pays for itself", async () => {
    const parent = paying([reward(2)], 1000n);
    const child = paying([spendableOf(parent)], 1000n);
    const { results, packageReject } = await mempool.testPackage([parent, child]);
    expect(packageReject).toBeUndefined();
    expect(results.map((result) => result?.kind)).toEqual(["accepted", "accepted"]);
    expect(mempool.size).toBe(0);
    const poor = paying([reward(2)], 0n);
    const refused = await mempool.testPackage([poor, paying([spendableOf(poor)], 5000n)]);
    expect(rejectOf(refused.results[0])?.reason).toBe("min relay fee not met");
    expect(refused.results[1]).toBeUndefined();
  });

  test("replaces nothing", async () => {
    await take(paying([reward(2)], 1000n));
    const { results } = await mempool.testPackage([paying([reward(3)], 1000n), paying([reward(2)], 9000n)]);
    expect(results[0]).toBeUndefined();
    expect(rejectOf(results[1])?.reason).toBe("bip125-replacement-disallowed");
  });

  test("tells of those before the one whose script fails", async () => {
    const parent = paying([reward(2)], 1000n, [KEY_SCRIPT]);
    const bad = spend([spendableOf(parent)], { badSignature: true });
    const last = paying([reward(3)], 1000n);
    const { results, packageReject } = await mempool.testPackage([parent, bad, last]);
    expect(packageReject).toBeUndefined();
    expect(results[0]).toMatchObject({ kind: "accepted" });
    expect(rejectOf(results[1])?.reason).toContain("mempool-script-verify-flag-failed");
    expect(results[2]).toBeUndefined();
  });

  test("is no package", async () => {
    const parent = paying([reward(2)], 1000n);
    const { results, packageReject } = await mempool.testPackage([paying([spendableOf(parent)], 1000n), parent]);
    expect(results).toEqual([undefined, undefined]);
    expect(packageReject).toEqual({ kind: "policy", reason: "package-not-sorted", detail: "" });
  });

  test("may be too large a cluster", async () => {
    open({ clusterCountMax: 1 });
    const parent = paying([reward(2)], 1000n);
    const { results, packageReject } = await mempool.testPackage([parent, paying([spendableOf(parent)], 1000n)]);
    expect(results).toEqual([undefined, undefined]);
    expect(packageReject?.reason).toBe("too-large-cluster");
  });
});
