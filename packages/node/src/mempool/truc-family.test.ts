import { input, outPoint } from "@bitfleet/protocol/consensus/test-kit.ts";
import { isReject } from "@bitfleet/protocol/consensus/verdict.ts";
import { childOf, standardTransaction } from "@bitfleet/protocol/policy/test-kit.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import { candidateOf, entryOf, poolOf } from "./acceptance-test-kit.ts";
import type { EntryPool } from "./entry-pool.ts";
import { joinFamily, packageFamilyViolation } from "./truc-family.ts";

const FEE = 1000n;
const root = (salt: number, version = 3) => standardTransaction({ version, inputs: [input(outPoint(salt))] });
const heir = (parents: readonly Transaction[], index = 0, version = 3) => childOf(parents, { version }, index);
const pooled = (...transactions: readonly Transaction[]) => poolOf(...transactions.map((tx) => entryOf(tx, FEE)));
const names = ({ txid, wtxid }: Transaction) => `tx ${displayHash(txid)} (wtxid=${displayHash(wtxid)})`;
const crowded = (parent: Transaction) => ({
  kind: "policy",
  reason: "TRUC-violation",
  detail: `${names(parent)} would exceed descendant count limit`,
});

describe("a candidate and its parents in the mempool", () => {
  const parent = root(1);
  const child = heir([parent]);
  const sibling = heir([parent], 1);
  const join = (tx: Transaction, pool: EntryPool, evictsSibling = true) =>
    joinFamily(candidateOf(tx, FEE, pool), pool, evictsSibling);

  test("are a family of two", () => {
    const pool = pooled(parent);
    const candidate = join(child, pool);
    if (isReject(candidate)) throw new Error(candidate.detail);
    expect(candidate).toMatchObject({ evictsSibling: false, conflicts: new Set() });
    expect(join(heir([parent], 0, 2), pool)).toMatchObject({ reason: "TRUC-violation" });
  });

  test("of several parents to blame that with the smallest txid is named, wherever it is spent", () => {
    const strangers = [root(11, 2), root(12, 2), root(13, 2)];
    const pool = pooled(...strangers);
    const least = strangers.reduce((a, b) => (Buffer.compare(a.txid, b.txid) < 0 ? a : b));
    for (const order of [strangers, strangers.toReversed()])
      expect(join(heir(order), pool)).toMatchObject({ detail: expect.stringContaining(names(least)) });
  });

  test("a sibling may be evicted: it becomes a conflict", () => {
    const pool = pooled(parent, child);
    const candidate = join(sibling, pool);
    if (isReject(candidate)) throw new Error(candidate.detail);
    expect([...candidate.conflicts]).toEqual([pool.get(child.txid)]);
    expect(candidate.evictsSibling).toBe(true);
    expect(join(sibling, pool, false)).toEqual(crowded(parent));
  });

  test("a child that is replaced anyway is no sibling", () => {
    const pool = pooled(parent, child);
    const rival = childOf([parent], { version: 3, lockTime: 1 });
    for (const evictsSibling of [true, false]) {
      const candidate = join(rival, pool, evictsSibling);
      expect(candidate).toMatchObject({ evictsSibling: false, conflicts: new Set([pool.get(child.txid)]) });
    }
  });

  test("a sibling with other ancestors stays: after a reorganisation there may be such", () => {
    const other = root(2);
    const joined = standardTransaction({
      version: 3,
      inputs: [parent, other].map(({ txid }) => input({ txid, index: 0 })),
    });
    expect(join(sibling, pooled(parent, other, joined))).toEqual(crowded(parent));
  });

  test("two siblings stay, and one with a child", () => {
    const third = heir([parent], 2);
    expect(join(third, pooled(parent, child, sibling))).toEqual(crowded(parent));
    expect(join(sibling, pooled(parent, child, heir([child])))).toEqual(crowded(parent));
  });

  test("nothing is evicted for what breaks another rule", () => {
    const pool = pooled(parent, child);
    const large = joinFamily(candidateOf(sibling, FEE, pool, { sigopsCost: 201 }), pool, true);
    expect(large).toMatchObject({ reason: "TRUC-violation", detail: expect.stringContaining("1005 > 1000") });
    const fits = joinFamily(candidateOf(sibling, FEE, pool, { sigopsCost: 200 }), pool, true);
    expect(fits).toMatchObject({ evictsSibling: true });
    expect(join(heir([parent], 1, 2), pool)).toMatchObject({
      detail: expect.stringContaining("cannot spend from version=3"),
    });
  });
});

describe("a package", () => {
  const check = (pool: EntryPool, ...transactions: readonly Transaction[]) =>
    packageFamilyViolation(
      transactions.map((tx) => candidateOf(tx, FEE, pool)),
      pool,
    );
  const parent = root(1);
  const child = heir([parent]);

  test("is a family of two, by itself or with its parent in the mempool", () => {
    expect(check(pooled(), parent, child)).toBeUndefined();
    expect(check(pooled(parent), child, root(9))).toBeUndefined();
    expect(check(pooled(), parent, child, heir([child]))).toContain("would have too many ancestors");
    expect(check(pooled(parent), child, heir([child]))).toContain("would have too many ancestors");
  });

  test("replaces no child of a parent in the mempool", () => {
    const rival = childOf([parent], { version: 3, lockTime: 1 });
    expect(check(pooled(parent, child), rival, root(9))).toBe(crowded(parent).detail);
  });
});
