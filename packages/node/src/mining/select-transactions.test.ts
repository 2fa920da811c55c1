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

const chunk = (...entries: readonly MempoolEntry[]): MineableChunk => ({
  entries,
  fee: entries.reduce((sum, { fee }) => sum + fee, 0n),
  size: entries.reduce((sum, { weight }) => sum + weight, 0),
});

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

test("nobody goes without its parent", () => {
  const parent = entry({ fee: 900n, weight: 3000 });
  const child = entry({ fee: 100n, parents: [parent] });
  const grandchild = entry({ fee: 50n, parents: [child] });
  const other = entry({ fee: 40n });
  expect(selectTransactions([chunk(parent), chunk(child), chunk(grandchild), chunk(other)], LIMITS)).toEqual([other]);
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
