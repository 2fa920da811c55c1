import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { AddressBookEntry } from "./address-book.ts";
import type { ChangeSet, LockedCoin } from "./change-set.ts";
import type { WalletCoin } from "./wallet-coin.ts";
import type { BlockReference, WalletTransaction } from "./wallet-transaction.ts";

/**
 * What a wallet's rules and queries read, synchronously, by key. Records are plain values that nobody changes; bytes in them belong
 * to the store.
 */
export interface LedgerView {
  /** The record of a transaction of the wallet. */
  transaction(txid: Txid): WalletTransaction | undefined;
  /** The wallet's coin at an outpoint, spent or not. */
  coin(outPoint: OutPoint): WalletCoin | undefined;
  /** Transactions of the wallet that have an input which spends the outpoint, whatever their state, in the order of their positions. */
  spendersOf(outPoint: OutPoint): readonly Txid[];
  /** What is said of the address with this script. */
  addressBookEntry(script: Uint8Array): AddressBookEntry | undefined;
  isLocked(outPoint: OutPoint): boolean;
  /** The block up to which the wallet has seen the chain; `undefined` before its first. */
  bestBlock(): BlockReference | undefined;
  /** One above the greatest position of a transaction; 0 where there is none. */
  nextOrderPosition(): number;
  /** Transactions newest first, by their position in the order. */
  history(page: HistoryPage): readonly WalletTransaction[];
}

/** Which part of the history. */
export interface HistoryPage {
  /** Only transactions with a lower position: that of the last one of the page before. `undefined`: from the newest on. */
  readonly before?: number | undefined;
  /** Most transactions to answer, 1 or more. */
  readonly limit: number;
}

/** How much a wallet holds. */
export interface LedgerCounts {
  readonly transactions: number;
  /** Those in no block. */
  readonly unconfirmed: number;
  /** Spent and unspent. */
  readonly coins: number;
}

/**
 * A wallet's state, in memory or on disk. Reads see all that was applied. Nothing is changed while one of the iterations runs. The tests
 * of `ledger-store-conformance` say of each method what it must answer.
 */
export interface LedgerStore extends LedgerView {
  /** Coins that no confirmed transaction spends, in no special order: those of unconfirmed and excluded transactions among them. */
  unspentCoins(): Iterable<WalletCoin>;
  /** Every coin, spent or not, in no special order; with a script, those that pay it. */
  coins(script?: Uint8Array): Iterable<WalletCoin>;
  /** Transactions in no block (in the mempool, inactive, abandoned, conflicted), in the order of their positions. */
  unconfirmedTransactions(): Iterable<WalletTransaction>;
  /** Transactions confirmed in, or excluded by, a block of this height or above, in the order of their positions. */
  transactionsSince(height: number): Iterable<WalletTransaction>;
  /** Every entry, in no special order. */
  addressBook(): Iterable<AddressBookEntry>;
  lockedCoins(): Iterable<LockedCoin>;
  counts(): LedgerCounts;
  /** Writes all of a change set or, where it throws, nothing of it. */
  apply(changes: ChangeSet): void;
}
