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
          fee: 33_000,
          virtual_size: Math.ceil((payments[2]!.weight + child.weight) / 4),
        },
      ],
    });
    expect((await rest.refusal(`/api/v1/mempool/clusters/${"ab".repeat(32)}`))[0]).toBe(404);
  });

  const listed = async (query: string) =>
    (await rest.data("mempoolTransactions", `/api/v1/transactions/mempool?limit=100&${query}`)).items;
  const idsOf = async (query: string) => (await listed(query)).map(({ txid }) => txid);

  test("the list in other orders, in parts too", async () => {
    for (const [sort, field] of [
      ["feerate", "feerate_sat_per_kvb"],
      ["fee", "fee"],
      ["size", "virtual_size"],
    ] as const) {
      const whole = await listed(`sort=${sort}`);
      const numbers = whole.map((line) => line[field]);
      expect(numbers).toEqual([...numbers].sort((a, b) => b - a));
      const ids: string[] = [];
      let cursor = "";
      for (;;) {
        const url = `/api/v1/transactions/mempool?limit=5&sort=${sort}${cursor}`;
        const part = await rest.data("mempoolTransactions", url);
        ids.push(...part.items.map(({ txid }) => txid));
        if (part.next_cursor === null) break;
        cursor = `&cursor=${part.next_cursor}`;
      }
      expect(ids).toEqual(whole.map(({ txid }) => txid));
      expect(new Set(ids).size).toBe(ids.length);
    }
    const { next_cursor: cursor } = await rest.data("mempoolTransactions", "/api/v1/transactions/mempool?limit=1");
    const [status, error] = await rest.refusal(`/api/v1/transactions/mempool?sort=fee&cursor=${cursor}`);
    expect([status, error]).toEqual([400, "The cursor is none of this list: take next_cursor of the part before."]);
  });

  test("the list with only what is asked for, both edges counted", async () => {
    const feerate = Math.floor(4_000_000 / payments[3]!.virtualSize);
    expect(await idsOf(`min_feerate_sat_per_kvb=${feerate}&max_feerate_sat_per_kvb=${feerate}`)).toEqual([
      idOf(payments[3]!),
    ]);
    const least = await idsOf(`min_feerate_sat_per_kvb=${feerate + 1}`);
    expect(least).not.toContain(idOf(payments[3]!));
    expect(least).toContain(idOf(payments[4]!));
    const [parent] = await listed("has_children=true");
    expect(parent).toMatchObject({ txid: idOf(payments[2]!), child_count: 1, parent_count: 0 });
    expect(await idsOf("has_parents=true")).toEqual([idOf(child)]);
    expect(await idsOf("has_children=true&has_parents=true")).toEqual([]);
    expect(await idsOf(`max_virtual_size=${child.virtualSize}`)).toContain(idOf(child));
    expect(await idsOf(`max_virtual_size=${child.virtualSize - 1}`)).not.toContain(idOf(child));
    const { time } = parent!;
    expect(await idsOf(`since=${time}&until=${time}`)).toContain(idOf(payments[2]!));
    expect(await idsOf(`until=${time - 1}`)).not.toContain(idOf(payments[2]!));
    expect(await idsOf("replaceable=true")).toEqual(
      (await listed("")).filter((line) => line.signals_replacement).map(({ txid }) => txid),
    );
    expect((await idsOf("replaceable=true")).length + (await idsOf("replaceable=false")).length).toBe(
      (await idsOf("")).length,
    );
    for (const query of ["replaceable=perhaps", "sort=oldest", "min_virtual_size=-1"])
      expect((await rest.refusal(`/api/v1/transactions/mempool?${query}`))[0], query).toBe(400);
  });

  test("clusters, the best paying first, in parts", async () => {
    const clusters = "/api/v1/mempool/clusters";
    const { items, next_cursor } = await rest.data("mempoolClusters", clusters);
    expect(next_cursor).toBeNull();
    expect(items).toEqual([
      {
        txid: idOf(payments[2]!),
        transaction_count: 2,
        fee: 33_000,
        virtual_size: Math.ceil((payments[2]!.weight + child.weight) / 4),
        chunks: [expect.objectContaining({ transaction_count: 2, fee: 33_000 })],
      },
    ]);
    const all: (typeof items)[number][] = [];
    let cursor = "";
    for (;;) {
      const part = await rest.data("mempoolClusters", `${clusters}?min_count=1&limit=3${cursor}`);
      all.push(...part.items);
      if (part.next_cursor === null) break;
      cursor = `&cursor=${part.next_cursor}`;
    }
    expect(all.map(({ transaction_count: count }) => count).reduce((sum, count) => sum + count, 0)).toBe(
      rest.node.mempool.size,
    );
    expect(new Set(all.map(({ txid }) => txid)).size).toBe(all.length);
    const feerates = all.map(({ chunks }) => chunks[0]!.feerate_sat_per_kvb);
    expect(feerates).toEqual([...feerates].sort((a, b) => b - a));
    for (const query of ["cursor=x", "cursor=c1_0_", "min_count=0", "min_count=65"])
      expect((await rest.refusal(`${clusters}?${query}`))[0], query).toBe(400);
  });
});
