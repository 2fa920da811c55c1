import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { KEY_SCRIPT, NETWORK, rewardOf, spend, spendableOf } from "../../chain/test-kit.ts";
import { openRestTestNode, type RestTestNode } from "../rest/rest-test-kit.ts";
import { spendingChain } from "../test-kit.ts";

/** Every output of the chain that has a value is of one address. */
const tips = spendingChain();
const ADDRESS = encodeAddress(KEY_SCRIPT, NETWORK.addressPrefixes)!;
const HASH = toHex(sha256(KEY_SCRIPT));
const idOf = (tx: Transaction) => displayHash(tx.txid);
const confirmed = tips.flatMap(({ block }) => block.transactions);
const payment = spend([rewardOf(tips[0]!)], { outputCount: 2, fee: 2000n });
const child = spend([spendableOf(payment, 1)], { fee: 5000n });

let rest: RestTestNode;
beforeAll(async () => {
  rest = await openRestTestNode({ tips });
  for (const tx of [payment, child]) await rest.node.mempool.accept(tx);
}, 60_000);
afterAll(() => rest.close());

const ask = (path: string, on = rest) => on.app.inject({ method: "GET", url: `/esplora${path}` });
async function json(path: string) {
  const response = await ask(path);
  expect(response.statusCode, `${path}: ${response.body}`).toBe(200);
  return response.json();
}
const ids = (list: readonly { readonly txid: string }[]) => list.map(({ txid }) => txid);

const paid = (transactions: readonly Transaction[]) =>
  transactions.flatMap(({ outputs }) => outputs.filter(({ value }) => value > 0n));
const sumOf = (outputs: readonly { readonly value: bigint }[]) =>
  Number(outputs.reduce((sum, { value }) => sum + value, 0n));

test("what came and what went, in the chain and waiting", async () => {
  const spentCount = confirmed.filter((_, index) => index > 0).flatMap(({ inputs }) => inputs).length;
  const coinbases = tips.length;
  const chain = {
    tx_count: confirmed.length,
    funded_txo_count: paid(confirmed).length,
    funded_txo_sum: sumOf(paid(confirmed)),
    spent_txo_count: spentCount - coinbases + 1,
    spent_txo_sum: expect.any(Number),
  };
  const reward = 5_000_000_000;
  const waiting = {
    tx_count: 2,
    funded_txo_count: 3,
    funded_txo_sum: sumOf(paid([payment, child])),
    spent_txo_count: 2,
    spent_txo_sum: reward + Number(payment.outputs[1]!.value),
  };
  expect(await json(`/address/${ADDRESS}`)).toEqual({ address: ADDRESS, chain_stats: chain, mempool_stats: waiting });
  expect(await json(`/scripthash/${HASH}`)).toMatchObject({ scripthash: HASH, mempool_stats: waiting });
});

test("transactions: what waits, then those of the chain, 25 at a time", async () => {
  const newestFirst = confirmed.map(idOf).reverse();
  expect(ids(await json(`/address/${ADDRESS}/txs/mempool`)).sort()).toEqual([payment, child].map(idOf).sort());
  const both = await json(`/address/${ADDRESS}/txs`);
  expect(ids(both).slice(2)).toEqual(newestFirst.slice(0, 25));
  expect(both[0]).toMatchObject({ status: { confirmed: false } });
  const seen: string[] = [];
  for (;;) {
    const last = seen.at(-1);
    const part = await json(`/scripthash/${HASH}/txs/chain${last === undefined ? "" : `/${last}`}`);
    expect(part.length).toBeLessThanOrEqual(25);
    if (part.length === 0) break;
    seen.push(...ids(part));
  }
  expect(seen).toEqual(newestFirst);
});

test("coins: not those that a waiting transaction spends, and none where there are too many to tell of", async () => {
  const coins: { txid: string; vout: number; value: number; status: object }[] = await json(`/address/${ADDRESS}/utxo`);
  const names = coins.map(({ txid, vout }) => `${txid}:${vout}`);
  expect(names).toContain(`${idOf(child)}:0`);
  expect(names).toContain(`${idOf(payment)}:0`);
  expect(names).not.toContain(`${idOf(payment)}:1`);
  expect(names).not.toContain(`${idOf(tips[0]!.block.transactions[0]!)}:0`);
  expect(coins.find(({ txid }) => txid === idOf(child))).toMatchObject({ status: { confirmed: false } });
  const late = coins.find(({ txid }) => txid === idOf(tips[119]!.block.transactions[0]!));
  expect(late).toMatchObject({ vout: 0, status: { confirmed: true, block_height: 120 } });
});

test.each([
  ["/address/nobody", 400],
  ["/address/bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", 400],
  ["/scripthash/ab", 400],
  [`/address/${ADDRESS}/txs/chain/${"ab".repeat(32)}`, 404],
  [`/address/${ADDRESS}/txs/chain/x`, 400],
])("%s is refused with %d", async (path, status) => {
  expect((await ask(path)).statusCode).toBe(status);
});

test("without the index it is said how to have it", async () => {
  await using bare = await openRestTestNode({ hasIndexes: false });
  const response = await ask(`/address/${ADDRESS}`, bare);
  expect([response.statusCode, response.body]).toEqual([501, expect.stringContaining("-addressindex")]);
});
