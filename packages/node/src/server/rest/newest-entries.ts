import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { MempoolEntry } from "../../mempool/entry.ts";
import type { Mempool } from "../../mempool/mempool.ts";
import { refuseCursor } from "./list-parts.ts";

/** What waits, the newest first, in parts. */

/** Place in the list: by the number that grows with what comes; members of a package share one. */
export interface Place {
  readonly sequence: number;
  readonly txid: string;
}

const placeOfEntry = ({ sequence, tx }: MempoolEntry): Place => ({ sequence, txid: displayHash(tx.txid) });
const isNewer = (a: Place, b: Place) => a.sequence > b.sequence || (a.sequence === b.sequence && a.txid > b.txid);

export function cursorOf(entry: MempoolEntry): string {
  const { sequence, txid } = placeOfEntry(entry);
  return `m${sequence}-${txid}`;
}

export function placeOf(cursor: string): Place {
  const match = /^m(\d{1,15})-([0-9a-f]{64})$/.exec(cursor);
  if (match === null) refuseCursor();
  return { sequence: Number(match[1]), txid: match[2]! };
}

/** At most `countMax` entries behind `place`, the newest first. */
export function newestBehind(
  mempool: Pick<Mempool, "entries">,
  place: Place | undefined,
  countMax: number,
): readonly MempoolEntry[] {
  const newest: { readonly entry: MempoolEntry; readonly place: Place }[] = [];
  for (const entry of mempool.entries()) {
    // Cheap for nearly all of them: a text is made only of those that may be shown.
    if (place !== undefined && entry.sequence > place.sequence) continue;
    if (newest.length === countMax && entry.sequence < newest.at(-1)!.place.sequence) continue;
    const own = placeOfEntry(entry);
    if (place !== undefined && !isNewer(place, own)) continue;
    let at = newest.length;
    while (at > 0 && isNewer(own, newest[at - 1]!.place)) at--;
    newest.splice(at, 0, { entry, place: own });
    if (newest.length > countMax) newest.pop();
  }
  return newest.map(({ entry }) => entry);
}
