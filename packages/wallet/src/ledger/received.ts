import type { Sats, Txid } from "@bitfleet/protocol/primitives/types.ts";
import { hasAddress } from "./address-book.ts";
import { scriptKey } from "./change-set.ts";
import type { LedgerStore } from "./ledger-store.ts";
import { blocksToMaturity, type WalletCoin } from "./wallet-coin.ts";
import { depthOf } from "./wallet-transaction.ts";

/** What addresses have received, spent since or not. */
export interface Received {
  readonly amount: Sats;
  /** Confirmations of the newest payment. */
  readonly depth: number;
  /** A txid for each output. */
  readonly txids: readonly Txid[];
}

/** Which payments count. */
export interface ReceivedOptions {
  readonly tipHeight: number;
  /** Least confirmations; with 0 those count that are in no block, be they in the mempool or not. */
  readonly minDepth: number;
  readonly includesImmature: boolean;
}

/** What each address has received, by the key of its script; with `script`, of that one alone. */
export function receivedByScript(
  store: LedgerStore,
  options: ReceivedOptions,
  script?: Uint8Array,
): ReadonlyMap<string, Received> {
  const tally = new Map<string, { amount: Sats; depth: number; txids: Txid[] }>();
  for (const coin of store.coins(script)) {
    const depth = countedDepthOf(store, coin, options);
    if (depth === undefined || !hasAddress(coin.script)) continue;
    const key = scriptKey(coin.script);
    const sum = tally.get(key) ?? { amount: 0n, depth, txids: [] };
    tally.set(key, sum);
    sum.amount += coin.value;
    sum.depth = Math.min(sum.depth, depth);
    sum.txids.push(coin.outPoint.txid);
  }
  return tally;
}

/** Confirmations of a coin that counts. */
function countedDepthOf(store: LedgerStore, coin: WalletCoin, options: ReceivedOptions): number | undefined {
  const { tipHeight, minDepth, includesImmature } = options;
  const depth =
    coin.height === undefined
      ? depthOf(store.transaction(coin.outPoint.txid)!, tipHeight)
      : tipHeight - coin.height + 1;
  if (depth < minDepth || (coin.isCoinbase && depth < 1)) return undefined;
  return blocksToMaturity(coin, depth) > 0 && !includesImmature ? undefined : depth;
}

/** What several addresses have received together: those of a label, say. */
export function receivedTogether(received: Iterable<Received>): Received | undefined {
  const all = [...received];
  if (all.length === 0) return undefined;
  return {
    amount: all.reduce((sum, each) => sum + each.amount, 0n),
    depth: Math.min(...all.map((each) => each.depth)),
    txids: all.flatMap((each) => each.txids),
  };
}
