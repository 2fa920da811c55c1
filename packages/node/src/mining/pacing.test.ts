import { describe, expect, test } from "vitest";
import { INTERVAL_MS, SimulatedNetwork } from "./pacing-test-kit.ts";

/** Whether `meanMs` is within a share of what was set. The numbers are drawn from seeds: each run is the same. */
function expectMean(meanMs: number, share: number, intervalMs = INTERVAL_MS): void {
  expect(meanMs).toBeGreaterThan((1 - share) * intervalMs);
  expect(meanMs).toBeLessThan((1 + share) * intervalMs);
}

describe("two miners that pace themselves", () => {
  test("keep the interval of the network over 1,000 blocks, share them, and report the stale ones", async () => {
    await SimulatedNetwork.with(2, async (network) => {
      expectMean(await network.meanOf(1000), 0.1);
      const [a, b] = network.miners.map(({ miner }) => miner.status());
      expect([a!.minerCount, b!.minerCount]).toEqual([2, 2]);
      for (const { foundCount } of [a!, b!]) expect(foundCount).toBeGreaterThan(400);
      // Twice in a hundred blocks both are at it within the time that a block takes to the other.
      const staleCount = a!.staleCount + b!.staleCount;
      expect(staleCount).toBeGreaterThan(3);
      expect(staleCount).toBeLessThan(100);
      const found = a!.foundCount + b!.foundCount - staleCount;
      expect(found).toBeGreaterThanOrEqual(1000);
      expect(found).toBeLessThanOrEqual(1001);
    });
  }, 300_000);

  test("one that is left alone soon keeps it by itself, and shares it again when the other comes back", async () => {
    await SimulatedNetwork.with(2, async (network) => {
      const [first, second] = network.miners;
      await network.meanOf(40);
      second!.miner.configure({ pacing: "off" });
      await network.meanOf(30, [first!]);
      expect(first!.miner.status().minerCount).toBe(1);
      expectMean(await network.meanOf(150, [first!]), 0.25);
      second!.miner.configure({ pacing: "interval" });
      await network.meanOf(20);
      expect(first!.miner.status().minerCount).toBe(2);
      expectMean(await network.meanOf(150), 0.25);
    });
  }, 300_000);
});

describe("eight miners that pace themselves", () => {
  test("keep the interval, also a new one from the next block on, and when some leave and come back", async () => {
    await SimulatedNetwork.with(8, async (network) => {
      const { miners } = network;
      // Each has to be found first, with its first block.
      await network.meanOf(40);
      expectMean(await network.meanOf(300), 0.12);
      for (const { miner } of miners) expect(miner.status().minerCount).toBe(8);
      for (const { miner } of miners) expect(miner.status().foundCount).toBeGreaterThan(18);

      for (const { miner } of miners) miner.configure({ intervalMs: INTERVAL_MS / 4 });
      expectMean(await network.meanOf(120), 0.25, INTERVAL_MS / 4);
      for (const { miner } of miners) miner.configure({ intervalMs: INTERVAL_MS });

      const stay = miners.slice(0, 5);
      for (const { miner } of miners.slice(5)) miner.configure({ pacing: "off" });
      // Until they are forgotten blocks come slower, by the share of those that left.
      expect(await network.meanOf(64, stay)).toBeLessThan((8 / 5) * 1.25 * INTERVAL_MS);
      for (const { miner } of stay) expect(miner.status().minerCount).toBe(5);
      expectMean(await network.meanOf(120, stay), 0.25);

      for (const { miner } of miners.slice(5)) miner.configure({ pacing: "interval" });
      await network.meanOf(60);
      for (const { miner } of miners) expect(miner.status().minerCount).toBe(8);
      expectMean(await network.meanOf(120), 0.25);
    });
  }, 300_000);
});
