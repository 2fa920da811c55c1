import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import type { Coin } from "@bitfleet/protocol/consensus/chain-view.ts";
import { displayHash, type OutPointKey } from "@bitfleet/protocol/primitives/types.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BEST_BLOCK_KEY, coinKey, HEAD_BLOCKS_KEY } from "../storage/keyspace.ts";
import { openLevelStore } from "../storage/level-store.ts";
import { BLOCKS_SAVE_DELAY_MS } from "./block-processor.ts";
import type { Chain } from "./chain.ts";
import { encodeCoin } from "./coin-codec.ts";
import {
  coinsOf,
  GENESIS,
  inTemporaryDirectory,
  mineMany,
  mineSpending,
  openTestChain,
  submitAll,
  type Tip,
} from "./test-kit.ts";

const REWARDS = mineMany(GENESIS, 104);
const A = mineSpending(REWARDS, 5, 1);
const B = mineSpending(REWARDS, 7, 2);

async function allCoins(chain: Chain): Promise<Map<OutPointKey, Coin>> {
  const snapshot = await chain.withFlushedCoins((coins) => coins.snapshot());
  const coins = new Map<OutPointKey, Coin>();
  for await (const [key, coin] of snapshot.coins()) coins.set(key, coin);
  await snapshot.close();
  return coins;
}

const openCoins = (path: string) =>
  openLevelStore(join(path, "chainstate"), {
    cacheBytes: 1_000_000,
    obfuscate: true,
    repairOption: "-reindex-chainstate",
  });

/** What a flush from the coins of `before` to those of `after` has written when it is cut off behind some of its batches. */
async function writeCutOffFlush(
  path: string,
  marks: { readonly from: Tip | undefined; readonly to: Tip },
  changes: readonly (readonly [OutPointKey, Coin | undefined])[],
): Promise<void> {
  const store = await openCoins(path);
  const batch = store.newBatch();
  const writer = new Writer(65).compactSize(2).bytes(marks.to.block.hash);
  batch.put(HEAD_BLOCKS_KEY, writer.bytes(marks.from?.block.hash ?? new Uint8Array(32)).finish());
  batch.delete(BEST_BLOCK_KEY);
  for (const [key, coin] of changes) {
    if (coin === undefined) batch.delete(coinKey(key));
    else batch.put(coinKey(key), encodeCoin(coin));
  }
  await store.write(batch, { sync: true });
  await store.close();
}

/** Every coin that differs, as a flush writes it. */
function changesBetween(before: Map<OutPointKey, Coin>, after: Map<OutPointKey, Coin>) {
  const changes: (readonly [OutPointKey, Coin | undefined])[] = [];
  for (const key of before.keys()) if (!after.has(key)) changes.push([key, undefined]);
  for (const [key, coin] of after) if (!before.has(key)) changes.push([key, coin]);
  return changes;
}

describe("a flush that was cut off after any of its batches", () => {
  test.each([
    { name: "along one chain", first: [...REWARDS, ...A.slice(0, 1)], second: A.slice(1) },
    { name: "across a reorganisation", first: [...REWARDS, ...A], second: B },
    { name: "the first of all", first: [], second: [...REWARDS, ...A] },
  ])("$name is finished by replaying blocks", async ({ first, second }) => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(`${path}/work`);
      await submitAll(chain, first);
      const before = await allCoins(chain);
      await chain.close();
      await cp(`${path}/work/chainstate`, `${path}/before`, { recursive: true });
      const later = await openTestChain(`${path}/work`);
      await submitAll(later.chain, second);
      const after = await allCoins(later.chain);
      const expected = await coinsOf(later.chain);
      const height = later.chain.height;
      await later.chain.close();

      const changes = changesBetween(before, after);
      expect(changes.length).toBeGreaterThan(10);
      const marks = { from: first.at(-1), to: second.at(-1)! };
      await fc.assert(
        fc.asyncProperty(fc.infiniteStream(fc.boolean()), async (isWritten) => {
          await rm(`${path}/work/chainstate`, { recursive: true });
          await cp(`${path}/before`, `${path}/work/chainstate`, { recursive: true });
          await writeCutOffFlush(
            `${path}/work`,
            marks,
            changes.filter(() => isWritten.next().value),
          );
          const { chain: replayed, log } = await openTestChain(`${path}/work`, { checkLevel: 4, checkBlocks: 0 });
          expect(log.lines).toContain("Replaying blocks");
          expect(replayed.height).toBe(height);
          expect(await coinsOf(replayed)).toEqual(expected);
          await replayed.close();
        }),
        { numRuns: 6, seed: 7, endOnFailure: true },
      );
      const again = await openTestChain(`${path}/work`);
      expect(again.log.lines).not.toContain("Replaying blocks");
      await again.chain.close();
    });
  });

  test("to a block that nobody knows is refused with what helps", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path);
      await submitAll(chain, REWARDS.slice(0, 2));
      await chain.close();
      await writeCutOffFlush(path, { from: REWARDS[1], to: REWARDS[2]! }, []);
      await expect(openTestChain(path)).rejects.toThrow(
        `The coins on disk belong to block ${displayHash(REWARDS[2]!.block.hash)}, which is not in the index. Restart with -reindex.`,
      );
    });
  });
});

describe("disk and memory that went different ways in a crash", () => {
  test("coins behind the index: the stored blocks are connected", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path);
      await submitAll(chain, REWARDS.slice(0, 50));
      await chain.close();
      await cp(`${path}/chainstate`, `${path}/behind`, { recursive: true });
      const later = await openTestChain(path);
      await submitAll(later.chain, [...REWARDS.slice(50), ...A]);
      const coins = await coinsOf(later.chain);
      await later.chain.close();
      await rm(`${path}/chainstate`, { recursive: true });
      await cp(`${path}/behind`, `${path}/chainstate`, { recursive: true });
      const again = await openTestChain(path, { checkLevel: 4, checkBlocks: 0 });
      expect(again.chain.height).toBe(109);
      expect(await coinsOf(again.chain)).toEqual(coins);
      await again.chain.close();
    });
  });

  test("block files ahead of index and coins: what they have more is asked for again, and fits", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path);
      await submitAll(chain, REWARDS);
      await chain.close();
      for (const part of ["chainstate", "blocks/index"])
        await cp(`${path}/${part}`, `${path}/old-${part.replace("/", "-")}`, { recursive: true });
      const later = await openTestChain(path);
      await submitAll(later.chain, A);
      await later.chain.close();
      for (const part of ["chainstate", "blocks/index"]) {
        await rm(`${path}/${part}`, { recursive: true });
        await cp(`${path}/old-${part.replace("/", "-")}`, `${path}/${part}`, { recursive: true });
      }
      const again = await openTestChain(path);
      expect(again.chain.height).toBe(104);
      expect(await submitAll(again.chain, B)).toMatchObject({ isNew: true, isChecked: true });
      expect(await submitAll(again.chain, A)).toMatchObject({ isNew: true, isChecked: false });
      expect(await again.chain.verify(4, 0)).toBe(true);
      await again.chain.close();
      const last = await openTestChain(path, { reindex: "all", checkLevel: 4, checkBlocks: 0 });
      expect(displayHash(last.chain.tip.hash)).toBe(displayHash(B.at(-1)!.block.hash));
      await last.chain.close();
    });
  });

  test("the mark of an invalidated block without its coins: they are taken back at start", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path);
      await submitAll(chain, [...REWARDS, ...A]);
      await chain.close();
      await cp(`${path}/chainstate`, `${path}/ahead`, { recursive: true });
      const later = await openTestChain(path);
      await later.chain.invalidateBlock(A[1]!.block.hash);
      const coins = await coinsOf(later.chain);
      await later.chain.close();
      await rm(`${path}/chainstate`, { recursive: true });
      await cp(`${path}/ahead`, `${path}/chainstate`, { recursive: true });
      const again = await openTestChain(path, { checkLevel: 4, checkBlocks: 0 });
      expect(again.chain.height).toBe(105);
      expect(await coinsOf(again.chain)).toEqual(coins);
      await again.chain.close();
    });
  });
});

describe("flushes", () => {
  test("come by time, and where the changes fill the cache", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain, clock } = await openTestChain(path, { flushIntervalMs: 1000 });
      await submitAll(chain, REWARDS.slice(0, 10));
      const stored = () => displayHash(chain.coins.storedBestBlock!);
      expect(stored()).toBe(displayHash(GENESIS.block.hash));
      clock.elapsedMs = 999;
      await submitAll(chain, REWARDS.slice(10, 11));
      expect(stored()).toBe(displayHash(GENESIS.block.hash));
      clock.elapsedMs = 1000;
      await submitAll(chain, REWARDS.slice(11, 12));
      expect(stored()).toBe(displayHash(REWARDS[11]!.block.hash));
      await chain.close();
    });
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path, { cacheBytes: 20_000, flushIntervalMs: 1e9 });
      await submitAll(chain, REWARDS);
      expect(displayHash(chain.coins.storedBestBlock!)).not.toBe(displayHash(GENESIS.block.hash));
      await chain.close();
    });
  });

  test("of blocks and index come a moment after a block, so that a crash costs no older block", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain, clock } = await openTestChain(`${path}/work`);
      await submitAll(chain, [...REWARDS, ...A]);
      expect([...clock.timers].map(({ delayMs }) => delayMs)).toEqual([BLOCKS_SAVE_DELAY_MS]);
      await cp(`${path}/work`, `${path}/too-early`, { recursive: true });
      clock.ring();
      await chain.submitHeaders([]);
      expect(clock.timers.size).toBe(0);
      await cp(`${path}/work`, `${path}/crashed`, { recursive: true });
      const coins = await coinsOf(chain);
      await chain.close();

      const early = await openTestChain(`${path}/too-early`);
      expect(early.chain.height).toBe(0);
      await early.chain.close();
      const again = await openTestChain(`${path}/crashed`, { checkLevel: 4, checkBlocks: 0 });
      expect(displayHash(again.chain.tip.hash)).toBe(displayHash(A.at(-1)!.block.hash));
      expect(await coinsOf(again.chain)).toEqual(coins);
      await again.chain.close();
    });
  });

  test("that wait are dropped when the chain closes, which writes everything itself", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain, clock } = await openTestChain(path);
      await submitAll(chain, REWARDS.slice(0, 1));
      expect(clock.timers.size).toBe(1);
      await chain.close();
      expect(clock.timers.size).toBe(0);
    });
  });

  test("are not put off once more by blocks that came just before the chain closes", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain, clock } = await openTestChain(path);
      const done = Promise.all(REWARDS.map(({ block }) => chain.submitBlock(block)));
      await chain.close();
      for (const outcome of await done) expect(outcome).toMatchObject({ accepted: true, isChecked: true });
      expect(clock.timers.size).toBe(0);
    });
  });
});
