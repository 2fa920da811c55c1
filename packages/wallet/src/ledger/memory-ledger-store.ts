import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import {
  type HashKey,
  hashKey,
  type OutPointKey,
  outPointKey,
  type Txid,
} from "@bitfleet/protocol/primitives/types.ts";
import type { AddressBookEntry } from "./address-book.ts";
import {
  type ChangeSet,
  type DerivedScript,
  type DescriptorProgress,
  EMPTY_CHANGE_SET,
  type LockedCoin,
  type Spend,
  scriptKey,
} from "./change-set.ts";
import type { HistoryPage, LedgerCounts, LedgerStore } from "./ledger-store.ts";
import { OrderedTransactions } from "./ordered-transactions.ts";
import type { DescriptorId, WalletCoin } from "./wallet-coin.ts";
import type { BlockReference, WalletTransaction } from "./wallet-transaction.ts";

/**
 * A wallet's state in memory: what a browser uses, and tests. To keep it, write down what {@link onApplied} is told, or a
 * {@link snapshot} now and then; to have it again, apply that to a new one.
 */
export class MemoryLedgerStore implements LedgerStore {
  readonly #onApplied: ((changes: ChangeSet) => void) | undefined;
  readonly #transactions = new OrderedTransactions();
  readonly #unconfirmed = new Set<HashKey>();
  readonly #coins = new Map<OutPointKey, WalletCoin>();
  readonly #unspent = new Set<OutPointKey>();
  readonly #spenders = new Map<OutPointKey, readonly Spend[]>();
  readonly #addressBook = new Map<string, AddressBookEntry>();
  readonly #locked = new Map<OutPointKey, LockedCoin>();
  readonly #descriptors = new Map<DescriptorId, DescriptorProgress>();
  readonly #scripts: DerivedScript[] = [];
  #bestBlock: BlockReference | undefined;

  /** `onApplied` hears of each change set after it was applied. */
  constructor(dependencies: { readonly onApplied?: ((changes: ChangeSet) => void) | undefined } = {}) {
    this.#onApplied = dependencies.onApplied;
  }

  transaction(txid: Txid): WalletTransaction | undefined {
    return this.#transactions.get(hashKey(txid));
  }

  coin(outPoint: OutPoint): WalletCoin | undefined {
    return this.#coins.get(outPointKey(outPoint));
  }

  spendersOf(outPoint: OutPoint): readonly Txid[] {
    return (this.#spenders.get(outPointKey(outPoint)) ?? []).map((spend) => spend.txid);
  }

  addressBookEntry(script: Uint8Array): AddressBookEntry | undefined {
    return this.#addressBook.get(scriptKey(script));
  }

  isLocked(outPoint: OutPoint): boolean {
    return this.#locked.has(outPointKey(outPoint));
  }

  bestBlock(): BlockReference | undefined {
    return this.#bestBlock;
  }

  nextOrderPosition(): number {
    return this.#transactions.nextPosition;
  }

  history({ before, limit }: HistoryPage): readonly WalletTransaction[] {
    return this.#transactions.newest(before, limit);
  }

  *unspentCoins(): Iterable<WalletCoin> {
    for (const key of this.#unspent) yield this.#coins.get(key)!;
  }

  *coins(script?: Uint8Array): Iterable<WalletCoin> {
    for (const coin of this.#coins.values()) {
      if (script === undefined || equalBytes(coin.script, script)) yield coin;
    }
  }

  unconfirmedTransactions(): Iterable<WalletTransaction> {
    return [...this.#unconfirmed]
      .map((key) => this.#transactions.get(key)!)
      .sort((a, b) => a.orderPosition - b.orderPosition);
  }

  *transactionsSince(height: number): Iterable<WalletTransaction> {
    for (const record of this.#transactions) {
      if ("block" in record.state && record.state.block.height >= height) yield record;
    }
  }

  addressBook(): Iterable<AddressBookEntry> {
    return this.#addressBook.values();
  }

  lockedCoins(): Iterable<LockedCoin> {
    return this.#locked.values();
  }

  counts(): LedgerCounts {
    const { size: transactions } = this.#transactions;
    return { transactions, unconfirmed: this.#unconfirmed.size, coins: this.#coins.size };
  }

  /** How far the descriptors have come, as was applied. */
  descriptors(): Iterable<DescriptorProgress> {
    return this.#descriptors.values();
  }

  /** The scripts that were derived, as was applied. */
  scripts(): Iterable<DerivedScript> {
    return this.#scripts;
  }

  apply(changes: ChangeSet): void {
    for (const record of changes.transactions) this.#putTransaction(record);
    for (const spend of changes.spends) this.#addSpend(spend);
    for (const spend of changes.removedSpends) this.#removeSpend(spend);
    for (const txid of changes.removedTransactions) this.#removeTransaction(hashKey(txid));
    for (const coin of changes.coins) this.#putCoin(coin);
    for (const outPoint of changes.removedCoins) this.#removeCoin(outPointKey(outPoint));
    for (const entry of changes.addressBook) this.#addressBook.set(scriptKey(entry.script), entry);
    for (const script of changes.removedAddresses) this.#addressBook.delete(scriptKey(script));
    for (const lock of changes.lockedCoins) this.#locked.set(outPointKey(lock.outPoint), lock);
    for (const outPoint of changes.unlockedCoins) this.#locked.delete(outPointKey(outPoint));
    for (const progress of changes.descriptors) this.#descriptors.set(progress.id, progress);
    for (const script of changes.scripts) this.#scripts.push(script);
    this.#bestBlock = changes.bestBlock ?? this.#bestBlock;
    this.#onApplied?.(changes);
  }

  /** The chain that it was on is not there any more: it has seen none yet. */
  forgetBestBlock(): void {
    this.#bestBlock = undefined;
  }

  /** All of the state as one change set, which makes an empty store the same. Locks that are not persistent are left out. */
  snapshot(): ChangeSet {
    return {
      ...EMPTY_CHANGE_SET,
      transactions: [...this.#transactions],
      coins: [...this.#coins.values()],
      spends: [...this.#spenders.values()].flat(),
      addressBook: [...this.#addressBook.values()],
      lockedCoins: [...this.#locked.values()].filter((lock) => lock.isPersistent),
      descriptors: [...this.#descriptors.values()],
      scripts: [...this.#scripts],
      bestBlock: this.#bestBlock,
    };
  }

  #putTransaction(record: WalletTransaction): void {
    const key = hashKey(record.txid);
    this.#transactions.put(key, record);
    if (record.state.kind === "confirmed") this.#unconfirmed.delete(key);
    else this.#unconfirmed.add(key);
  }

  #removeTransaction(key: HashKey): void {
    this.#transactions.delete(key);
    this.#unconfirmed.delete(key);
  }

  #putCoin(coin: WalletCoin): void {
    const key = outPointKey(coin.outPoint);
    this.#coins.set(key, coin);
    if (coin.spentHeight === undefined) this.#unspent.add(key);
    else this.#unspent.delete(key);
  }

  #removeCoin(key: OutPointKey): void {
    this.#coins.delete(key);
    this.#unspent.delete(key);
  }

  #addSpend(spend: Spend): void {
    const key = outPointKey(spend.outPoint);
    const known = this.#spenders.get(key) ?? [];
    const added = hashKey(spend.txid);
    if (known.some((each) => hashKey(each.txid) === added)) return;
    const position = ({ txid }: Spend) => this.transaction(txid)?.orderPosition ?? 0;
    this.#spenders.set(key, known.length === 0 ? [spend] : [...known, spend].sort((a, b) => position(a) - position(b)));
  }

  #removeSpend(spend: Spend): void {
    const key = outPointKey(spend.outPoint);
    const removed = hashKey(spend.txid);
    const left = (this.#spenders.get(key) ?? []).filter((each) => hashKey(each.txid) !== removed);
    if (left.length === 0) this.#spenders.delete(key);
    else this.#spenders.set(key, left);
  }
}
