import { input, outPoint, output } from "@bitfleet/protocol/consensus/test-kit.ts";
import { isReject } from "@bitfleet/protocol/consensus/verdict.ts";
import { childOf, STANDARD_SCRIPT, standardTransaction } from "@bitfleet/protocol/policy/test-kit.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, type Sats } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import { candidateOf, entryOf, poolOf } from "./acceptance-test-kit.ts";
import type { EntryPool } from "./entry-pool.ts";
import { MEMPOOL_DEFAULTS, type MempoolOptions } from "./mempool-options.ts";
import { planOne, planPackage } from "./replacement-plan.ts";

/** Every transaction of these tests with one input and one output takes 82 vbytes: 9 satoshis for its relay. */
const spending = (...salts: readonly number[]) =>
  standardTransaction({ inputs: salts.map((salt) => input(outPoint(salt))) });
const rivalOf = (...salts: readonly number[]) =>
  standardTransaction({ lockTime: 1, inputs: salts.map((salt) => input(outPoint(salt))) });
const range = (count: number) => Array.from({ length: count }, (_, index) => index);

function plan(
  tx: Transaction,
  fee: Sats,
  pool: EntryPool,
  options: Partial<MempoolOptions> = {},
  evictsSibling = false,
) {
  const candidate = { ...candidateOf(tx, fee, pool), evictsSibling };
  return planOne(candidate, pool, { ...MEMPOOL_DEFAULTS, ...options });
}

/** The transactions that a plan throws out. */
function removedBy(answer: ReturnType<typeof planOne>): readonly Transaction[] {
  if (isReject(answer)) throw new Error(`${answer.reason}: ${answer.detail}`);
  return [...answer.removed].map(({ tx }) => tx);
}

describe("one transaction", () => {
  test("takes nobody's place", () => {
    expect(removedBy(plan(spending(1), 0n, poolOf()))).toEqual([]);
  });

  test("may make a cluster of 64", () => {
    const chain = [spending(1)];
    while (chain.length < 64) chain.push(childOf([chain.at(-1)!]));
    const pool = poolOf(...chain.slice(0, 63).map((tx) => entryOf(tx, 100n)));
    expect(removedBy(plan(chain[63]!, 100n, pool))).toEqual([]);
    pool.add(entryOf(chain[63]!, 100n));
    const tooLarge = { kind: "policy", reason: "too-large-cluster", detail: "" };
    expect(plan(childOf([chain[63]!]), 100n, pool)).toEqual(tooLarge);
    // Two clusters of 32 that it would join.
    const other = [spending(2)];
    while (other.length < 32) other.push(childOf([other.at(-1)!]));
    const halves = poolOf(...[...chain.slice(0, 31), ...other].map((tx) => entryOf(tx, 100n)));
    expect(removedBy(plan(childOf([chain[30]!, other[31]!]), 100n, halves))).toEqual([]);
    halves.add(entryOf(chain[31]!, 100n));
    expect(plan(childOf([chain[31]!, other[31]!]), 100n, halves)).toEqual(tooLarge);
  });

  test("may make a cluster of 101,000 vbytes, signature operations counted", () => {
    const parent = entryOf(spending(1), 10_000n, { sigopsCost: 20_000 });
    expect(parent.virtualSize).toBe(100_000);
    const pool = poolOf(parent);
    const child = childOf([parent.tx]);
    const planned = (sigopsCost: number) =>
      planOne(candidateOf(child, 100n, pool, { sigopsCost }), pool, MEMPOOL_DEFAULTS);
    expect(removedBy(planned(200))).toEqual([]);
    expect(planned(201)).toMatchObject({ reason: "too-large-cluster" });
  });
});

describe("one transaction that takes the place of others", () => {
  const name = (tx: Transaction) => `rejecting replacement ${displayHash(tx.txid)}`;

  test("pays what they paid, with all their descendants, and for its relay", () => {
    const old = spending(1);
    const child = childOf([old]);
    const pool = poolOf(entryOf(old, 1000n), entryOf(child, 2000n));
    const tx = rivalOf(1);
    expect(tx.virtualSize).toBe(82);
    expect(new Set(removedBy(plan(tx, 3009n, pool)))).toEqual(new Set([old, child]));
    expect(plan(tx, 3008n, pool)).toEqual({
      kind: "reconsiderable",
      reason: "insufficient fee",
      detail: `${name(tx)}, not enough additional fees to relay; 0.00000008 < 0.00000009`,
    });
    expect(plan(tx, 2999n, pool)).toEqual({
      kind: "reconsiderable",
      reason: "insufficient fee",
      detail: `${name(tx)}, less fees than conflicting txs; 0.00002999 < 0.00003`,
    });
  });

  test("counts what the operator said of fees", () => {
    const pool = poolOf(entryOf(spending(1), 1000n, { feeDelta: 500n }));
    expect(plan(rivalOf(1), 1508n, pool)).toMatchObject({ reason: "insufficient fee" });
    expect(removedBy(plan(rivalOf(1), 1509n, pool))).toHaveLength(1);
  });

  test("conflicts with 100 clusters at most", () => {
    const all = () => range(101).map((salt) => entryOf(spending(salt), 100n));
    const tx = rivalOf(...range(101));
    expect(plan(tx, 1_000_000n, poolOf(...all()))).toEqual({
      kind: "policy",
      reason: "too many potential replacements",
      detail: `${name(tx)}; too many conflicting clusters (101 > 100)`,
    });
    expect(removedBy(plan(rivalOf(...range(100)), 1_000_000n, poolOf(...all())))).toHaveLength(100);
    // Two that are connected count once.
    const joined = standardTransaction({
      inputs: [0, 1].map((salt) => input({ txid: spending(salt).txid, index: 0 })),
    });
    expect(removedBy(plan(tx, 1_000_000n, poolOf(...all(), entryOf(joined, 100n))))).toHaveLength(102);
  });

  test("leaves miners better off, however much they mine", () => {
    // Pays more in all, less for its size.
    const pool = poolOf(entryOf(spending(1), 820n));
    const large = standardTransaction({
      lockTime: 1,
      inputs: [input(outPoint(1))],
      outputs: range(10).map(() => output(1000n, STANDARD_SCRIPT)),
    });
    const size = BigInt(large.virtualSize);
    expect(plan(large, size * 10n - 1n, pool)).toEqual({
      kind: "reconsiderable",
      reason: "replacement-failed",
      detail: "insufficient feerate: does not improve feerate diagram",
    });
    // Of the same feerate, and larger: more is paid at the end, and nowhere less.
    expect(removedBy(plan(large, size * 10n, pool))).toHaveLength(1);
  });

  test("does not spend what it replaces", () => {
    const old = spending(1);
    const pool = poolOf(entryOf(old, 100n));
    const tx = standardTransaction({ inputs: [input(outPoint(1)), input({ txid: old.txid, index: 0 })] });
    expect(plan(tx, 100_000n, pool)).toEqual({
      kind: "consensus",
      reason: "bad-txns-spends-conflicting-tx",
      detail: `${displayHash(tx.txid)} spends conflicting transaction ${displayHash(old.txid)}`,
    });
    const child = childOf([old]);
    pool.add(entryOf(child, 100n));
    const deep = standardTransaction({ inputs: [input(outPoint(1)), input({ txid: child.txid, index: 0 })] });
    expect(plan(deep, 100_000n, pool)).toMatchObject({ reason: "bad-txns-spends-conflicting-tx" });
  });

  test("of several that it replaces and spends that with the smallest txid is named", () => {
    const old = [spending(1), spending(2), spending(3)];
    const pool = poolOf(...old.map((tx) => entryOf(tx, 100n)));
    const least = old.reduce((a, b) => (Buffer.compare(a.txid, b.txid) < 0 ? a : b));
    for (const order of [old, old.toReversed()]) {
      const spent = order.map(({ txid }) => input({ txid, index: 0 }));
      const tx = standardTransaction({ inputs: [...spent, ...[1, 2, 3].map((salt) => input(outPoint(salt)))] });
      expect(plan(tx, 100_000n, pool)).toMatchObject({
        detail: `${displayHash(tx.txid)} spends conflicting transaction ${displayHash(least.txid)}`,
      });
    }
  });

  test("a replacement may stay within its cluster", () => {
    const parent = spending(1);
    const old = childOf([parent]);
    const pool = poolOf(entryOf(parent, 100n), entryOf(old, 100n));
    expect(removedBy(plan(childOf([parent], { lockTime: 1 }), 109n, pool))).toEqual([old]);
  });

  test("frees the room of what it replaces before the cluster is measured", () => {
    const parent = spending(1);
    const old = childOf([parent]);
    const pool = poolOf(entryOf(parent, 100n), entryOf(old, 100n));
    const limits = { clusterCountMax: 2 };
    expect(removedBy(plan(childOf([parent], { lockTime: 1 }), 1000n, pool, limits))).toEqual([old]);
    expect(plan(childOf([parent], { lockTime: 1 }, 1), 1000n, pool, limits)).toMatchObject({
      reason: "too-large-cluster",
    });
  });

  test("an evicted sibling is named", () => {
    const pool = poolOf(entryOf(spending(1), 1000n));
    expect(plan(rivalOf(1), 1000n, pool, {}, true)).toMatchObject({
      reason: "insufficient fee (including sibling eviction)",
    });
    const all = poolOf(...range(101).map((salt) => entryOf(spending(salt), 100n)));
    expect(plan(rivalOf(...range(101)), 1_000_000n, all, {}, true)).toMatchObject({
      reason: "too many potential replacements (including sibling eviction)",
    });
  });
});

describe("a package that takes the place of others", () => {
  const parent = rivalOf(1);
  const child = childOf([parent]);
  const old = entryOf(spending(1), 1000n);

  function planned(
    fees: readonly Sats[],
    pool: EntryPool,
    transactions: readonly Transaction[] = [parent, child],
    options: Partial<MempoolOptions> = {},
  ) {
    const candidates = transactions.map((tx, index) => candidateOf(tx, fees[index]!, pool));
    return planPackage(candidates, pool, { ...MEMPOOL_DEFAULTS, ...options });
  }
  const failed = (reason: string, detail = "") => ({ kind: "policy", reason: `package RBF failed: ${reason}`, detail });

  test("pays for it together, and for the relay of both", () => {
    const pool = poolOf(old);
    const name = `rejecting replacement ${displayHash(child.txid)}`;
    expect(removedBy(planned([0n, 2017n], pool))).toEqual([old.tx]);
    // 164 vbytes: 17 satoshis.
    expect(planned([0n, 1016n], pool)).toEqual(
      failed("insufficient anti-DoS fees", `${name}, not enough additional fees to relay; 0.00000016 < 0.00000017`),
    );
    expect(planned([0n, 999n], pool)).toEqual(
      failed("insufficient anti-DoS fees", `${name}, less fees than conflicting txs; 0.00000999 < 0.00001`),
    );
  });

  test("leaves miners better off", () => {
    const pool = poolOf(old);
    // Twice as large as what it replaces: it must pay more than twice as much, or as much.
    expect(planned([0n, 1999n], pool)).toEqual(failed("insufficient feerate: does not improve feerate diagram"));
    expect(removedBy(planned([0n, 2000n], pool))).toEqual([old.tx]);
  });

  test("has a child that pays more than its parent", () => {
    const pool = poolOf(old);
    expect(planned([1500n, 1500n], pool)).toEqual(
      failed(
        "package feerate is less than or equal to parent feerate",
        "package feerate 0.00018292 BTC/kvB <= parent feerate is 0.00018292 BTC/kvB",
      ),
    );
    expect(removedBy(planned([1500n, 1501n], pool))).toEqual([old.tx]);
  });

  test("is one parent and one child", () => {
    const pool = poolOf(old);
    const second = spending(2);
    const joined = childOf([parent, second]);
    const expected = failed("package must be 1-parent-1-child");
    expect(planned([0n, 0n, 100_000n], pool, [parent, second, joined])).toEqual(expected);
    expect(planned([100_000n], pool, [parent])).toEqual(expected);
    // Without a conflict any number is.
    expect(removedBy(planned([0n, 0n, 100_000n], poolOf(), [parent, second, joined]))).toEqual([]);
  });

  test("has no parents in the mempool", () => {
    const known = spending(2);
    const pool = poolOf(old, entryOf(known, 100n));
    const joined = childOf([parent, known]);
    const expected = failed("new transaction cannot have mempool ancestors");
    expect(planned([0n, 100_000n], pool, [parent, joined])).toEqual(expected);
  });

  test("conflicts with 100 clusters at most, by both", () => {
    const all = range(101).map((salt) => entryOf(spending(salt + 10), 100n));
    const wide = rivalOf(...range(50).map((salt) => salt + 10));
    const heir = (count: number) =>
      standardTransaction({
        inputs: [input({ txid: wide.txid, index: 0 }), ...range(count).map((salt) => input(outPoint(salt + 60)))],
      });
    expect(planned([0n, 1_000_000n], poolOf(...all), [wide, heir(51)])).toEqual(
      failed(
        "too many potential replacements",
        `rejecting replacement ${displayHash(heir(51).txid)}; too many conflicting clusters (101 > 100)`,
      ),
    );
    expect(removedBy(planned([0n, 1_000_000n], poolOf(...all), [wide, heir(50)]))).toHaveLength(100);
  });

  test("keeps the limits of a cluster", () => {
    const tooLarge = { kind: "policy", reason: "too-large-cluster", detail: "" };
    expect(planned([0n, 5000n], poolOf(old), [parent, child], { clusterCountMax: 1 })).toEqual(tooLarge);
    expect(planned([0n, 5000n], poolOf(), [parent, child], { clusterCountMax: 1 })).toEqual(tooLarge);
    expect(removedBy(planned([0n, 5000n], poolOf(old), [parent, child], { clusterCountMax: 2 }))).toEqual([old.tx]);
  });
});
