import type { FeerateBar, ProjectedBlock, ProjectedBlocks } from "@bitfleet/api/rest/mempool.ts";
import { MAX_BLOCK_WEIGHT } from "@bitfleet/protocol/consensus/limits.ts";
import { feerateSatPerKvb } from "@bitfleet/protocol/policy/feerate.ts";
import type { MempoolEntry } from "../../mempool/entry.ts";
import type { Mempool } from "../../mempool/mempool.ts";
import type { Clock } from "../../ports.ts";

/** The blocks that the mempool would make if nothing else came: as a miner fills them, the best paying chunks first. */

/** Blocks that are shown. */
export const PROJECTED_BLOCKS_MAX = 8;
/** Weight that miners keep free for header and coinbase (`-blockreservedweight`). */
const RESERVED_WEIGHT = 8000;
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

type Source = Pick<Mempool, "changeCount" | "chunksInMiningOrder" | "size">;

/** Projections, made when asked for and kept for a moment. */
export class ProjectedMempool {
  readonly #mempool: Source;
  readonly #clock: Pick<Clock, "monotonicMs">;
  #projection: Projection | undefined;

  constructor(mempool: Source, clock: Pick<Clock, "monotonicMs">) {
    this.#mempool = mempool;
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
    this.#projection = { changeCount, madeMs: nowMs, ...project(this.#mempool) };
    return this.#projection;
  }
}

interface Filling {
  readonly entries: MempoolEntry[];
  /** In the order of mining: feerates fall, apart from a chunk that filled a gap. */
  readonly chunks: { readonly feerate: number; readonly virtualSize: number }[];
  weight: number;
  virtualSize: number;
  fee: number;
}

const emptyBlock = (): Filling => ({ entries: [], chunks: [], weight: 0, virtualSize: 0, fee: 0 });

function project(mempool: Source): Omit<Projection, "changeCount" | "madeMs"> {
  const filled: Filling[] = [];
  const places = new Map<MempoolEntry, number>();
  const bars = new Map<number, { count: number; virtualSize: number; fee: number }>();
  const rest = { transaction_count: 0, virtual_size: 0, total_fee: 0 };
  let block = emptyBlock();
  for (const { entries, fee } of mempool.chunksInMiningOrder()) {
    const weight = entries.reduce((sum, entry) => sum + entry.weight, 0);
    const virtualSize = entries.reduce((sum, entry) => sum + entry.virtualSize, 0);
    const feerate = Number(feerateSatPerKvb(fee, virtualSize));
    const paid = entries.reduce((sum, entry) => sum + Number(entry.fee), 0);
    addToBar(bars, feerate, { count: entries.length, virtualSize, fee: paid });
    if (block.weight > 0 && block.weight + weight > MAX_BLOCK_WEIGHT - RESERVED_WEIGHT) {
      if (filled.length < PROJECTED_BLOCKS_MAX) filled.push(block);
      block = emptyBlock();
    }
    if (filled.length === PROJECTED_BLOCKS_MAX) {
      rest.transaction_count += entries.length;
      rest.virtual_size += virtualSize;
      rest.total_fee += paid;
      continue;
    }
    for (const entry of entries) places.set(entry, filled.length);
    block.entries.push(...entries);
    block.chunks.push({ feerate, virtualSize });
    block.weight += weight;
    block.virtualSize += virtualSize;
    block.fee += paid;
  }
  if (block.entries.length > 0 && filled.length < PROJECTED_BLOCKS_MAX) filled.push(block);
  return { blocks: { blocks: filled.map(blockView), remaining: rest }, bars: barViews(bars), places };
}

function blockView(block: Filling, index: number): ProjectedBlock {
  return {
    index,
    transaction_count: block.entries.length,
    virtual_size: block.virtualSize,
    weight: block.weight,
    total_fee: block.fee,
    feerate_range_sat_per_kvb: feerateRange(block),
  };
}

/** Weighed by virtual size, the lowest first. */
function feerateRange({ chunks, virtualSize }: Filling): number[] {
  const ascending = [...chunks].sort((a, b) => a.feerate - b.feerate);
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

function addToBar(
  bars: Map<number, { count: number; virtualSize: number; fee: number }>,
  feerate: number,
  more: { readonly count: number; readonly virtualSize: number; readonly fee: number },
): void {
  const edge = BAR_EDGES.findLast((each) => each <= feerate) ?? 0;
  const bar = bars.get(edge) ?? { count: 0, virtualSize: 0, fee: 0 };
  bar.count += more.count;
  bar.virtualSize += more.virtualSize;
  bar.fee += more.fee;
  bars.set(edge, bar);
}

function barViews(bars: ReadonlyMap<number, { count: number; virtualSize: number; fee: number }>): FeerateBar[] {
  return [...bars]
    .sort(([a], [b]) => b - a)
    .map(([edge, { count, virtualSize, fee }]) => ({
      feerate_sat_per_kvb: edge,
      transaction_count: count,
      virtual_size: virtualSize,
      total_fee: fee,
    }));
}

/** 0, 100, 125, 160, 200, 250, 320, 400, 500, 640, 800, 1000, … up to 100 million. */
function barEdges(): number[] {
  const steps = [100, 125, 160, 200, 250, 320, 400, 500, 640, 800];
  return [0, ...[0, 1, 2, 3, 4, 5].flatMap((power) => steps.map((step) => step * 10 ** power))];
}
