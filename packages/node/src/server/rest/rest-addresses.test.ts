import { ADDRESS_BATCH_MAX, ADDRESS_NAME_LENGTH_MAX } from "@bitfleet/api/rest/addresses.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KEY_SCRIPT, mine, mineMany, NETWORK, rewardOf, spend, spendableOf, submitAll } from "../../chain/test-kit.ts";
import { spendingChain } from "../test-kit.ts";
import { openRestTestNode, posted, type RestTestNode } from "./rest-test-kit.ts";

/** Every reward, and every output of the chain's transactions, is of one address. */
const tips = spendingChain();
const ADDRESS = encodeAddress(KEY_SCRIPT, NETWORK.addressPrefixes)!;
const HASH = displayHash(sha256(KEY_SCRIPT));
const UNUSED = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const idOf = (tx: Transaction) => displayHash(tx.txid);

const chainTransactions = tips.flatMap(({ block, height }) =>
  block.transactions.map((tx, index) => ({ tx, height, index })),
);
/** The newest first, as routes have it. */
const newestFirst = chainTransactions.map(({ tx }) => idOf(tx)).reverse();
const reward = 5_000_000_000;

let rest: RestTestNode;
beforeAll(async () => {
  rest = await openRestTestNode({ tips });
}, 60_000);
afterAll(() => rest.close());

const at = (path: string) => `/api/v1/addresses/${path}`;

async function wholeHistory(on: RestTestNode, limit: number, name = ADDRESS): Promise<string[]> {
  const txids: string[] = [];
  let query = "";
  for (;;) {
    const part = await on.data("addressHistory", at(`${name}/history?limit=${limit}${query}`));
    expect(part.items.length).toBeLessThanOrEqual(limit);
    txids.push(...part.items.map(({ txid }) => txid));
    if (part.next_cursor === null) return txids;
    query = `&cursor=${part.next_cursor}`;
  }
}

describe("an address", () => {
  test("with its script and what it has, by its name and by its script hash", async () => {
    const info = await rest.data("address", at(ADDRESS));
    expect(info).toMatchObject({
      address: ADDRESS,
      script_hash: HASH,
      script: { type: "witness_v0_keyhash", address: ADDRESS },
      balance: { transaction_count: chainTransactions.length, unconfirmed: 0, block_height: 120 },
    });
    const byHash = await rest.data("address", at(HASH));
    expect(byHash).toEqual({ ...info, address: HASH, script: null, balance: { ...info.balance, address: HASH } });
    expect(await rest.data("addressBalance", at(`${HASH.toUpperCase()}/balance`))).toMatchObject({
      confirmed: info.balance.confirmed,
    });
  });

  test("has what the chain's coins are worth", async () => {
    const balance = await rest.data("addressBalance", at(`${ADDRESS}/balance`));
    let [left, cursor] = [0, ""];
    const seen = new Set<string>();
    do {
      const part = await rest.data("addressUtxos", at(`${ADDRESS}/utxo?limit=7${cursor}`));
      for (const { txid, vout, value } of part.items) {
        seen.add(`${txid}:${vout}`);
        left += value;
      }
      cursor = part.next_cursor === null ? "" : `&cursor=${part.next_cursor}`;
    } while (cursor !== "");
    expect(balance).toMatchObject({ confirmed: left, utxo_count: seen.size });
    expect(balance.received - balance.sent).toBe(left);
    const fees = chainTransactions.filter(({ index }) => index > 0).length * 1000;
    // Two of the transactions leave a satoshi more: the value does not divide by their outputs.
    expect(120 * reward - fees - left).toBeLessThan(100);
  });

  test("that was never used has nothing", async () => {
    expect(await rest.data("address", at(UNUSED))).toMatchObject({
      balance: { confirmed: 0, received: 0, transaction_count: 0, utxo_count: 0 },
    });
    expect(await rest.data("addressHistory", at(`${UNUSED}/history`))).toEqual({ items: [], next_cursor: null });
    expect(await rest.data("addressUtxos", at(`${UNUSED}/utxo`))).toEqual({ items: [], next_cursor: null });
    const empty = { items: [], page: 0, limit: 10, total: 0, total_pages: 0, has_next: false, has_prev: false };
    expect(await rest.data("addressTransactions", `/api/v1/transactions/address/${UNUSED}`)).toEqual(empty);
  });

  test("answers who asks again for what has not changed that it has not", async () => {
    const first = await rest.app.inject({ url: at(`${ADDRESS}/balance`) });
    const headers = { "if-none-match": first.headers.etag as string };
    expect((await rest.app.inject({ url: at(`${ADDRESS}/balance`), headers })).statusCode).toBe(304);
  });
});

describe("a history", () => {
  test.each([1, 7, 100])("in parts of %d is whole and in order", async (limit) => {
    expect(await wholeHistory(rest, limit)).toEqual(newestFirst);
    expect(await wholeHistory(rest, limit, HASH)).toEqual(newestFirst);
  });

  test("says of each transaction what it did, what it paid, and where it stands", async () => {
    const { items } = await rest.data("addressHistory", at(`${ADDRESS}/history?limit=4`));
    const { block } = tips[119]!;
    const place = {
      is_confirmed: true,
      block_height: 120,
      block_hash: displayHash(block.hash),
      time: block.header.time,
      confirmations: 1,
    };
    const [, split] = block.transactions;
    expect(items[2]).toEqual({
      txid: idOf(split!),
      value: -1000,
      direction: "out",
      received: reward - 1000,
      sent: reward,
      ...place,
      index: 1,
      fee: 1000,
      is_coinbase: false,
    });
    expect(items[3]).toMatchObject({ direction: "in", value: reward, index: 0, fee: null, is_coinbase: true });
  });

  test("in numbered pages has each transaction whole", async () => {
    const url = `/api/v1/transactions/address/${ADDRESS}`;
    const page = await rest.data("addressTransactions", `${url}?page=1&limit=6`);
    expect(page.items.map(({ txid }) => txid)).toEqual(newestFirst.slice(6, 12));
    const total = newestFirst.length;
    const counts = { page: 1, limit: 6, total, total_pages: Math.ceil(total / 6), has_next: true, has_prev: true };
    expect(page).toMatchObject(counts);
    const { items } = await rest.data("addressTransactions", `${url}?limit=4`);
    expect(items[2]).toMatchObject({
      txid: idOf(tips[119]!.block.transactions[1]!),
      index: 1,
      fee: 1000,
      direction: "out",
      inputs: [{ prevout: { value: reward, height: 20, is_coinbase: true } }],
    });
    const last = await rest.data("addressTransactions", `${url}?page=${Math.ceil(total / 100) - 1}&limit=100`);
    expect(last.has_next).toBe(false);
    expect(last.items.at(-1)!.txid).toBe(newestFirst.at(-1));
    expect((await rest.data("addressTransactions", `${url}?page=999&limit=100`)).items).toEqual([]);
  });
});

describe("what waits", () => {
  test("counts apart, comes first, and marks the coins that it spends", async () => {
    await using own = await openRestTestNode({ tips });
    const { mempool } = own.node;
    const parent = spend([rewardOf(tips[0]!)], { outputCount: 2 });
    const child = spend([spendableOf(parent, 0)]);
    for (const tx of [parent, child]) expect((await mempool.accept(tx)).kind).toBe("accepted");
    const before = await rest.data("addressBalance", at(`${ADDRESS}/balance`));
    expect(await own.data("addressBalance", at(`${ADDRESS}/balance`))).toEqual({
      ...before,
      unconfirmed: -2000,
      unconfirmed_transaction_count: 2,
    });

    const history = await own.data("addressHistory", at(`${ADDRESS}/history?limit=3`));
    expect(new Set(history.items.slice(0, 2).map(({ txid }) => txid))).toEqual(new Set([idOf(parent), idOf(child)]));
    expect(history.items[2]!.txid).toBe(newestFirst[0]);
    expect(history.items.find(({ txid }) => txid === idOf(child))).toMatchObject({
      is_confirmed: false,
      block_height: null,
      index: null,
      fee: 1000,
      value: -1000,
      confirmations: 0,
    });
    const page = await own.data("addressTransactions", `/api/v1/transactions/address/${ADDRESS}?limit=2`);
    expect(page.total).toBe(newestFirst.length + 2);
    expect(page.items.find(({ txid }) => txid === idOf(child))).toMatchObject({
      index: null,
      inputs: [{ txid: idOf(parent), prevout: { height: null } }],
    });

    const { items } = await own.data("addressUtxos", at(`${ADDRESS}/utxo?limit=1000`));
    const utxo = (tx: Transaction, vout: number) => items.find((one) => one.txid === idOf(tx) && one.vout === vout);
    expect(utxo(parent, 0)).toMatchObject({ is_confirmed: false, block_height: null, spent_by: idOf(child) });
    expect(utxo(parent, 1)).toMatchObject({ is_confirmed: false, spent_by: null, is_mature: true });
    expect(utxo(child, 0)).toMatchObject({ confirmations: 0, spent_by: null });
    const spent = tips[0]!.block.transactions[0]!;
    expect(utxo(spent, 0)).toMatchObject({ block_height: 1, confirmations: 120, spent_by: idOf(parent) });

    await submitAll(own.node.chain, [mine(tips.at(-1)!, { transactions: [parent] })]);
    expect(await own.data("addressBalance", at(`${ADDRESS}/balance`))).toMatchObject({
      confirmed: before.confirmed - 1000 + reward,
      unconfirmed: -1000,
      unconfirmed_transaction_count: 1,
      transaction_count: before.transaction_count + 2,
      block_height: 121,
    });
  });

  test("coins of coinbases are mature for the block 100 above theirs", async () => {
    const { items } = await rest.data("addressUtxos", at(`${ADDRESS}/utxo?limit=1000`));
    const rewards = items.filter((one) => one.is_coinbase);
    const heights = (isMature: boolean) =>
      rewards.filter((one) => one.is_mature === isMature).map(({ block_height: height }) => height!);
    expect(Math.min(...heights(false))).toBe(22);
    expect(Math.max(...heights(true))).toBe(21);
  });
});

describe("a cursor", () => {
  test("goes on where it was when blocks come, and when others come in their place", async () => {
    await using own = await openRestTestNode({ tips: tips.slice(0, 110) });
    const shown = async (cursor: string) =>
      own.data("addressHistory", at(`${ADDRESS}/history?limit=5&cursor=${cursor}`));
    const first = await own.data("addressHistory", at(`${ADDRESS}/history?limit=5`));
    const second = await shown(first.next_cursor!);
    await submitAll(own.node.chain, tips.slice(110));
    expect(await shown(first.next_cursor!)).toEqual({
      ...second,
      items: second.items.map((item) => ({ ...item, confirmations: item.confirmations + 10 })),
    });
    // A chain that leaves this one below all that was shown: on from the highest place below.
    const branch = mineMany(tips[99]!, 25, { salt: 5 });
    await submitAll(own.node.chain, branch);
    const [last] = first.items.slice(-1);
    expect(last!.block_height).toBeGreaterThan(105);
    const behind = await shown(first.next_cursor!);
    const expected = branch.filter(({ height }) => height <= last!.block_height!).reverse();
    const [newest] = expected;
    // What now stands at the very place of the last one shown is another transaction, and was not shown.
    const from = last!.index! > 0 || idOf(newest!.block.transactions[0]!) !== last!.txid ? expected : expected.slice(1);
    expect(behind.items.map(({ txid }) => txid)).toEqual(
      from.slice(0, 5).map(({ block }) => idOf(block.transactions[0]!)),
    );
  });

  test.each([
    ["history", "x"],
    ["history", `w.${HASH}.1`],
    ["history", `c.5.${HASH}`],
    ["utxo", `w.${HASH}`],
    ["utxo", "c.1.2.3"],
  ])("of %s that is none is refused: %s", async (list, cursor) => {
    expect(await rest.refusal(at(`${ADDRESS}/${list}?cursor=${cursor}`))).toEqual([
      400,
      "The cursor is none of this list: take next_cursor of the part before.",
    ]);
  });
});

describe("many addresses at once", () => {
  const batch = (addresses: readonly string[]) => posted("/api/v1/addresses/batch", { addresses });

  test("in the order in which they are asked for, the same one twice too", async () => {
    const answers = await rest.data("addressBatch", batch([UNUSED, ADDRESS, HASH, ADDRESS]));
    const one = await rest.data("addressBalance", at(`${ADDRESS}/balance`));
    expect(answers.map(({ address }) => address)).toEqual([UNUSED, ADDRESS, HASH, ADDRESS]);
    expect(answers.map(({ confirmed }) => confirmed)).toEqual([0, one.confirmed, one.confirmed, one.confirmed]);
  });

  test("as many as fit, and not one more; none is none", async () => {
    const longest = Array<string>(ADDRESS_BATCH_MAX).fill(ADDRESS);
    expect((await rest.data("addressBatch", batch(longest))).length).toBe(ADDRESS_BATCH_MAX);
    expect((await rest.refusal(batch([...longest, ADDRESS])))[0]).toBe(400);
    expect((await rest.refusal(batch([])))[0]).toBe(400);
    const tooLarge = Array<string>(ADDRESS_BATCH_MAX).fill("a".repeat(2 * ADDRESS_NAME_LENGTH_MAX));
    expect((await rest.refusal(batch(tooLarge)))[0]).toBe(413);
    expect((await rest.refusal(batch([ADDRESS, "nobody"])))[1]).toMatch(/^"nobody" is no address: /);
  });
});

describe("refusals", () => {
  const EXPECTED =
    "an address of regtest, which begins with bcrt1, m, n or 2, or the 64 hex digits of a script hash is expected.";

  test.each([
    ["satoshi", "is no address"],
    [`${UNUSED.slice(0, -1)}1`, "is no address"],
    ["bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "is an address of main"],
    ["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "is an address of main"],
    ["tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", "is an address of the test networks"],
    [HASH.slice(1), "is no address"],
  ])("%s", async (name, what) => {
    const sentence = `"${name}" ${what}: ${EXPECTED}`;
    for (const path of [name, `${name}/balance`, `${name}/utxo`, `${name}/history`])
      expect(await rest.refusal(at(path))).toEqual([400, sentence]);
    expect(await rest.refusal(`/api/v1/transactions/address/${name}`)).toEqual([400, sentence]);
  });

  test("without an index, and while it is being made", async () => {
    await using bare = await openRestTestNode({ hasIndexes: false });
    const message = "This node keeps no index of addresses: -addressindex has it made.";
    expect(await bare.refusal(at(`${ADDRESS}/balance`))).toEqual([501, message]);
    expect(await bare.refusal(posted("/api/v1/addresses/batch", { addresses: [ADDRESS] }))).toEqual([501, message]);
    const { state } = rest;
    const node = state.node!;
    const behind = { height: 30, targetHeight: 120, percent: 25 };
    state.ready({ ...node, addresses: { behind } as never });
    expect(await rest.refusal(at(`${ADDRESS}/balance`))).toEqual([
      503,
      "The index of addresses is being made: it has come to block 30 of 120 (25 %).",
    ]);
    state.ready(node);
  });

  test("limits that are none", async () => {
    for (const query of ["limit=0", "limit=101", "limit=x"])
      expect((await rest.refusal(at(`${ADDRESS}/history?${query}`)))[0]).toBe(400);
    expect((await rest.refusal(at(`${ADDRESS}/utxo?limit=1001`)))[0]).toBe(400);
    expect((await rest.refusal(at("a".repeat(ADDRESS_NAME_LENGTH_MAX + 1))))[0]).toBe(400);
  });
});
