import { describe, expect, test } from "vitest";
import { inTemporaryDirectory, KEY_SCRIPT, MemoryLog, openTestChain } from "../chain/test-kit.ts";
import { openTestMempool } from "../mempool/test-kit.ts";
import type { Clock } from "../ports.ts";
import { Generator } from "./generate.ts";
import { Miner, type MinerOptions } from "./miner.ts";

/** A clock whose waits end when the test says so. */
class StepClock implements Clock {
  nowSeconds: number;
  readonly waits: { readonly delayMs: number; readonly callback: () => void }[] = [];

  constructor(nowSeconds: number) {
    this.nowSeconds = nowSeconds;
  }

  nowMs = () => this.nowSeconds * 1000;
  monotonicMs = () => 0;

  after(delayMs: number, callback: () => void): () => void {
    const wait = { delayMs, callback };
    this.waits.push(wait);
    return () => {
      const index = this.waits.indexOf(wait);
      if (index >= 0) this.waits.splice(index, 1);
    };
  }
}

async function withMiner(
  options: Omit<MinerOptions, "script">,
  units: readonly number[],
  work: (kit: { height: () => number; clock: StepClock; miner: Miner; generator: Generator }) => Promise<void>,
): Promise<void> {
  await inTemporaryDirectory(async (path) => {
    const { chain, clock: chainClock } = await openTestChain(path);
    const clock = new StepClock(chainClock.seconds);
    let drawn = 0;
    const random = {
      bytes: (size: number) => new Uint8Array(size).fill(++drawn),
      unit: () => units[drawn++ % units.length]!,
    };
    const signal = new AbortController().signal;
    const log = new MemoryLog();
    const mempool = openTestMempool(chain, clock, log);
    const generator = new Generator({}, { chain, mempool, clock, random, signal });
    const miner = new Miner({ ...options, script: KEY_SCRIPT }, { chain, generator, clock, random, log });
    miner.start();
    try {
      await work({ height: () => chain.height, clock, miner, generator });
    } finally {
      await miner.stop();
      await chain.close();
      expect(log.lines.filter((line) => line.includes("miner"))).toEqual([]);
    }
  });
}

const until = async (isTrue: () => boolean) => {
  while (!isTrue()) await new Promise((resume) => setTimeout(resume, 1));
};

describe("the miner", () => {
  test("waits exponentially distributed times, each for one block", async () => {
    const half = 0.5;
    await withMiner({ pacing: "interval", intervalMs: 1000 }, [half], async ({ height, clock }) => {
      for (let expected = 1; expected <= 3; expected++) {
        await until(() => clock.waits.length === 1);
        expect(clock.waits[0]!.delayMs).toBeCloseTo(1000 * Math.LN2, 6);
        expect(height()).toBe(expected - 1);
        clock.waits[0]!.callback();
        await until(() => height() === expected);
      }
    });
  });

  test("never waits without end", async () => {
    await withMiner({ pacing: "interval", intervalMs: 1000 }, [1 - 2 ** -53], async ({ clock }) => {
      await until(() => clock.waits.length === 1);
      expect(clock.waits[0]!.delayMs).toBe(8000);
    });
  });

  test("begins a new wait when another's block comes", async () => {
    await withMiner({ pacing: "interval", intervalMs: 1000 }, [0.25], async ({ height, clock, generator }) => {
      await until(() => clock.waits.length === 1);
      const first = clock.waits[0];
      await generator.generate(KEY_SCRIPT, 1, 1_000_000);
      await until(() => clock.waits.length === 1 && clock.waits[0] !== first);
      expect(height()).toBe(1);
    });
  });

  test("mines without pause where that is asked for, and stops at once", async () => {
    await withMiner({ pacing: "continuous", intervalMs: 1000 }, [0.5], async ({ height, miner }) => {
      await until(() => height() >= 5);
      await miner.stop();
      const stopped = height();
      await new Promise((resume) => setTimeout(resume, 20));
      expect(height()).toBe(stopped);
    });
  });
});
