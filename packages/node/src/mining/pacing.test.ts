import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Chain } from "../chain/chain.ts";
import { GENESIS, inTemporaryDirectory, KEY_SCRIPT, MemoryLog, openTestChain } from "../chain/test-kit.ts";
import { openTestMempool } from "../mempool/test-kit.ts";
import type { Clock } from "../ports.ts";
import { Generator } from "./generate.ts";
import { Miner } from "./miner.ts";

const INTERVAL_MS = 10_000;
/** How long a block takes to the other miner: enough that they sometimes find two at once. */
const RELAY_MS = 400;

/** One time for all; each owner's waits are told apart. */
class SimulatedTime {
  ms = (GENESIS.block.header.time + 1) * 1000;
  readonly #waits = new Set<{ readonly owner: string; readonly dueMs: number; readonly callback: () => void }>();

  clockOf(owner: string): Clock {
    return {
      nowMs: () => this.ms,
      monotonicMs: () => this.ms,
      after: (delayMs, callback) => {
        const wait = { owner, dueMs: this.ms + delayMs, callback };
        this.#waits.add(wait);
        return () => void this.#waits.delete(wait);
      },
    };
  }

  waitCount(owner: string): number {
    return [...this.#waits].filter((wait) => wait.owner === owner).length;
  }

  /** Goes on to the wait that is due first. */
  step(): void {
    const next = [...this.#waits].reduce((first, wait) => (wait.dueMs < first.dueMs ? wait : first));
    this.ms = Math.max(this.ms, next.dueMs);
    this.#waits.delete(next);
    next.callback();
  }
}

/** The same numbers at every run (mulberry32). */
function randomOf(seed: number) {
  let state = seed;
  const unit = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { unit, bytes: (size: number) => Uint8Array.from({ length: size }, () => Math.floor(unit() * 256)) };
}

interface SimulatedMiner {
  readonly name: string;
  readonly chain: Chain;
  readonly miner: Miner;
}

async function openMiner(folder: string, name: string, seed: number, time: SimulatedTime): Promise<SimulatedMiner> {
  const clock = time.clockOf(name);
  const log = new MemoryLog();
  const { chain } = await openTestChain(join(folder, name), {}, { clock: time.clockOf("chain") });
  const mempool = openTestMempool(chain, time.clockOf("mempool"), log);
  const random = randomOf(seed);
  const signal = new AbortController().signal;
  const generator = new Generator({}, { chain, mempool, clock, random, signal });
  const search = { hashesPerSecond: 0, hashCount: 0n };
  const miner = new Miner(
    { id: seed.toString(16).padStart(12, "0"), pacing: "interval", intervalMs: INTERVAL_MS, script: KEY_SCRIPT },
    { chain, mempool, generator, search, clock, random, log },
  );
  return { name, chain, miner };
}

/** Tells `to` of every block of `from`, some time later. */
function relay(from: SimulatedMiner, to: SimulatedMiner, time: SimulatedTime, sent: Set<Promise<unknown>>): void {
  from.chain.events.subscribe(
    (event) => {
      if (event.type !== "block-connected") return;
      time.clockOf("relay").after(RELAY_MS, () => {
        const sending = to.chain.submitBlock(event.block);
        sent.add(sending);
        void sending.finally(() => sent.delete(sending));
      });
    },
    { delivery: "inline" },
  );
}

describe("two miners that pace themselves", () => {
  const time = new SimulatedTime();
  const sent = new Set<Promise<unknown>>();
  let miners: readonly [SimulatedMiner, SimulatedMiner];
  let finish = () => {};
  let running: Promise<unknown>;

  /** Goes on until the chain of the first has so many blocks, or the miners that still mine have nothing to wait for. */
  async function runUntil(height: number, mining: readonly SimulatedMiner[]): Promise<void> {
    while (miners[0].chain.height < height) {
      await Promise.all(sent);
      while (mining.some(({ name }) => time.waitCount(name) === 0)) await new Promise((resume) => setImmediate(resume));
      time.step();
    }
  }

  beforeAll(async () => {
    const opened = new Promise<void>((resolve) => {
      running = inTemporaryDirectory(async (folder) => {
        const ended = new Promise<void>((end) => {
          finish = end;
        });
        miners = [await openMiner(folder, "a", 11, time), await openMiner(folder, "b", 22, time)];
        relay(miners[0], miners[1], time, sent);
        relay(miners[1], miners[0], time, sent);
        for (const { miner } of miners) miner.start();
        resolve();
        await ended;
        for (const { miner, chain } of miners) {
          await miner.stop();
          await chain.close();
        }
      });
    });
    await opened;
  });

  afterAll(async () => {
    finish();
    await running;
  });

  test("keep the interval of the network over 1,000 blocks, share them, and report the stale ones", async () => {
    const startedMs = time.ms;
    await runUntil(1000, miners);
    const meanMs = (time.ms - startedMs) / miners[0].chain.height;
    expect(meanMs).toBeGreaterThan(0.9 * INTERVAL_MS);
    expect(meanMs).toBeLessThan(1.1 * INTERVAL_MS);
    const [a, b] = miners.map(({ miner }) => miner.status());
    expect([a!.minerCount, b!.minerCount]).toEqual([2, 2]);
    for (const { foundCount } of [a!, b!]) expect(foundCount).toBeGreaterThan(400);
    // Twice in a hundred blocks both are at it within the time that a block takes to the other.
    const staleCount = a!.staleCount + b!.staleCount;
    expect(staleCount).toBeGreaterThan(3);
    expect(staleCount).toBeLessThan(100);
    expect(a!.foundCount + b!.foundCount - staleCount).toBeGreaterThanOrEqual(1000);
    expect(a!.foundCount + b!.foundCount - staleCount).toBeLessThanOrEqual(1001);
  }, 120_000);

  test("one that is left alone soon keeps it by itself, and shares it again when the other comes back", async () => {
    const [first, second] = miners;
    second.miner.configure({ pacing: "off" });
    await runUntil(first.chain.height + 30, [first]);
    expect(first.miner.status().minerCount).toBe(1);
    const startedMs = time.ms;
    await runUntil(first.chain.height + 150, [first]);
    const meanMs = (time.ms - startedMs) / 150;
    expect(meanMs).toBeGreaterThan(0.75 * INTERVAL_MS);
    expect(meanMs).toBeLessThan(1.25 * INTERVAL_MS);
    second.miner.configure({ pacing: "interval" });
    await runUntil(first.chain.height + 20, miners);
    expect(first.miner.status().minerCount).toBe(2);
  }, 120_000);
});
