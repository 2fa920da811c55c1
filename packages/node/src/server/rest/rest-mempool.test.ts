import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GENESIS, mineMany, rewardOf, spend, spendableOf } from "../../chain/test-kit.ts";
import { openRestTestNode, type RestTestNode } from "./rest-test-kit.ts";

const idOf = (tx: Transaction) => displayHash(tx.txid);
const tips = mineMany(GENESIS, 130);

/** Ten payments with fees of 1,000 to 10,000, the third with a child. */
const payments = Array.from({ length: 10 }, (_, index) =>
  spend([rewardOf(tips[index]!)], { fee: BigInt(1000 * (index + 1)), outputCount: 2 }),
);
const child = spend([spendableOf(payments[2]!)], { fee: 30_000n });

test("empty: zeros, no blocks, no bars, no lines", async () => {
  await using rest = await openRestTestNode({ hasIndexes: false });
  expect(await rest.data("mempool", "/api/v1/mempool")).toMatchObject({
    transaction_count: 0,
    virtual_size: 0,
    total_fee: 0,
  });
  const nothing = { transaction_count: 0, virtual_size: 0, total_fee: 0 };
  expect(await rest.data("projectedBlocks", "/api/v1/mempool/blocks")).toEqual({ blocks: [], remaining: nothing });
  expect(await rest.data("mempoolHistogram", "/api/v1/mempool/histogram")).toEqual([]);
  expect(await rest.data("mempoolTransactions", "/api/v1/transactions/mempool")).toEqual({
    items: [],
    next_cursor: null,
  });
});

describe("with eleven transactions", () => {
  const all = [...payments, child];
  const size = all.reduce((sum, tx) => sum + tx.virtualSize, 0);
  let rest: RestTestNode;
  beforeAll(async () => {
    rest = await openRestTestNode({ tips, hasIndexes: false });
    for (const tx of all) expect((await rest.node.mempool.accept(tx)).kind).toBe("accepted");
  }, 60_000);
  afterAll(() => rest.close());

  test("the sums", async () => {
    expect(await rest.data("mempool", "/api/v1/mempool")).toMatchObject({
      transaction_count: 11,
      virtual_size: size,
      total_fee: 85_000,
      min_feerate_sat_per_kvb: 100,
      usage_bytes_max: 300_000_000,
    });
  });

  test("all of them in the next block, its range from the lowest feerate to that of parent and child", async () => {
    const { blocks, remaining } = await rest.data("projectedBlocks", "/api/v1/mempool/blocks");
    expect(remaining.transaction_count).toBe(0);
    expect(blocks).toHaveLength(1);
    expect(blocks[0]).toMatchObject({ index: 0, transaction_count: 11, virtual_size: size, total_fee: 85_000 });
    const range = blocks[0]!.feerate_range_sat_per_kvb;
    expect(range).toHaveLength(7);
    expect(range).toEqual([...range].sort((a, b) => a - b));
    expect(range[0]).toBe(Math.floor(1_000_000 / payments[0]!.virtualSize));
    expect(range[6]).toBe(Math.floor(33_000_000 / (payments[2]!.virtualSize + child.virtualSize)));
  });

  test("bars hold each of them once, the highest first", async () => {
    const bars = await rest.data("mempoolHistogram", "/api/v1/mempool/histogram");
    expect(bars.reduce((sum, bar) => sum + bar.transaction_count, 0)).toBe(11);
    expect(bars.reduce((sum, bar) => sum + bar.total_fee, 0)).toBe(85_000);
    const edges = bars.map((bar) => bar.feerate_sat_per_kvb);
    expect(edges).toEqual([...edges].sort((a, b) => b - a));
  });

  test("the list, newest first, in parts that lose and repeat none while others come and go", async () => {
    const first = await rest.data("mempoolTransactions", "/api/v1/transactions/mempool?limit=4");
    expect(first.items.map(({ txid }) => txid)).toEqual(all.slice(-4).reverse().map(idOf));
    const late = spend([rewardOf(tips[20]!)]);
    await rest.node.mempool.accept(late);
    const rest1 = await rest.data(
      "mempoolTransactions",
      `/api/v1/transactions/mempool?limit=7&cursor=${first.next_cursor}`,
    );
    expect(rest1.items.map(({ txid }) => txid)).toEqual(all.slice(0, 7).reverse().map(idOf));
    expect(rest1.next_cursor).toBeNull();
    expect(rest1.items[0]).toMatchObject({ fee: 7000, input_count: 1, output_count: 2, is_coinbase: false });
    expect((await rest.refusal("/api/v1/transactions/mempool?cursor=t5-1-0123456789abcdef"))[0]).toBe(400);
  });

  test("a cluster with its chunks", async () => {
    const cluster = await rest.data("mempoolCluster", `/api/v1/mempool/clusters/${idOf(child)}`);
    expect(cluster).toEqual({
      transactions: [
        { txid: idOf(payments[2]!), fee: 3000, virtual_size: payments[2]!.virtualSize, depends_on: [], chunk: 0 },
        { txid: idOf(child), fee: 30_000, virtual_size: child.virtualSize, depends_on: [idOf(payments[2]!)], chunk: 0 },
      ],
      chunks: [
        {
          feerate_sat_per_kvb: Math.floor(33_000_000 / Math.ceil((payments[2]!.weight + child.weight) / 4)),
          transaction_count: 2,
        },
      ],
    });
    expect((await rest.refusal(`/api/v1/mempool/clusters/${"ab".repeat(32)}`))[0]).toBe(404);
  });
});
