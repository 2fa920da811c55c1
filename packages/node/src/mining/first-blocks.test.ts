import { describe, expect, test } from "vitest";
import type { Chain } from "../chain/chain.ts";
import { inTemporaryDirectory, KEY_SCRIPT, ManualClock, MemoryLog, openTestChain } from "../chain/test-kit.ts";
import { openTestMempool } from "../mempool/test-kit.ts";
import { type FirstBlocksOptions, firstBlocksMaker } from "./first-blocks.ts";
import { Generator } from "./generate.ts";
import { Miner } from "./miner.ts";

const NOW_SECONDS = 1_900_000_000;
const MEAN_TEN_SECONDS = { intervalMs: 10_000 };

interface Kit {
  readonly chain: Chain;
  readonly log: MemoryLog;
  readonly stop: AbortController;
  readonly round: AbortController;
  readonly generator: Generator;
  readonly clock: ManualClock;
  readonly make: (options: FirstBlocksOptions) => Promise<boolean>;
}

async function withKit(work: (kit: Kit) => Promise<void>): Promise<void> {
  await inTemporaryDirectory(async (path) => {
    const clock = new ManualClock();
    clock.seconds = NOW_SECONDS;
    const { chain } = await openTestChain(path, {}, { clock });
    const log = new MemoryLog();
    const [stop, round] = [new AbortController(), new AbortController()];
    const mempool = openTestMempool(chain, clock, log);
    const random = { bytes: (size: number) => new Uint8Array(size).fill(7) };
    const generator = new Generator({}, { chain, mempool, clock, random, signal: stop.signal });
    const make = (options: FirstBlocksOptions) =>
      firstBlocksMaker(options, { chain, generator, clock, log })(KEY_SCRIPT, round.signal);
    await work({ chain, log, stop, round, generator, clock, make }).finally(() => chain.close());
  });
}

const timeAt = (chain: Chain, height: number) => chain.blockAt(height)!.header.time;

describe("the first blocks", () => {
  test("are made up to the height, dated as if they had been paced, the last of them now", async () => {
    await withKit(async ({ chain, log, make }) => {
      expect(await make({ height: 101, ...MEAN_TEN_SECONDS })).toBe(true);
      expect(chain.height).toBe(101);
      expect(timeAt(chain, 101)).toBe(NOW_SECONDS);
      expect(timeAt(chain, 100)).toBe(NOW_SECONDS - 10);
      expect(timeAt(chain, 1)).toBe(NOW_SECONDS - 1000);
      expect(chain.isInitialBlockDownload).toBe(false);
      expect(log.lines).toEqual(["Making the first blocks", "The first blocks are made"]);
    });
  });

  test("lie no more than an hour back, however slow the network is to be", async () => {
    await withKit(async ({ chain, make }) => {
      await make({ height: 101, intervalMs: 600_000 });
      expect(timeAt(chain, 1)).toBeGreaterThanOrEqual(NOW_SECONDS - 3600);
      expect(timeAt(chain, 1)).toBeLessThan(NOW_SECONDS - 3500);
      expect(timeAt(chain, 101)).toBe(NOW_SECONDS);
    });
  });

  test("stay out of the future, however many they are and however fast the network is to be", async () => {
    await withKit(async ({ chain, make }) => {
      await make({ height: 600, intervalMs: 10 });
      expect(timeAt(chain, 600) - NOW_SECONDS).toBeLessThanOrEqual(1);
      expect(timeAt(chain, 1)).toBe(NOW_SECONDS - 100);
    });
  });

  test("are none where the chain is as high, and only the missing ones where it is lower", async () => {
    await withKit(async ({ chain, log, generator, make }) => {
      await generator.generate(KEY_SCRIPT, 5, 1000);
      await make({ height: 5, ...MEAN_TEN_SECONDS });
      expect([chain.height, log.lines.length]).toEqual([5, 0]);
      await make({ height: 7, ...MEAN_TEN_SECONDS });
      expect(chain.height).toBe(7);
    });
  });

  test("end where the miner is told otherwise or the node stops", async () => {
    await withKit(async ({ chain, round, make }) => {
      chain.events.subscribe(
        (event) => {
          if (event.type === "block-connected" && event.entry.height === 20) round.abort();
        },
        { delivery: "inline" },
      );
      expect(await make({ height: 101, ...MEAN_TEN_SECONDS })).toBe(false);
      expect(chain.height).toBeLessThan(40);
    });
    await withKit(async ({ chain, stop, make }) => {
      stop.abort();
      expect(await make({ height: 101, ...MEAN_TEN_SECONDS })).toBe(true);
      expect(chain.height).toBe(0);
    });
  });

  test("leave their turn to everything else", async () => {
    await withKit(async ({ make }) => {
      let turnCount = 0;
      const count = () => {
        turnCount++;
        timer = setImmediate(count);
      };
      let timer = setImmediate(count);
      await make({ height: 101, ...MEAN_TEN_SECONDS });
      clearImmediate(timer);
      expect(turnCount).toBeGreaterThanOrEqual(10);
    });
  });

  test("come before the miner's own, which keeps its pace from then on", async () => {
    await withKit(async ({ chain, clock, generator, make, log }) => {
      const mempool = openTestMempool(chain, clock, log);
      const script = KEY_SCRIPT;
      const search = { hashesPerSecond: 0, hashCount: 0n };
      const heights: number[] = [];
      const miner = new Miner(
        { id: "0123456789ab", pacing: "continuous", intervalMs: 10_000, script },
        {
          ...{ chain, mempool, generator, search, clock, log, random: { unit: () => 0.5 } },
          firstBlocks: () => make({ height: 30, ...MEAN_TEN_SECONDS }),
        },
      );
      const found = new Promise<void>((resolve) => {
        miner.watch((event) => {
          if (event.type === "block-found") heights.push(event.height);
          if (heights.length === 2) resolve();
        });
      });
      miner.start();
      await found;
      await miner.stop();
      expect(heights).toEqual([31, 32]);
    });
  });
});
