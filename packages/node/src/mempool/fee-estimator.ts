import { displayHash, type HashKey, hashKey, type Sats, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { Logger } from "../ports.ts";
import { feeBucketBounds } from "./fee-buckets.ts";
import {
  emptyRecord,
  FEE_HORIZONS,
  type FeeHorizon,
  HORIZON_SETTINGS,
  type HorizonRecord,
  HorizonStats,
  type WaitingTransaction,
} from "./fee-horizon.ts";
import type { FeerateRange } from "./fee-median.ts";
import { type FeeReason, horizonAnswer, smartFeerate } from "./fee-smart.ts";

/** Blocks after which what a file told is no longer a measure of how far an answer may reach. */
const HISTORY_BLOCKS_MAX = 6 * 1008;

/** Everything that outlives a run. */
export interface FeeRecord {
  /** Highest block that was seen. */
  readonly bestHeight: number;
  /** First and last block of what the statistics were made of. */
  readonly firstHeight: number;
  readonly lastHeight: number;
  /** Upper bounds of the buckets, ascending. */
  readonly bounds: readonly number[];
  readonly horizons: Readonly<Record<FeeHorizon, HorizonRecord>>;
}

/** A transaction as the mempool has it. */
export interface PricedTransaction {
  readonly txid: Txid;
  /** Height of the tip when it came. */
  readonly height: number;
  readonly feerateSatPerKvb: Sats;
}

export interface ArrivedTransaction extends PricedTransaction {
  /** Its wait says something about fees: it came by itself, depends on nothing that waits, and the chain is current. */
  readonly isTelling: boolean;
}

/** Whether an answer also has to do for longer horizons. */
export type FeeMode = "economical" | "conservative";

export interface SmartEstimate {
  /** Absent where too little is known. */
  readonly feerateSatPerKvb: Sats | undefined;
  /** The target that is answered: the one asked for, within what can be told by now. */
  readonly blocks: number;
  readonly reason: FeeReason;
}

export interface RawEstimate {
  readonly feerateSatPerKvb: Sats | undefined;
  readonly decay: number;
  readonly scale: number;
  readonly pass: FeerateRange | undefined;
  readonly fail: FeerateRange | undefined;
}

/**
 * Tells what feerate has had transactions confirmed in how many blocks, from those that this node saw come and be mined. Knows
 * no clock, no chain and no mempool: it is told. Its numbers are those of Bitcoin Core's estimator, to the last digit.
 */
export class FeeEstimator {
  readonly #log: Logger;
  readonly #bounds: readonly number[];
  readonly #horizons: Readonly<Record<FeeHorizon, HorizonStats>>;
  readonly #tracked = new Map<HashKey, WaitingTransaction>();
  #bestHeight: number;
  readonly #history: { readonly firstHeight: number; readonly lastHeight: number };
  /** First block of this run with a transaction that was tracked; 0 before it. */
  #firstHeight = 0;
  #trackedCount = 0;
  #untrackedCount = 0;

  /** `record` is what a run before has left. It is this estimator's own from now on. */
  constructor(log: Logger, record: FeeRecord = blankRecord()) {
    this.#log = log;
    this.#bounds = record.bounds;
    this.#bestHeight = record.bestHeight;
    this.#history = record;
    this.#horizons = byHorizon((horizon) => new HorizonStats(record.bounds, record.horizons[horizon]));
  }

  /** Highest target in blocks that a horizon knows of. */
  targetMax(horizon: FeeHorizon): number {
    return this.#horizons[horizon].targetMax;
  }

  transactionAdded({ txid, height, feerateSatPerKvb, isTelling }: ArrivedTransaction): void {
    const key = hashKey(txid);
    if (this.#tracked.has(key)) {
      this.#debug(`Blockpolicy error mempool tx ${displayHash(txid)} already being tracked`);
      return;
    }
    // Side chains, reorganisations, and all before the first block of a run.
    if (height !== this.#bestHeight) return;
    if (!isTelling) {
      this.#untrackedCount++;
      return;
    }
    this.#trackedCount++;
    const feerate = Number(feerateSatPerKvb);
    let bucket = 0;
    for (const horizon of FEE_HORIZONS) bucket = this.#horizons[horizon].entered(height, feerate);
    this.#tracked.set(key, { height, bucket });
  }

  /** A transaction left the mempool, and not for a block. */
  transactionRemoved(txid: Txid): void {
    this.#untrack(txid, false);
  }

  /** A block was connected that took these transactions out of the mempool, in this order. */
  blockConnected(height: number, transactions: readonly PricedTransaction[]): void {
    // Reorganisations: what they do to fees is chance.
    if (height <= this.#bestHeight) return;
    this.#bestHeight = height;
    for (const horizon of FEE_HORIZONS) this.#horizons[horizon].advance(height);
    const counted = transactions.filter((transaction) => this.#confirm(height, transaction)).length;
    if (this.#firstHeight === 0 && counted > 0) {
      this.#firstHeight = height;
      this.#debug(`Blockpolicy first recorded height ${height}`);
    }
    this.#debug(
      `Blockpolicy estimates updated by ${counted} of ${transactions.length} block txs, since last block ${this.#trackedCount} of ` +
        `${this.#trackedCount + this.#untrackedCount} tracked, mempool map size ${this.#tracked.size}, max target ` +
        `${this.#usableTargetMax()} from ${this.#historyBlocks() > this.#ownBlocks() ? "historical" : "current"}`,
    );
    this.#trackedCount = 0;
    this.#untrackedCount = 0;
  }

  /** The run ends: all that still waits counts as not confirmed. Returns how many that were. */
  giveUpWaiting(): number {
    const count = this.#tracked.size;
    for (const transaction of this.#tracked.values()) this.#leave(transaction, false);
    this.#tracked.clear();
    return count;
  }

  /** What to pay to be confirmed within `target` blocks, or within the nearest number that can be told. */
  estimateSmart(target: number, mode: FeeMode): SmartEstimate {
    if (target < 1 || target > this.targetMax("long"))
      return { feerateSatPerKvb: undefined, blocks: target, reason: "None" };
    // A transaction cannot be hoped to be in the very next block.
    const blocks = Math.min(Math.max(target, 2), this.#usableTargetMax());
    if (blocks <= 1) return { feerateSatPerKvb: undefined, blocks, reason: "None" };
    const { feerate, reason } = smartFeerate(this.#horizons, blocks, this.#bestHeight, mode === "conservative");
    return { feerateSatPerKvb: satsOf(feerate), blocks, reason };
  }

  /** What one horizon says of a target that it reaches, with the numbers behind it. `success`: 0 to 1. */
  estimateRaw(target: number, success: number, horizon: FeeHorizon): RawEstimate {
    const { decay, scale } = this.#horizons[horizon].record;
    const { feerate, pass, fail } = horizonAnswer(this.#horizons, horizon, {
      target,
      success,
      height: this.#bestHeight,
    });
    return { feerateSatPerKvb: satsOf(feerate), decay, scale, pass, fail };
  }

  /** What is to be saved. A view: to be read before anything changes. */
  record(): FeeRecord {
    const ownIsLonger = this.#ownBlocks() > Math.floor(this.#historyBlocks() / 2);
    const { firstHeight, lastHeight } = ownIsLonger
      ? { firstHeight: this.#firstHeight, lastHeight: this.#bestHeight }
      : this.#history;
    const horizons = byHorizon((horizon) => this.#horizons[horizon].record);
    return { bestHeight: this.#bestHeight, firstHeight, lastHeight, bounds: this.#bounds, horizons };
  }

  #confirm(height: number, transaction: PricedTransaction): boolean {
    if (!this.#untrack(transaction.txid, true)) return false;
    // What came back from a block of another branch may have come later than when it was first seen.
    const blocks = height - transaction.height;
    if (blocks < 1) return false;
    const feerate = Number(transaction.feerateSatPerKvb);
    for (const horizon of FEE_HORIZONS) this.#horizons[horizon].confirmed(blocks, feerate);
    return true;
  }

  #untrack(txid: Txid, byBlock: boolean): boolean {
    const key = hashKey(txid);
    const transaction = this.#tracked.get(key);
    if (transaction === undefined) return false;
    this.#tracked.delete(key);
    this.#leave(transaction, byBlock);
    return true;
  }

  #leave(transaction: WaitingTransaction, byBlock: boolean): void {
    for (const horizon of FEE_HORIZONS) this.#horizons[horizon].left(transaction, this.#bestHeight, byBlock);
  }

  /** Half the blocks that there are statistics of: as many again must have had the chance to fail. */
  #usableTargetMax(): number {
    return Math.min(this.targetMax("long"), Math.floor(Math.max(this.#ownBlocks(), this.#historyBlocks()) / 2));
  }

  #ownBlocks(): number {
    return this.#firstHeight === 0 ? 0 : this.#bestHeight - this.#firstHeight;
  }

  #historyBlocks(): number {
    const { firstHeight, lastHeight } = this.#history;
    if (firstHeight === 0 || this.#bestHeight - lastHeight > HISTORY_BLOCKS_MAX) return 0;
    return lastHeight - firstHeight;
  }

  #debug(text: string): void {
    this.#log.debug("estimatefee", text);
  }
}

function blankRecord(): FeeRecord {
  const bounds = feeBucketBounds();
  const horizons = byHorizon((horizon) => emptyRecord(HORIZON_SETTINGS[horizon], bounds.length));
  return { bestHeight: 0, firstHeight: 0, lastHeight: 0, bounds, horizons };
}

function byHorizon<Value>(of: (horizon: FeeHorizon) => Value): Readonly<Record<FeeHorizon, Value>> {
  return { short: of("short"), medium: of("medium"), long: of("long") };
}

/** Whole satoshis of a mean; what rounds to none at all is no answer. */
function satsOf(feerate: number): Sats | undefined {
  const rounded = Math.round(feerate);
  return rounded > 0 ? BigInt(rounded) : undefined;
}
