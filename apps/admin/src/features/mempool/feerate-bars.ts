import type { FeerateBar } from "@bitfleet/api/rest/mempool.ts";
import type { BarMeasure } from "./mempool-search.ts";

/** A bar in the picture. */
export interface PlacedBar {
  readonly bar: FeerateBar;
  /** Place on the axis, the first bar's being 0. */
  readonly place: number;
  /** Satoshis for 1000 vbytes: of this edge, and of the next one of the axis. */
  readonly from: number;
  readonly to: number;
}

/** The edges of the node's bars: steps of a power of ten (the preferred numbers R10), from 0.1 sat/vB. */
const STEPS = [100, 125, 160, 200, 250, 320, 400, 500, 640, 800] as const;
/** A narrower axis would have bars as wide as a thumb. */
const PLACES_MIN = 16;

/** The bars on one axis from the lowest feerate to the highest, with room where nothing waits. */
export function placeBars(bars: readonly FeerateBar[]): {
  readonly placed: readonly PlacedBar[];
  readonly placeCount: number;
  /** Feerate at the left of each place, in satoshis for 1000 vbytes. */
  readonly edges: readonly number[];
} {
  const indexes = bars.map((bar) => indexOf(bar.feerate_sat_per_kvb));
  const first = Math.min(...indexes);
  const placeCount = Math.max(PLACES_MIN, Math.max(...indexes) - first + 1);
  const placed = bars.map((bar, position) => {
    const index = indexes[position] ?? 0;
    return { bar, place: index - first, from: bar.feerate_sat_per_kvb, to: edgeAt(index + 1) };
  });
  return {
    placed: placed.toSorted((a, b) => a.place - b.place),
    placeCount,
    edges: Array.from({ length: placeCount }, (_, place) => edgeAt(first + place)),
  };
}

export function heightOf(bar: FeerateBar, measure: BarMeasure): number {
  if (measure === "count") return bar.transaction_count;
  return measure === "fees" ? bar.total_fee : bar.virtual_size;
}

/** 0 is what pays less than the first edge. */
function indexOf(feerate: number): number {
  if (feerate < STEPS[0]) return 0;
  return Math.round(Math.log10(feerate / STEPS[0]) * STEPS.length) + 1;
}

function edgeAt(index: number): number {
  if (index <= 0) return 0;
  return (STEPS[(index - 1) % STEPS.length] ?? 0) * 10 ** Math.floor((index - 1) / STEPS.length);
}
