import {
  displayHash,
  type HashKey,
  hashFromKey,
  hashKey,
  parseDisplayHash,
} from "@bitfleet/protocol/primitives/types.ts";
import type { AddressCoinPlace } from "../storage/keyspace.ts";
import type { ChainPlace } from "./address-view.ts";

/**
 * The last item that somebody was given, from which on the list goes on: what is waiting is named by its txid, what is in the chain by
 * its place there. Nothing of it belongs to one node, so that another one can go on with it.
 */

/** `w.<txid>` or `c.<height>.<position>.<txid>`. */
export type HistoryCursor = { readonly waiting: HashKey } | { readonly place: ChainPlace };

/** `w.<txid>.<index>` or `c.<height>.<txid>.<index>`. */
export type CoinCursor =
  | { readonly waiting: { readonly txid: HashKey; readonly index: number } }
  | { readonly place: AddressCoinPlace };

export function historyCursorText(cursor: HistoryCursor): string {
  if ("waiting" in cursor) return `w.${textOf(cursor.waiting)}`;
  const { height, position, txid } = cursor.place;
  return `c.${height}.${position}.${textOf(txid)}`;
}

/** `undefined` where the text is no cursor of a history. */
export function parseHistoryCursor(text: string): HistoryCursor | undefined {
  const [kind, ...parts] = text.split(".");
  if (kind === "w" && parts.length === 1) {
    const waiting = keyIn(parts[0]);
    return waiting && { waiting };
  }
  if (kind !== "c" || parts.length !== 3) return undefined;
  const [height, position, txid] = [numberIn(parts[0]), numberIn(parts[1]), keyIn(parts[2])];
  if (height === undefined || position === undefined || txid === undefined) return undefined;
  return { place: { height, position, txid } };
}

export function coinCursorText(cursor: CoinCursor): string {
  if ("waiting" in cursor) return `w.${textOf(cursor.waiting.txid)}.${cursor.waiting.index}`;
  const { height, txid, index } = cursor.place;
  return `c.${height}.${textOf(txid)}.${index}`;
}

/** `undefined` where the text is no cursor of coins. */
export function parseCoinCursor(text: string): CoinCursor | undefined {
  const [kind, ...parts] = text.split(".");
  const [txid, index] = [keyIn(parts.at(-2)), numberIn(parts.at(-1))];
  if (txid === undefined || index === undefined) return undefined;
  if (kind === "w" && parts.length === 2) return { waiting: { txid, index } };
  const height = numberIn(parts[0]);
  if (kind !== "c" || parts.length !== 3 || height === undefined) return undefined;
  return { place: { height, txid, index } };
}

const textOf = (txid: HashKey) => displayHash(hashFromKey(txid));

function keyIn(text = ""): HashKey | undefined {
  const hash = parseDisplayHash(text);
  return hash && hashKey(hash);
}

/** Keys take 32 bits. */
function numberIn(text = ""): number | undefined {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return number <= 0xffffffff ? number : undefined;
}
