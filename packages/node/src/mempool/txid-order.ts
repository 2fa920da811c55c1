import { compareBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { MempoolEntry } from "./entry.ts";

/** Entries by the bytes of their txids: where several are to blame the first is named, and lists have this order, as in Core. */
export function inTxidOrder<Entry extends MempoolEntry>(entries: Iterable<Entry>): readonly Entry[] {
  return [...entries].sort((a, b) => compareBytes(a.tx.txid, b.tx.txid));
}
