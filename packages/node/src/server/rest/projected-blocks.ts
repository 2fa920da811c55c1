import type { FeerateBar, ProjectedBlock, ProjectedBlocks } from "@bitfleet/api/rest/mempool.ts";
import type { MempoolEntry, OrderedChunk } from "../../mempool/entry.ts";
import type { Mempool } from "../../mempool/mempool.ts";
import type { Generator } from "../../mining/generate.ts";
import type { Clock } from "../../ports.ts";
import { socketTurn } from "../../turns.ts";
import { ChunkFigures } from "./chunk-figures.ts";
import { KeptAnswer } from "./kept-answer.ts";

/** The blocks that the mempool would make if nothing else came: each of what the node's own template would take of what is left. */

/** Blocks that are shown. */
export const PROJECTED_BLOCKS_MAX = 8;

interface Projection {
  readonly blocks: ProjectedBlocks;
  readonly bars: readonly FeerateBar[];
  readonly places: ReadonlyMap<MempoolEntry, number>;
}

type Source = Pick<Mempool, "changeCount" | "chunksInMiningOrder">;
type Miner = Pick<Generator, "select">;

/** Projections, made when asked for and kept for a moment. A hundred thousand transactions are looked through in steps, with turns for others. */
export class ProjectedMempool {
  readonly #projection: KeptAnswer<Projection>;

  constructor(mempool: Source, miner: Miner, clock: Pick<Clock, "monotonicMs">) {
    this.#projection = new KeptAnswer(mempool, clock, () => project(mempool, miner));
  }

  async blocks(): Promise<ProjectedBlocks> {
    return (await this.#projection.get()).blocks;
  }

  /** Bars of what waits, by the feerate of what is mined together, the highest first. */
  async histogram(): Promise<readonly FeerateBar[]> {
    return (await this.#projection.get()).bars;
  }

  /** Which of the projected blocks an entry is in; `undefined` where it is behind them, or came this very moment. */
  async indexOf(entry: MempoolEntry): Promise<number | undefined> {
    return (await this.#projection.get()).places.get(entry);
  }
}

async function project(mempool: Source, miner: Miner): Promise<Projection> {
  const chunks = [...mempool.chunksInMiningOrder()];
  const figures = await ChunkFigures.of(chunks);
  const blocks: ProjectedBlock[] = [];
  const places = new Map<MempoolEntry, number>();
  const queue = new ChunkQueue(chunks);
  while (!queue.isEmpty && blocks.length < PROJECTED_BLOCKS_MAX) {
    await socketTurn();
    const index = blocks.length;
    const taken = miner.select(queue.offer());
    // What is left pays too little to be mined, or fits no block.
    if (taken.length === 0) break;
    for (const entry of taken) places.set(entry, index);
    const inBlock = queue.take(({ entries }) => places.get(entries[0]!) === index);
    blocks.push({ index, ...figures.totalOf(inBlock), feerate_range_sat_per_kvb: figures.feerateRange(inBlock) });
  }
  await socketTurn();
  const { transaction_count, virtual_size, total_fee } = figures.totalOf(queue.left());
  return {
    blocks: { blocks, remaining: { transaction_count, virtual_size, total_fee } },
    bars: figures.bars(),
    places,
  };
}

/** What is left for the next block, in the order of mining, by places in the list of all: only what was looked at is gone through. */
class ChunkQueue {
  readonly #chunks: readonly OrderedChunk[];
  /** Those before it were offered already. */
  #next = 0;
  /** Offered before, and not taken. */
  #passed: readonly number[] = [];
  #offered: number[] = [];

  constructor(chunks: readonly OrderedChunk[]) {
    this.#chunks = chunks;
  }

  get isEmpty(): boolean {
    return this.#passed.length === 0 && this.#next >= this.#chunks.length;
  }

  /** Everything that is left, for as long as somebody asks. */
  *offer(): Iterable<OrderedChunk> {
    for (const at of this.#passed) {
      this.#offered.push(at);
      yield this.#chunks[at]!;
    }
    while (this.#next < this.#chunks.length) {
      this.#offered.push(this.#next);
      yield this.#chunks[this.#next++]!;
    }
  }

  /** Takes those away that were offered and are wanted. */
  take(isWanted: (chunk: OrderedChunk) => boolean): readonly number[] {
    const taken: number[] = [];
    const passed: number[] = [];
    for (const at of this.#offered) (isWanted(this.#chunks[at]!) ? taken : passed).push(at);
    this.#passed = [...passed, ...this.#passed.slice(this.#offered.length)];
    this.#offered = [];
    return taken;
  }

  *left(): Iterable<number> {
    yield* this.#passed;
    for (let at = this.#next; at < this.#chunks.length; at++) yield at;
  }
}
