import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import {
  type HashKey,
  hashKey,
  type OutPointKey,
  outPointKey,
  type Txid,
} from "@bitfleet/protocol/primitives/types.ts";
import type { LedgerStore, LedgerView } from "./ledger-store.ts";
import type { WalletCoin } from "./wallet-coin.ts";
import { holdsItsInputs, transactionOf, type WalletTransaction } from "./wallet-transaction.ts";

/** Which coins are spent, and which transactions may be built upon. */

/** What queries are told besides the state. */
export interface QueryContext {
  /** Height of the block up to which the wallet has seen the chain. */
  readonly tipHeight: number;
  /** Whether the wallet's own change counts before it is confirmed (`-spendzeroconfchange`). */
  readonly spendsUnconfirmedChange: boolean;
  /** Whether the wallet sets apart the coins of addresses that were spent from before. */
  readonly avoidReuse: boolean;
  /** Whether it is not believed of a transaction that it is confirmed, though the wallet was told so: it counts as one of others that waits. Default: of none. */
  readonly isDoubted?: ((txid: Txid) => boolean) | undefined;
}

/** By what a coin is spent: the surest of the transactions that spend it and are neither given up nor excluded. */
export type SpentBy = "confirmed" | "in-mempool" | "inactive" | undefined;

/** How a coin of the wallet is spent. */
export function spentBy(view: LedgerView, coin: WalletCoin): SpentBy {
  if (coin.spentHeight !== undefined) return "confirmed";
  let surest: SpentBy;
  for (const txid of view.spendersOf(coin.outPoint)) {
    const spender = view.transaction(txid);
    if (spender === undefined) continue;
    if (spender.state.kind === "in-mempool") return "in-mempool";
    if (holdsItsInputs(spender)) surest = "inactive";
  }
  return surest;
}

/** {@link spentBy} for many coins of one state: what transactions in no block spend is read once, and nothing for other coins. */
export function spentLookup(store: LedgerStore): (coin: WalletCoin) => SpentBy {
  const contested = new Set<OutPointKey>();
  for (const record of store.unconfirmedTransactions()) {
    for (const { previousOutput } of transactionOf(record).inputs) contested.add(outPointKey(previousOutput));
  }
  return (coin) => {
    if (coin.spentHeight !== undefined) return "confirmed";
    return contested.size > 0 && contested.has(outPointKey(coin.outPoint)) ? spentBy(store, coin) : undefined;
  };
}

/** Whether a transaction of the wallet that is neither given up nor excluded spends the outpoint, which need not be the wallet's. */
export function isSpent(view: LedgerView, outPoint: OutPoint): boolean {
  return view.spendersOf(outPoint).some((txid) => {
    const spender = view.transaction(txid);
    return spender !== undefined && holdsItsInputs(spender);
  });
}

/** What is found to be trusted, for one query over the same state. */
export type Trusted = Set<HashKey>;

/**
 * Whether nobody but the wallet's owner can keep a transaction's outputs from it: it is confirmed, or in the mempool and made of the
 * wallet's coins alone, whose transactions are trusted in turn.
 */
export function isTrusted(
  view: LedgerView,
  record: WalletTransaction,
  context: QueryContext,
  trusted: Trusted = new Set(),
): boolean {
  if (record.state.kind === "confirmed") return context.isDoubted?.(record.txid) !== true;
  if (trusted.has(hashKey(record.txid))) return true;
  if (record.state.kind !== "in-mempool" || !record.isFromMe || !context.spendsUnconfirmedChange) return false;
  const isTrustedInput = (outPoint: OutPoint) => {
    const coin = view.coin(outPoint);
    if (coin === undefined) return false;
    if (coin.height !== undefined) return context.isDoubted?.(outPoint.txid) !== true;
    const parent = view.transaction(outPoint.txid);
    return parent !== undefined && isTrusted(view, parent, context, trusted);
  };
  if (!transactionOf(record).inputs.every((input) => isTrustedInput(input.previousOutput))) return false;
  trusted.add(hashKey(record.txid));
  return true;
}

/** Whether the wallet marked the address of a script as spent from. */
export function isUsedAddress(view: LedgerView, script: Uint8Array): boolean {
  return view.addressBookEntry(script)?.isUsed ?? false;
}
