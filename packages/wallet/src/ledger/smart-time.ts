import type { LedgerView } from "./ledger-store.ts";

/** The time to show for a transaction: such that it rises with the order in which the wallet got to know them. */

/** Seconds by which a shown time may run ahead of the clock and still be built upon. */
const AHEAD_MAX = 300;

/** Transactions read at once in search of the last one whose time is of use: nearly always the first of them. */
const PAGE_SIZE = 16;

/** When a block was made, as its header has it. */
export interface BlockTimes {
  /** Seconds, of the header. */
  readonly time: number;
  /** Seconds: the latest time of any header up to this one. */
  readonly maxTime: number;
}

/**
 * Seconds to show for a transaction that the wallet gets to know at `now`; `block` where it does so in one. What is found when old blocks
 * are scanned again (`isRescan`) has the time of its block. Else a block's time counts as long as it is neither in the future nor before
 * that of the transaction before.
 */
export function smartTime(view: LedgerView, now: number, block: BlockTimes | undefined, isRescan: boolean): number {
  if (block === undefined) return now;
  if (isRescan) return block.maxTime;
  const last = lastTimeUpTo(view, now + AHEAD_MAX);
  return Math.max(last ?? 0, Math.min(block.time, Math.max(now, last ?? 0)));
}

/** The time of the newest transaction that has one of at most `latest`. */
function lastTimeUpTo(view: LedgerView, latest: number): number | undefined {
  let before: number | undefined;
  for (;;) {
    const page = view.history({ before, limit: PAGE_SIZE });
    const found = page.find((record) => record.timeSmart <= latest);
    if (found !== undefined || page.length < PAGE_SIZE) return found?.timeSmart;
    before = page.at(-1)!.orderPosition;
  }
}
