import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { describe, expect, test } from "vitest";
import { ManualClock } from "../../chain/test-kit.ts";
import type { OrderedChunk } from "../../mempool/entry.ts";
import type { MempoolEntry } from "../../mempool/mempool.ts";
import { type MineableChunk, selectTransactions } from "../../mining/select-transactions.ts";
import { PROJECTED_BLOCKS_MAX, ProjectedMempool } from "./projected-blocks.ts";

/** An entry of so much weight that so many fill a block. */
function entryOf(weight: number, fee: number): MempoolEntry {
  const virtualSize = Math.ceil(weight / 4);
  const tx = { lockTime: 0 } as Transaction;
  return { tx, fee: BigInt(fee), modifiedFee: BigInt(fee), weight, virtualSize, sigopsCost: 0 } as MempoolEntry;
}

const chunkOf = (...entries: readonly MempoolEntry[]) => {
  const fee = entries.reduce((sum, { modifiedFee }) => sum + modifiedFee, 0n);
  const size = entries.reduce((sum, { weight }) => sum + weight, 0);
  return { entries, fee, size, cluster: {} } as unknown as OrderedChunk;
};

const LIMITS = { maxWeight: 4_000_000, reservedWeight: 8000, minFeerateSatPerKvb: 1n, height: 1, medianTime: 1 };
const MINER = { select: (chunks: Iterable<MineableChunk>) => selectTransactions(chunks, LIMITS) };

function poolOf(chunks: readonly OrderedChunk[]) {
  const pool = {
    changeCount: 1,
    looks: 0,
    size: chunks.length,
    chunks,
    chunksInMiningOrder() {
      pool.looks++;
      return pool.chunks;
    },
  };
  return pool;
}

/** 3,992,000 weight units are for transactions, and the last of them is never used. */
const ROOM = 3_991_999;

describe("what fits a block", () => {
  test.each([
    [(ROOM - 1) / 2, 2],
    [(ROOM + 1) / 2, 1],
  ])("of transactions with weight %d: %d", async (weight, count) => {
    const pool = poolOf(Array.from({ length: 4 }, (_, index) => chunkOf(entryOf(weight, 1000 - index))));
    const { blocks } = await new ProjectedMempool(pool, MINER, new ManualClock()).blocks();
    expect(blocks.map((block) => block.transaction_count)).toEqual(Array.from({ length: 4 / count }, () => count));
  });

  test("smaller ones fill what the large ones leave, as in a template", async () => {
    const [large, larger, small] = [entryOf(ROOM - 4000, 9000), entryOf(ROOM - 3000, 8000), entryOf(4000, 1)];
    const pool = poolOf([large, larger, small].map((entry) => chunkOf(entry)));
    const projected = new ProjectedMempool(pool, MINER, new ManualClock());
    expect(await Promise.all([large, larger, small].map((entry) => projected.indexOf(entry)))).toEqual([0, 1, 0]);
    expect((await projected.blocks()).blocks.map(({ weight }) => weight)).toEqual([ROOM, ROOM - 3000]);
  });

  test("what no miner takes is in no block", async () => {
    const unpaid = { ...entryOf(400, 500), modifiedFee: 0n };
    const pool = poolOf([chunkOf(entryOf(400, 9)), chunkOf(unpaid)]);
    const projected = new ProjectedMempool(pool, MINER, new ManualClock());
    expect((await projected.blocks()).blocks.map(({ total_fee }) => total_fee)).toEqual([9]);
    expect((await projected.blocks()).remaining).toEqual({ transaction_count: 1, virtual_size: 100, total_fee: 500 });
    expect(await projected.indexOf(unpaid)).toBeUndefined();
  });

  test("a chunk is in one block or the next, never in both", async () => {
    const pool = poolOf([chunkOf(entryOf(ROOM - 4000, 9000)), chunkOf(entryOf(3000, 5), entryOf(3000, 4))]);
    const projected = new ProjectedMempool(pool, MINER, new ManualClock());
    expect((await projected.blocks()).blocks.map((block) => block.transaction_count)).toEqual([1, 2]);
    expect(await projected.indexOf(pool.chunks[1]!.entries[1]!)).toBe(1);
  });
});

test("what is behind the blocks that are shown is summed up", async () => {
  const count = PROJECTED_BLOCKS_MAX + 3;
  const pool = poolOf(Array.from({ length: count }, () => chunkOf(entryOf(ROOM, 4000))));
  const projected = new ProjectedMempool(pool, MINER, new ManualClock());
  expect((await projected.blocks()).blocks).toHaveLength(PROJECTED_BLOCKS_MAX);
  expect((await projected.blocks()).remaining).toEqual({
    transaction_count: 3,
    virtual_size: 3 * Math.ceil(ROOM / 4),
    total_fee: 12_000,
  });
  expect(await projected.indexOf(pool.chunks.at(-1)!.entries[0]!)).toBeUndefined();
});

test("percentiles are of virtual bytes, not of transactions", async () => {
  const small = Array.from({ length: 9 }, () => chunkOf(entryOf(400, 1000)));
  const pool = poolOf([...small, chunkOf(entryOf(400 * 91, 910))]);
  const [block] = (await new ProjectedMempool(pool, MINER, new ManualClock()).blocks()).blocks;
  expect(block!.feerate_range_sat_per_kvb).toEqual([100, 100, 100, 100, 100, 100, 10_000]);
});

test("looked through again when something has changed, and not more often than once a second", async () => {
  const clock = new ManualClock();
  const pool = poolOf([chunkOf(entryOf(400, 1))]);
  const projected = new ProjectedMempool(pool, MINER, clock);
  const look = async () => [(await projected.blocks()).blocks.length, pool.looks];
  expect(await look()).toEqual([1, 1]);
  clock.elapsedMs += 5000;
  expect(await look()).toEqual([1, 1]);
  pool.changeCount++;
  expect(await look()).toEqual([1, 2]);
  pool.changeCount++;
  clock.elapsedMs += 999;
  expect(await look()).toEqual([1, 2]);
  clock.elapsedMs += 1;
  expect(await look()).toEqual([1, 3]);
});

test("others have their turns while very many are looked through", async () => {
  const pool = poolOf(Array.from({ length: 20_000 }, (_, index) => chunkOf(entryOf(4000, 30_000 - index))));
  const projected = new ProjectedMempool(pool, MINER, new ManualClock());
  let turns = 0;
  let isDone = false;
  const turn = () => {
    turns++;
    if (!isDone) setImmediate(turn);
  };
  setImmediate(turn);
  const { blocks } = await projected.blocks();
  isDone = true;
  expect(blocks).toHaveLength(PROJECTED_BLOCKS_MAX);
  // One for each block at least, and for each five thousand.
  expect(turns).toBeGreaterThan(PROJECTED_BLOCKS_MAX);
});
