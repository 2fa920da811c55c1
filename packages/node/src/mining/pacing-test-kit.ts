import { join } from "node:path";
import type { Chain } from "../chain/chain.ts";
import { GENESIS, inTemporaryDirectory, KEY_SCRIPT, MemoryLog, openTestChain } from "../chain/test-kit.ts";
import { openTestMempool } from "../mempool/test-kit.ts";
import type { Clock } from "../ports.ts";
import { Generator } from "./generate.ts";
import { Miner } from "./miner.ts";

/** Networks of paced miners on one simulated time, each with a real chain; blocks take a while from one to the other. */

export const INTERVAL_MS = 10_000;
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

export interface SimulatedMiner {
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

export class SimulatedNetwork {
  readonly time: SimulatedTime;
  readonly miners: readonly SimulatedMiner[];
  readonly #sent = new Set<Promise<unknown>>();

  private constructor(miners: readonly SimulatedMiner[], time: SimulatedTime) {
    this.miners = miners;
    this.time = time;
    for (const from of miners) for (const to of miners) if (from !== to) relay(from, to, time, this.#sent);
    for (const { miner } of miners) miner.start();
  }

  /** A network of so many miners, each of which tells all others of its blocks. */
  static async with(minerCount: number, work: (network: SimulatedNetwork) => Promise<void>): Promise<void> {
    const time = new SimulatedTime();
    await inTemporaryDirectory(async (folder) => {
      const miners: SimulatedMiner[] = [];
      for (let index = 0; index < minerCount; index++)
        miners.push(await openMiner(folder, `miner-${index}`, 11 * (index + 1), time));
      const network = new SimulatedNetwork(miners, time);
      await work(network).finally(async () => {
        for (const { miner, chain } of miners) {
          await miner.stop();
          await chain.close();
        }
      });
    });
  }

  get height(): number {
    return this.miners[0]!.chain.height;
  }

  /** Mean milliseconds between so many blocks, while `mining` are at it. */
  async meanOf(blockCount: number, mining = this.miners): Promise<number> {
    const [startedMs, startedHeight] = [this.time.ms, this.height];
    while (this.height < startedHeight + blockCount) {
      await Promise.all(this.#sent);
      // Each goes on to its next wait before time does.
      while (mining.some(({ name }) => this.time.waitCount(name) === 0))
        await new Promise((resume) => setImmediate(resume));
      this.time.step();
    }
    await Promise.all(this.#sent);
    return (this.time.ms - startedMs) / (this.height - startedHeight);
  }
}
