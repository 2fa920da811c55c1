import { formatAmount } from "@bitfleet/ui/format.ts";
import { amountEntry } from "@bitfleet/ui/payment/entries.ts";
import { entryName } from "../../money/entry-name.ts";
import { isWaiting } from "../../money/standing.ts";
import type { HistoryEntry } from "../../session/account.ts";

export const SHOWN_KINDS = ["all", "in", "out", "waiting"] as const;
export type ShownKind = (typeof SHOWN_KINDS)[number];

/** The entries of a kind that have every word which is looked for: in label, addresses, txid, or as the amount in either unit. */
export function findEntries(
  entries: readonly HistoryEntry[],
  kind: ShownKind,
  looked: string,
): readonly HistoryEntry[] {
  const words = looked
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (kind === "all" && words.length === 0) return entries;
  return entries.filter((entry) => isOfKind(entry, kind) && words.every((word) => hasWord(entry, word)));
}

function isOfKind({ standing, direction }: HistoryEntry, kind: ShownKind): boolean {
  switch (kind) {
    case "all":
      return true;
    case "in":
      return direction === "in" || direction === "mined";
    case "out":
      return direction === "out";
    case "waiting":
      return isWaiting(standing);
  }
}

/** `word` is in small letters. */
function hasWord(entry: HistoryEntry, word: string): boolean {
  if (entry.txid.startsWith(word) || entryName(entry).toLowerCase().includes(word)) return true;
  if (entry.addresses.some((address) => address.toLowerCase().includes(word))) return true;
  return /^[+−-]?[\d.,]+$/.test(word) && isAmountLike(entry.delta, word);
}

/** Whether an amount begins with what was entered, in bitcoin or satoshis, with or without separators, and with its sign where one was given. */
function isAmountLike(delta: bigint, word: string): boolean {
  const sign = word[0] === "+" ? 1n : word[0] === "-" || word[0] === "−" ? -1n : 0n;
  if ((sign > 0n && delta <= 0n) || (sign < 0n && delta >= 0n)) return false;
  const digits = sign === 0n ? word : word.slice(1);
  const sats = delta < 0n ? -delta : delta;
  const writings = [formatAmount(sats, "BTC"), formatAmount(sats, "sats"), amountEntry(sats, "BTC"), String(sats)];
  return writings.some((writing) => writing.startsWith(digits));
}
