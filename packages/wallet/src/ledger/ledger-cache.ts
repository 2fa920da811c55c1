import type { OutPoint, Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import {
  type HashKey,
  hashKey,
  type OutPointKey,
  outPointKey,
  type Txid,
} from "@bitfleet/protocol/primitives/types.ts";
import type { AddressBookEntry } from "./address-book.ts";
import type { ChangeSet, LockedCoin } from "./change-set.ts";
import type { HistoryPage, LedgerCounts, LedgerStore } from "./ledger-store.ts";
import type { WalletCoin } from "./wallet-coin.ts";
import { type BlockReference, transactionOf, type WalletTransaction } from "./wallet-transaction.ts";

/**
 * A store with what is asked all the time in memory: unspent coins, and transactions in no block with what they spend. A block's
 * transactions are looked at with one look-up for each input, and balances without reading the store beneath, which nobody else writes.
 * Memory: about 750 bytes for each unspent coin, and the records of transactions in no block; nothing for the others.
 */
export class LedgerCache implements LedgerStore {
  readonly #store: LedgerStore;
  readonly #unspent = new Map<OutPointKey, WalletCoin>();
  readonly #unconfirmed = new Map<HashKey, WalletTransaction>();
  /** What transactions in no block spend, and which of them do. */
  readonly #spenders = new Map<OutPointKey, Set<HashKey>>();
  readonly #locked: Set<OutPointKey>;
  #bestBlock: BlockReference | undefined;
  #nextOrderPosition: number;

  /** Reads of the store what it keeps in memory: no transaction of a block is read, nor any spent coin. */
  constructor(store: LedgerStore) {
    this.#store = store;
    for (const coin of store.unspentCoins()) this.#unspent.set(outPointKey(coin.outPoint), coin);
    for (const record of store.unconfirmedTransactions()) this.#addUnconfirmed(record);
    this.#locked = new Set([...store.lockedCoins()].map((lock) => outPointKey(lock.outPoint)));
    this.#bestBlock = store.bestBlock();
    this.#nextOrderPosition = store.nextOrderPosition();
  }

  /** Whether a transaction with an input that spends the outpoint can matter to the wallet, whatever it pays. */
  watches(outPoint: OutPoint): boolean {
    const key = outPointKey(outPoint);
    return this.#unspent.has(key) || this.#spenders.has(key);
  }

  /** Whether the wallet has a transaction that is in no block. */
  isUnconfirmed(txid: Txid): boolean {
    return this.#unconfirmed.has(hashKey(txid));
  }

  transaction(txid: Txid): WalletTransaction | undefined {
    return this.#unconfirmed.get(hashKey(txid)) ?? this.#store.transaction(txid);
  }

  coin(outPoint: OutPoint): WalletCoin | undefined {
    return this.#unspent.get(outPointKey(outPoint)) ?? this.#store.coin(outPoint);
  }

  spendersOf(outPoint: OutPoint): readonly Txid[] {
    const key = outPointKey(outPoint);
    // No confirmed transaction spends an unspent coin, so that all its spenders are here.
    if (this.#unspent.has(key) && !this.#spenders.has(key)) return [];
    return this.#store.spendersOf(outPoint);
  }

  addressBookEntry(script: Uint8Array): AddressBookEntry | undefined {
    return this.#store.addressBookEntry(script);
  }

  isLocked(outPoint: OutPoint): boolean {
    return this.#locked.has(outPointKey(outPoint));
  }

  bestBlock(): BlockReference | undefined {
    return this.#bestBlock;
  }

  nextOrderPosition(): number {
    return this.#nextOrderPosition;
  }

  history(page: HistoryPage): readonly WalletTransaction[] {
    return this.#store.history(page);
  }

  unspentCoins(): Iterable<WalletCoin> {
    return this.#unspent.values();
  }

  coins(script?: Uint8Array): Iterable<WalletCoin> {
    return this.#store.coins(script);
  }

  unconfirmedTransactions(): Iterable<WalletTransaction> {
    return [...this.#unconfirmed.values()].sort((a, b) => a.orderPosition - b.orderPosition);
  }

  transactionsSince(height: number): Iterable<WalletTransaction> {
    return this.#store.transactionsSince(height);
  }

  addressBook(): Iterable<AddressBookEntry> {
    return this.#store.addressBook();
  }

  lockedCoins(): Iterable<LockedCoin> {
    return this.#store.lockedCoins();
  }

  counts(): LedgerCounts {
    return this.#store.counts();
  }

  /** Writes to the store beneath first: where that throws, nothing changes here. */
  apply(changes: ChangeSet): void {
    this.#store.apply(changes);
    for (const record of changes.transactions) {
      this.#removeUnconfirmed(hashKey(record.txid));
      if (record.state.kind !== "confirmed") this.#addUnconfirmed(record);
    }
    for (const txid of changes.removedTransactions) this.#removeUnconfirmed(hashKey(txid));
    for (const coin of changes.coins) {
      if (coin.spentHeight === undefined) this.#unspent.set(outPointKey(coin.outPoint), coin);
      else this.#unspent.delete(outPointKey(coin.outPoint));
    }
    for (const outPoint of changes.removedCoins) this.#unspent.delete(outPointKey(outPoint));
    for (const lock of changes.lockedCoins) this.#locked.add(outPointKey(lock.outPoint));
    for (const outPoint of changes.unlockedCoins) this.#locked.delete(outPointKey(outPoint));
    this.#bestBlock = changes.bestBlock ?? this.#bestBlock;
    this.#nextOrderPosition = this.#store.nextOrderPosition();
  }

  #addUnconfirmed(record: WalletTransaction): void {
    const txid = hashKey(record.txid);
    this.#unconfirmed.set(txid, record);
    for (const key of spentBy(record)) {
      const spenders = this.#spenders.get(key);
      if (spenders === undefined) this.#spenders.set(key, new Set([txid]));
      else spenders.add(txid);
    }
  }

  #removeUnconfirmed(txid: HashKey): void {
    const record = this.#unconfirmed.get(txid);
    if (record === undefined) return;
    this.#unconfirmed.delete(txid);
    for (const key of spentBy(record)) {
      const spenders = this.#spenders.get(key);
      spenders?.delete(txid);
      if (spenders?.size === 0) this.#spenders.delete(key);
    }
  }
}

function spentBy(record: WalletTransaction): readonly OutPointKey[] {
  if (record.isCoinbase) return [];
  const { inputs }: Transaction = transactionOf(record);
  return inputs.map((input) => outPointKey(input.previousOutput));
}
