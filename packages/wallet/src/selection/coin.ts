import { feeFor, virtualSizeOf } from "@bitfleet/protocol/policy/feerate.ts";
import type { OutPoint, TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";

/** How an output is paid to, by the names of the RPC interface; `unknown` for scripts without an address and what cannot be told. */
export type CoinType = "legacy" | "p2sh-segwit" | "bech32" | "bech32m" | "unknown";

/** The order in which selections of one type are tried. */
export const COIN_TYPES: readonly CoinType[] = ["legacy", "p2sh-segwit", "bech32", "bech32m", "unknown"];

/** An unspent output of the wallet as selection sees it: plain values, told by whoever knows chain, mempool and descriptors. */
export interface Coin {
  readonly outPoint: OutPoint;
  readonly output: TxOutput;
  readonly type: CoinType;
  /** Confirmations; 0 in the mempool. */
  readonly depth: number;
  /**
   * Weight units of the input once it is signed, in a transaction with witnesses: `maxInputWeight` of its descriptor. `undefined` where
   * nobody can tell.
   */
  readonly inputWeight: number | undefined;
  /** Whether a witness satisfies it (`isWitnessDescriptor`): the input of another weighs a unit less where no input of the transaction has a witness. */
  readonly isSegwit: boolean;
  /** Whether its transaction was sent by this wallet. */
  readonly isFromMe: boolean;
  /** Confirmed, or trusted and neither a replacement nor replaced. */
  readonly isSafe: boolean;
  /** Whether its script has been spent from before (`avoid_reuse`). */
  readonly isReused?: boolean;
  /** Unconfirmed transactions it descends from, its own counted; 0 where it is confirmed. */
  readonly ancestorCount?: number;
  /** Transactions of its mempool cluster; 0 where it is confirmed. */
  readonly clusterCount?: number;
  /** Version of its transaction, and whether that has a child in the mempool: they decide on unconfirmed ones of version 3 (BIP431). */
  readonly version?: number;
  readonly hasChildInMempool?: boolean;
}

/** What a coin is worth at a feerate. */
export interface PricedCoin {
  readonly coin: Coin;
  /** Vbytes of its input, rounded up; 0 where they are unknown. */
  readonly inputVirtualSize: number;
  /** For spending it now, {@link bumpFee} included. */
  readonly fee: Sats;
  /** What its unconfirmed ancestors lack to the feerate. */
  readonly bumpFee: Sats;
  /** For spending it some day at the feerate of consolidation. */
  readonly longTermFee: Sats;
  /** Its value without {@link fee}; may be negative. */
  readonly effectiveValue: Sats;
}

export interface CoinPrices {
  readonly feerateSatPerKvb: Sats;
  readonly longTermFeerateSatPerKvb: Sats;
}

/** A coin at the feerate of the transaction; `bumpFee` is what its ancestors have to be paid beside. */
export function priceCoin(coin: Coin, prices: CoinPrices, bumpFee: Sats = 0n): PricedCoin {
  const inputVirtualSize = coin.inputWeight === undefined ? 0 : virtualSizeOf(coin.inputWeight);
  const fee = feeFor(prices.feerateSatPerKvb, inputVirtualSize) + bumpFee;
  return {
    coin,
    inputVirtualSize,
    fee,
    bumpFee,
    longTermFee: feeFor(prices.longTermFeerateSatPerKvb, inputVirtualSize),
    effectiveValue: coin.output.value - fee,
  };
}

/** Sums over coins: all selection needs to know whether there is enough. */
export function totalsOf(coins: readonly PricedCoin[]): { readonly value: Sats; readonly effectiveValue: Sats } {
  let value = 0n;
  let effectiveValue = 0n;
  for (const one of coins) {
    value += one.coin.output.value;
    effectiveValue += one.effectiveValue;
  }
  return { value, effectiveValue };
}
