import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Chain } from "./chain.ts";
import { MIN_BLOCKS_TO_KEEP } from "./prune-plan.ts";
import {
  coinsOf,
  GENESIS,
  inTemporaryDirectory,
  mine,
  mineMany,
  openTestChain,
  padded,
  submitAll,
} from "./test-kit.ts";

const LARGE = mineMany(GENESIS, 60, { spoil: padded });
const MAIN = [...LARGE, ...mineMany(LARGE.at(-1)!, 288)];
const PRUNING = { fastPrune: true, prune: { kind: "manual" } } as const;

const heightsWithData = (chain: Chain) =>
  Array.from({ length: chain.height + 1 }, (_, height) => height).filter((height) => chain.blockAt(height)!.hasData);

async function blockFilesIn(path: string): Promise<readonly string[]> {
  return (await readdir(join(path, "blocks"))).filter((name) => /^(blk|rev)/.test(name)).sort();
}

/** Runs `work` on a chain of {@link MAIN} that may be pruned. */
async function onMain(work: (chain: Chain, path: string) => Promise<void>): Promise<void> {
  await inTemporaryDirectory(async (path) => {
    const { chain } = await openTestChain(path, PRUNING);
    await submitAll(chain, MAIN);
    await chain.startPruning();
    await work(chain, path);
    await chain.close();
  });
}

describe("pruning up to a height", () => {
  test("takes whole files from disk and index, for good, and leaves the coins", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path, PRUNING);
      await submitAll(chain, MAIN);
      await chain.startPruning();
      const before = await blockFilesIn(path);
      const coins = await coinsOf(chain);
      const size = chain.sizeOnDisk();
      expect([chain.lastPruned(), chain.isPruned(chain.blockAt(1)!)]).toEqual([undefined, false]);

      await chain.pruneUpTo(35);
      const kept = heightsWithData(chain);
      // The file of the last block that may go holds some that may not.
      expect(kept[0]).toBeGreaterThan(20);
      expect(kept[0]).toBeLessThan(36);
      expect(kept).toEqual(MAIN.map(({ height }) => height).filter((height) => height >= kept[0]!));
      expect(chain.lastPruned()!.height).toBe(kept[0]! - 1);
      expect([chain.isPruned(chain.blockAt(1)!), chain.isPruned(chain.tip)]).toEqual([true, false]);
      expect(chain.blockAt(1)!.transactionCount).toBe(1);
      await expect(chain.readBlock(chain.blockAt(1)!)).rejects.toThrow(/is not stored/);
      const after = await blockFilesIn(path);
      expect(before.filter((name) => !after.includes(name))).toEqual(
        expect.arrayContaining(["blk00000.dat", "blk00001.dat", "rev00000.dat", "rev00001.dat"]),
      );
      expect(chain.sizeOnDisk()).toBeLessThan(size);
      await chain.close();

      const again = (await openTestChain(path, { ...PRUNING, checkLevel: 4, checkBlocks: 100 })).chain;
      expect(heightsWithData(again)).toEqual(kept);
      expect(await coinsOf(again)).toEqual(coins);
      expect(again.lastPruned()!.height).toBe(kept[0]! - 1);
      expect(await submitAll(again, [mine(MAIN.at(-1)!)])).toMatchObject({ isNew: true, isChecked: true });
      await again.close();

      await expect(openTestChain(path, { fastPrune: true })).rejects.toThrow(
        "You need to rebuild the database using -reindex to go back to unpruned mode.  This will redownload the entire blockchain",
      );
    });
  });

  test("keeps the last 288 blocks whatever is asked for", async () => {
    await onMain(async (chain) => {
      await chain.pruneUpTo(chain.height);
      const before = chain.lastPruned()!.height;
      expect(before).toBeLessThanOrEqual(chain.height - MIN_BLOCKS_TO_KEEP);
      // The next file goes with the very block that makes its last one old enough.
      let tip = MAIN.at(-1)!;
      while (chain.lastPruned()!.height === before) {
        tip = mine(tip);
        await submitAll(chain, [tip]);
        await chain.pruneUpTo(chain.height);
      }
      expect(chain.lastPruned()!.height).toBe(tip.height - MIN_BLOCKS_TO_KEEP);
    });
  });

  test("waits for an index, and for nobody before it began", async () => {
    await onMain(async (chain) => {
      chain.setPruneLock("an index", 15);
      await chain.pruneUpTo(50);
      expect(chain.lastPruned()).toBeUndefined();
      chain.setPruneLock("an index", 61);
      await chain.pruneUpTo(50);
      expect(chain.lastPruned()!.height).toBeGreaterThan(35);
      expect(chain.lastPruned()!.height).toBeLessThanOrEqual(50);
    });
  });
});

/** With the blocks of MAIN, of which the first files are gone. */
async function makePrunedDirectory(path: string): Promise<void> {
  const { chain } = await openTestChain(path, PRUNING);
  await submitAll(chain, MAIN);
  await chain.startPruning();
  await chain.pruneUpTo(35);
  await chain.close();
}

describe("a pruned directory", () => {
  test("loses at the next start what a crash left of its files", async () => {
    await inTemporaryDirectory(async (path) => {
      await makePrunedDirectory(path);
      const files = await blockFilesIn(path);
      for (const name of ["blk00000.dat", "rev00001.dat"]) await writeFile(join(path, "blocks", name), "left");
      const again = await openTestChain(path, PRUNING);
      expect(await blockFilesIn(path)).toEqual(files);
      await again.chain.close();
    });
  });

  test("is verified down to what is there", async () => {
    await onMain(async (chain) => {
      expect(await chain.verify(4, 0)).toBe(true);
      await chain.pruneUpTo(35);
      const { height } = chain.lastPruned()!;
      expect(await chain.verify(4, 0)).toBe(false);
      expect(await chain.verify(4, chain.height - height + 1)).toBe(false);
      expect(await chain.verify(4, chain.height - height)).toBe(true);
    });
  });

  test("is rebuilt from nothing with -reindex, with the files that are of no use gone", async () => {
    await inTemporaryDirectory(async (path) => {
      await makePrunedDirectory(path);
      const rebuilt = await openTestChain(path, { ...PRUNING, reindex: "all" });
      expect(rebuilt.chain.height).toBe(0);
      expect((await blockFilesIn(path)).filter((name) => name.startsWith("blk"))).toEqual(["blk00000.dat"]);
      await submitAll(rebuilt.chain, MAIN);
      expect(rebuilt.chain.height).toBe(MAIN.length);
      await rebuilt.chain.close();
      // Nothing is missing now.
      const unpruned = await openTestChain(path, { fastPrune: true, checkLevel: 4, checkBlocks: 0 });
      expect(unpruned.chain.height).toBe(MAIN.length);
      await unpruned.chain.close();
    });
  });

  test("without -prune -reindex keeps the files, and what comes again goes elsewhere", async () => {
    await inTemporaryDirectory(async (path) => {
      await makePrunedDirectory(path);
      const rebuilt = await openTestChain(path, { fastPrune: true, reindex: "all" });
      expect(rebuilt.chain.height).toBe(0);
      await submitAll(rebuilt.chain, MAIN);
      expect(await rebuilt.chain.verify(4, 0)).toBe(true);
      await rebuilt.chain.close();
      const again = await openTestChain(path, { fastPrune: true, checkLevel: 4, checkBlocks: 0 });
      expect(again.chain.height).toBe(MAIN.length);
      await again.chain.close();
    });
  });
});

describe("missing blocks", () => {
  /** From a block that is pruned later, with less work. */
  const fork = MAIN[4]!;
  const BRANCH = mineMany(fork, 30, { salt: 5, spoil: padded });

  test("that come again are stored, without undo data", async () => {
    await onMain(async (chain) => {
      await chain.pruneUpTo(35);
      const { block } = MAIN[1]!;
      expect(await chain.submitBlock(block, { requested: false })).toMatchObject({ isNew: false });
      expect(await chain.submitBlock(block)).toMatchObject({ accepted: true, isNew: true });
      const entry = chain.blockAt(2)!;
      expect([entry.hasData, entry.hasUndo, chain.isPruned(entry)]).toEqual([true, false, false]);
      expect((await chain.readBlock(entry)).hash).toEqual(block.hash);
      expect(chain.tip.hash).toEqual(MAIN.at(-1)!.block.hash);
    });
  });

  test("keep a better branch from being chosen until they come", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path, PRUNING);
      // The branch lies in the lowest files, with the blocks that are to be pruned.
      await submitAll(chain, [...MAIN.slice(0, 5), ...BRANCH, ...MAIN.slice(5)]);
      const tip = chain.tip;
      await chain.startPruning();
      await chain.pruneUpTo(30);
      const missing = BRANCH.filter(({ block }) => !chain.find(block.hash)!.hasData);
      expect(missing.length).toBeGreaterThan(20);

      const longer = mineMany(BRANCH.at(-1)!, MAIN.length, { salt: 6 });
      await submitAll(chain, longer);
      expect(chain.tip).toBe(tip);
      expect(chain.find(longer.at(-1)!.block.hash)!.chainwork).toBeGreaterThan(tip.chainwork);

      // The fork lies deeper than what is left of the chain: it cannot be left, so nothing is tried on the way there.
      for (const { block } of missing.slice(0, -1)) await chain.submitBlock(block);
      expect(chain.tip).toBe(tip);
      await chain.close();

      const again = await openTestChain(path, PRUNING);
      expect(again.chain.tip.hash).toEqual(tip.hash);
      await again.chain.close();
    });
  });

  test("of a branch within reach let it win when the last of them is here", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path, PRUNING);
      const stale = mineMany(MAIN[40]!, 9, { salt: 8, spoil: padded });
      await submitAll(chain, [...MAIN.slice(0, 41), ...stale, ...MAIN.slice(41)]);
      await chain.startPruning();
      await chain.pruneUpTo(50);
      const missing = stale.filter(({ block }) => !chain.find(block.hash)!.hasData);
      expect(missing.length).toBe(9);
      // All above the fork can be undone.
      expect(chain.lastPruned()!.height).toBe(41);

      const longer = mineMany(stale.at(-1)!, MAIN.length - 50 + 2, { salt: 9 });
      await submitAll(chain, longer);
      // In any order; those with data wait for those without.
      await submitAll(chain, [...missing.slice(1)].reverse());
      expect(chain.tip.hash).toEqual(MAIN.at(-1)!.block.hash);
      await submitAll(chain, missing.slice(0, 1));
      expect(chain.tip.hash).toEqual(longer.at(-1)!.block.hash);
      await chain.close();
      const again = await openTestChain(path, { ...PRUNING, checkLevel: 4, checkBlocks: 200 });
      expect(again.chain.tip.hash).toEqual(longer.at(-1)!.block.hash);
      await again.chain.close();
    });
  });
});

describe("leaving the chain", () => {
  test("stops where undo data ends, and says so", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain, log, fatal } = await openTestChain(path, PRUNING);
      await submitAll(chain, MAIN);
      await chain.startPruning();
      await chain.pruneUpTo(35);
      const last = chain.lastPruned()!;
      expect(await chain.invalidateBlock(chain.blockAt(5)!.hash)).toEqual({ ok: true });
      expect(chain.tip).toBe(last);
      expect(fatal()).toBeUndefined();
      expect(log.lines.join("\n")).toContain("DisconnectTip(): Failed to read block");
      expect(await chain.reconsiderBlock(MAIN.at(-1)!.block.hash)).toEqual({ ok: true });
      expect(chain.height).toBe(MAIN.length);
      await chain.close();
      const again = await openTestChain(path, PRUNING);
      expect(again.chain.height).toBe(MAIN.length);
      await again.chain.close();
    });
  });
});
