import type { Transaction } from "../primitives/transaction.ts";
import type { ChainLink } from "./chain-view.ts";

/** A lock time below this is a height, from it on seconds since 1970 (5 November 1985). */
export const LOCKTIME_THRESHOLD = 500_000_000;

/** An input with this sequence opts out of its transaction's lock time (and, since bit 31 is set, of BIP68). */
export const SEQUENCE_FINAL = 0xffffffff;

/** BIP68: with this bit set, an input has no relative lock. */
export const SEQUENCE_LOCKTIME_DISABLE_FLAG = 0x80000000;
/** BIP68: with this bit set, the lock counts units of 512 seconds, else blocks. */
export const SEQUENCE_LOCKTIME_TYPE_FLAG = 0x00400000;
/** BIP68: the bits that hold the lock's length. */
export const SEQUENCE_LOCKTIME_MASK = 0x0000ffff;
/** BIP68: seconds in a unit, as a power of two. */
export const SEQUENCE_LOCKTIME_GRANULARITY = 9;

/** Transactions of lower version have no relative locks (BIP68). */
const SEQUENCE_LOCK_VERSION_MIN = 2;

const MEDIAN_TIME_SPAN_BLOCKS = 11;

/**
 * Median of the times of the last eleven blocks up to `link`, fewer near genesis (of an even number, the later middle):
 * the chain's own clock, which no single miner can move (BIP113).
 */
export function medianTimePast(link: ChainLink): number {
  const times: number[] = [];
  for (
    let at: ChainLink | undefined = link;
    at !== undefined && times.length < MEDIAN_TIME_SPAN_BLOCKS;
    at = at.previous
  ) {
    times.push(at.header.time);
  }
  times.sort((a, b) => a - b);
  return times[times.length >> 1]!;
}

/**
 * Whether the transaction's lock time allows it in a block of `height`, `time` being what lock times are measured
 * against (the block's own time, or with BIP113 the median time past of the block before).
 */
export function isFinal(tx: Pick<Transaction, "inputs" | "lockTime">, height: number, time: number): boolean {
  if (tx.lockTime === 0) return true;
  if (tx.lockTime < (tx.lockTime < LOCKTIME_THRESHOLD ? height : time)) return true;
  return tx.inputs.every((input) => input.sequence === SEQUENCE_FINAL);
}

/** The last height and the last median time past at which a transaction may not be mined yet; -1 for no limit. */
export interface SequenceLocks {
  readonly height: number;
  readonly timeSeconds: number;
}

const NO_SEQUENCE_LOCKS: SequenceLocks = { height: -1, timeSeconds: -1 };

/** BIP68: whether any input has a relative lock; without one {@link sequenceLocks} says nothing. */
export function hasSequenceLocks(tx: Pick<Transaction, "inputs" | "version">): boolean {
  if (tx.version < SEQUENCE_LOCK_VERSION_MIN) return false;
  return tx.inputs.some(({ sequence }) => (sequence & SEQUENCE_LOCKTIME_DISABLE_FLAG) === 0);
}

/**
 * BIP68: the strictest of the relative locks of all inputs. `coinHeights` are the heights of the spent coins, input by
 * input; `ancestor` finds blocks of the chain they are in. Before BIP68 is active there are no such locks: do not ask.
 */
export function sequenceLocks(
  tx: Pick<Transaction, "inputs" | "version">,
  coinHeights: readonly number[],
  ancestor: (height: number) => ChainLink | undefined,
): SequenceLocks {
  if (tx.version < SEQUENCE_LOCK_VERSION_MIN) return NO_SEQUENCE_LOCKS;
  let { height, timeSeconds } = NO_SEQUENCE_LOCKS;
  tx.inputs.forEach(({ sequence }, index) => {
    if ((sequence & SEQUENCE_LOCKTIME_DISABLE_FLAG) !== 0) return;
    const coinHeight = coinHeights[index]!;
    const length = sequence & SEQUENCE_LOCKTIME_MASK;
    // Minus one, since the result is the last moment at which the lock still holds.
    if ((sequence & SEQUENCE_LOCKTIME_TYPE_FLAG) !== 0) {
      // A coin's age in time begins with the earliest time its block could have: the median time past before it.
      const before = ancestor(Math.max(coinHeight - 1, 0));
      if (before === undefined) throw new Error(`a chain lacks the block before height ${coinHeight}`);
      const seconds = length * 2 ** SEQUENCE_LOCKTIME_GRANULARITY;
      timeSeconds = Math.max(timeSeconds, medianTimePast(before) + seconds - 1);
    } else {
      height = Math.max(height, coinHeight + length - 1);
    }
  });
  return { height, timeSeconds };
}

/** Whether a transaction with these locks may be in a block of `height` whose predecessor has `previousMedianTime`. */
export function sequenceLocksMet(locks: SequenceLocks, height: number, previousMedianTime: number): boolean {
  return locks.height < height && locks.timeSeconds < previousMedianTime;
}
