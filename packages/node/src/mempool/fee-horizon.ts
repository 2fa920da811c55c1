import { feeBucketIndex } from "./fee-buckets.ts";

/** How far back a set of statistics looks: transactions of the last hours, days, or weeks. */
export const FEE_HORIZONS = ["short", "medium", "long"] as const;
export type FeeHorizon = (typeof FEE_HORIZONS)[number];

/** What makes a horizon what it is. */
export interface HorizonSettings {
  /** What a block leaves of all counts that were made before it. */
  readonly decay: number;
  /** Blocks that are counted as one period. */
  readonly scale: number;
  readonly periodCount: number;
}

export const HORIZON_SETTINGS: Readonly<Record<FeeHorizon, HorizonSettings>> = {
  /** Half is forgotten after 18 blocks. */
  short: { decay: 0.962, scale: 1, periodCount: 12 },
  /** After 144 blocks, a day. */
  medium: { decay: 0.9952, scale: 2, periodCount: 24 },
  /** After 1008 blocks, a week. */
  long: { decay: 0.99931, scale: 24, periodCount: 42 },
};

/** Decaying counts by bucket, of transactions that were tracked: what is saved of a horizon. */
export interface HorizonRecord {
  readonly decay: number;
  readonly scale: number;
  /** Sum of the feerates of confirmed transactions. */
  readonly feerates: Float64Array;
  /** Transactions that were confirmed, however late. */
  readonly confirmed: Float64Array;
  /** By period, then by bucket: those that were confirmed within it or sooner. */
  readonly withinPeriod: readonly Float64Array[];
  /** By period, then by bucket: those that left without a block after having waited for the whole of it. */
  readonly failed: readonly Float64Array[];
}

/** A record of nothing. */
export function emptyRecord({ decay, scale, periodCount }: HorizonSettings, bucketCount: number): HorizonRecord {
  const counts = () => new Float64Array(bucketCount);
  const periods = () => Array.from({ length: periodCount }, counts);
  return { decay, scale, feerates: counts(), confirmed: counts(), withinPeriod: periods(), failed: periods() };
}

/** A transaction that waits, as horizons see it. */
export interface WaitingTransaction {
  /** Height of the tip when it came. */
  readonly height: number;
  readonly bucket: number;
}

/**
 * How long transactions of each feerate bucket waited for their block. What is over decays block by block; what still waits is
 * counted exactly, by the height at which it came, in a ring as long as the horizon.
 */
export class HorizonStats {
  readonly record: HorizonRecord;
  readonly bounds: readonly number[];
  /** By height modulo the length of the ring, then by bucket. */
  readonly #waiting: readonly Int32Array[];
  /** Those that have waited for longer than the ring is. */
  readonly #waitingLong: Int32Array;
  /** Nothing was ever recorded: decaying would change nothing. */
  #isBlank: boolean;

  constructor(bounds: readonly number[], record: HorizonRecord) {
    this.bounds = bounds;
    this.record = record;
    const length = record.scale * record.withinPeriod.length;
    this.#waiting = Array.from({ length }, () => new Int32Array(bounds.length));
    this.#waitingLong = new Int32Array(bounds.length);
    this.#isBlank = [record.feerates, record.confirmed, ...record.withinPeriod, ...record.failed].every((counts) =>
      counts.every((count) => count === 0),
    );
  }

  /** Highest target in blocks that can be asked for. */
  get targetMax(): number {
    return this.#waiting.length;
  }

  /** A transaction came; returns its bucket. */
  entered(height: number, feerate: number): number {
    const bucket = feeBucketIndex(this.bounds, feerate);
    this.#waiting[height % this.#waiting.length]![bucket]!++;
    return bucket;
  }

  /** A block was connected at `height`: what has waited for the whole ring gets out of it, and the past counts for less. */
  advance(height: number): void {
    const oldest = this.#waiting[height % this.#waiting.length]!;
    oldest.forEach((count, bucket) => {
      this.#waitingLong[bucket]! += count;
    });
    oldest.fill(0);
    if (!this.#isBlank) this.#decay();
  }

  #decay(): void {
    const { decay, feerates, confirmed, withinPeriod, failed } = this.record;
    for (const counts of [feerates, confirmed, ...withinPeriod, ...failed]) {
      for (let bucket = 0; bucket < counts.length; bucket++) counts[bucket]! *= decay;
    }
  }

  /**
   * A transaction that entered is gone, by a block or without one; `bestHeight` is the highest block seen. Without a block it
   * failed in every period that it waited through.
   */
  left({ height, bucket }: WaitingTransaction, bestHeight: number, byBlock: boolean): void {
    const blocksAgo = bestHeight === 0 ? 0 : bestHeight - height;
    if (blocksAgo < 0) return;
    const counts =
      blocksAgo >= this.#waiting.length ? this.#waitingLong : this.#waiting[height % this.#waiting.length]!;
    if (counts[bucket]! > 0) counts[bucket]!--;
    if (byBlock) return;
    const { scale, failed } = this.record;
    const periods = Math.min(Math.floor(blocksAgo / scale), failed.length);
    for (let period = 0; period < periods; period++) failed[period]![bucket]!++;
    this.#isBlank &&= periods === 0;
  }

  /** A transaction was confirmed `blocks` blocks after the tip it came at, 1 being the next. */
  confirmed(blocks: number, feerate: number): void {
    const { scale, feerates, confirmed, withinPeriod } = this.record;
    const bucket = feeBucketIndex(this.bounds, feerate);
    for (let period = Math.ceil(blocks / scale); period <= withinPeriod.length; period++)
      withinPeriod[period - 1]![bucket]!++;
    confirmed[bucket]!++;
    feerates[bucket]! += feerate;
    this.#isBlank = false;
  }

  /** Transactions of a bucket that have waited for `target` blocks or longer at `height`. */
  waitingFor(bucket: number, target: number, height: number): number {
    let count = 0;
    for (let blocks = target; blocks < this.#waiting.length; blocks++) {
      // Heights below zero wrap around at 32 bits, which the length of the ring does not divide: Core's slots are these.
      const slot = ((height - blocks) >>> 0) % this.#waiting.length;
      count += this.#waiting[slot]![bucket]!;
    }
    return count + this.#waitingLong[bucket]!;
  }
}
