import { TRUC_VERSION } from "@bitfleet/protocol/policy/truc.ts";
import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import {
  type HashKey,
  hashKey,
  type OutPointKey,
  outPointKey,
  type Sats,
} from "@bitfleet/protocol/primitives/types.ts";
import type { Coin } from "./coin.ts";

/** Which coins are wanted: the one rule for what is listed and for what payments are made of. */
export interface CoinFilter {
  /** Confirmations, both ends included. Default: 0 to 9,999,999. */
  readonly depthMin?: number | undefined;
  readonly depthMax?: number | undefined;
  /** Of one coin, both ends included. Default: 1 to all. */
  readonly valueMin?: Sats | undefined;
  readonly valueMax?: Sats | undefined;
  /** Coins that others may still take back. Default: no. */
  readonly includesUnsafe?: boolean | undefined;
  /** Leaves out what was received at an address that was spent from before (`avoid_reuse`). Default: no. */
  readonly avoidsReuse?: boolean | undefined;
}

/** What a filter looks at. */
export interface FilteredCoin {
  readonly value: Sats;
  readonly depth: number;
  readonly isSafe: boolean;
  readonly isReused?: boolean | undefined;
}

/** Confirmations of which nothing has more. */
const DEPTH_MAX = 9_999_999;
/** BIP431: a transaction and one unconfirmed parent. */
const TRUC_PARENT_ANCESTORS_MAX = 1;

/** Whether a coin is one that the filter wants. `isReused` is asked for last, and only where it matters. */
export function isWanted(coin: FilteredCoin, filter: CoinFilter): boolean {
  const { depthMin = 0, depthMax = DEPTH_MAX, valueMin = 1n, valueMax } = filter;
  return (
    (coin.isSafe || filter.includesUnsafe === true) &&
    coin.depth >= depthMin &&
    coin.depth <= depthMax &&
    coin.value >= valueMin &&
    (valueMax === undefined || coin.value <= valueMax) &&
    !(filter.avoidsReuse === true && coin.isReused === true)
  );
}

/** Those of the coins that the filter wants and that a transaction of a version can spend, without some that are taken already. */
export function coinsFor(
  coins: readonly Coin[],
  filter: CoinFilter,
  version: number,
  taken: Iterable<OutPoint> = [],
): readonly Coin[] {
  const takenKeys = new Set<OutPointKey>([...taken].map(outPointKey));
  const allowed = coins.filter(
    (coin) =>
      isWanted(factsOf(coin), filter) &&
      (coin.depth > 0 || mayHaveChild(coin, version)) &&
      !takenKeys.has(outPointKey(coin.outPoint)),
  );
  return version === TRUC_VERSION ? ofOneParent(allowed) : allowed;
}

function factsOf({ output, depth, isSafe, isReused }: Coin): FilteredCoin {
  return { value: output.value, depth, isSafe, isReused };
}

/** BIP431: whether an unconfirmed coin can be spent by a transaction of this version. */
function mayHaveChild(coin: Coin, version: number): boolean {
  if (version !== TRUC_VERSION) return coin.version !== TRUC_VERSION;
  return (
    coin.version === TRUC_VERSION &&
    coin.hasChildInMempool !== true &&
    (coin.ancestorCount ?? 0) <= TRUC_PARENT_ANCESTORS_MAX
  );
}

/** BIP431: confirmed coins, and those of the one unconfirmed transaction that brings most. */
function ofOneParent(coins: readonly Coin[]): readonly Coin[] {
  const values = new Map<HashKey, Sats>();
  for (const coin of coins) {
    if (coin.depth > 0) continue;
    const key = hashKey(coin.outPoint.txid);
    values.set(key, (values.get(key) ?? 0n) + coin.output.value);
  }
  let richest: HashKey | undefined;
  for (const [key, value] of values) if (richest === undefined || value > values.get(richest)!) richest = key;
  return coins.filter((coin) => coin.depth > 0 || hashKey(coin.outPoint.txid) === richest);
}
