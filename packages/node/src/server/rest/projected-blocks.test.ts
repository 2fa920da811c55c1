import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { describe, expect, test } from "vitest";
import { ManualClock } from "../../chain/test-kit.ts";
import type { OrderedChunk } from "../../mempool/entry.ts";
import type { MempoolEntry } from "../../mempool/mempool.ts";
import { PROJECTED_BLOCKS_MAX, ProjectedMempool } from "./projected-blocks.ts";

/** An entry of so much weight that so many fill a block. */
function entryOf(weight: number, fee: number): MempoolEntry {
  const virtualSize = Math.ceil(weight / 4);
  return { tx: {} as Transaction, fee: BigInt(fee), modifiedFee: BigInt(fee), weight, virtualSize } as MempoolEntry;
}

const chunkOf = (...entries: readonly MempoolEntry[]) =>
  ({ entries, fee: entries.reduce((sum, { fee }) => sum + fee, 0n), size: 0 }) as unknown as OrderedChunk;

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

/** 3,992,000 weight units are for transactions. */
const ROOM = 3_992_000;

describe("what fits a block", () => {
  test.each([
    [ROOM / 2, 2],
    [ROOM / 2 + 4, 1],
  ])("of transactions with weight %d: %d", (weight, count) => {
    const pool = poolOf(Array.from({ length: 4 }, (_, index) => chunkOf(entryOf(weight, 1000 - index))));
    const { blocks } = new ProjectedMempool(pool, new ManualClock()).blocks;
    expect(blocks.map((block) => block.transaction_count)).toEqual(Array.from({ length: 4 / count }, () => count));
  });

  test("a chunk is in one block or the next, never in both", () => {
    const pool = poolOf([chunkOf(entryOf(ROOM - 4000, 9000)), chunkOf(entryOf(3000, 5), entryOf(3000, 4))]);
    const projected = new ProjectedMempool(pool, new ManualClock());
    expect(projected.blocks.blocks.map((block) => block.transaction_count)).toEqual([1, 2]);
    expect(projected.indexOf(pool.chunks[1]!.entries[1]!)).toBe(1);
  });
});

test("what is behind the blocks that are shown is summed up", () => {
  const count = PROJECTED_BLOCKS_MAX + 3;
  const pool = poolOf(Array.from({ length: count }, () => chunkOf(entryOf(ROOM, 4000))));
  const projected = new ProjectedMempool(pool, new ManualClock());
  expect(projected.blocks.blocks).toHaveLength(PROJECTED_BLOCKS_MAX);
  expect(projected.blocks.remaining).toEqual({ transaction_count: 3, virtual_size: (3 * ROOM) / 4, total_fee: 12_000 });
  expect(projected.indexOf(pool.chunks.at(-1)!.entries[0]!)).toBeUndefined();
});

test("percentiles are of virtual bytes, not of transactions", () => {
  const small = Array.from({ length: 9 }, () => chunkOf(entryOf(400, 1000)));
  const pool = poolOf([...small, chunkOf(entryOf(400 * 91, 910))]);
  const [block] = new ProjectedMempool(pool, new ManualClock()).blocks.blocks;
  expect(block!.feerate_range_sat_per_kvb).toEqual([100, 100, 100, 100, 100, 100, 10_000]);
});

test("looked through again when something has changed, and not more often than once a second", () => {
  const clock = new ManualClock();
  const pool = poolOf([chunkOf(entryOf(400, 1))]);
  const projected = new ProjectedMempool(pool, clock);
  const look = () => [projected.blocks.blocks.length, pool.looks];
  expect(look()).toEqual([1, 1]);
  clock.elapsedMs += 5000;
  expect(look()).toEqual([1, 1]);
  pool.changeCount++;
  expect(look()).toEqual([1, 2]);
  pool.changeCount++;
  clock.elapsedMs += 999;
  expect(look()).toEqual([1, 2]);
  clock.elapsedMs += 1;
  expect(look()).toEqual([1, 3]);
});
