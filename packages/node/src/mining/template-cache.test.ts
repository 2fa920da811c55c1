import { describe, expect, test } from "vitest";
import {
  GENESIS,
  inTemporaryDirectory,
  type ManualClock,
  mineMany,
  openTestChain,
  submitAll,
} from "../chain/test-kit.ts";
import { systemRandom } from "../clock.ts";
import { Generator } from "./generate.ts";
import { TemplateCache } from "./template-cache.ts";

const TIPS = mineMany(GENESIS, 2);

/** A cache over a chain of one block, and what a test may change. */
async function withCache(
  work: (tools: {
    cache: TemplateCache;
    mempool: { changeCount: number };
    clock: ManualClock;
    addBlock: () => Promise<unknown>;
  }) => Promise<void>,
): Promise<void> {
  await inTemporaryDirectory(async (path) => {
    const { chain, clock } = await openTestChain(path);
    await submitAll(chain, TIPS.slice(0, 1));
    const mempool = { changeCount: 7, chunksInMiningOrder: () => [] };
    const signal = new AbortController().signal;
    const generator = new Generator({}, { chain, mempool, clock, random: systemRandom, signal });
    const cache = new TemplateCache({ chain, mempool, generator, clock });
    await work({ cache, mempool, clock, addBlock: () => submitAll(chain, TIPS.slice(1)) });
    await chain.close();
  });
}

describe("the template that is kept", () => {
  test("stays while neither tip nor mempool change, with the time of now", async () => {
    await withCache(async ({ cache, clock }) => {
      expect(cache.changeCount).toBe(0);
      const first = await cache.current();
      expect([first.changeCount, cache.changeCount]).toEqual([7, 7]);
      clock.seconds += 100;
      const second = await cache.current();
      expect(second.template.transactions).toBe(first.template.transactions);
      expect(second.template.time).toBe(first.template.time + 100);
      clock.seconds -= 50;
      expect((await cache.current()).template.time, "never an earlier one").toBe(first.template.time + 100);
    });
  });

  test("gives way to what the mempool has got after more than five seconds", async () => {
    await withCache(async ({ cache, clock, mempool }) => {
      await cache.current();
      mempool.changeCount = 8;
      clock.seconds += 5;
      expect((await cache.current()).changeCount).toBe(7);
      clock.seconds += 1;
      expect((await cache.current()).changeCount).toBe(8);
    });
  });

  test("gives way to a new tip at once", async () => {
    await withCache(async ({ cache, addBlock }) => {
      expect((await cache.current()).template.height).toBe(2);
      await addBlock();
      expect((await cache.current()).template.height).toBe(3);
    });
  });
});
