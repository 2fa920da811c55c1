import { cp, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { TESTNET3 } from "@bitfleet/protocol/consensus/networks.ts";
import {
  basicFilterMatchesAny,
  buildBasicFilter,
  FIRST_PREVIOUS_FILTER_HEADER,
  filterHashOf,
  filterHeaderOf,
} from "@bitfleet/protocol/filters/block-filter.ts";
import { displayHash, type Hash256 } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import type { BlockIndexEntry } from "../chain/block-index.ts";
import {
  GENESIS,
  inTemporaryDirectory,
  KEY_SCRIPT,
  mineMany,
  mineSpending,
  openTestChain,
  submitAll,
  type TestChain,
} from "../chain/test-kit.ts";
import { FilterIndex, type FilterIndexOptions } from "./filter-index.ts";

const REWARDS = mineMany(GENESIS, 105);
const MAIN = [...REWARDS, ...mineSpending(REWARDS, 10)];
/** Leaves the chain above height 110 and is longer. */
const BRANCH = mineMany(MAIN[109]!, 8, { salt: 9 });

async function openIndex(path: string, opened: TestChain, options: Partial<FilterIndexOptions> = {}) {
  const { chain, clock, log } = opened;
  const onFatal = (error: Error) => {
    throw error;
  };
  return FilterIndex.open({ path: join(path, "filters"), ...options }, { chain, clock, log, onFatal });
}

async function startIndex(path: string, opened: TestChain, options: Partial<FilterIndexOptions> = {}) {
  const index = await openIndex(path, opened, options);
  index.start();
  while (!index.isSynced) await new Promise((resolve) => setImmediate(resolve));
  return index;
}

/** Filter, hash and header of each block up to `stop`, made from blocks and undo data. */
async function expectedUpTo({ chain }: TestChain, stop: BlockIndexEntry) {
  const all: { readonly filter: Uint8Array; readonly hash: Hash256; readonly header: Hash256 }[] = [];
  let header = FIRST_PREVIOUS_FILTER_HEADER;
  for (let height = 0; height <= stop.height; height++) {
    const entry = stop.ancestor(height)!;
    const filter = buildBasicFilter(await chain.readBlock(entry), await chain.readUndo(entry));
    const hash = filterHashOf(filter);
    header = filterHeaderOf(hash, header);
    all.push({ filter, hash, header });
  }
  return all;
}

/** Expects the index to have every block up to `stop`, asked for in every way. */
async function expectWhole(index: FilterIndex, opened: TestChain, stop: BlockIndexEntry): Promise<void> {
  const expected = await expectedUpTo(opened, stop);
  for (const [height, { header, hash, filter }] of expected.entries()) {
    const entry = stop.ancestor(height)!;
    expect(await index.filterAt(entry)).toEqual({ filter, hash, header });
    expect(await index.filterHeader(entry)).toEqual(header);
  }
  for (const start of [0, 1, stop.height - 7, stop.height]) {
    const wanted = expected.slice(start);
    expect(await index.filterHashes(start, stop)).toEqual(wanted.map(({ hash }) => hash));
    const blockHashes = wanted.map((_, offset) => stop.ancestor(start + offset)!.hash);
    expect(await index.filters(start, stop)).toEqual(
      wanted.map(({ filter }, offset) => ({ blockHash: blockHashes[offset]!, filter })),
    );
  }
}

describe("the block filter index", () => {
  test("has filter, hash and header of every block, over as many files as it takes", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      await submitAll(opened.chain, MAIN.slice(0, 112));
      const index = await startIndex(path, opened, { fileBytesMax: 1000 });
      await submitAll(opened.chain, MAIN.slice(112));
      expect(await index.waitUntilCurrent()).toBe(true);
      expect([index.name, index.best]).toEqual(["basic block filter index", opened.chain.tip]);
      await expectWhole(index, opened, opened.chain.tip);
      const spending = await index.filterAt(opened.chain.tip);
      expect(basicFilterMatchesAny(spending!.filter, opened.chain.tip.hash, [KEY_SCRIPT])).toBe(true);
      await index.close();
      const names = (await readdir(join(path, "filters"))).sort();
      expect(names.slice(0, 3)).toEqual(["db", "fltr00000.dat", "fltr00001.dat"]);
      expect(names.length).toBeGreaterThan(4);
      expect((await stat(join(path, "filters", "fltr00000.dat"))).size).toBeLessThanOrEqual(1000);
      await opened.chain.close();
    });
  });

  test("of testnet's genesis is the published one", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path, { network: TESTNET3 });
      const index = await startIndex(path, opened);
      const stored = await index.filterAt(opened.chain.tip);
      expect(toHex(stored!.filter)).toBe("019dfca8");
      expect(displayHash(stored!.header)).toBe("21584579b7eb08997773e5aeff3a7f932700042d0ed2a6129012b7d7ae81b750");
      await index.close();
      await opened.chain.close();
    });
  });

  test("keeps the blocks of a branch that was left, and goes over to it and back", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      await submitAll(opened.chain, MAIN);
      const index = await startIndex(path, opened);
      const left = opened.chain.tip;
      await submitAll(opened.chain, BRANCH);
      await index.waitUntilCurrent();
      expect(opened.chain.height).toBe(118);
      const other = opened.chain.tip;
      await expectWhole(index, opened, other);
      await expectWhole(index, opened, left);

      await submitAll(opened.chain, mineMany(MAIN.at(-1)!, 5));
      await index.waitUntilCurrent();
      expect(opened.chain.isInActiveChain(left)).toBe(true);
      await expectWhole(index, opened, opened.chain.tip);
      await expectWhole(index, opened, other);
      await index.close();

      const again = await startIndex(path, opened);
      await expectWhole(again, opened, opened.chain.tip);
      await expectWhole(again, opened, other);
      await again.close();
      await opened.chain.close();
    });
  });

  test("keeps what an invalidated tip had, with nothing in its place", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      await submitAll(opened.chain, MAIN);
      const index = await startIndex(path, opened);
      const left = opened.chain.tip;
      await opened.chain.invalidateBlock(MAIN[107]!.block.hash);
      await opened.chain.events.drained();
      // Until something takes its place, the index keeps it.
      expect([opened.chain.height, index.best]).toEqual([107, left]);
      expect(await index.waitUntilCurrent()).toBe(true);
      await expectWhole(index, opened, opened.chain.tip);
      await expectWhole(index, opened, left);
      await index.close();
      await opened.chain.close();
    });
  });

  test("does not know blocks that it has not come to, or that were never connected", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      await submitAll(opened.chain, [...MAIN, ...BRANCH.slice(0, 2)]);
      const index = await openIndex(path, opened);
      const { tip } = opened.chain;
      const ask = async (entry: BlockIndexEntry) => [
        await index.filterAt(entry),
        await index.filterHeader(entry),
        await index.filters(0, entry),
        await index.filterHashes(0, entry),
      ];
      expect(await ask(tip)).toEqual([undefined, undefined, undefined, undefined]);
      index.start();
      while (!index.isSynced) await new Promise((resolve) => setImmediate(resolve));
      expect(await ask(tip)).not.toContain(undefined);
      const neverConnected = opened.chain.find(BRANCH[1]!.block.hash)!;
      expect(await ask(neverConnected)).toEqual([undefined, undefined, undefined, undefined]);
      await index.close();
      await opened.chain.close();
    });
  });

  test("looks up ranges of 1 to 2000 blocks", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      await submitAll(opened.chain, MAIN.slice(0, 3));
      const index = await startIndex(path, opened);
      const { tip } = opened.chain;
      await expect(index.filterHashes(4, tip)).rejects.toThrow(RangeError);
      await expect(index.filterHashes(-1, tip)).rejects.toThrow(RangeError);
      const high = { ...tip, height: 2000 } as BlockIndexEntry;
      await expect(index.filterHashes(0, high)).rejects.toThrow("a range of 1 to 2000 blocks");
      expect((await index.filterHashes(3, tip))?.length).toBe(1);
      await index.close();
      await opened.chain.close();
    });
  });

  test("after a kill goes on from what was written, over what was not", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      await submitAll(opened.chain, MAIN.slice(0, 108));
      const first = await startIndex(path, opened, { fileBytesMax: 2000 });
      await cp(join(path, "filters", "db"), join(path, "killed", "filters", "db"), { recursive: true });
      await submitAll(opened.chain, MAIN.slice(108));
      await first.waitUntilCurrent();
      await first.close();
      // The database of the kill, with files that were written on since.
      for (const name of await readdir(join(path, "filters"))) {
        if (name !== "db") await cp(join(path, "filters", name), join(path, "killed", "filters", name));
      }
      await submitAll(opened.chain, BRANCH);

      const second = await openIndex(join(path, "killed"), opened, { fileBytesMax: 2000 });
      expect(second.best?.height).toBe(108);
      second.start();
      while (!second.isSynced) await new Promise((resolve) => setImmediate(resolve));
      await expectWhole(second, opened, opened.chain.tip);
      await second.close();
      await opened.chain.close();
    });
  });

  test("wiped, begins anew", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      await submitAll(opened.chain, MAIN);
      const first = await startIndex(path, opened, { fileBytesMax: 1000 });
      await first.close();
      const second = await openIndex(path, opened, { wipe: true });
      expect(second.best).toBeUndefined();
      expect(await readdir(join(path, "filters"))).toEqual(["db"]);
      second.start();
      while (!second.isSynced) await new Promise((resolve) => setImmediate(resolve));
      await expectWhole(second, opened, opened.chain.tip);
      await second.close();
      await opened.chain.close();
    });
  });

  test("says so in the log, and answers nothing, where a filter on disk is damaged", async () => {
    await inTemporaryDirectory(async (path) => {
      const opened = await openTestChain(path);
      await submitAll(opened.chain, MAIN.slice(0, 5));
      const index = await startIndex(path, opened);
      const stored = await index.filterAt(opened.chain.tip);
      const file = join(path, "filters", "fltr00000.dat");
      const bytes = await readFile(file);
      const at = bytes.indexOf(Buffer.from(stored!.filter));
      bytes[at]! ^= 1;
      await writeFile(file, bytes);
      expect(await index.filterAt(opened.chain.tip)).toBeUndefined();
      expect(await index.filters(0, opened.chain.tip)).toBeUndefined();
      expect(await index.filterAt(opened.chain.blockAt(4)!)).not.toBeUndefined();
      expect(await index.filterHeader(opened.chain.tip)).toEqual(stored!.header);
      expect(opened.log.lines.at(-1)).toMatch(
        /basic block filter index cannot be read.*offset \d+ of .*fltr00000.dat is damaged/,
      );
      await writeFile(file, bytes.subarray(0, 10));
      expect(await index.filterAt(opened.chain.tip)).toBeUndefined();
      await index.close();
      await opened.chain.close();
    });
  });
});
