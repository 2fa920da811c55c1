import { input, outPoint } from "@bitfleet/protocol/consensus/test-kit.ts";
import { childOf, standardTransaction } from "@bitfleet/protocol/policy/test-kit.ts";
import { type PolicyReject, type PolicyRejectKind, policyReject } from "@bitfleet/protocol/policy/verdict.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { describe, expect, test } from "vitest";
import { type AcceptResult, type PackageResult, rejected } from "./accept-result.ts";
import { candidateOf, entryOf } from "./acceptance-test-kit.ts";
import type { PackageFailure } from "./acceptor.ts";
import { EntryPool } from "./entry-pool.ts";
import { packageOutcome, takePackage } from "./package-acceptance.ts";
import { stage } from "./staging.ts";

const POOR = policyReject("reconsiderable", "min relay fee not met", "0 < 9");
const ORPHAN = policyReject("missing-inputs", "bad-txns-inputs-missingorspent");
const FAILED = policyReject("policy", "transaction failed");

const root = (salt: number) => standardTransaction({ inputs: [input(outPoint(salt))] });

/** A mempool that answers what a test lays down, and notes what it is asked. */
class Script {
  readonly pool = new EntryPool();
  /** Why a transaction is refused by itself; taken where nothing is said. A list answers one time after the other. */
  readonly refusals = new Map<Transaction, PolicyReject | (PolicyReject | undefined)[]>();
  together: PackageFailure | undefined;
  /** What has no room in the end. */
  evicted: readonly Transaction[] = [];
  readonly asked: Transaction[] = [];
  readonly askedTogether: (readonly Transaction[])[] = [];

  take(...transactions: readonly Transaction[]): Promise<PackageResult> {
    return takePackage(transactions, {
      pool: this.pool,
      takeOne: async (tx) => {
        this.asked.push(tx);
        const said = this.refusals.get(tx);
        const reject = Array.isArray(said) ? said.shift() : said;
        return reject === undefined ? this.#accept(tx) : rejected(reject);
      },
      takeTogether: async (members) => {
        this.askedTogether.push(members);
        return this.together ?? members.map((tx) => this.#accept(tx));
      },
      limit: () => {
        for (const tx of this.evicted) this.pool.remove(this.pool.get(tx.txid)!);
      },
    });
  }

  #accept(tx: Transaction): AcceptResult {
    const entry = entryOf(tx, 0n);
    this.pool.add(entry);
    return { kind: "accepted", entry, replaced: [], effective: { fee: 0n, virtualSize: 1, wtxids: [tx.wtxid] } };
  }
}

const outcomesOf = ({ results }: PackageResult) =>
  results.map((result) => (result.kind === "accepted" ? "accepted" : result.reject));

describe("taking a package", () => {
  const parent = root(1);
  const child = childOf([parent]);

  test("whatever comes in by itself does", async () => {
    const script = new Script();
    const result = await script.take(parent, child);
    expect(outcomesOf(result)).toEqual(["accepted", "accepted"]);
    expect(result.packageReject).toBeUndefined();
    expect(script.asked).toEqual([parent, child]);
    expect(script.askedTogether).toEqual([]);
  });

  test("a parent that pays too little is tried together with its child, which missed it", async () => {
    const script = new Script();
    script.refusals.set(parent, POOR).set(child, ORPHAN);
    const result = await script.take(parent, child);
    expect(outcomesOf(result)).toEqual(["accepted", "accepted"]);
    expect(result.packageReject).toBeUndefined();
    expect(script.askedTogether).toEqual([[parent, child]]);
  });

  test("only what has not come in yet is tried together", async () => {
    const rich = root(2);
    const joined = childOf([parent, rich]);
    const script = new Script();
    script.refusals.set(parent, POOR).set(joined, ORPHAN);
    await script.take(parent, rich, joined);
    expect(script.askedTogether).toEqual([[parent, joined]]);
  });

  test("what is left alone is tried once more by itself", async () => {
    const script = new Script();
    script.refusals.set(child, [POOR, policyReject("reconsiderable", "insufficient fee")]);
    const result = await script.take(parent, child);
    expect(outcomesOf(result)).toEqual(["accepted", policyReject("reconsiderable", "insufficient fee")]);
    expect(result.packageReject).toEqual(FAILED);
    expect(script.asked).toEqual([parent, child, child]);
    const lucky = new Script();
    lucky.refusals.set(child, [POOR, undefined]);
    expect(await lucky.take(parent, child)).toMatchObject({ packageReject: undefined });
  });

  test.each<PolicyRejectKind>([
    "consensus",
    "not-standard",
    "inputs-not-standard",
    "witness-mutated",
    "witness-stripped",
    "conflict",
    "policy",
    "premature-spend",
  ])("a reject of kind %s is final: nothing is tried together", async (kind) => {
    const reject = policyReject(kind, "no");
    const script = new Script();
    script.refusals.set(parent, reject).set(child, ORPHAN);
    const result = await script.take(parent, child);
    expect(outcomesOf(result)).toEqual([reject, ORPHAN]);
    expect(result.packageReject).toEqual(FAILED);
    expect(script.askedTogether).toEqual([]);
  });

  test("others that can come in do so nevertheless", async () => {
    const good = root(2);
    const script = new Script();
    script.refusals.set(parent, policyReject("consensus", "no"));
    const joined = childOf([parent, good]);
    script.refusals.set(joined, ORPHAN);
    const result = await script.take(parent, good, joined);
    expect(outcomesOf(result)).toEqual([policyReject("consensus", "no"), "accepted", ORPHAN]);
    expect(result.packageReject).toEqual(FAILED);
  });

  test("what is here already is told as such, with another witness too", async () => {
    const script = new Script();
    const known = standardTransaction({ inputs: [input(outPoint(1), { witness: [Uint8Array.of(1)] })] });
    script.pool.add(entryOf(known, 0n));
    const result = await script.take(parent, child);
    expect(outcomesOf(result)).toEqual([
      policyReject("already-known", "txn-same-nonwitness-data-in-mempool"),
      "accepted",
    ]);
    expect(result.packageReject).toBeUndefined();
    expect(script.asked).toEqual([child]);
    const again = await script.take(known, child);
    expect(outcomesOf(again)).toEqual([
      policyReject("already-known", "txn-already-in-mempool"),
      policyReject("already-known", "txn-already-in-mempool"),
    ]);
    expect(again.packageReject).toBeUndefined();
  });

  test("one transaction alone is not tried twice", async () => {
    const script = new Script();
    script.refusals.set(parent, POOR);
    const result = await script.take(parent);
    expect(outcomesOf(result)).toEqual([POOR]);
    expect(result.packageReject).toEqual(FAILED);
    expect(script.asked).toEqual([parent]);
  });

  test("what is thrown out in the end was not taken", async () => {
    const script = new Script();
    script.evicted = [child];
    const result = await script.take(parent, child);
    expect(outcomesOf(result)).toEqual(["accepted", policyReject("policy", "mempool full")]);
    expect(result.packageReject).toEqual(FAILED);
  });

  test("what was here before may be thrown out, too", async () => {
    const script = new Script();
    script.pool.add(entryOf(parent, 0n));
    script.evicted = [parent];
    const result = await script.take(parent, child);
    expect(outcomesOf(result)).toEqual([policyReject("policy", "mempool full"), "accepted"]);
    expect(result.packageReject).toEqual(FAILED);
  });
});

describe("a package that fails together", () => {
  const parent = root(1);
  const child = childOf([parent]);
  const taken = async (failure: PackageFailure) => {
    const script = new Script();
    script.refusals.set(parent, POOR).set(child, ORPHAN);
    script.together = failure;
    return script.take(parent, child);
  };

  test("as a whole leaves each its own reason", async () => {
    const reject = policyReject("policy", "TRUC-violation", "why");
    const result = await taken({ index: undefined, reject });
    expect(outcomesOf(result)).toEqual([POOR, ORPHAN]);
    expect(result.packageReject).toEqual(reject);
  });

  test("by one of its transactions tells that one", async () => {
    const reject = policyReject("not-standard", "dust");
    const result = await taken({ index: 1, reject });
    expect(outcomesOf(result)).toEqual([POOR, reject]);
    expect(result.packageReject).toEqual(FAILED);
    const named = await taken({ index: 0, reject, packageReason: "unspent-dust" });
    expect(outcomesOf(named)).toEqual([reject, ORPHAN]);
    expect(named.packageReject).toEqual(policyReject("policy", "unspent-dust"));
  });
});

describe("what is no package", () => {
  const parent = root(1);

  test.each<[string, readonly Transaction[]]>([
    ["package-not-sorted", [childOf([parent]), parent]],
    ["package-contains-duplicates", [parent, parent]],
    ["package-not-child-with-parents", [parent, root(2)]],
    ["package-not-child-with-parents", [parent, root(2), childOf([parent])]],
    ["package-too-many-transactions", Array.from({ length: 26 }, (_, salt) => root(salt))],
  ])("%s: nothing is looked at", async (reason, transactions) => {
    const script = new Script();
    expect(await script.take(...transactions)).toEqual({ results: [], packageReject: policyReject("policy", reason) });
    expect(script.asked).toEqual([]);
  });
});

describe("what a test tells", () => {
  const pool = new EntryPool();
  const transactions = [root(1), root(2), root(3)];
  const candidates = transactions.map((tx) => candidateOf(tx, 500n, pool));
  const staging = stage(pool, [], new Set());

  test("of a package that passes: each with its own fee", () => {
    const { results, packageReject } = packageOutcome(transactions, { candidates, staging });
    expect(packageReject).toBeUndefined();
    for (const [index, tx] of transactions.entries()) {
      const effective = { fee: 500n, virtualSize: tx.virtualSize, wtxids: [tx.wtxid] };
      expect(results[index]).toEqual({ kind: "accepted", entry: candidates[index]!.entry, replaced: [], effective });
    }
  });

  test("of one that fails: the culprit, and those whose scripts passed before", () => {
    expect(packageOutcome(transactions, { index: 1, reject: POOR })).toEqual({
      results: [undefined, rejected(POOR), undefined],
      packageReject: undefined,
    });
    const { results } = packageOutcome(transactions, { index: 1, reject: POOR, passed: candidates.slice(0, 1) });
    expect(results.map((result) => result?.kind)).toEqual(["accepted", "rejected", undefined]);
  });

  test("of one that fails as a whole: nothing of each", () => {
    const reject = policyReject("policy", "too-large-cluster");
    expect(packageOutcome(transactions, { index: undefined, reject })).toEqual({
      results: [undefined, undefined, undefined],
      packageReject: reject,
    });
  });
});
