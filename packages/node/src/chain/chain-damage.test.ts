import { cp, open, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { signetNetwork, TESTNET4 } from "@bitfleet/protocol/consensus/networks.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import type { FilePosition } from "../ports.ts";
import { openLevelStore } from "../storage/level-store.ts";
import { StorageError } from "../storage/storage-error.ts";
import type { ChainOptions } from "./open-chain.ts";
import { StartupError } from "./startup-error.ts";
import {
  coinsOf,
  GENESIS,
  inTemporaryDirectory,
  mine,
  mineMany,
  mineSpending,
  NETWORK,
  openTestChain,
  submitAll,
  type Tip,
} from "./test-kit.ts";

const REWARDS = mineMany(GENESIS, 101);
const SPENDING = mineSpending(REWARDS, 8);
const TIPS = [...REWARDS, ...SPENDING];
const FULL_CHECK: Partial<ChainOptions> = { checkLevel: 4, checkBlocks: 0 };

interface Stored {
  readonly data: FilePosition;
  readonly undo: FilePosition;
}

/** A directory with {@link TIPS}, closed; where the block at height 105 stands. */
async function storedChain(path: string): Promise<Stored & { readonly coins: { readonly hash: string } }> {
  const { chain } = await openTestChain(path);
  await submitAll(chain, TIPS);
  const entry = chain.blockAt(105)!;
  const stored = { data: entry.dataPosition!, undo: entry.undoPosition!, coins: await coinsOf(chain) };
  await chain.close();
  return stored;
}

async function flipBit(path: string, offset: number): Promise<void> {
  const file = await open(path, "r+");
  const byte = new Uint8Array(1);
  await file.read(byte, 0, 1, offset);
  byte[0]! ^= 4;
  await file.write(byte, 0, 1, offset);
  await file.close();
}

async function startupMessage(opening: Promise<unknown>): Promise<string> {
  const error = await opening.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(StartupError);
  return error.message;
}

describe("a bit that flipped", () => {
  test("in a blk file: found at start and by verify, refused by readers, mended by -reindex up to there", async () => {
    await inTemporaryDirectory(async (path) => {
      const { data } = await storedChain(path);
      await flipBit(join(path, "blocks", "blk00000.dat"), data.offset + 100);
      expect(await startupMessage(openTestChain(path, FULL_CHECK))).toMatch(/^Corrupted block database detected/);
      const { chain, log } = await openTestChain(path, { checkBlocks: 1 });
      expect(await chain.verify(4, 0)).toBe(false);
      expect(log.lines.some((line) => line.startsWith("Verification error: "))).toBe(true);
      await chain.close();
      const rebuilt = await openTestChain(path, { ...FULL_CHECK, reindex: "all" });
      expect(rebuilt.chain.height).toBe(104);
      await submitAll(rebuilt.chain, TIPS.slice(104));
      expect(rebuilt.chain.height).toBe(109);
      expect(await rebuilt.chain.verify(4, 0)).toBe(true);
      await rebuilt.chain.close();
    });
  });

  test("in a rev file: found by level 2, not by level 1; mended by -reindex", async () => {
    await inTemporaryDirectory(async (path) => {
      const { undo, coins } = await storedChain(path);
      await flipBit(join(path, "blocks", "rev00000.dat"), undo.offset + 3);
      const { chain } = await openTestChain(path, { checkBlocks: 1 });
      expect(await chain.verify(1, 0)).toBe(true);
      expect(await chain.verify(2, 0)).toBe(false);
      expect(await chain.verify(2, 4)).toBe(true);
      await expect(chain.readUndo(chain.blockAt(105)!)).rejects.toBeInstanceOf(StorageError);
      await chain.close();
      const rebuilt = await openTestChain(path, { ...FULL_CHECK, reindex: "all" });
      expect(await coinsOf(rebuilt.chain)).toEqual(coins);
      await rebuilt.chain.close();
    });
  });

  test("in a block that must be taken back stops the node with what it says, and the chain stays where it was", async () => {
    await inTemporaryDirectory(async (path) => {
      const { data } = await storedChain(path);
      await flipBit(join(path, "blocks", "blk00000.dat"), data.offset + 10);
      const { chain, fatal } = await openTestChain(path, { checkBlocks: 1 });
      const failing = chain.invalidateBlock(TIPS[103]!.block.hash);
      await expect(failing).rejects.toThrow(/damaged|Corrupt|cannot be read/);
      expect(fatal()).toBeInstanceOf(StorageError);
      await expect(chain.submitBlock(mine(TIPS.at(-1)!).block)).rejects.toBe(fatal());
      await chain.close();
      // Nothing was written after the failure.
      const again = await openTestChain(path, { checkBlocks: 1 });
      expect(again.chain.height).toBe(109);
      await again.chain.close();
    });
  });
});

describe("files that are not there", () => {
  test("undo data: a reorganisation that needs it stops the node; level 2 finds it", async () => {
    await inTemporaryDirectory(async (path) => {
      await storedChain(path);
      const { chain, fatal } = await openTestChain(path, { checkBlocks: 1 });
      await rm(join(path, "blocks", "rev00000.dat"));
      expect(await chain.verify(2, 3)).toBe(false);
      await expect(chain.invalidateBlock(TIPS[107]!.block.hash)).rejects.toBeInstanceOf(StorageError);
      expect(fatal()).toBeInstanceOf(StorageError);
      await chain.close();
      const rebuilt = await openTestChain(path, { ...FULL_CHECK, reindex: "all" });
      expect(rebuilt.chain.height).toBe(109);
      await rebuilt.chain.close();
    });
  });

  test("a blk file, or its tail: said at start", async () => {
    await inTemporaryDirectory(async (path) => {
      await storedChain(path);
      const blk = join(path, "blocks", "blk00000.dat");
      await truncate(blk, 1000);
      expect(await startupMessage(openTestChain(path))).toMatch(/blk00000\.dat.*-reindex/);
      await rm(blk);
      expect(await startupMessage(openTestChain(path))).toMatch(/blk00000\.dat.*missing.*-reindex/);
      const rebuilt = await openTestChain(path, { reindex: "all" });
      expect(rebuilt.chain.height).toBe(0);
      await rebuilt.chain.close();
    });
  });

  test("the index: rebuilt from the blocks, not started over on top of them", async () => {
    await inTemporaryDirectory(async (path) => {
      const { coins } = await storedChain(path);
      await rm(join(path, "blocks", "index"), { recursive: true });
      await rm(join(path, "chainstate"), { recursive: true });
      const { chain } = await openTestChain(path, FULL_CHECK);
      expect(await coinsOf(chain)).toEqual(coins);
      await chain.close();
    });
  });

  test("the chainstate: made again from the blocks", async () => {
    await inTemporaryDirectory(async (path) => {
      const { coins } = await storedChain(path);
      await rm(join(path, "chainstate"), { recursive: true });
      const { chain } = await openTestChain(path, FULL_CHECK);
      expect(await coinsOf(chain)).toEqual(coins);
      await chain.close();
    });
  });
});

describe("what the node does not start on", () => {
  test("a directory of another network, by its index or by its blocks alone", async () => {
    await inTemporaryDirectory(async (path) => {
      await storedChain(path);
      expect(await startupMessage(openTestChain(path, { network: TESTNET4 }))).toBe(
        "Incorrect or no genesis block found. Wrong datadir for network?",
      );
      await rm(join(path, "blocks", "index"), { recursive: true });
      await rm(join(path, "chainstate"), { recursive: true });
      expect(await startupMessage(openTestChain(path, { network: TESTNET4 }))).toMatch(/"regtest", not "testnet4"/);
      // A signet of one's own has a magic that nobody knows beforehand, and its own genesis.
      expect(await startupMessage(openTestChain(path, { network: signetNetwork() }))).toMatch(/"regtest"/);
      const { chain } = await openTestChain(path, { network: NETWORK });
      expect(chain.height).toBe(109);
      await chain.close();
    });
  });

  test("a directory that another one has open", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path);
      expect(await startupMessage(openTestChain(path))).toMatch(/lock|use/i);
      await chain.close();
      const again = await openTestChain(path);
      await again.chain.close();
    });
  });

  test("a damaged database", async () => {
    for (const [store, repair] of [
      [join("blocks", "index"), "-reindex"],
      ["chainstate", "-reindex-chainstate"],
    ] as const) {
      await inTemporaryDirectory(async (path) => {
        const { coins } = await storedChain(path);
        const folder = join(path, store);
        for (const name of await readdir(folder))
          if (name.startsWith("MANIFEST")) await writeFile(join(folder, name), Buffer.alloc(500, 0x5a));
        expect(await startupMessage(openTestChain(path))).toContain(repair);
        const reindex = repair === "-reindex" ? "all" : "chainstate";
        const { chain } = await openTestChain(path, { ...FULL_CHECK, reindex });
        expect(await coinsOf(chain)).toEqual(coins);
        await chain.close();
      });
    }
  });

  test("an index that does not hang together", async () => {
    await inTemporaryDirectory(async (path) => {
      await storedChain(path);
      const store = await openLevelStore(join(path, "blocks", "index"), {
        cacheBytes: 1_000_000,
        obfuscate: false,
        repairOption: "-reindex",
      });
      const { hash } = TIPS[50]!.block;
      const key = Uint8Array.of(0x62, ...hash);
      const value = (await store.get(key))!;
      const removed = store.newBatch();
      removed.delete(key);
      await store.write(removed, { sync: true });
      await store.close();
      expect(await startupMessage(openTestChain(path))).toMatch(/has no previous block.*-reindex/);

      const again = await openLevelStore(join(path, "blocks", "index"), {
        cacheBytes: 1_000_000,
        obfuscate: false,
        repairOption: "-reindex",
      });
      const other = again.newBatch();
      other.put(
        key,
        Uint8Array.from(value, (byte, index) => (index === value.length - 1 ? byte ^ 1 : byte)),
      );
      await again.write(other, { sync: true });
      await again.close();
      expect(await startupMessage(openTestChain(path))).toMatch(/another block's hash.*-reindex/);
    });
  });

  test("coins of a block that the index does not have", async () => {
    await inTemporaryDirectory(async (path) => {
      const old = `${path}/old`;
      const { chain } = await openTestChain(old);
      await submitAll(chain, TIPS.slice(0, 3));
      await chain.close();
      const branch: Tip[] = mineMany(GENESIS, 5, { salt: 5 });
      const next = await openTestChain(`${path}/new`);
      await submitAll(next.chain, branch);
      await next.chain.close();
      await rm(`${old}/chainstate`, { recursive: true });
      await cp(`${path}/new/chainstate`, `${old}/chainstate`, { recursive: true });
      const message = await startupMessage(openTestChain(old));
      expect(message).toContain(displayHash(branch.at(-1)!.block.hash));
      expect(message).toContain("-reindex");
    });
  });
});
