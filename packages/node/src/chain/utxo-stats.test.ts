import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import type { Coin } from "@bitfleet/protocol/consensus/chain-view.ts";
import { sha256d } from "@bitfleet/protocol/crypto/hash.ts";
import { decodeTransaction } from "@bitfleet/protocol/primitives/transaction.ts";
import {
  type BlockHash,
  displayHash,
  type OutPointKey,
  outPointKey,
  type Txid,
} from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import type { Logger } from "../ports.ts";
import { openMemoryStore } from "../storage/memory-store.ts";
import { CoinsCache, type CoinsSnapshot } from "./coins.ts";
import { computeUtxoStats, encodeForHash } from "./utxo-stats.ts";

const log: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => log };

async function snapshotOf(created: readonly (readonly [OutPointKey, Coin])[]): Promise<CoinsSnapshot> {
  const coins = await CoinsCache.open({ cacheBytes: 1 << 20 }, { store: openMemoryStore(), log });
  coins.apply({ spent: [], created }, { hash: new Uint8Array(32).fill(1) as BlockHash });
  await coins.flush({ sync: true, emptyCache: true });
  return coins.snapshot();
}

/** The coinbase that Core makes at `height` for the descriptor raw(51): nothing in it depends on the time. */
function coinbaseAt(height: number): readonly [OutPointKey, Coin] {
  const hex = (value: number, size: number) =>
    Buffer.from(Uint8Array.from({ length: size }, (_, byte) => value >> (8 * byte))).toString("hex");
  const minimal = height < 128 ? `01${hex(height, 1)}` : `02${hex(height, 2)}`;
  const push = height <= 16 ? `${hex(0x50 + height, 1)}00` : minimal;
  const value = height < 150 ? "00f2052a01000000" : "00f9029500000000";
  const parts = [
    `0200000001${"00".repeat(32)}ffffffff`,
    `${hex(push.length / 2, 1)}${push}feffffff02${value}0151`,
    "0000000000000000266a24aa21a9ede2f61c3f71d1defd3fa999dfa36953755c690689799962b48bebd836974e8cf9",
    hex(height - 1, 4),
  ];
  const tx = decodeTransaction(new Reader(fromHex(parts.join(""))));
  return [outPointKey({ txid: tx.txid, index: 0 }), { output: tx.outputs[0]!, height, isCoinbase: true }];
}

describe("210 blocks of regtest mined to raw(51)", () => {
  // gettxoutsetinfo of Bitcoin Core after `generatetodescriptor 210 raw(51)`.
  const created = Array.from({ length: 210 }, (_, index) => coinbaseAt(index + 1));

  test.each([
    ["hash_serialized_3", "0b5cc045fa4905b2bf203a9973290d3e14f89f5d1237c2c19371345702d468a6"],
    ["muhash", "363a9ba6cfbcaec698f74b76c7d6b5008509153909aa18c1153731803f640b52"],
  ] as const)("%s", async (hash, expected) => {
    const stats = await computeUtxoStats(await snapshotOf(created), { hash });
    expect(displayHash(stats.hash!)).toBe(expected);
    expect(stats).toMatchObject({ txouts: 210, transactions: 210, bogosize: 10_710, totalAmount: 897_500_000_000n });
    expect(stats.bestBlock).toEqual(new Uint8Array(32).fill(1));
  });

  test("none", async () => {
    expect((await computeUtxoStats(await snapshotOf(created), { hash: "none" })).hash).toBeUndefined();
  });
});

test("outputs of one transaction are hashed by index, though the database orders them otherwise", async () => {
  const txid = new Uint8Array(32).fill(5) as Txid;
  const indexes = [0, 127, 128, 256, 16_511, 16_512, 70_000];
  const created = indexes.map((index) => {
    const output = { value: BigInt(index), scriptPubKey: Uint8Array.of(0x51) };
    return [outPointKey({ txid, index }), { output, height: index, isCoinbase: false }] as const;
  });
  const snapshot = await snapshotOf(created);
  const stats = await computeUtxoStats(snapshot, { hash: "hash_serialized_3" });
  const bytes = Buffer.concat(created.map(([key, coin]) => encodeForHash(txid, key, coin)));
  expect(toHex(stats.hash!)).toBe(toHex(sha256d(bytes)));
  expect([stats.transactions, stats.txouts]).toEqual([1, indexes.length]);
});

test("no coins at all", async () => {
  const stats = await computeUtxoStats(await snapshotOf([]), { hash: "hash_serialized_3" });
  expect(stats).toMatchObject({ txouts: 0, transactions: 0, bogosize: 0, totalAmount: 0n });
  expect(toHex(stats.hash!)).toBe(toHex(sha256d(new Uint8Array(0))));
});

test("progress grows to one, and what it throws stops the count", async () => {
  const created = Array.from({ length: 700 }, (_, number) => {
    const txid = new Uint8Array(32) as Txid;
    new DataView(txid.buffer).setUint16(0, number * 90);
    const output = { value: 1n, scriptPubKey: Uint8Array.of(0x51) };
    return [outPointKey({ txid, index: 0 }), { output, height: 1, isCoinbase: false }] as const;
  });
  const seen: number[] = [];
  await computeUtxoStats(await snapshotOf(created), { hash: "none" }, (done) => seen.push(done));
  expect(seen.length).toBe(3);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen.at(-1)).toBe(1);
  const stop = () => {
    throw new Error("enough");
  };
  await expect(computeUtxoStats(await snapshotOf(created), { hash: "none" }, stop)).rejects.toThrow("enough");
});
