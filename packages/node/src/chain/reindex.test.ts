import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { concatBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
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
const SPENDING = mineSpending(REWARDS, 90);
const TIPS = [...REWARDS, ...SPENDING];
const FULL_CHECK = { checkLevel: 4, checkBlocks: 0 } as const;

const record = (tip: Tip) => {
  const { bytes } = tip.block;
  return new Writer(bytes.length + 8).bytes(NETWORK.magic).uint32(bytes.length).bytes(bytes).finish();
};

/** A `blocks` folder with these bytes as blk00000.dat, in clear. */
async function writeBlockFile(path: string, parts: readonly Uint8Array[]): Promise<void> {
  await mkdir(join(path, "blocks"), { recursive: true });
  await writeFile(join(path, "blocks", "blk00000.dat"), concatBytes(...parts));
}

describe("-reindex", () => {
  test("comes to the same chain and coins over many files, and what follows fits", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path, { fastPrune: true });
      await submitAll(chain, [...TIPS.slice(0, 120), ...mineMany(TIPS[110]!, 5, { salt: 3 }), ...TIPS.slice(120)]);
      const coins = await coinsOf(chain);
      const files = (await readdir(join(path, "blocks"))).filter((name) => name.startsWith("blk"));
      expect(files.length).toBeGreaterThan(1);
      await chain.close();

      const rebuilt = await openTestChain(path, { ...FULL_CHECK, fastPrune: true, reindex: "all" });
      expect(rebuilt.chain.height).toBe(TIPS.length);
      expect(await coinsOf(rebuilt.chain)).toEqual(coins);
      expect(rebuilt.chain.tips().length).toBe(2);
      expect(rebuilt.log.lines).toContain("Reindexing finished");
      expect(rebuilt.log.lines).toContain("Reindexing block file blk00000.dat (0% complete)...");
      const next = mine(TIPS.at(-1)!);
      expect(await rebuilt.chain.submitBlock(next.block)).toMatchObject({ isNew: true, isChecked: true });
      await rebuilt.chain.close();

      const again = await openTestChain(path, { ...FULL_CHECK, fastPrune: true });
      expect(again.chain.height).toBe(TIPS.length + 1);
      await again.chain.close();
    });
  });

  test("takes blocks in any order, among garbage, with a tail that is cut off", async () => {
    await inTemporaryDirectory(async (path) => {
      const garbage = [Uint8Array.of(1, 2, 3), NETWORK.magic, concatBytes(NETWORK.magic, new Uint8Array(4).fill(0xff))];
      const shuffled = TIPS.map((tip, index) => ({ tip, rank: (index * 37) % TIPS.length })).sort(
        (a, b) => a.rank - b.rank,
      );
      const parts = shuffled.flatMap(({ tip }, index) => [record(tip), garbage[index % garbage.length]!]);
      const cutOff = record(mine(TIPS.at(-1)!));
      await writeBlockFile(path, [...parts, record(GENESIS), cutOff.subarray(0, cutOff.length - 5)]);
      const { chain } = await openTestChain(path, { useXor: false, reindex: "all" });
      expect(displayHash(chain.tip.hash)).toBe(displayHash(TIPS.at(-1)!.block.hash));
      expect(await chain.verify(4, 0)).toBe(true);
      await submitAll(chain, [mine(TIPS.at(-1)!)]);
      await chain.close();
      const again = await openTestChain(path, { ...FULL_CHECK, useXor: false });
      expect(again.chain.height).toBe(TIPS.length + 1);
      await again.chain.close();
    });
  });

  test("leaves out what breaks a rule, and goes on behind it", async () => {
    await inTemporaryDirectory(async (path) => {
      const [first, second] = mineMany(GENESIS, 2);
      const greedy = mine(first!, { coinbaseValue: 6_000_000_000n });
      const wrongHeight = mine({ block: first!.block, height: 7 });
      const tips = [GENESIS, first!, wrongHeight, greedy, mine(greedy), second!];
      await writeBlockFile(path, tips.map(record));
      const { chain } = await openTestChain(path, { useXor: false, reindex: "all" });
      expect(displayHash(chain.tip.hash)).toBe(displayHash(second!.block.hash));
      await chain.close();
    });
  });

  test("goes on after an interruption, without being asked again", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path, { fastPrune: true });
      await submitAll(chain, TIPS);
      const coins = await coinsOf(chain);
      await chain.close();

      const abort = new AbortController();
      const seen: number[] = [];
      const opening = openTestChain(
        path,
        { fastPrune: true, reindex: "all" },
        {
          signal: abort.signal,
          onProgress: (step, percent) => {
            if (!step.startsWith("Reindexing")) return;
            seen.push(percent);
            if (seen.length === 2) abort.abort();
          },
        },
      );
      await expect(opening).rejects.toThrow(StartupError);
      expect(seen.length).toBe(2);

      const second = new AbortController();
      const interruptedLater = openTestChain(
        path,
        { fastPrune: true },
        { signal: second.signal, onProgress: (step) => step.startsWith("Connecting") && second.abort() },
      );
      await expect(interruptedLater).rejects.toThrow("interrupted");

      const last = await openTestChain(path, { ...FULL_CHECK, fastPrune: true });
      expect(last.chain.height).toBe(TIPS.length);
      expect(await coinsOf(last.chain)).toEqual(coins);
      expect(last.log.lines).not.toContain("Reindexing finished");
      await last.chain.close();
    });
  });

  test("writes over no block, be it one whose previous blocks are lost with their file", async () => {
    await inTemporaryDirectory(async (path) => {
      const fileOf = (number: number) => join(path, "blocks", `blk0000${number}.dat`);
      const { chain } = await openTestChain(path, { fastPrune: true, useXor: false });
      await submitAll(chain, TIPS);
      await chain.close();
      const first = await readFile(fileOf(0));
      const second = await readFile(fileOf(1));
      await rm(fileOf(0));

      const without = await openTestChain(path, { fastPrune: true, useXor: false, reindex: "all" });
      expect(without.chain.height).toBe(0);
      await submitAll(without.chain, mineMany(GENESIS, 3, { salt: 8 }));
      await without.chain.close();
      const used = second.length - 64 * 1024;
      expect((await readFile(fileOf(1))).subarray(0, used)).toEqual(second.subarray(0, used));

      await writeFile(fileOf(0), first);
      const { chain: whole } = await openTestChain(path, { fastPrune: true, useXor: false, reindex: "all" });
      expect(whole.height).toBe(TIPS.length);
      await whole.close();
    });
  });

  test.each(["all", undefined] as const)(
    "refuses files in which nothing can be read (%s), and leaves them",
    async (reindex) => {
      await inTemporaryDirectory(async (path) => {
        const blocks = join(path, "blocks");
        const { chain } = await openTestChain(path);
        await submitAll(chain, TIPS.slice(0, 20));
        await chain.close();
        const key = await readFile(join(blocks, "xor.dat"));
        const before = await readFile(join(blocks, "blk00000.dat"));
        for (const folder of [join(blocks, "index"), join(path, "chainstate")]) await rm(folder, { recursive: true });
        await writeFile(join(blocks, "xor.dat"), new Uint8Array(8));
        const opening = openTestChain(path, reindex && { reindex });
        await expect(opening).rejects.toThrow(/No block can be read from .*blk00000\.dat.*xor\.dat/);
        expect((await readFile(join(blocks, "blk00000.dat"))).equals(before)).toBe(true);

        await writeFile(join(blocks, "xor.dat"), key);
        const { chain: again } = await openTestChain(path);
        expect(again.height).toBe(20);
        await again.close();
      });
    },
  );

  test("does not take what decodes by chance for a block", async () => {
    await inTemporaryDirectory(async (path) => {
      // A key that is wrong in one byte: records whose heads it happens to spare are found, and are not what they were.
      const damaged = TIPS.slice(0, 20).map((tip) =>
        record(tip).map((byte, index) => (index === 50 ? byte ^ 4 : byte)),
      );
      await writeBlockFile(path, damaged);
      const opening = openTestChain(path, { useXor: false, reindex: "all" });
      await expect(opening).rejects.toThrow("No block can be read from");
    });
  });

  test("takes a reserve of zeros for no data", async () => {
    await inTemporaryDirectory(async (path) => {
      await writeBlockFile(path, [record(GENESIS).subarray(0, 100), new Uint8Array(1_000_000)]);
      const { chain } = await openTestChain(path);
      expect(chain.height).toBe(0);
      await chain.close();
    });
  });

  test("holds only so many blocks whose previous block has not come", async () => {
    await inTemporaryDirectory(async (path) => {
      const tips = mineMany(GENESIS, 6);
      await writeBlockFile(path, [GENESIS, ...[...tips].reverse()].map(record));
      const { chain } = await openTestChain(path, { useXor: false, reindex: "all", reindexOutOfOrderMax: 2 });
      // Held were the two that came first, 6 and 5; 4 to 2 were left out.
      expect(chain.height).toBe(1);
      await submitAll(chain, tips.slice(1));
      expect(chain.height).toBe(6);
      await chain.close();
    });
  });
});

test("-reindex-chainstate makes the coins again and keeps the index", async () => {
  await inTemporaryDirectory(async (path) => {
    const { chain } = await openTestChain(path);
    await submitAll(chain, TIPS);
    const coins = await coinsOf(chain);
    await chain.invalidateBlock(TIPS.at(-1)!.block.hash);
    await chain.close();
    const rebuilt = await openTestChain(path, { ...FULL_CHECK, reindex: "chainstate" });
    expect(rebuilt.chain.height).toBe(TIPS.length - 1);
    await rebuilt.chain.reconsiderBlock(TIPS.at(-1)!.block.hash);
    expect(await coinsOf(rebuilt.chain)).toEqual(coins);
    await rebuilt.chain.close();
  });
});
