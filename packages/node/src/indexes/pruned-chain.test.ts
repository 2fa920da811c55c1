import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { StartupError } from "../chain/startup-error.ts";
import {
  GENESIS,
  inTemporaryDirectory,
  mineMany,
  openTestChain,
  padded,
  submitAll,
  type TestChain,
} from "../chain/test-kit.ts";
import { FilterIndex } from "./filter-index.ts";

/** The block filter index over a chain whose old blocks are deleted. */

const LARGE = mineMany(GENESIS, 60, { spoil: padded });
const MAIN = [...LARGE, ...mineMany(LARGE.at(-1)!, 288)];
const PRUNING = { fastPrune: true, prune: { kind: "manual" } } as const;

function openIndex(path: string, { chain, clock, log }: TestChain): Promise<FilterIndex> {
  const onFatal = (error: Error) => {
    throw error;
  };
  return FilterIndex.open({ path: join(path, "filters") }, { chain, clock, log, onFatal });
}

async function caughtUp(index: FilterIndex): Promise<void> {
  index.start();
  while (!index.isSynced) await new Promise((resolve) => setImmediate(resolve));
}

/** Lets an index come to `height`, and closes it; then the chain goes on to its end, and is pruned up to block 30. */
async function leaveIndexBehind(path: string, height: number): Promise<TestChain> {
  const opened = await openTestChain(path, PRUNING);
  await submitAll(opened.chain, MAIN.slice(0, height));
  const index = await openIndex(path, opened);
  await caughtUp(index);
  await index.close();
  await opened.chain.close();
  // As a node that was started without the index has it: nobody holds anything back.
  const again = await openTestChain(path, PRUNING);
  await submitAll(again.chain, MAIN.slice(height));
  await again.chain.startPruning();
  await again.chain.pruneUpTo(30);
  return again;
}

describe("an index over a pruned chain", () => {
  test("keeps what it has of blocks that are gone, also over a restart", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path, PRUNING);
      await submitAll(opened.chain, MAIN);
      const index = await openIndex(path, opened);
      await caughtUp(index);
      const entry = opened.chain.blockAt(2)!;
      const before = await index.filterAt(entry);
      await opened.chain.startPruning();
      await opened.chain.pruneUpTo(40);
      expect(opened.chain.isPruned(entry)).toBe(true);
      expect(await index.filterAt(entry)).toEqual(before);
      await index.close();
      const again = await openIndex(path, opened);
      await caughtUp(again);
      expect(await again.filterAt(entry)).toEqual(before);
      await again.close();
      await opened.chain.close();
    });
  });

  test("has blocks kept that it has yet to read, from its opening on", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path, PRUNING);
      await submitAll(opened.chain, MAIN);
      const index = await openIndex(path, opened);
      await opened.chain.startPruning();
      await opened.chain.pruneUpTo(40);
      expect(opened.chain.lastPruned()).toBeUndefined();
      await caughtUp(index);
      await opened.chain.pruneUpTo(40);
      expect(opened.chain.lastPruned()!.height).toBeGreaterThan(20);
      await index.close();
      await opened.chain.close();
    });
  });

  test("goes on where the last block it has is still there, and not one block below", async () => {
    let last = 0;
    await inTemporaryDirectory(async (path) => {
      const opened = await leaveIndexBehind(path, 40);
      last = opened.chain.lastPruned()!.height;
      await opened.chain.close();
    });
    expect(last).toBeGreaterThan(20);

    await inTemporaryDirectory(async (path) => {
      const opened = await leaveIndexBehind(path, last + 1);
      expect(opened.chain.lastPruned()!.height).toBe(last);
      const index = await openIndex(path, opened);
      await caughtUp(index);
      expect(index.best).toBe(opened.chain.tip);
      await index.close();
      await opened.chain.close();
    });

    await inTemporaryDirectory(async (path) => {
      const opened = await leaveIndexBehind(path, last);
      const error = await openIndex(path, opened).catch((reason) => reason);
      expect(error).toBeInstanceOf(StartupError);
      expect(error.message).toBe(
        "basic block filter index best block of the index goes beyond pruned data (including undo data). Please disable the index or reindex (which will download the whole blockchain again)",
      );
      expect(error.consequence).toBe(
        "A fatal internal error occurred, see debug.log for details: Failed to start indexes, shutting down…",
      );
      // The blocks alone do not help: a filter needs the coins that they spent.
      await submitAll(opened.chain, MAIN.slice(0, 30));
      expect(opened.chain.blockAt(last)!.hasData).toBe(true);
      await expect(openIndex(path, opened)).rejects.toThrow("including undo data");
      await opened.chain.close();
    });
  });

  test("cannot begin anew there", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path, PRUNING);
      await submitAll(opened.chain, MAIN);
      await opened.chain.startPruning();
      await opened.chain.pruneUpTo(30);
      await expect(openIndex(path, opened)).rejects.toThrow("goes beyond pruned data");
      await opened.chain.close();
    });
  });
});
