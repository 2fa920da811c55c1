import { TRUC_VERSION } from "@bitfleet/protocol/policy/truc.ts";
import {
  type HashKey,
  hashKey,
  type OutPointKey,
  outPointKey,
  type Sats,
} from "@bitfleet/protocol/primitives/types.ts";
import type { Coin } from "../selection/coin.ts";
import type { CoinControl, PreselectedInput } from "./build-request.ts";

/** No coin is that deep. */
const DEPTH_MAX = 9_999_999;
/** BIP431: a transaction and one unconfirmed parent. */
const TRUC_PARENT_ANCESTORS_MAX = 1;

export interface CoinFilter extends CoinControl {
  /** Of the transaction that is to spend them. */
  readonly version: number;
  /** Left out: they are taken anyway. */
  readonly preselected?: readonly PreselectedInput[] | undefined;
  /** 1 unless told. */
  readonly valueMin?: Sats | undefined;
}

/** Those of the wallet's spendable coins that a request allows to be added. */
export function availableCoins(coins: readonly Coin[], filter: CoinFilter): readonly Coin[] {
  const taken = new Set<OutPointKey>(filter.preselected?.map(({ outPoint }) => outPointKey(outPoint)));
  const valueMin = filter.valueMin ?? 1n;
  const allowed = coins.filter(
    (coin) =>
      (coin.isSafe || filter.includesUnsafe === true) &&
      coin.depth >= (filter.depthMin ?? 0) &&
      coin.depth <= (filter.depthMax ?? DEPTH_MAX) &&
      !(filter.avoidsReuse === true && coin.isReused === true) &&
      coin.output.value >= valueMin &&
      (coin.depth > 0 || mayHaveChild(coin, filter.version)) &&
      !(taken.size > 0 && taken.has(outPointKey(coin.outPoint))),
  );
  return filter.version === TRUC_VERSION ? ofOneParent(allowed) : allowed;
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
