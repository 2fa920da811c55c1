import type { RawSearch } from "@bitfleet/ui/page-search.ts";
import { pageSearch } from "./page-search.ts";

/** Characters of a filter that an address may carry: those of a txid. */
const FILTER_LENGTH_MAX = 64;
const FEERATE_MAX = 1_000_000;
const HEIGHT_MAX = 999_999_999;

/** Of the page of a block: the page of its transactions, and what its table is filtered by. */
export interface BlockSearch {
  readonly page?: number;
  /** Part of a txid. */
  readonly find?: string;
  /** Satoshis per virtual byte that a transaction pays at least. */
  readonly feerate?: number;
}

export function blockSearch(search: RawSearch): BlockSearch {
  // Digits alone come as a number.
  const find = typeof search.find === "number" ? String(search.find) : search.find;
  const feerate = Number(search.feerate);
  return {
    ...pageSearch(search),
    ...(typeof find === "string" && find !== "" && { find: find.slice(0, FILTER_LENGTH_MAX) }),
    ...(feerate > 0 && feerate <= FEERATE_MAX && { feerate }),
  };
}

/** Of the list of blocks: a page by its number, or the one that has the block of a height. */
export function blocksSearch(search: RawSearch): { readonly page?: number; readonly at?: number } {
  const at = search.at === undefined || search.at === "" ? Number.NaN : Number(search.at);
  if (Number.isSafeInteger(at) && at >= 0 && at <= HEIGHT_MAX) return { at };
  return pageSearch(search);
}
