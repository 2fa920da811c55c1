import type { HistoryEntry, Standing } from "../session/account.ts";

/** Blocks upon a payment that are enough for most. */
export const DEEP_CONFIRMATIONS = 3;
/** Blocks upon a payment after which nobody expects it to vanish. */
export const SETTLED_CONFIRMATIONS = 6;

/** What can still change by itself: it is on its way, or may yet come back. */
export function isWaiting(standing: Standing): boolean {
  return standing === "pending" || standing === "unsent" || standing === "reorged" || standing === "doubted";
}

/** Whether the amount of it counts: it is in a block, or may come into one. */
export function counts(standing: Standing): boolean {
  return standing === "confirmed" || standing === "pending" || standing === "unsent" || standing === "doubted";
}

/** Blocks of the same chain until a mined reward can be spent (consensus). */
const MATURITY = 100;

/** Blocks until a mined reward can be spent; 0 where it can, or is none. */
export function blocksToMaturity({
  direction,
  confirmations,
  standing,
}: Pick<HistoryEntry, "direction" | "confirmations" | "standing">): number {
  return direction === "mined" && standing === "confirmed" ? Math.max(0, MATURITY - confirmations) : 0;
}
