import type { BlockHash } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import type { Chain } from "../chain/chain.ts";
import {
  GENESIS,
  inTemporaryDirectory,
  KEY_SCRIPT,
  MemoryLog,
  mineMany,
  openTestChain,
  rewardOf,
  spend,
  submitAll,
} from "../chain/test-kit.ts";
import type { Mempool } from "../mempool/mempool.ts";
import { openTestMempool } from "../mempool/test-kit.ts";
import type { Clock } from "../ports.ts";
import { Generator } from "./generate.ts";
import { Miner, type MinerDependencies, type MinerSettings } from "./miner.ts";

/** A clock whose waits end when the test says so. */
class StepClock implements Clock {
  nowSeconds: number;
  readonly waits: { readonly dueMs: number; readonly delayMs: number; readonly callback: () => void }[] = [];

  constructor(nowSeconds: number) {
    this.nowSeconds = nowSeconds;
  }

  nowMs = () => this.nowSeconds * 1000;
  monotonicMs = () => this.nowMs();

  after(delayMs: number, callback: () => void): () => void {
    const wait = { dueMs: this.nowMs() + delayMs, delayMs, callback };
    this.waits.push(wait);
    return () => {
      const index = this.waits.indexOf(wait);
      if (index >= 0) this.waits.splice(index, 1);
    };
  }

  /** Ends the wait that is due first, and lets the time be that. */
  step(): void {
    const next = this.waits.reduce((first, wait) => (wait.dueMs < first.dueMs ? wait : first));
    this.nowSeconds = Math.max(this.nowSeconds, next.dueMs / 1000);
    this.waits.splice(this.waits.indexOf(next), 1);
    next.callback();
  }
}

interface Kit {
  readonly chain: Chain;
  readonly height: () => number;
  readonly clock: StepClock;
  readonly miner: Miner;
  readonly mempool: Mempool;
  readonly generator: Generator;
  readonly log: MemoryLog;
}

interface KitOptions extends Omit<MinerSettings, "script">, Pick<MinerDependencies, "mayBegin"> {
  readonly hashesPerSecond?: number;
}

async function withMiner(
  { mayBegin, hashesPerSecond = 0, ...settings }: KitOptions,
  units: readonly number[],
  work: (kit: Kit) => Promise<void>,
  coins = 0,
): Promise<void> {
  await inTemporaryDirectory(async (path) => {
    const { chain, clock: chainClock } = await openTestChain(path);
    if (coins > 0) await submitAll(chain, mineMany(GENESIS, coins));
    const clock = new StepClock(Math.max(chainClock.seconds, chain.tip.header.time + 1));
    let drawn = 0;
    const random = {
      bytes: (size: number) => new Uint8Array(size).fill(++drawn),
      unit: () => units[drawn++ % units.length]!,
    };
    const signal = new AbortController().signal;
    const log = new MemoryLog();
    const mempool = openTestMempool(chain, clock, log);
    const generator = new Generator({}, { chain, mempool, clock, random, signal });
    const miner = new Miner(
      { id: "0123456789ab", script: KEY_SCRIPT, ...settings },
      {
        chain,
        mempool,
        generator,
        search: { hashesPerSecond, hashCount: 0n },
        clock,
        random,
        log,
        ...(mayBegin && { mayBegin }),
      },
    );
    miner.start();
    try {
      await work({ chain, height: () => chain.height, clock, miner, mempool, generator, log });
    } finally {
      await miner.stop();
      mempool.close();
      await chain.close();
      expect(log.lines.filter((line) => line.includes("The miner stopped") || line.includes("refused"))).toEqual([]);
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
        clock.step();
        await until(() => height() === expected);
      }
    });
  });

  test("begins when it may, also where it is told otherwise before, and does not ask again", async () => {
    let open = (_isOpen: boolean) => {};
    let askedCount = 0;
    const mayBegin = (signal: AbortSignal) => {
      askedCount++;
      return new Promise<boolean>((resolve) => {
        open = resolve;
        signal.addEventListener("abort", () => resolve(false));
      });
    };
    const settings = { pacing: "continuous", intervalMs: 1000, mayBegin } as const;
    await withMiner(settings, [0.5], async ({ height, miner }) => {
      await until(() => askedCount === 1);
      miner.configure({ intervalMs: 2000 });
      await until(() => askedCount === 2);
      expect(height()).toBe(0);
      open(true);
      await until(() => height() >= 2);
      miner.configure({ pacing: "off" });
      miner.configure({ pacing: "continuous" });
      const before = height();
      await until(() => height() > before);
      expect(askedCount).toBe(2);
    });
  });

  test("that is stopped while it may not begin ends", async () => {
    const mayBegin = (signal: AbortSignal) =>
      new Promise<boolean>((resolve) => signal.addEventListener("abort", () => resolve(false)));
    await withMiner({ pacing: "continuous", intervalMs: 1000, mayBegin }, [0.5], async ({ height, miner }) => {
      await miner.stop();
      expect(height()).toBe(0);
    });
  });

  test("that is held makes no blocks until the hold is over, or is ended before", async () => {
    await withMiner({ pacing: "interval", intervalMs: 1000 }, [0.5], async ({ clock, height, miner }) => {
      await until(() => clock.waits.length === 1);
      miner.hold(5000);
      expect(clock.waits.map(({ delayMs }) => delayMs)).toEqual([5000]);
      // Other settings do not end it.
      miner.configure({ intervalMs: 2000 });
      await new Promise((resume) => setImmediate(resume));
      expect(clock.waits).toHaveLength(1);
      clock.step();
      await until(() => clock.waits.length === 1);
      expect(clock.waits[0]!.delayMs).toBeCloseTo(2000 * Math.LN2, 6);
      miner.hold(5000);
      miner.hold(0);
      await until(() => clock.waits.length === 1);
      clock.step();
      await until(() => height() === 1);
    });
  });

  test("never waits without end", async () => {
    await withMiner({ pacing: "interval", intervalMs: 1000 }, [1 - 2 ** -53], async ({ clock }) => {
      await until(() => clock.waits.length === 1);
      expect(clock.waits[0]!.delayMs).toBe(8000);
    });
  });

  test.each([
    { hashesPerSecond: 5, waitMs: 600 },
    { hashesPerSecond: 20, waitMs: 900 },
    { hashesPerSecond: 1, waitMs: 0 },
  ])("waits less by what hashing is expected to take, at $hashesPerSecond hashes a second", async (rig) => {
    const { hashesPerSecond, waitMs } = rig;
    // A block of regtest takes two hashes.
    const settings = { pacing: "interval", intervalMs: 1000, hashesPerSecond } as const;
    await withMiner(settings, [0.5], async ({ clock, height }) => {
      await until(() => clock.waits.length === 1);
      expect(clock.waits[0]!.delayMs).toBeCloseTo(waitMs * Math.LN2, 6);
      clock.step();
      await until(() => height() === 1);
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
      expect(miner.status()).toMatchObject({ foundCount: stopped, staleCount: 0, minerCount: 1 });
    });
  });

  test("steps back while others ask for blocks, who get all of them, and goes on behind them", async () => {
    await withMiner({ pacing: "continuous", intervalMs: 1000 }, [0.5], async ({ height, generator, chain }) => {
      await until(() => height() >= 2);
      const asked = [generator.generate(KEY_SCRIPT, 60, 1_000_000), generator.generate(KEY_SCRIPT, 20, 1_000_000)];
      const [first, second] = (await Promise.all(asked)) as (readonly BlockHash[])[];
      expect([first!.length, second!.length]).toEqual([60, 20]);
      for (const hash of [...first!, ...second!]) expect(chain.isInActiveChain(chain.find(hash)!)).toBe(true);
      const before = height();
      await until(() => height() > before + 2);
    });
  });

  test("does as it is told while it runs", async () => {
    await withMiner({ pacing: "off", intervalMs: 1000 }, [0.5], async ({ height, miner, clock }) => {
      await new Promise((resume) => setTimeout(resume, 10));
      expect([height(), clock.waits.length]).toEqual([0, 0]);
      miner.configure({ pacing: "continuous" });
      await until(() => height() >= 2);
      miner.configure({ pacing: "interval", intervalMs: 4000 });
      await until(() => clock.waits.length === 1);
      expect(clock.waits[0]!.delayMs).toBeCloseTo(4000 * Math.LN2, 6);
      miner.configure({ intervalMs: 2000 });
      await until(() => clock.waits[0]?.delayMs !== undefined && clock.waits[0].delayMs < 2000);
      const before = height();
      miner.configure({ pacing: "off" });
      await until(() => clock.waits.length === 0);
      expect(height()).toBe(before);
      miner.configure({ pacing: "continuous", script: undefined });
      await new Promise((resume) => setTimeout(resume, 10));
      expect(height()).toBe(before);
    });
  });

  test("puts a transaction into a block soon after it comes, and makes none without", async () => {
    const settings = { pacing: "on-transaction", intervalMs: 1000 } as const;
    const tips = mineMany(GENESIS, 102);
    await withMiner(
      settings,
      [0.5],
      async ({ height, clock, mempool, chain, miner }) => {
        await new Promise((resume) => setTimeout(resume, 10));
        expect(clock.waits).toEqual([]);
        const tx = spend([rewardOf(tips[0]!)]);
        expect(await mempool.accept(tx)).toMatchObject({ kind: "accepted" });
        await until(() => clock.waits.length === 1);
        expect(clock.waits[0]!.delayMs).toBeCloseTo(1000 * Math.LN2, 6);
        clock.step();
        await until(() => height() === 103);
        const block = await chain.readBlock(chain.tip);
        expect(block.transactions.map(({ txid }) => txid)).toContainEqual(tx.txid);
        await new Promise((resume) => setTimeout(resume, 10));
        expect([clock.waits.length, height(), miner.status().foundCount]).toEqual([0, 103, 1]);
      },
      102,
    );
  });

  test("puts a burst of transactions into one block, and what comes behind it into the next", async () => {
    const tips = mineMany(GENESIS, 112);
    await withMiner(
      { pacing: "on-transaction", intervalMs: 1000 },
      [0.5],
      async ({ height, clock, mempool, chain, miner }) => {
        const burst = tips.slice(0, 10).map((tip) => spend([rewardOf(tip)]));
        for (const tx of burst) expect(await mempool.accept(tx)).toMatchObject({ kind: "accepted" });
        await until(() => clock.waits.length === 1);
        const [wait] = clock.waits;
        // One more begins no new wait: a steady stream would put the block off for ever.
        const late = spend([rewardOf(tips[10]!)]);
        expect(await mempool.accept(late)).toMatchObject({ kind: "accepted" });
        await new Promise((resume) => setTimeout(resume, 10));
        expect(clock.waits).toEqual([wait]);
        clock.step();
        await until(() => height() === 113);
        expect((await chain.readBlock(chain.tip)).transactions).toHaveLength(12);
        const next = spend([rewardOf(tips[11]!)]);
        expect(await mempool.accept(next)).toMatchObject({ kind: "accepted" });
        await until(() => clock.waits.length === 1);
        clock.step();
        await until(() => height() === 114);
        await until(() => miner.status().foundCount === 2);
        expect((await chain.readBlock(chain.tip)).transactions.map(({ txid }) => txid)).toContainEqual(next.txid);
      },
      112,
    );
  });

  test("says which of its blocks went stale, and which came back", async () => {
    await withMiner({ pacing: "continuous", intervalMs: 1000 }, [0.5], async ({ chain, miner, height, log }) => {
      await until(() => height() >= 3);
      miner.configure({ pacing: "off" });
      await new Promise((resume) => setTimeout(resume, 20));
      const found = miner.status().foundCount;
      const second = chain.blockAt(2)!;
      await chain.invalidateBlock(second.hash);
      expect(miner.status()).toMatchObject({ foundCount: found, staleCount: found - 1 });
      expect(log.lines.filter((line) => line.includes("went stale"))).toHaveLength(found - 1);
      await chain.reconsiderBlock(second.hash);
      expect(miner.status()).toMatchObject({ foundCount: found, staleCount: 0 });
    });
  });
});
