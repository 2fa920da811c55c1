import type { MempoolQuery, MempoolSort } from "@bitfleet/api/rest/mempool.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { MempoolEntry } from "../../mempool/entry.ts";
import type { Mempool } from "../../mempool/mempool.ts";
import { socketTurn } from "../../turns.ts";
import { signalsReplacement } from "../rpc/mempool-json.ts";
import { refuseCursor } from "./list-parts.ts";

/** What waits, in parts: in one of several orders, and only what is asked for. */

/** Entries that are looked at before others have a turn; a million a second or so are. */
const ENTRIES_A_TURN = 10_000;

/** What an order goes by, the highest first; of equals, that with the higher id. Numbers are exact for all that can exist. */
const KEYS: Readonly<Record<MempoolSort, (entry: MempoolEntry) => number>> = {
  // Members of a package share one.
  newest: ({ sequence }) => sequence,
  feerate: feerateOf,
  fee: ({ fee }) => Number(fee),
  size: ({ virtualSize }) => virtualSize,
};

/** Letter of an order in its cursors. */
const LETTERS: Readonly<Record<MempoolSort, string>> = { newest: "m", feerate: "r", fee: "f", size: "s" };

/** Satoshis for 1000 vbytes, cut off. */
function feerateOf({ fee, virtualSize }: MempoolEntry): number {
  return Math.floor((Number(fee) * 1000) / virtualSize);
}

/** Place in the list. */
interface Place {
  readonly key: number;
  readonly txid: string;
}

const isBefore = (a: Place, b: Place) => a.key > b.key || (a.key === b.key && a.txid > b.txid);

export function cursorOf(entry: MempoolEntry, sort: MempoolSort): string {
  return `${LETTERS[sort]}${KEYS[sort](entry)}-${displayHash(entry.tx.txid)}`;
}

function placeOf(cursor: string, sort: MempoolSort): Place {
  const match = /^([a-z])(\d{1,16})-([0-9a-f]{64})$/.exec(cursor);
  if (match === null || match[1] !== LETTERS[sort]) refuseCursor();
  return { key: Number(match[2]), txid: match[3]! };
}

/**
 * At most `countMax` entries behind the cursor of a query. Looks at all that wait, with turns for others; what leaves meanwhile is left
 * out. Throws `ApiError` where the cursor is none of this order.
 */
export async function selectEntries(
  mempool: Pick<Mempool, "entries" | "get">,
  query: MempoolQuery,
  countMax: number,
): Promise<readonly MempoolEntry[]> {
  const { sort = "newest", cursor } = query;
  const keyOf = KEYS[sort];
  const behind = cursor === undefined ? undefined : placeOf(cursor, sort);
  const isWanted = filterOf(query);
  const best: { readonly entry: MempoolEntry; readonly place: Place }[] = [];
  const take = (entry: MempoolEntry) => {
    // Cheap for nearly all of them: a text is made only of those that may be shown.
    const key = keyOf(entry);
    if (behind !== undefined && key > behind.key) return;
    if (best.length === countMax && key < best.at(-1)!.place.key) return;
    if (!isWanted(entry)) return;
    const place = { key, txid: displayHash(entry.tx.txid) };
    if (behind !== undefined && !isBefore(behind, place)) return;
    let at = best.length;
    while (at > 0 && isBefore(place, best[at - 1]!.place)) at--;
    best.splice(at, 0, { entry, place });
    if (best.length > countMax) best.pop();
  };
  // The newest first: where they are wanted, all that come behind them are passed over at once.
  const entries = [...mempool.entries()].reverse();
  for (let from = 0; from < entries.length; from += ENTRIES_A_TURN) {
    if (from > 0) await socketTurn();
    for (const entry of entries.slice(from, from + ENTRIES_A_TURN)) take(entry);
  }
  return best.map(({ entry }) => entry).filter((entry) => mempool.get(entry.tx.txid) === entry);
}

/** The costliest question last. */
function filterOf(query: MempoolQuery): (entry: MempoolEntry) => boolean {
  const { replaceable, has_children: hasChildren, has_parents: hasParents } = query;
  const feerate = rangeOf(query.min_feerate_sat_per_kvb, query.max_feerate_sat_per_kvb);
  const size = rangeOf(query.min_virtual_size, query.max_virtual_size);
  const time = rangeOf(query.since, query.until);
  return (entry) =>
    time(entry.timeSeconds) &&
    size(entry.virtualSize) &&
    feerate(feerateOf(entry)) &&
    (hasChildren === undefined || entry.children.size > 0 === hasChildren) &&
    (hasParents === undefined || entry.parents.size > 0 === hasParents) &&
    (replaceable === undefined || signalsReplacement(entry) === replaceable);
}

const rangeOf =
  (min = 0, max = Number.POSITIVE_INFINITY) =>
  (value: number) =>
    value >= min && value <= max;
