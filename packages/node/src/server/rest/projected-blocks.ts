import type { FeerateBar, ProjectedBlock, ProjectedBlocks } from "@bitfleet/api/rest/mempool.ts";
import { feerateSatPerKvb } from "@bitfleet/protocol/policy/feerate.ts";
import type { MempoolEntry, OrderedChunk } from "../../mempool/entry.ts";
import type { Mempool } from "../../mempool/mempool.ts";
import type { Generator } from "../../mining/generate.ts";
import type { Clock } from "../../ports.ts";

/** The blocks that the mempool would make if nothing else came: each of what the node's own template would take of what is left. */

/** Blocks that are shown. */
export const PROJECTED_BLOCKS_MAX = 8;
/** However often it is asked for and whatever comes meanwhile, all chunks are looked through no more often. */
const AGE_MS_MAX = 1000;
/** Of 100 vbytes of a block. */
const PERCENTILES = [0, 10, 25, 50, 75, 90, 100] as const;
/** Satoshis for 1000 vbytes: edges of the histogram's bars, each about a quarter above the one before. */
const BAR_EDGES: readonly number[] = barEdges();

interface Projection {
  readonly changeCount: number;
  readonly madeMs: number;
  readonly blocks: ProjectedBlocks;
  readonly bars: readonly FeerateBar[];
  readonly places: ReadonlyMap<MempoolEntry, number>;
}

type Source = Pick<Mempool, "changeCount" | "chunksInMiningOrder">;
type Miner = Pick<Generator, "select">;

/** Projections, made when asked for and kept for a moment. */
export class ProjectedMempool {
  readonly #mempool: Source;
  readonly #miner: Miner;
  readonly #clock: Pick<Clock, "monotonicMs">;
  #projection: Projection | undefined;

  constructor(mempool: Source, miner: Miner, clock: Pick<Clock, "monotonicMs">) {
    this.#mempool = mempool;
    this.#miner = miner;
    this.#clock = clock;
  }

  get blocks(): ProjectedBlocks {
    return this.#current().blocks;
  }

  /** Bars of what waits, by the feerate of what is mined together, the highest first. */
  get histogram(): readonly FeerateBar[] {
    return this.#current().bars;
  }

  /** Which of the projected blocks an entry is in; `undefined` where it is behind them, or came this very moment. */
  indexOf(entry: MempoolEntry): number | undefined {
    return this.#current().places.get(entry);
  }

  #current(): Projection {
    const known = this.#projection;
    const { changeCount } = this.#mempool;
    const nowMs = this.#clock.monotonicMs();
    if (known !== undefined && (known.changeCount === changeCount || nowMs - known.madeMs < AGE_MS_MAX)) return known;
    this.#projection = { changeCount, madeMs: nowMs, ...project(this.#mempool, this.#miner) };
    return this.#projection;
  }
}

/** Chunks that are mined together, in the order of mining. */
type Chunk = OrderedChunk & { readonly feerate: number; readonly virtualSize: number };

function project(mempool: Source, miner: Miner): Omit<Projection, "changeCount" | "madeMs"> {
  const chunks = [...mempool.chunksInMiningOrder()].map((chunk): Chunk => {
    const virtualSize = sumOf(chunk.entries, "virtualSize");
    return { ...chunk, virtualSize, feerate: Number(feerateSatPerKvb(chunk.fee, virtualSize)) };
  });
  const blocks: ProjectedBlock[] = [];
  const places = new Map<MempoolEntry, number>();
  let left: readonly Chunk[] = chunks;
  while (left.length > 0 && blocks.length < PROJECTED_BLOCKS_MAX) {
    const index = blocks.length;
    const taken = miner.select(left);
    // What is left pays too little to be mined, or fits no block.
    if (taken.length === 0) break;
    for (const entry of taken) places.set(entry, index);
    const isTaken = ({ entries }: Chunk) => places.has(entries[0]!);
    blocks.push(blockView(left.filter(isTaken), index));
    left = left.filter((chunk) => !isTaken(chunk));
  }
  const { transaction_count, virtual_size, total_fee } = totalOf(left);
  const remaining = { transaction_count, virtual_size, total_fee };
  return { blocks: { blocks, remaining }, bars: barsOf(chunks), places };
}

const sumOf = (entries: readonly MempoolEntry[], field: "weight" | "virtualSize") =>
  entries.reduce((sum, entry) => sum + entry[field], 0);

function totalOf(chunks: readonly Chunk[]) {
  const total = { transaction_count: 0, virtual_size: 0, weight: 0, total_fee: 0 };
  for (const { entries, virtualSize } of chunks) {
    total.transaction_count += entries.length;
    total.virtual_size += virtualSize;
    for (const { weight, fee } of entries) {
      total.weight += weight;
      total.total_fee += Number(fee);
    }
  }
  return total;
}

function blockView(chunks: readonly Chunk[], index: number): ProjectedBlock {
  return { index, ...totalOf(chunks), feerate_range_sat_per_kvb: feerateRange(chunks) };
}

/** Weighed by virtual size, the lowest first. */
function feerateRange(chunks: readonly Chunk[]): number[] {
  const ascending = [...chunks].sort((a, b) => a.feerate - b.feerate);
  const virtualSize = chunks.reduce((sum, chunk) => sum + chunk.virtualSize, 0);
  const range: number[] = [];
  let passed = 0;
  let at = 0;
  for (const percent of PERCENTILES) {
    const wanted = (virtualSize * percent) / 100;
    while (at + 1 < ascending.length && passed + ascending[at]!.virtualSize < wanted) {
      passed += ascending[at]!.virtualSize;
      at++;
    }
    range.push(ascending[at]!.feerate);
  }
  return range;
}

function barsOf(chunks: readonly Chunk[]): FeerateBar[] {
  const byEdge = new Map<number, Chunk[]>();
  for (const chunk of chunks) {
    const edge = BAR_EDGES.findLast((each) => each <= chunk.feerate) ?? 0;
    const bar = byEdge.get(edge);
    if (bar === undefined) byEdge.set(edge, [chunk]);
    else bar.push(chunk);
  }
  return [...byEdge]
    .sort(([a], [b]) => b - a)
    .map(([edge, inBar]) => {
      const { transaction_count, virtual_size, total_fee } = totalOf(inBar);
      return { feerate_sat_per_kvb: edge, transaction_count, virtual_size, total_fee };
    });
}

/** 0, 100, 125, 160, 200, 250, 320, 400, 500, 640, 800, 1000, … up to 100 million. */
function barEdges(): number[] {
  const steps = [100, 125, 160, 200, 250, 320, 400, 500, 640, 800];
  return [0, ...[0, 1, 2, 3, 4, 5].flatMap((power) => steps.map((step) => step * 10 ** power))];
}
