import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GENESIS, mine, mineMany, rewardOf, spend, spendableOf, submitAll, type Tip } from "../../chain/test-kit.ts";
import { spendingChain } from "../test-kit.ts";
import { openRestTestNode, posted, type RestTestNode } from "./rest-test-kit.ts";

const tips: readonly Tip[] = spendingChain();
const idOf = (tx: Transaction) => displayHash(tx.txid);
const hexOf = (tx: Transaction) => toHex(tx.bytes);
const GENESIS_TXID = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b";

let rest: RestTestNode;
let bare: RestTestNode;
beforeAll(async () => {
  rest = await openRestTestNode({ tips });
  bare = await openRestTestNode({ tips, hasIndexes: false });
}, 60_000);
afterAll(async () => {
  await rest.close();
  await bare.close();
});

/** Rewards of the first five blocks are mature, and the chain spends none of them. */
const rewardAt = (height: number) => rewardOf(tips[height - 1]!);
const detail = (txid: string, on = rest) => on.data("transaction", `/api/v1/transactions/${txid}`);

describe("one transaction", () => {
  test("of a block, with what it spends, its fee and who spends its outputs", async () => {
    const tip = tips[105]!;
    const [, first, second] = tip.block.transactions;
    const found = await detail(idOf(first!));
    expect(found).toMatchObject({
      txid: idOf(first!),
      hex: hexOf(first!),
      fee: 1000,
      is_coinbase: false,
      mempool: null,
      status: {
        is_confirmed: true,
        block_hash: displayHash(tip.block.hash),
        block_height: 106,
        block_time: tip.block.header.time,
        index: 1,
        confirmations: tips.length - 105,
      },
    });
    const { previousOutput } = first!.inputs[0]!;
    expect(found.inputs[0]).toMatchObject({
      txid: displayHash(previousOutput.txid),
      vout: previousOutput.index,
      prevout: { value: 5_000_000_000, height: 6, is_coinbase: true, script: { type: "witness_v0_keyhash" } },
    });
    expect(found.outputs[0]).toMatchObject({
      is_spent: true,
      spent_by: { txid: idOf(second!), input_index: 0, block_height: 106 },
    });
  });

  test("a coinbase, and the first block's, which nobody can spend", async () => {
    const coinbase = tips[119]!.block.transactions[0]!;
    expect(await detail(idOf(coinbase))).toMatchObject({
      is_coinbase: true,
      fee: null,
      status: { index: 0, confirmations: 1 },
      outputs: [{ is_spent: false, spent_by: null }, { is_spent: false }],
    });
    for (const on of [rest, bare]) {
      expect(await detail(GENESIS_TXID, on)).toMatchObject({
        status: { block_height: 0, confirmations: 121 },
        outputs: [{ value: 5_000_000_000, is_spent: false, spent_by: null }],
      });
    }
  });

  test("without indexes: found by an output that is left; what spends the others is not known", async () => {
    const last = tips[119]!.block.transactions;
    const spender = last[2]!;
    expect(await detail(idOf(spender), bare)).toMatchObject({
      status: { block_height: 120 },
      outputs: [{ is_spent: false }],
    });
    const [status, error] = await bare.refusal(`/api/v1/transactions/${idOf(tips[105]!.block.transactions[1]!)}`);
    expect([status, error]).toEqual([404, expect.stringContaining("-txindex")]);
  });

  test("nowhere, or no id at all", async () => {
    const nowhere = "ab".repeat(32);
    expect(await rest.refusal(`/api/v1/transactions/${nowhere}`)).toEqual([
      404,
      `There is no transaction ${nowhere} in the mempool or in the chain.`,
    ]);
    for (const id of ["ab", "zz".repeat(32), "ab".repeat(33), "%00"])
      expect((await rest.refusal(`/api/v1/transactions/${id}`))[0], id).toBe(400);
  });
});

describe("the list of the chain's transactions", () => {
  const all = [GENESIS, ...tips].flatMap(({ block }) => block.transactions.map(idOf)).reverse();

  test.each([1, 7, 100])("in parts of %d it is all of them, the newest first", async (limit) => {
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null && seen.length < all.length + limit) {
      const query: string = cursor === "" ? "" : `&cursor=${cursor}`;
      const part: { items: { txid: string }[]; next_cursor: string | null } = await rest.data(
        "transactions",
        `/api/v1/transactions?limit=${limit}${query}`,
      );
      expect(part.items.length).toBeLessThanOrEqual(limit);
      seen.push(...part.items.map(({ txid }) => txid));
      cursor = part.next_cursor;
    }
    expect(seen).toEqual(all);
  });

  test("tells fees and blocks", async () => {
    const { items } = await rest.data("transactions", "/api/v1/transactions?limit=4");
    const tip = tips.at(-1)!;
    expect(items[3]).toMatchObject({ is_coinbase: true, fee: null });
    expect(items[0]).toMatchObject({ fee: 1002, block_height: 120, block_hash: displayHash(tip.block.hash) });
  });

  test.each(["x", "t5", "m1-ab", "t1-1-zzzzzzzzzzzzzzzz"])("a cursor of another list or none: %s", async (cursor) => {
    const [status, error] = await rest.refusal(`/api/v1/transactions?cursor=${cursor}`);
    expect([status, error]).toEqual([400, expect.stringContaining("cursor")]);
  });

  test("goes on over a reorganisation with what is new at that height", async () => {
    await using own = await openRestTestNode({ tips: tips.slice(0, 110) });
    const { next_cursor } = await own.data("transactions", "/api/v1/transactions?limit=2");
    const branch = mineMany(tips[107]!, 3, { salt: 9 });
    await submitAll(own.node.chain, branch);
    const { items } = await own.data("transactions", `/api/v1/transactions?limit=2&cursor=${next_cursor}`);
    expect(items.map(({ txid }) => txid)).toEqual(
      [branch[1]!, branch[0]!].map((tip) => idOf(tip.block.transactions[0]!)),
    );
  });
});

describe("bringing transactions", () => {
  const payment = spend([rewardAt(1)], { outputCount: 2, fee: 2000n });
  const child = spend([spendableOf(payment)], { fee: 5000n });

  test("decoded: what it would spend is shown, what nobody knows is not", async () => {
    const view = await rest.data("decodeTransaction", posted("/api/v1/transactions/decode", { hex: hexOf(payment) }));
    expect(view).toMatchObject({
      txid: idOf(payment),
      fee: 2000,
      inputs: [{ prevout: { value: 5_000_000_000, height: 1 } }],
    });
    const unknown = await rest.data("decodeTransaction", posted("/api/v1/transactions/decode", { hex: hexOf(child) }));
    expect(unknown).toMatchObject({ fee: null, inputs: [{ prevout: null }] });
  });

  test("tested, alone and together; nothing changes", async () => {
    const test = (transactions: readonly Transaction[], more = {}) =>
      rest.data(
        "testTransactions",
        posted("/api/v1/transactions/test", { transactions: transactions.map(hexOf), ...more }),
      );
    expect(await test([payment])).toMatchObject({
      is_accepted: true,
      reason: null,
      transactions: [{ txid: idOf(payment), outcome: "accepted", fee: 2000, virtual_size: payment.virtualSize }],
      replaced: [],
    });
    expect(await test([payment, child])).toMatchObject({
      is_accepted: true,
      transactions: [{}, { outcome: "accepted" }],
    });
    expect(await test([child])).toMatchObject({
      is_accepted: false,
      transactions: [{ outcome: "refused", reason: "bad-txns-inputs-missingorspent" }],
    });
    expect(await test([payment], { max_feerate_sat_per_kvb: 1000 })).toMatchObject({
      is_accepted: false,
      transactions: [{ outcome: "refused", reason: "max-fee-exceeded" }],
    });
    const bad = spend([rewardAt(2)], { badSignature: true });
    const { transactions } = await test([bad]);
    expect(transactions[0]!.reason).toContain("mempool-script-verify-flag-failed");
    expect(rest.node.mempool.size).toBe(0);
  });

  test("broadcast: into the mempool, where the next look finds it, and its child", async () => {
    const broadcast = (tx: Transaction, more = {}) =>
      posted("/api/v1/transactions/broadcast", { hex: hexOf(tx), ...more });
    expect(await rest.data("broadcastTransaction", broadcast(payment))).toEqual({ txid: idOf(payment) });
    expect(await rest.data("broadcastTransaction", broadcast(payment))).toEqual({ txid: idOf(payment) });
    await rest.data("broadcastTransaction", broadcast(child));
    expect(await detail(idOf(payment))).toMatchObject({
      fee: 2000,
      status: { is_confirmed: false, block_hash: null, confirmations: 0 },
      inputs: [{ prevout: { height: 1 } }],
      outputs: [
        { is_spent: true, spent_by: { txid: idOf(child), input_index: 0, block_height: null } },
        { is_spent: false },
      ],
      mempool: {
        ancestor_count: 1,
        descendant_count: 2,
        depends_on: [],
        spent_by: [idOf(child)],
        signals_replacement: false,
        projected_block: 0,
        feerate_sat_per_kvb: Math.floor(2_000_000 / payment.virtualSize),
        chunk_feerate_sat_per_kvb: Math.floor(7_000_000 / Math.ceil((payment.weight + child.weight) / 4)),
      },
    });
    expect(await detail(idOf(child))).toMatchObject({
      inputs: [{ prevout: { height: null } }],
      mempool: { ancestor_count: 2, depends_on: [idOf(payment)] },
    });
    expect(await rest.data("mempoolTransaction", `/api/v1/transactions/mempool/${idOf(child)}`)).toMatchObject({
      fee: 5000,
    });
    // A coin of a block that the mempool spends.
    const made = tips[0]!.block.transactions[0]!;
    expect((await detail(idOf(made))).outputs[0]).toMatchObject({
      is_spent: true,
      spent_by: { txid: idOf(payment), block_height: null },
    });
  });

  test("refused, each with its own status and reason", async () => {
    const refusal = (hex: string, more = {}) =>
      rest.refusal(posted("/api/v1/transactions/broadcast", { hex, ...more }));
    expect(await refusal(hexOf(spend([rewardAt(3)], { badSignature: true })))).toEqual([
      422,
      expect.stringContaining("mempool-script-verify-flag-failed"),
    ]);
    expect(await refusal(hexOf(spend([rewardAt(120)])))).toEqual([
      422,
      expect.stringContaining("bad-txns-premature-spend-of-coinbase"),
    ]);
    expect(await refusal(hexOf(tips[119]!.block.transactions[2]!))).toEqual([
      409,
      "Transaction outputs already in utxo set.",
    ]);
    expect(await refusal(hexOf(spend([rewardAt(3)], { fee: 2_000_000n })))).toMatchObject([
      422,
      expect.stringContaining("Fee exceeds"),
    ]);
    expect((await refusal("ab".repeat(30)))[0]).toBe(400);
    for (const hex of ["zz".repeat(20), "abc", "", 5, null])
      expect((await refusal(hex as string))[0], String(hex)).toBe(400);
    expect((await refusal("ab".repeat(400_001)))[0]).toBe(400);
    expect((await refusal("ab".repeat(500_000)))[0]).toBe(413);
  });

  test("as a package: a parent that pays too little, with a child that pays for both", async () => {
    const parent = spend([rewardAt(4)], { fee: 0n });
    const payer = spend([spendableOf(parent)], { fee: 3000n });
    const send = (list: readonly Transaction[]) =>
      rest.data("broadcastPackage", posted("/api/v1/transactions/package", { transactions: list.map(hexOf) }));
    expect(await send([payer, parent])).toMatchObject({
      is_accepted: false,
      reason: expect.stringContaining("package-not-sorted"),
    });
    expect(await send([parent, payer])).toMatchObject({
      is_accepted: true,
      reason: null,
      transactions: [
        {
          outcome: "accepted",
          fee: 0,
          effective_feerate_sat_per_kvb: 3_000_000 / (parent.virtualSize + payer.virtualSize),
        },
        { outcome: "accepted" },
      ],
    });
    expect(await send([parent, payer])).toMatchObject({
      is_accepted: true,
      transactions: [{ outcome: "known" }, { outcome: "known" }],
    });
    const replacement = spend([rewardAt(4)], { fee: 20_000n });
    expect(await send([replacement])).toMatchObject({
      is_accepted: true,
      replaced: [idOf(parent), idOf(payer)].sort(),
    });
  });
});

test("a block takes the transaction out of the mempool; the answers follow", async () => {
  await using own = await openRestTestNode({ tips });
  const tx = spend([rewardAt(1)]);
  await own.node.mempool.accept(tx);
  const url = `/api/v1/transactions/${idOf(tx)}`;
  expect(await own.data("transaction", url)).toMatchObject({ status: { is_confirmed: false } });
  const next = mine(tips.at(-1)!, { transactions: [tx] });
  await submitAll(own.node.chain, [next]);
  expect(await own.data("transaction", url)).toMatchObject({
    status: { is_confirmed: true, confirmations: 1 },
    mempool: null,
  });
  expect((await own.refusal(`/api/v1/transactions/mempool/${idOf(tx)}`))[0]).toBe(404);
  // Its block is lost to a longer branch: it waits again.
  await submitAll(own.node.chain, mineMany(tips.at(-1)!, 2, { salt: 5 }));
  expect(await own.data("transaction", url)).toMatchObject({ status: { is_confirmed: false }, mempool: {} });
});

describe("what leaves the mempool", () => {
  const TEST = "/api/v1/transactions/test";
  const bodyOf = (transactions: readonly Transaction[], more = {}) => ({
    transactions: transactions.map(hexOf),
    ...more,
  });
  const historyOf = (own: RestTestNode, tx: Transaction) =>
    own.data("transactionReplacements", `/api/v1/transactions/${idOf(tx)}/replacements`);

  test("a test tells what would have to go and what that costs, whether it is enough or not", async () => {
    await using own = await openRestTestNode({ tips });
    const first = spend([rewardAt(1)], { fee: 2000n });
    const child = spend([spendableOf(first)], { fee: 1000n });
    for (const tx of [first, child]) await own.node.mempool.accept(tx);
    const relayFee = Math.ceil(
      (first.virtualSize * Number(own.node.mempool.options.incrementalFeerateSatPerKvb)) / 1000,
    );
    const costs = {
      conflicts: [idOf(first)],
      replaced: [idOf(first), idOf(child)],
      replaced_count: 2,
      replaced_fee: 3000,
      replaced_virtual_size: first.virtualSize + child.virtualSize,
      relay_fee: relayFee,
      fee_min: 3000 + relayFee,
    };
    const tested = (tx: Transaction) => own.data("testTransactions", posted(TEST, bodyOf([tx])));
    expect(await tested(spend([rewardAt(1)], { fee: BigInt(costs.fee_min - 1) }))).toMatchObject({
      is_accepted: false,
      transactions: [{ reason: expect.stringContaining("insufficient fee"), replacement: costs }],
      replaced: [],
    });
    expect(await tested(spend([rewardAt(1)], { fee: BigInt(costs.fee_min) }))).toMatchObject({
      is_accepted: true,
      transactions: [{ replacement: costs }],
      replaced: [idOf(first), idOf(child)].sort(),
    });
    expect(await tested(first)).toMatchObject({ transactions: [{ outcome: "known", replacement: null }] });
    expect(await tested(spend([rewardAt(2)]))).toMatchObject({ transactions: [{ replacement: null }] });
  });

  test("what was replaced is told with what took its place, from either end, and is still known whole", async () => {
    await using own = await openRestTestNode({ tips });
    const [first, second, third] = [2000n, 4000n, 6000n].map((fee) => spend([rewardAt(1)], { fee })) as [
      Transaction,
      Transaction,
      Transaction,
    ];
    expect(await historyOf(own, first)).toEqual({ txid: idOf(first), transactions: [], decoded: null, hex: null });
    for (const tx of [first, second, third]) await own.node.mempool.accept(tx);
    const steps = [
      { txid: idOf(first), state: "replaced", fee: 2000, replaced_by: [idOf(second)], came: expect.any(Number) },
      { txid: idOf(second), state: "replaced", fee: 4000, replaced_by: [idOf(third)], left: expect.any(Number) },
      { txid: idOf(third), state: "waiting", fee: 6000, replaced_by: [], left: null },
    ];
    for (const tx of [first, second, third]) expect((await historyOf(own, tx)).transactions).toMatchObject(steps);
    expect(await historyOf(own, first)).toMatchObject({
      hex: hexOf(first),
      decoded: { txid: idOf(first), fee: 2000, inputs: [{ prevout: { value: 5_000_000_000, height: 1 } }] },
    });
    expect(await historyOf(own, third)).toMatchObject({ hex: null, decoded: null });

    const next = mine(tips.at(-1)!, { transactions: [third] });
    await submitAll(own.node.chain, [next]);
    expect((await historyOf(own, second)).transactions.at(-1)).toMatchObject({ txid: idOf(third), state: "block" });
    // Its coin is spent in the chain by now.
    expect((await historyOf(own, first)).decoded).toMatchObject({ fee: 2000, inputs: [{ prevout: { height: 1 } }] });
  });

  test("what a block makes impossible is told with the block's transaction, its children too", async () => {
    await using own = await openRestTestNode({ tips });
    const waiting = spend([rewardAt(1)], { fee: 2000n });
    const child = spend([spendableOf(waiting)], { fee: 1000n });
    for (const tx of [waiting, child]) await own.node.mempool.accept(tx);
    const rival = spend([rewardAt(1)], { fee: 1500n });
    await submitAll(own.node.chain, [mine(tips.at(-1)!, { transactions: [rival] })]);
    expect((await historyOf(own, child)).transactions).toMatchObject([
      { txid: idOf(waiting), state: "conflict", replaced_by: [idOf(rival)] },
      { txid: idOf(child), state: "conflict", replaced_by: [idOf(rival)] },
      { txid: idOf(rival), state: "block", fee: null, came: null },
    ]);
    expect((await historyOf(own, child)).decoded).toMatchObject({ inputs: [{ prevout: { height: null } }] });
  });

  test("a package is tested as it would be taken: a child pays for its parent, but no parent for its child", async () => {
    await using own = await openRestTestNode({ tips });
    const parent = spend([rewardAt(1)], { fee: 0n });
    const payer = spend([spendableOf(parent)], { fee: 3000n });
    const tested = (transactions: readonly Transaction[], more = {}) =>
      own.data("testTransactions", posted(TEST, bodyOf(transactions, { as_package: true, ...more })));
    expect(await tested([parent, payer], { as_package: false })).toMatchObject({ is_accepted: false });
    const rate = 3_000_000 / (parent.virtualSize + payer.virtualSize);
    expect(await tested([parent, payer])).toMatchObject({
      is_accepted: true,
      transactions: [
        { outcome: "accepted", fee: 0, effective_feerate_sat_per_kvb: rate },
        { outcome: "accepted", effective_feerate_sat_per_kvb: rate },
      ],
    });
    expect(await tested([payer, parent])).toMatchObject({ is_accepted: false, reason: "package-not-sorted" });
    const rich = spend([rewardAt(2)], { fee: 9000n });
    const poor = spend([spendableOf(rich)], { fee: 0n });
    const refused = await tested([rich, poor]);
    expect(refused.transactions[1]!.reason).toContain("min relay fee not met");
    await own.data("broadcastPackage", posted("/api/v1/transactions/package", bodyOf([rich, poor])));
    expect(own.node.mempool.has(poor.txid)).toBe(false);
    // One parent that pays well by itself is in before the others, and pays for none of them.
    const wealthy = spend([rewardAt(3)], { fee: 9000n });
    const pair = (fee: bigint) => spend([spendableOf(parent), spendableOf(wealthy)], { fee });
    expect(await tested([parent, wealthy, pair(0n)])).toMatchObject({ is_accepted: false });
    const [, one, both] = (await tested([parent, wealthy, pair(3000n)])).transactions;
    expect(one!.effective_feerate_sat_per_kvb).toBe(9_000_000 / wealthy.virtualSize);
    expect(both!.effective_feerate_sat_per_kvb).toBe(3_000_000 / (parent.virtualSize + pair(3000n).virtualSize));
    // One of them is here already: the other stands alone.
    await own.node.mempool.accept(rich);
    expect(await tested([rich, spend([spendableOf(rich)], { fee: 5000n })])).toMatchObject({
      is_accepted: true,
      transactions: [{ outcome: "known" }, { outcome: "accepted" }],
    });
  });

  test("a parent that takes another's place by itself may have a child, which may not take one", async () => {
    await using own = await openRestTestNode({ tips });
    const [old, other] = [1, 2].map((height) => spend([rewardAt(height)], { fee: 1000n, outputCount: 2 }));
    for (const tx of [old!, other!]) await own.node.mempool.accept(tx);
    const tested = (transactions: readonly Transaction[]) =>
      own.data("testTransactions", posted(TEST, bodyOf(transactions, { as_package: true })));
    const better = spend([rewardAt(1)], { fee: 5000n });
    expect(await tested([better, spend([spendableOf(better)], { fee: 1000n })])).toMatchObject({
      is_accepted: true,
      replaced: [idOf(old!)],
    });
    expect(await tested([better, spend([spendableOf(better)], { fee: 0n })])).toMatchObject({ is_accepted: false });
    const greedy = spend([spendableOf(better), rewardAt(2)], { fee: 9000n });
    expect((await tested([better, greedy])).replaced).toEqual([idOf(old!), idOf(other!)].sort());
    expect((await tested([better, spend([spendableOf(better), spendableOf(old!)], { fee: 1000n })])).is_accepted).toBe(
      false,
    );
    const poor = spend([rewardAt(3)], { fee: 0n });
    const late = spend([spendableOf(better), spendableOf(poor), rewardAt(2)], { fee: 9000n });
    expect((await tested([better, poor, late])).reason).toContain("cannot have mempool ancestors");
  });

  test("a script that fails is run up to its failure, also over an output that is handed in with it", async () => {
    await using own = await openRestTestNode({ tips });
    const traced = (transactions: readonly Transaction[], input = 0) =>
      posted("/api/v1/transactions/trace", { ...bodyOf(transactions), input });
    const parent = spend([rewardAt(1)]);
    const bad = spend([spendableOf(parent)], { badSignature: true });
    const trace = await own.data("tracePasted", traced([parent, bad]));
    expect(trace).toMatchObject({
      txid: idOf(bad),
      is_confirmed: false,
      is_valid: false,
      error: { code: expect.any(String) },
      prevout: { height: null },
    });
    expect(trace.steps.at(-1)!.error).not.toBeNull();
    expect(await own.data("tracePasted", traced([parent]))).toMatchObject({ is_valid: true, prevout: { height: 1 } });
    expect((await own.refusal(traced([bad])))[0]).toBe(404);
    expect((await own.refusal(traced([parent], 1)))[0]).toBe(404);
    expect((await own.refusal(traced([tips[0]!.block.transactions[0]!])))[0]).toBe(400);
  });
});
