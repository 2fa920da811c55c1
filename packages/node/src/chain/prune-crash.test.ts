import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { KvStore } from "../ports.ts";
import { type BlockStorage, openBlockFiles } from "../storage/block-files.ts";
import { openLevelStore } from "../storage/level-store.ts";
import { loadBlockFileInfos } from "./block-index-store.ts";
import type { ChainStorage } from "./open-chain.ts";
import {
  coinsOf,
  GENESIS,
  inTemporaryDirectory,
  mineMany,
  NETWORK,
  openTestChain,
  padded,
  submitAll,
} from "./test-kit.ts";

/** A node that dies at each step of a deletion, on real LevelDB and real files: the directory always opens by itself. */

const LARGE = mineMany(GENESIS, 60, { spoil: padded });
const MAIN = [...LARGE, ...mineMany(LARGE.at(-1)!, 288)];
const MANUAL = { kind: "manual" } as const;
/** A chain is made, pruned and checked once for each step: seconds on a machine at leisure, far more on a busy one. */
const CRASHES_TIMEOUT_MS = 180_000;

/** Where the process dies: before the write or deletion of that number, counted from when {@link Doom.begin} was called. */
class Doom {
  #left = Number.POSITIVE_INFINITY;
  readonly steps: string[] = [];

  begin(stepCount: number): void {
    this.#left = stepCount;
  }

  step(name: string): void {
    if (this.#left <= 0) throw new Error("the process dies here");
    this.#left--;
    this.steps.push(name);
  }
}

/** The object with steps counted in front of some of its methods. */
function doomed<Target extends object>(target: Target, doom: Doom, names: Readonly<Record<string, string>>): Target {
  return new Proxy(target, {
    get(object, name) {
      const value = Reflect.get(object, name, object);
      if (typeof value !== "function") return value;
      const label = names[String(name)];
      if (label === undefined) return value.bind(object);
      return async (...args: unknown[]) => {
        doom.step(label);
        return value.apply(object, args);
      };
    },
  });
}

function storageIn(path: string, doom: Doom): ChainStorage {
  let index: KvStore | undefined;
  const open = (name: string, obfuscate: boolean) =>
    openLevelStore(join(path, name), { cacheBytes: 1 << 20, obfuscate, repairOption: "-reindex" });
  return {
    async openStore(name) {
      if (name === "chainstate") return doomed(await open("chainstate", true), doom, { write: "coins" });
      index = await open("blocks/index", false);
      return doomed(index, doom, { write: "index" });
    },
    async openBlocks(): Promise<BlockStorage> {
      const blocksPath = join(path, "blocks");
      const known = await loadBlockFileInfos(index!);
      const options = { blocksPath, magic: NETWORK.magic, useXor: true, fastPrune: true, files: known };
      return doomed(await openBlockFiles(options), doom, { removeFile: "file" });
    },
  };
}

/** Prunes {@link MAIN} up to height 35 and dies before step `stepCount`. Whether it died. */
async function pruneAndDie(path: string, stepCount: number) {
  const doom = new Doom();
  const { chain, clock } = await openTestChain(path, { storage: storageIn(path, doom), prune: MANUAL });
  await submitAll(chain, MAIN);
  // The blocks are written down, a second later; the coins on disk are those of genesis.
  clock.ring();
  await chain.settled();
  await chain.startPruning();
  doom.begin(stepCount);
  const isDead = await chain.pruneUpTo(35).then(
    () => false,
    () => true,
  );
  doom.begin(Number.POSITIVE_INFINITY);
  await chain.close();
  return isDead;
}

test(
  "a crash before any step of a deletion leaves a directory that opens, is right, and can be pruned",
  async () => {
    const coins = await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path);
      await submitAll(chain, MAIN);
      const expected = await coinsOf(chain);
      await chain.close();
      return expected;
    });
    let isDead = true;
    let died = 0;
    for (let stepCount = 0; isDead; stepCount++) {
      await inTemporaryDirectory(async (path) => {
        isDead = await pruneAndDie(path, stepCount);
        if (isDead) died++;
        const { chain } = await openTestChain(path, {
          fastPrune: true,
          prune: MANUAL,
          checkLevel: 4,
          checkBlocks: 300,
        });
        expect(chain.height).toBe(MAIN.length);
        expect(await coinsOf(chain)).toEqual(coins);
        const pruned = chain.lastPruned()?.height ?? 0;
        expect(await chain.verify(4, chain.height - pruned)).toBe(true);
        // What is on disk is what the index knows, neither more nor less.
        const onDisk = (await readdir(join(path, "blocks"))).filter((name) => name.startsWith("blk"));
        const used = new Set(
          MAIN.map(({ height }) => chain.blockAt(height)!)
            .filter(({ hasData }) => hasData)
            .map(({ file }) => file),
        );
        expect(onDisk).toHaveLength(used.size);
        await chain.startPruning();
        await chain.pruneUpTo(35);
        expect(chain.lastPruned()!.height).toBeGreaterThan(20);
        await chain.close();
      });
    }
    // Coins, flag, index without the blocks, and one deletion for each of three files at least.
    expect(died).toBeGreaterThanOrEqual(6);
  },
  CRASHES_TIMEOUT_MS,
);

test("the coins are on disk before the index forgets blocks, and it does before files go", async () => {
  await inTemporaryDirectory(async (path) => {
    const doom = new Doom();
    const { chain } = await openTestChain(path, { storage: storageIn(path, doom), prune: MANUAL });
    await submitAll(chain, MAIN);
    await chain.startPruning();
    doom.steps.length = 0;
    await chain.pruneUpTo(35);
    expect(doom.steps.join(" ")).toMatch(/^(index )?(coins )+index index( file)+$/);
    await chain.close();
  });
});
