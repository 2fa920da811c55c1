import type { FeerateBar } from "@bitfleet/api/rest/mempool.ts";
import { feerateSatPerKvb } from "@bitfleet/protocol/policy/feerate.ts";
import type { OrderedChunk } from "../../mempool/entry.ts";
import { socketTurn } from "../../turns.ts";

/** Figures of what waits, of a hundred thousand chunks as soon as of ten: each entry is looked at once, and no object is made for it. */

/** Chunks that are looked at before others have a turn. */
const CHUNKS_A_TURN = 5000;
/** Of 100 vbytes of a block. */
const PERCENTILES = [0, 10, 25, 50, 75, 90, 100] as const;
/** Satoshis for 1000 vbytes: edges of the histogram's bars, each about a quarter above the one before. */
const BAR_EDGES: readonly number[] = barEdges();

interface Total {
  readonly transaction_count: number;
  readonly virtual_size: number;
  readonly weight: number;
  readonly total_fee: number;
}

/** Of chunks in the order of mining, each named by its place in it. */
export class ChunkFigures {
  readonly #counts: Uint32Array;
  readonly #virtualSizes: Float64Array;
  readonly #weights: Float64Array;
  /** In satoshis: amounts that can exist are exact as numbers. */
  readonly #fees: Float64Array;
  /** Satoshis for 1000 vbytes, with what the operator added or took. */
  readonly #feerates: Float64Array;

  private constructor(count: number) {
    this.#counts = new Uint32Array(count);
    this.#virtualSizes = new Float64Array(count);
    this.#weights = new Float64Array(count);
    this.#fees = new Float64Array(count);
    this.#feerates = new Float64Array(count);
  }

  static async of(chunks: readonly OrderedChunk[]): Promise<ChunkFigures> {
    const figures = new ChunkFigures(chunks.length);
    for (let at = 0; at < chunks.length; at++) {
      if (at > 0 && at % CHUNKS_A_TURN === 0) await socketTurn();
      figures.#note(at, chunks[at]!);
    }
    return figures;
  }

  #note(at: number, { entries, fee: modifiedFee }: OrderedChunk): void {
    let [virtualSum, weightSum, feeSum] = [0, 0, 0];
    for (const { virtualSize, weight, fee } of entries) {
      virtualSum += virtualSize;
      weightSum += weight;
      feeSum += Number(fee);
    }
    this.#counts[at] = entries.length;
    this.#virtualSizes[at] = virtualSum;
    this.#weights[at] = weightSum;
    this.#fees[at] = feeSum;
    this.#feerates[at] = Number(feerateSatPerKvb(modifiedFee, virtualSum));
  }

  totalOf(places: Iterable<number>): Total {
    const total = { transaction_count: 0, virtual_size: 0, weight: 0, total_fee: 0 };
    for (const at of places) {
      total.transaction_count += this.#counts[at]!;
      total.virtual_size += this.#virtualSizes[at]!;
      total.weight += this.#weights[at]!;
      total.total_fee += this.#fees[at]!;
    }
    return total;
  }

  /** Feerates that so much of the chunks' virtual bytes pay at most, the lowest first. */
  feerateRange(places: readonly number[]): number[] {
    const feerates = this.#feerates;
    const sizes = this.#virtualSizes;
    // In order nearly: the order of mining goes by sizes that are not rounded.
    const ascending = places.toReversed().sort((a, b) => feerates[a]! - feerates[b]!);
    const virtualSize = places.reduce((sum, at) => sum + sizes[at]!, 0);
    let passed = 0;
    let index = 0;
    return PERCENTILES.map((percent) => {
      const wanted = (virtualSize * percent) / 100;
      while (index + 1 < ascending.length && passed + sizes[ascending[index]!]! < wanted) {
        passed += sizes[ascending[index]!]!;
        index++;
      }
      return feerates[ascending[index]!]!;
    });
  }

  /** Bars of the histogram of all chunks, the highest feerate first; none where nothing is in it. */
  bars(): FeerateBar[] {
    const bars = BAR_EDGES.map((edge) => {
      return { feerate_sat_per_kvb: edge, transaction_count: 0, virtual_size: 0, total_fee: 0 };
    });
    // From one chunk to the next the bar is the same, or one nearby.
    let barIndex = bars.length - 1;
    for (const [at, feerate] of this.#feerates.entries()) {
      while (barIndex > 0 && BAR_EDGES[barIndex]! > feerate) barIndex--;
      while (barIndex + 1 < BAR_EDGES.length && BAR_EDGES[barIndex + 1]! <= feerate) barIndex++;
      const bar = bars[barIndex]!;
      bar.transaction_count += this.#counts[at]!;
      bar.virtual_size += this.#virtualSizes[at]!;
      bar.total_fee += this.#fees[at]!;
    }
    return bars.filter(({ transaction_count: count }) => count > 0).reverse();
  }
}

/** 0, 100, 125, 160, 200, 250, 320, 400, 500, 640, 800, 1000, … up to 100 million. */
function barEdges(): number[] {
  const steps = [100, 125, 160, 200, 250, 320, 400, 500, 640, 800];
  return [0, ...[0, 1, 2, 3, 4, 5].flatMap((power) => steps.map((step) => step * 10 ** power))];
}
