import type { HorizonStats } from "./fee-horizon.ts";

/** What was asked of a horizon. */
export interface MedianQuery {
  /** Blocks within which a transaction is to be confirmed; at most the horizon's. */
  readonly target: number;
  /** Share of transactions that must have been, 0 to 1. */
  readonly success: number;
  /** Transactions a block that buckets taken together must have seen for their share to mean something. */
  readonly sufficient: number;
  /** The highest block seen. */
  readonly height: number;
}

/** Feerate buckets that were looked at as one, and how their transactions fared. */
export interface FeerateRange {
  /** Satoshis a thousand vbytes, not included. */
  readonly start: number;
  /** Satoshis a thousand vbytes, included. */
  readonly end: number;
  /** Confirmed within the target. */
  readonly withinTarget: number;
  readonly totalConfirmed: number;
  /** Waiting for the target or longer. */
  readonly inMempool: number;
  /** Gone without a block after having waited for the target. */
  readonly leftMempool: number;
}

/** What a horizon answers. */
export interface MedianAnswer {
  /** Satoshis a thousand vbytes; below 0 where none is known to suffice. */
  readonly feerate: number;
  /** The lowest range that was confirmed often enough. */
  readonly pass: FeerateRange | undefined;
  /** The highest range that was not. */
  readonly fail: FeerateRange | undefined;
}

/** The feerate of an answer without one. */
export const NO_FEERATE = -1;

interface Passed {
  readonly range: FeerateRange;
  readonly lowest: number;
  readonly highest: number;
}

/**
 * A feerate that has had transactions confirmed within the target as often as asked: that of the median transaction in the
 * lowest range of buckets of which this is so, all above having passed too.
 */
export function medianFeerate(stats: HorizonStats, query: MedianQuery): MedianAnswer {
  const { passed, fail } = lowestPassing(stats, query);
  const feerate = passed === undefined ? NO_FEERATE : medianWithin(stats, passed);
  return { feerate, pass: passed?.range, fail };
}

/**
 * Goes from the highest bucket to the lowest, taking buckets together until there are enough transactions in them. A range that
 * fails is taken together with the next, which may pull it up again.
 */
function lowestPassing(stats: HorizonStats, { target, success, sufficient, height }: MedianQuery) {
  const { decay, scale, confirmed, withinPeriod, failed } = stats.record;
  const { bounds } = stats;
  const period = Math.ceil(target / scale) - 1;
  const enough = sufficient / (1 - decay);
  let passed: Passed | undefined;
  let fail: FeerateRange | undefined;
  let highest = bounds.length - 1;
  let counts = { withinTarget: 0, totalConfirmed: 0, inMempool: 0, leftMempool: 0 };
  let sinceTest = 0;
  let isPassing = true;
  const rangeFrom = (lowest: number): FeerateRange => ({
    start: lowest > 0 ? bounds[lowest - 1]! : 0,
    end: bounds[highest]!,
    ...counts,
  });
  for (let bucket = bounds.length - 1; bucket >= 0; bucket--) {
    counts.withinTarget += withinPeriod[period]![bucket]!;
    counts.totalConfirmed += confirmed[bucket]!;
    counts.leftMempool += failed[period]![bucket]!;
    counts.inMempool += stats.waitingFor(bucket, target, height);
    sinceTest += confirmed[bucket]!;
    if (sinceTest < enough) continue;
    sinceTest = 0;
    const share = counts.withinTarget / (counts.totalConfirmed + counts.leftMempool + counts.inMempool);
    if (share < success) {
      if (isPassing) fail = rangeFrom(bucket);
      isPassing = false;
      continue;
    }
    passed = { range: rangeFrom(bucket), lowest: bucket, highest };
    fail = undefined;
    isPassing = true;
    highest = bucket - 1;
    counts = { withinTarget: 0, totalConfirmed: 0, inMempool: 0, leftMempool: 0 };
  }
  // The lowest buckets had too little to say anything.
  if (isPassing && highest >= 0) fail = rangeFrom(0);
  return { passed, fail };
}

/** The mean of the bucket that the median transaction is in: single transactions are not remembered. */
function medianWithin({ record: { confirmed, feerates } }: HorizonStats, { lowest, highest }: Passed): number {
  let half = 0;
  for (let bucket = lowest; bucket <= highest; bucket++) half += confirmed[bucket]!;
  if (half === 0) return NO_FEERATE;
  half /= 2;
  for (let bucket = lowest; bucket <= highest; bucket++) {
    const count = confirmed[bucket]!;
    if (count >= half) return feerates[bucket]! / count;
    half -= count;
  }
  return NO_FEERATE;
}
