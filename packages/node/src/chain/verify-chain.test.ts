import { join } from "node:path";
import { outPointKey } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import { coinKey } from "../storage/keyspace.ts";
import { openLevelStore } from "../storage/level-store.ts";
import {
  GENESIS,
  inTemporaryDirectory,
  mineMany,
  mineSpending,
  openTestChain,
  rewardOf,
  submitAll,
} from "./test-kit.ts";

const REWARDS = mineMany(GENESIS, 101);
const TIPS = [...REWARDS, ...mineSpending(REWARDS, 6)];

describe("verifying the chain", () => {
  test("reports progress, counts as Core does, and is idle on genesis alone", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain, log } = await openTestChain(path);
      expect(await chain.verify(4, 0)).toBe(true);
      await submitAll(chain, TIPS);
      for (const level of [0, 1, 2, 3, 4]) {
        const percents: number[] = [];
        log.lines.length = 0;
        expect(await chain.verify(level, 50, (percent) => percents.push(percent))).toBe(true);
        expect(percents.at(-1)).toBe(100);
        expect(percents).toEqual([...percents].sort((a, b) => a - b));
        expect(log.lines[0]).toBe(`Verifying last 50 blocks at level ${level}`);
        expect(log.lines).toContain(`Verification: checked last 50 blocks at level ${level}`);
      }
      // 44 blocks with a coinbase alone, one with two spends, five with three.
      expect(log.lines).toContain("Verification: no coin database inconsistencies (67 transactions)");
      log.lines.length = 0;
      await chain.verify(9, 1_000_000);
      expect(log.lines[0]).toBe("Verifying last 107 blocks at level 4");
      await chain.close();
    });
  });

  test("finds a coin that is missing, from level 3 on, and only as far down as it looks", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path);
      await submitAll(chain, TIPS);
      await chain.close();
      const store = await openLevelStore(join(path, "chainstate"), {
        cacheBytes: 1_000_000,
        obfuscate: true,
        repairOption: "-reindex-chainstate",
      });
      const batch = store.newBatch();
      batch.delete(coinKey(outPointKey(rewardOf(TIPS[49]!).outPoint)));
      await store.write(batch, { sync: true });
      await store.close();
      const { chain: again, log } = await openTestChain(path);
      expect(await again.verify(2, 0)).toBe(true);
      expect(await again.verify(3, 57)).toBe(true);
      expect(await again.verify(3, 58)).toBe(false);
      expect(
        log.lines.some((line) => line.startsWith("Verification error: coin database inconsistencies found (last 58 ")),
      ).toBe(true);
      await again.close();
      const rebuilt = await openTestChain(path, { reindex: "chainstate", checkBlocks: 0 });
      expect(await rebuilt.chain.verify(4, 0)).toBe(true);
      await rebuilt.chain.close();
    });
  });

  test("leaves levels 3 and 4 where memory does not suffice, and says that not all was checked", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain, log } = await openTestChain(path, { cacheBytes: 12_000 });
      await submitAll(chain, TIPS);
      expect(await chain.verify(4, 0)).toBe(false);
      expect(log.lines.some((line) => line.startsWith("Skipped verification of level >=3"))).toBe(true);
      expect(log.lines.some((line) => line.startsWith("Verification error"))).toBe(false);
      expect(await chain.verify(2, 0)).toBe(true);
      await chain.close();
    });
  });
});
