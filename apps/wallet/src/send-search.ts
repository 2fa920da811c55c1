import type { RawSearch } from "@bitfleet/ui/page-search.ts";

const URI_LENGTH_MAX = 4096;
const ADDRESS_LENGTH_MAX = 128;
const COINS_LENGTH_MAX = 20_000;

/** What a payment begins with: a `bitcoin:` URI, an address, the coins ("txid:index", with commas between) that it may spend. */
export interface SendSearch {
  readonly uri?: string;
  readonly to?: string;
  readonly coins?: string;
}

export function sendSearch({ uri, to, coins }: RawSearch): SendSearch {
  return {
    ...(isText(uri, URI_LENGTH_MAX) && { uri }),
    ...(isText(to, ADDRESS_LENGTH_MAX) && { to }),
    ...(isText(coins, COINS_LENGTH_MAX) && { coins }),
  };
}

function isText(value: unknown, lengthMax: number): value is string {
  return typeof value === "string" && value !== "" && value.length <= lengthMax;
}
