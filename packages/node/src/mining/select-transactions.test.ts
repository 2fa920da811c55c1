import { MAX_BLOCK_SIGOPS_COST } from "@bitfleet/protocol/consensus/sigops.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { expect, test } from "vitest";
import type { MempoolEntry } from "../mempool/mempool.ts";
import { type MineableChunk, selectTransactions } from "./select-transactions.ts";

interface Fields {
  readonly fee: bigint;
  readonly weight?: number;
  readonly sigopsCost?: number;
  readonly parents?: readonly MempoolEntry[];
  readonly lockTime?: number;
}

function entry({ fee, weight = 400, sigopsCost = 4, parents = [], lockTime = 0 }: Fields): MempoolEntry {
  const input = { previousOutput: { txid: new Uint8Array(32) as Txid, index: 0 }, scriptSig: new Uint8Array(0) };
  const tx = new Transaction({ version: 2, inputs: [{ ...input, sequence: 0, witness: [] }], outputs: [], lockTime });
  return { tx, fee, weight, sigopsCost, parents: new Set(parents) } as unknown as MempoolEntry;
}

const chunkOf = (cluster: object, ...entries: readonly MempoolEntry[]): MineableChunk => ({
  cluster,
  entries,
  fee: entries.reduce((sum, { fee }) => sum + fee, 0n),
  size: entries.reduce((sum, { weight }) => sum + weight, 0),
});

/** In a cluster of its own. */
const chunk = (...entries: readonly MempoolEntry[]) => chunkOf({}, ...entries);

const LIMITS = { maxWeight: 10_000, reservedWeight: 8000, minFeerateSatPerKvb: 1n, height: 100, medianTime: 1_000_000 };

test("the block stays below its weight, and smaller ones fill the rest", () => {
  const [large, small] = [entry({ fee: 900n, weight: 1700 }), entry({ fee: 100n, weight: 299 })];
  expect(selectTransactions([chunk(large), chunk(small)], LIMITS)).toEqual([large, small]);
  const larger = entry({ fee: 100n, weight: 300 });
  expect(selectTransactions([chunk(large), chunk(larger)], LIMITS)).toEqual([large]);
  expect(selectTransactions([chunk(large), chunk(larger), chunk(small)], LIMITS)).toEqual([large, small]);
});

test("signature operations stay below the limit, some kept for the coinbase", () => {
  const free = MAX_BLOCK_SIGOPS_COST - 400;
  expect(selectTransactions([chunk(entry({ fee: 9n, sigopsCost: free - 1 }))], LIMITS)).toHaveLength(1);
  expect(selectTransactions([chunk(entry({ fee: 9n, sigopsCost: free }))], LIMITS)).toEqual([]);
});

test("nothing of a cluster is taken behind what did not fit", () => {
  const [one, two] = [{}, {}];
  const large = entry({ fee: 900n, weight: 3000 });
  const [behind, further, other] = [entry({ fee: 100n }), entry({ fee: 50n }), entry({ fee: 40n })];
  const chunks = [chunkOf(one, large), chunkOf(one, behind), chunkOf(one, further), chunkOf(two, other)];
  expect(selectTransactions(chunks, LIMITS)).toEqual([other]);
  // What stands before it in its cluster stays.
  expect(selectTransactions([chunkOf(one, other), chunkOf(one, large), chunkOf(one, behind)], LIMITS)).toEqual([other]);
  // A locked one, and one with too many signature operations, keep theirs out too.
  const locked = entry({ fee: 900n, lockTime: 100 });
  expect(selectTransactions([chunkOf(one, locked), chunkOf(one, behind), chunkOf(two, other)], LIMITS)).toEqual([
    other,
  ]);
  const costly = entry({ fee: 900n, sigopsCost: MAX_BLOCK_SIGOPS_COST });
  expect(selectTransactions([chunkOf(one, costly), chunkOf(one, behind), chunkOf(two, other)], LIMITS)).toEqual([
    other,
  ]);
});

test("a chunk goes in whole or not at all, and its weight counts signature operations only while it is tried", () => {
  const [first, second] = [entry({ fee: 900n, weight: 1000 }), entry({ fee: 100n, weight: 999 })];
  expect(selectTransactions([chunk(first, second)], LIMITS)).toEqual([first, second]);
  const third = entry({ fee: 1n, weight: 1 });
  expect(selectTransactions([chunk(first, second, third)], LIMITS)).toEqual([]);
  // Its adjusted weight must fit; what it takes from the block is its own.
  const heavy = { ...chunk(entry({ fee: 900n, weight: 600 })), size: 1999 };
  const rest = entry({ fee: 1n, weight: 1399 });
  expect(selectTransactions([heavy, chunk(rest)], LIMITS)).toHaveLength(2);
  expect(selectTransactions([{ ...heavy, size: 2000 }, chunk(rest)], LIMITS)).toEqual([rest]);
});

test("the search ends behind a thousand misfits in a row, where the block is nearly full", () => {
  const misfits = (count: number) => Array.from({ length: count }, () => chunk(entry({ fee: 9n, weight: 2000 })));
  const last = entry({ fee: 1n, weight: 40 });
  expect(selectTransactions([...misfits(1000), chunk(last)], LIMITS)).toEqual([last]);
  expect(selectTransactions([...misfits(1001), chunk(last)], LIMITS)).toEqual([]);
  // With room for 4000 and no more it is not nearly full.
  const roomy = { ...LIMITS, reservedWeight: 6000 };
  const larger = Array.from({ length: 1001 }, () => chunk(entry({ fee: 9n, weight: 4000 })));
  expect(selectTransactions([...larger, chunk(last)], roomy)).toEqual([last]);
  // One that fits starts the count again.
  const between = entry({ fee: 5n, weight: 40 });
  const again = [...misfits(600), chunk(between), ...misfits(600), chunk(last)];
  expect(selectTransactions(again, LIMITS)).toEqual([between, last]);
});

test("locked ones wait", () => {
  const select = (lockTime: number) => selectTransactions([chunk(entry({ fee: 9n, lockTime }))], LIMITS).length;
  expect([select(99), select(100)]).toEqual([1, 0]);
  expect([select(999_999_999), select(500_000_000)]).toEqual([0, 0]);
});

test("what pays too little ends the search", () => {
  const least = { ...LIMITS, minFeerateSatPerKvb: 1000n };
  expect(selectTransactions([chunk(entry({ fee: 100n }))], least)).toHaveLength(1);
  expect(selectTransactions([chunk(entry({ fee: 99n })), chunk(entry({ fee: 100n }))], least)).toEqual([]);
});
