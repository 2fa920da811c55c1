import { open } from "node:fs/promises";
import { join } from "node:path";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import type { KvStore } from "../ports.ts";
import type { BlockStorage } from "../storage/block-files.ts";
import { openMemoryBlocks } from "../storage/memory-block-files.ts";
import { openMemoryStore } from "../storage/memory-store.ts";
import { StorageError } from "../storage/storage-error.ts";
import { ScriptPool } from "./script-pool.ts";
import {
  coinsOf,
  GENESIS,
  inTemporaryDirectory,
  MemoryLog,
  mine,
  mineMany,
  mineSpending,
  openTestChain,
  rewardOf,
  type Spendable,
  spend,
  spendableOf,
  submitAll,
  type TestChain,
  type Tip,
} from "./test-kit.ts";

/** What goes wrong while several blocks of the initial download are tried ahead. */

const REWARDS = mineMany(GENESIS, 102);
const SPENDING = mineSpending(REWARDS, 24);

const submitAtOnce = ({ chain }: TestChain, tips: readonly Tip[]) =>
  Promise.allSettled(tips.map(({ block }) => chain.submitBlock(block)));

/** The coins after the first `count` of {@link SPENDING}, one block after the other. */
function coinsAfter(count: number): Promise<Awaited<ReturnType<typeof coinsOf>>> {
  return inTemporaryDirectory(async (path) => {
    const { chain } = await openTestChain(path);
    await submitAll(chain, [...REWARDS, ...SPENDING.slice(0, count)]);
    const coins = await coinsOf(chain);
    await chain.close();
    return coins;
  });
}

/** A disk in memory that has no room for more undo data, or blocks, after some. */
function smallDisk() {
  const contents = { chainstate: openMemoryStore(), index: openMemoryStore(), blocks: openMemoryBlocks() };
  let room = Number.POSITIVE_INFINITY;
  const take = () => {
    if (--room < 0) throw new StorageError("full", "blocks", "The disk is full.");
  };
  const storageOf = (limited: "appendBlock" | "appendUndo" | undefined) => {
    const blocks = new Proxy(contents.blocks, {
      get(target, name: keyof BlockStorage) {
        const value = target[name];
        if (typeof value !== "function") return value;
        const method = (value as (...args: unknown[]) => unknown).bind(target);
        return (...args: unknown[]) => {
          if (name === limited) take();
          return method(...args);
        };
      },
    });
    const openStore = async (name: "chainstate" | "index"): Promise<KvStore> => contents[name];
    return { openStore, openBlocks: async () => blocks };
  };
  return { storageOf, allow: (count: number) => (room = count) };
}

describe("a disk that is full", () => {
  for (const what of ["appendBlock", "appendUndo"] as const) {
    test(`in the middle of a row, at ${what}, stops the chain; the next start goes on from what was written`, async () => {
      const disk = smallDisk();
      const opened = await openTestChain("memory", { storage: disk.storageOf(what) });
      await submitAll(opened.chain, REWARDS);
      await opened.chain.flush();
      disk.allow(5);
      const answers = await submitAtOnce(opened, SPENDING);
      for (const answer of answers) expect(answer).toMatchObject({ status: "rejected", reason: { kind: "full" } });
      expect(opened.chain.height).toBe(what === "appendBlock" ? 102 : 107);
      expect(opened.fatal()).toMatchObject({ kind: "full" });
      await opened.chain.close();
      const again = await openTestChain("memory", {
        storage: disk.storageOf(undefined),
        checkLevel: 4,
        checkBlocks: 0,
      });
      await submitAll(again.chain, SPENDING);
      expect(again.chain.height).toBe(126);
      expect(await again.chain.verify(4, 0)).toBe(true);
      expect(await coinsOf(again.chain)).toEqual(await coinsAfter(24));
      await again.chain.close();
    });
  }
});

test("a block that is damaged on disk, among others tried ahead, stops the chain in front of it and is not called invalid", async () => {
  await inTemporaryDirectory(async (path) => {
    const opened = await openTestChain(path);
    const { chain, fatal } = opened;
    await submitAll(chain, [...REWARDS, ...SPENDING]);
    const damaged = chain.blockAt(110)!;
    await chain.invalidateBlock(chain.blockAt(103)!.hash);
    await chain.flush();
    const file = await open(join(path, "blocks", "blk00000.dat"), "r+");
    const byte = new Uint8Array(1);
    const offset = damaged.dataPosition!.offset + 200;
    await file.read(byte, 0, 1, offset);
    byte[0]! ^= 1;
    await file.write(byte, 0, 1, offset);
    await file.close();
    await expect(chain.reconsiderBlock(SPENDING[0]!.block.hash)).rejects.toBeInstanceOf(StorageError);
    expect(fatal()).toBeInstanceOf(StorageError);
    expect(chain.height).toBe(109);
    expect(damaged.isInvalid).toBe(false);
    await chain.close();
  });
});

describe("in the middle of a row", () => {
  test("a chain that is closed finishes what it took, and opens with the same coins", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      await submitAll(opened.chain, REWARDS);
      const answers = submitAtOnce(opened, SPENDING);
      await opened.chain.close();
      for (const answer of await answers)
        expect(answer).toMatchObject({ status: "fulfilled", value: { accepted: true, isChecked: true } });
      const again = await openTestChain(path, { checkLevel: 4, checkBlocks: 0 });
      expect(again.chain.height).toBe(126);
      expect(await coinsOf(again.chain)).toEqual(await coinsAfter(24));
      await again.chain.close();
    });
  });

  test("-stopatheight stops at the height, not at the end of the row", async () => {
    await inTemporaryDirectory(async (path) => {
      let stops = 0;
      const opened = await openTestChain(path, { stopAtHeight: 106 }, { onStopHeight: () => stops++ });
      await submitAll(opened.chain, REWARDS);
      await submitAtOnce(opened, SPENDING.slice(0, 12));
      expect([stops, opened.chain.height]).toEqual([1, 106]);
      expect(await coinsOf(opened.chain)).toEqual(await coinsAfter(4));
      await opened.chain.close();
      const again = await openTestChain(path);
      expect(again.chain.height).toBe(114);
      expect(await coinsOf(again.chain)).toEqual(await coinsAfter(12));
      await again.chain.close();
    });
  });

  test("script workers that die leave no block unchecked", async () => {
    await inTemporaryDirectory(async (path) => {
      const log = new MemoryLog();
      const workerUrl = new URL("data:text/javascript,setTimeout(()=>process.exit(1),5)");
      const scriptVerifier = new ScriptPool(
        { threadCount: 2, preference: "portable", workerUrl },
        { secp256k1: portableSecp256k1, log },
      );
      const opened = await openTestChain(path, {}, { scriptVerifier });
      await submitAll(opened.chain, REWARDS);
      const inputs = [3, 4, 5].map((index) => rewardOf(REWARDS[index]!));
      const matured = mineMany(SPENDING[9]!, 1)[0]!;
      const bad = mine(matured, { transactions: [spend(inputs, { badSignature: true })] });
      const answers = await submitAtOnce(opened, [...SPENDING.slice(0, 10), matured, bad, mine(bad)]);
      expect(log.lines.some((line) => line.includes("worker ended"))).toBe(true);
      expect(answers.at(-2)).toMatchObject({ value: { isChecked: true, reject: { kind: "consensus" } } });
      expect(displayHash(opened.chain.tip.hash)).toBe(displayHash(matured.block.hash));
      expect(await opened.chain.verify(4, 0)).toBe(true);
      await opened.chain.close();
      await scriptVerifier.close();
    });
  });

  test("large blocks, which others have a turn in between, take what small ones made and the other way round", async () => {
    const large = (previous: Tip, reward: number, change: readonly Spendable[] = []) => {
      const split = spend([rewardOf(REWARDS[reward]!)], { outputCount: 4000 });
      return mine(previous, { transactions: [split, ...change.map((coin) => spend([coin]))] });
    };
    const base = mineMany(REWARDS.at(-1)!, 30);
    const first = large(base.at(-1)!, 0);
    const small = mine(first, { transactions: [spend([rewardOf(REWARDS[1]!)])] });
    const second = large(small, 2, [spendableOf(first.block.transactions[1]!, 3999)]);
    const end = mineMany(second, 3);
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      await submitAll(opened.chain, REWARDS);
      const answers = await submitAtOnce(opened, [...base, first, small, second, ...end]);
      for (const answer of answers)
        expect(answer).toMatchObject({ status: "fulfilled", value: { accepted: true, isChecked: true } });
      expect(displayHash(opened.chain.tip.hash)).toBe(displayHash(end.at(-1)!.block.hash));
      expect(await opened.chain.verify(4, 0)).toBe(true);
      await opened.chain.close();
    });
  });
});
