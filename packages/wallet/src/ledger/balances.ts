import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import { hasAddress } from "./address-book.ts";
import { scriptKey } from "./change-set.ts";
import type { LedgerStore } from "./ledger-store.ts";
import { isTrusted, isUsedAddress, type QueryContext, spentLookup, type Trusted } from "./trust.ts";
import { blocksToMaturity, type WalletCoin } from "./wallet-coin.ts";
import { depthOf } from "./wallet-transaction.ts";

/** What a wallet holds, as `getbalances` tells it. */
export interface Balances {
  /** Confirmed, or of its own making. */
  readonly trusted: Sats;
  /** From others, in the mempool. */
  readonly untrustedPending: Sats;
  /** Mined, and too young to be spent. */
  readonly immature: Sats;
  /** Spent by transactions that are not in the mempool: a negative amount, of what the others include. */
  readonly nonMempool: Sats;
  /** Of addresses that were spent from before, where the wallet sets such coins apart: of none of the others. */
  readonly used: Sats;
}

/** Which coins to count. */
export interface BalanceOptions {
  /** Least confirmations of what counts as trusted; 0 for all. */
  readonly minDepth?: number | undefined;
  /** Whether coins of used addresses are left out, in a wallet that sets them apart. Default: yes. */
  readonly leavesOutUsed?: boolean | undefined;
  /** Whether coins count that are spent by transactions which are not in the mempool. Default: no. */
  readonly includesNonMempool?: boolean | undefined;
}

/** A wallet's balances. `getbalances` includes what is spent outside the mempool; `getbalance` is `trusted` without it. */
export function balancesOf(store: LedgerStore, context: QueryContext, options: BalanceOptions = {}): Balances {
  const sums = { trusted: 0n, untrustedPending: 0n, immature: 0n, nonMempool: 0n, used: 0n };
  const { minDepth = 0, leavesOutUsed = true, includesNonMempool = false } = options;
  const trusted: Trusted = new Set();
  const spentBy = spentLookup(store);
  for (const coin of store.unspentCoins()) {
    const spent = spentBy(coin);
    if (spent !== undefined && !(spent === "inactive" && includesNonMempool)) continue;
    const kind = kindOf(store, coin, minDepth, context, trusted);
    if (kind === undefined) continue;
    const isSetApart = context.avoidReuse && leavesOutUsed && isUsedAddress(store, coin.script);
    sums[isSetApart ? "used" : kind] += coin.value;
    if (spent !== undefined) sums.nonMempool -= coin.value;
  }
  return sums;
}

function kindOf(
  store: LedgerStore,
  coin: WalletCoin,
  minDepth: number,
  context: QueryContext,
  trusted: Trusted,
): "trusted" | "untrustedPending" | "immature" | undefined {
  if (coin.height !== undefined) {
    if (context.isDoubted?.(coin.outPoint.txid)) return "untrustedPending";
    const depth = context.tipHeight - coin.height + 1;
    if (blocksToMaturity(coin, depth) > 0) return "immature";
    return depth >= minDepth ? "trusted" : undefined;
  }
  const record = store.transaction(coin.outPoint.txid)!;
  if (isTrusted(store, record, context, trusted)) return minDepth <= 0 ? "trusted" : undefined;
  return record.state.kind === "in-mempool" ? "untrustedPending" : undefined;
}

/** What each address holds that may be spent, by the key of its script: of addresses that hold nothing any more, too. */
export function addressBalancesOf(store: LedgerStore, context: QueryContext): ReadonlyMap<string, Sats> {
  const balances = new Map<string, Sats>();
  const trusted: Trusted = new Set();
  const spentBy = spentLookup(store);
  for (const coin of store.coins()) {
    if (!hasAddress(coin.script)) continue;
    if (coin.height === undefined) {
      const record = store.transaction(coin.outPoint.txid)!;
      const needed = record.isFromMe ? 0 : 1;
      if (!isTrusted(store, record, context, trusted) || depthOf(record, context.tipHeight) < needed) continue;
    } else if (context.isDoubted?.(coin.outPoint.txid)) continue;
    else if (blocksToMaturity(coin, context.tipHeight - coin.height + 1) > 0) continue;
    const value = spentBy(coin) === undefined ? coin.value : 0n;
    const key = scriptKey(coin.script);
    balances.set(key, (balances.get(key) ?? 0n) + value);
  }
  return balances;
}
