import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ManualClock,
  openTestChain,
  submitAll,
  type TestChain,
  type Tip,
} from "../../packages/node/src/chain/test-kit.ts";
import type { Mempool, MempoolEvent, MempoolOptions } from "../../packages/node/src/mempool/mempool.ts";
import { VERSION_OBFUSCATED } from "../../packages/node/src/mempool/mempool-file.ts";
import { MempoolKeeper } from "../../packages/node/src/mempool/mempool-keeper.ts";
import { openTestMempool } from "../../packages/node/src/mempool/test-kit.ts";
import { buildBaseChain } from "./base-chain.ts";

/** The real mempool, on a real chain on disk. */
export class NodeUnderTest {
  readonly #folder: string;
  readonly #options: MempoolOptions;
  readonly #testChain: TestChain;
  mempool: Mempool;
  keeper: MempoolKeeper;
  /** Since they were last looked at. */
  events: MempoolEvent[] = [];

  private constructor(folder: string, options: MempoolOptions, testChain: TestChain) {
    this.#folder = folder;
    this.#options = options;
    this.#testChain = testChain;
    [this.mempool, this.keeper] = this.#openMempool();
  }

  static async open(base: Base, options: MempoolOptions): Promise<NodeUnderTest> {
    const folder = await mkdtemp(join(tmpdir(), "bitfleet-model-"));
    await cp(base.folder, folder, { recursive: true });
    return new NodeUnderTest(folder, options, await openTestChain(folder));
  }

  get chain() {
    return this.#testChain.chain;
  }

  get clock(): ManualClock {
    return this.#testChain.clock;
  }

  get failure(): Error | undefined {
    return this.#testChain.fatal();
  }

  /** As the end of the program and its next start. */
  async restart(): Promise<void> {
    await this.keeper.stop();
    this.mempool.close();
    [this.mempool, this.keeper] = this.#openMempool();
    await this.keeper.load();
  }

  async close(): Promise<void> {
    this.mempool.close();
    await this.chain.close().catch(() => {});
    await rm(this.#folder, { recursive: true, force: true });
  }

  #openMempool(): [Mempool, MempoolKeeper] {
    const { chain, clock, log } = this.#testChain;
    const mempool = openTestMempool(chain, clock, log, this.#options);
    mempool.events.subscribe((event) => this.events.push(event));
    const random = { bytes: (size: number) => new Uint8Array(size).fill(7) };
    const path = join(this.#folder, "mempool.dat");
    const options = { path, isPersistent: true, fileVersion: VERSION_OBFUSCATED } as const;
    return [mempool, new MempoolKeeper(options, { mempool, clock, random, log })];
  }
}

/** A data directory that holds the first blocks, to be copied. */
export interface Base {
  readonly folder: string;
  readonly tips: readonly Tip[];
}

export async function makeBase(): Promise<Base> {
  const folder = await mkdtemp(join(tmpdir(), "bitfleet-model-base-"));
  const tips = buildBaseChain();
  const { chain } = await openTestChain(folder);
  await submitAll(chain, tips);
  await chain.close();
  return { folder, tips };
}

export const removeBase = ({ folder }: Base): Promise<void> => rm(folder, { recursive: true, force: true });
