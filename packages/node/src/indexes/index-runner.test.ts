import { cp } from "node:fs/promises";
import { join } from "node:path";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import type { BlockIndexEntry } from "../chain/block-index.ts";
import {
  GENESIS,
  inTemporaryDirectory,
  mine,
  mineMany,
  openTestChain,
  submitAll,
  type TestChain,
} from "../chain/test-kit.ts";
import type { KvBatch, KvStore } from "../ports.ts";
import { indexHeightKey } from "../storage/keyspace.ts";
import { openLevelStore } from "../storage/level-store.ts";
import { type IndexedBlock, IndexRunner, type IndexWriter } from "./index-runner.ts";
import { decodeLocator, encodeLocator, locatorOf } from "./locator.ts";

const MAIN = mineMany(GENESIS, 12);
/** Leaves the chain above height 9 and is longer. */
const BRANCH = mineMany(MAIN[8]!, 5, { salt: 7 });

/** An index that keeps the hash of the block at each height, and notes what it is told. */
class HashWriter implements IndexWriter {
  readonly name = "test index";
  readonly needsUndo = false;
  readonly calls: string[] = [];
  onAppend: (block: IndexedBlock) => void | Promise<void> = () => {};

  async load(best: BlockIndexEntry | undefined): Promise<void> {
    this.calls.push(`load ${best?.height}`);
  }

  async append(batch: KvBatch, block: IndexedBlock): Promise<void> {
    await this.onAppend(block);
    expect(block.block.hash).toEqual(block.entry.hash);
    expect((await block.undo()).transactions.length).toBe(block.block.transactions.length - 1);
    batch.put(indexHeightKey(block.entry.height), block.entry.hash);
    this.calls.push(`append ${block.entry.height}`);
  }

  rewind(batch: KvBatch, fork: BlockIndexEntry, best: BlockIndexEntry | undefined): void {
    for (let height = best?.height ?? fork.height; height > fork.height; height--) batch.delete(indexHeightKey(height));
    this.calls.push(`rewind ${best?.height} to ${fork.height}`);
  }
}

const openStore = (path: string) =>
  openLevelStore(join(path, "index"), { cacheBytes: 2 ** 20, obfuscate: false, repairOption: "-reindex" });

interface Indexed {
  readonly runner: IndexRunner;
  readonly writer: HashWriter;
  readonly store: KvStore;
  readonly fatal: () => Error | undefined;
  close(): Promise<void>;
}

async function openIndex(path: string, { chain, clock, log }: TestChain, writer = new HashWriter()): Promise<Indexed> {
  const store = await openStore(path);
  let fatal: Error | undefined;
  const onFatal = (error: Error) => {
    fatal = error;
  };
  try {
    const runner = await IndexRunner.open({ chain, store, writer, clock, log, onFatal });
    const close = async () => {
      await runner.stop();
      await store.close();
    };
    return { runner, writer, store, fatal: () => fatal, close };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Resolves when the index has caught up. */
async function caughtUp(runner: IndexRunner): Promise<void> {
  while (!runner.isSynced) await new Promise((resolve) => setImmediate(resolve));
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const appends = (from: number, to: number) => numbers(from, to).map((height) => `append ${height}`);

async function storedHashes(store: KvStore): Promise<string[]> {
  const hashes: string[] = [];
  for await (const { value } of store.iterate({ from: indexHeightKey(0) })) hashes.push(displayHash(value as never));
  return hashes;
}

const hashesOf = (tips: readonly { readonly block: { readonly hash: Uint8Array } }[]) =>
  [GENESIS, ...tips].map(({ block }) => displayHash(block.hash));

describe("an index that follows the chain", () => {
  test("begins with genesis, catches up in the background, and follows block by block", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      await submitAll(opened.chain, MAIN.slice(0, 10));
      const { runner, writer, store, close } = await openIndex(path, opened);
      expect([runner.isSynced, runner.best, writer.calls]).toEqual([false, undefined, ["load undefined"]]);

      runner.start();
      expect(runner.isSynced).toBe(false);
      expect(await runner.waitUntilCurrent()).toBe(false);
      await caughtUp(runner);
      expect(runner.best).toBe(opened.chain.tip);
      expect(opened.log.lines).toContain("test index is enabled at height 10");

      await submitAll(opened.chain, MAIN.slice(10));
      expect(await runner.waitUntilCurrent()).toBe(true);
      expect(runner.best).toBe(opened.chain.tip);
      expect(writer.calls).toEqual(["load undefined", ...appends(0, 12)]);
      expect(await storedHashes(store)).toEqual(hashesOf(MAIN));
      await close();
      await opened.chain.close();
    });
  });

  test("takes back the blocks of a branch that is left, and takes in the other", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      await submitAll(opened.chain, MAIN);
      const { runner, writer, store, close } = await openIndex(path, opened);
      runner.start();
      await caughtUp(runner);
      writer.calls.length = 0;

      await submitAll(opened.chain, BRANCH);
      expect(opened.chain.height).toBe(14);
      expect(await runner.waitUntilCurrent()).toBe(true);
      expect(writer.calls).toEqual(["rewind 12 to 9", ...appends(10, 14)]);
      expect(await storedHashes(store)).toEqual(hashesOf([...MAIN.slice(0, 9), ...BRANCH]));
      await close();
      await opened.chain.close();
    });
  });

  test("keeps blocks that are called invalid until others come in their place", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      await submitAll(opened.chain, MAIN);
      const { runner, writer, store, close } = await openIndex(path, opened);
      runner.start();
      await caughtUp(runner);
      writer.calls.length = 0;

      await opened.chain.invalidateBlock(MAIN[5]!.block.hash);
      await opened.chain.events.drained();
      expect([opened.chain.height, runner.best?.height]).toEqual([5, 12]);
      expect(await runner.waitUntilCurrent()).toBe(true);
      await opened.chain.reconsiderBlock(MAIN[5]!.block.hash);
      await opened.chain.events.drained();
      expect(writer.calls).toEqual([]);
      expect(await storedHashes(store)).toEqual(hashesOf(MAIN));

      await opened.chain.invalidateBlock(MAIN[5]!.block.hash);
      const [other] = mineMany(MAIN[4]!, 1, { salt: 5 });
      await submitAll(opened.chain, [other!]);
      await opened.chain.events.drained();
      expect(writer.calls).toEqual(["rewind 12 to 5", "append 6"]);
      expect(await storedHashes(store)).toEqual(hashesOf([...MAIN.slice(0, 5), other!]));
      await close();
      await opened.chain.close();
    });
  });

  test("stops in the middle, and goes on from there at the next start", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      await submitAll(opened.chain, MAIN);
      const first = await openIndex(path, opened);
      let stopping: Promise<void> | undefined;
      first.writer.onAppend = ({ entry }) => {
        if (entry.height === 6) stopping = first.close();
      };
      first.runner.start();
      while (stopping === undefined) await new Promise((resolve) => setImmediate(resolve));
      await stopping;
      expect([first.runner.isSynced, first.runner.best?.height]).toEqual([false, 6]);

      const second = await openIndex(path, opened);
      second.runner.start();
      await caughtUp(second.runner);
      expect(second.writer.calls).toEqual(["load 6", ...appends(7, 12)]);
      expect(await storedHashes(second.store)).toEqual(hashesOf(MAIN));
      await second.close();

      const third = await openIndex(path, opened);
      third.runner.start();
      expect(third.runner.isSynced).toBe(true);
      await third.close();
      expect(third.writer.calls).toEqual(["load 12"]);
      await opened.chain.close();
    });
  });

  test("finds the way back where the chain went another way while it was away", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      await submitAll(opened.chain, MAIN);
      const first = await openIndex(path, opened);
      first.runner.start();
      await caughtUp(first.runner);
      await first.close();
      await submitAll(opened.chain, BRANCH);

      const second = await openIndex(path, opened);
      second.runner.start();
      await caughtUp(second.runner);
      expect(second.writer.calls).toEqual(["load 12", "rewind 12 to 9", ...appends(10, 14)]);
      expect(await storedHashes(second.store)).toEqual(hashesOf([...MAIN.slice(0, 9), ...BRANCH]));
      await second.close();
      await opened.chain.close();
    });
  });

  test("says every half minute how far it is, until it has caught up", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      await submitAll(opened.chain, MAIN);
      const { runner, writer, close } = await openIndex(path, opened);
      writer.onAppend = () => {
        opened.clock.elapsedMs += 10_000;
      };
      runner.start();
      await caughtUp(runner);
      await submitAll(opened.chain, mineMany(MAIN[11]!, 4));
      await runner.waitUntilCurrent();
      expect(opened.log.lines.filter((line) => /Syncing|enabled/.test(line))).toEqual([
        ...[2, 5, 8, 11].map((height) => `Syncing test index with block chain from height ${height}`),
        "test index is enabled at height 12",
      ]);
      await close();
      await opened.chain.close();
    });
  });

  test("reports what it cannot go on from, and leaves the last good state", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      await submitAll(opened.chain, MAIN.slice(0, 5));
      const first = await openIndex(path, opened);
      first.runner.start();
      await caughtUp(first.runner);
      first.writer.onAppend = () => {
        throw new Error("the disk is on fire");
      };
      await submitAll(opened.chain, MAIN.slice(5, 7));
      await opened.chain.events.drained();
      expect(first.fatal()?.message).toBe("the disk is on fire");
      expect(first.runner.best?.height).toBe(5);
      await first.close();

      const second = await openIndex(path, opened);
      second.runner.start();
      await caughtUp(second.runner);
      expect(second.writer.calls).toEqual(["load 5", ...appends(6, 7)]);
      await second.close();
      await opened.chain.close();
    });
  });
});

describe("an index after a crash", () => {
  test("killed at any time, has what it wrote and nothing else", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(join(path, "chain"));
      await submitAll(opened.chain, MAIN.slice(0, 8));
      const first = await openIndex(path, opened);
      first.runner.start();
      await caughtUp(first.runner);
      let image: Promise<void> | undefined;
      // Within a block that is being taken in: what stands on the disk then.
      first.writer.onAppend = ({ entry }) => {
        if (entry.height === 10) {
          image = cp(join(path, "index"), join(path, "killed", "index"), { recursive: true });
          return image;
        }
      };
      await submitAll(opened.chain, MAIN.slice(8));
      await opened.chain.events.drained();
      await image;
      await first.close();

      const second = await openIndex(join(path, "killed"), opened);
      const height = Number(second.writer.calls[0]!.replace("load ", ""));
      expect(height).toBeGreaterThanOrEqual(8);
      expect(height).toBeLessThan(10);
      expect(await storedHashes(second.store)).toEqual(hashesOf(MAIN.slice(0, height)));
      second.runner.start();
      await caughtUp(second.runner);
      expect(second.writer.calls.slice(1)).toEqual(appends(height + 1, 12));
      expect(await storedHashes(second.store)).toEqual(hashesOf(MAIN));
      await second.close();
      await opened.chain.close();
    });
  });

  test("is ahead of a chain that forgot blocks: goes back to one that both know", async () => {
    await inTemporaryDirectory(async (path) => {
      const ahead = await openTestChain(join(path, "ahead"));
      await submitAll(ahead.chain, MAIN);
      const first = await openIndex(path, ahead);
      first.runner.start();
      await caughtUp(first.runner);
      await first.close();
      await ahead.chain.close();

      const behind = await openTestChain(join(path, "behind"));
      await submitAll(behind.chain, MAIN.slice(0, 10));
      const second = await openIndex(path, behind);
      expect(second.writer.calls).toEqual(["load 10", "rewind undefined to 10"]);
      second.runner.start();
      expect(second.runner.isSynced).toBe(true);
      await submitAll(behind.chain, BRANCH);
      expect(await second.runner.waitUntilCurrent()).toBe(true);
      expect(second.writer.calls.slice(2)).toEqual(["rewind 10 to 9", ...appends(10, 14)]);
      await second.close();
      await behind.chain.close();
    });
  });

  test("is ahead of a chain that was sent the headers of blocks again that it forgot: goes back to the last block that is here", async () => {
    await inTemporaryDirectory(async (path) => {
      const ahead = await openTestChain(join(path, "ahead"));
      await submitAll(ahead.chain, MAIN);
      const first = await openIndex(path, ahead);
      first.runner.start();
      await caughtUp(first.runner);
      await first.close();
      await ahead.chain.close();

      const behind = await openTestChain(join(path, "behind"));
      await submitAll(behind.chain, MAIN.slice(0, 10));
      await behind.chain.submitHeaders(MAIN.slice(10).map(({ block }) => block.header));
      const second = await openIndex(path, behind);
      expect(second.writer.calls).toEqual(["load 12", "rewind undefined to 10"]);
      second.runner.start();
      // The same blocks, which may stand in other places of the files now.
      await submitAll(behind.chain, MAIN.slice(10));
      expect(await second.runner.waitUntilCurrent()).toBe(true);
      expect(second.writer.calls.slice(2)).toEqual(appends(11, 12));
      await second.close();
      await behind.chain.close();
    });
  });

  test("of another chain is refused", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(join(path, "chain"));
      const stranger = mine(GENESIS).block.hash;
      for (const value of [encodeLocator([stranger]), encodeLocator([]), Uint8Array.of(1, 2, 3)]) {
        const store = await openStore(path);
        const batch = store.newBatch();
        batch.put(Uint8Array.of(0x42), value);
        await store.write(batch, { sync: true });
        await store.close();
        await expect(openIndex(path, opened)).rejects.toThrow(
          "best block of test index not found. Please rebuild the index.",
        );
      }
      await opened.chain.close();
    });
  });
});

describe("locators", () => {
  test("ten steps of one, then steps that double, genesis last; read back as written", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path);
      await submitAll(chain, mineMany(GENESIS, 30));
      const heights = (entry: BlockIndexEntry) => locatorOf(entry).map((hash) => chain.find(hash)!.height);
      expect(heights(chain.tip)).toEqual([30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 18, 14, 6, 0]);
      expect(heights(chain.blockAt(1)!)).toEqual([1, 0]);
      expect(heights(chain.blockAt(0)!)).toEqual([0]);
      const hashes = locatorOf(chain.tip);
      expect(decodeLocator(encodeLocator(hashes))).toEqual(hashes);
      await chain.close();
    });
  });
});
