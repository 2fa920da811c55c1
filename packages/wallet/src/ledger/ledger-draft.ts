import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import {
  type HashKey,
  hashFromKey,
  hashKey,
  type OutPointKey,
  outPointFromKey,
  outPointKey,
  type Txid,
} from "@bitfleet/protocol/primitives/types.ts";
import type { AddressBookEntry } from "./address-book.ts";
import { type ChangeSet, EMPTY_CHANGE_SET, type Spend, scriptKey, spendKey } from "./change-set.ts";
import type { HistoryPage, LedgerView } from "./ledger-store.ts";
import type { OwnerLookup, WalletCoin } from "./wallet-coin.ts";
import { type BlockReference, transactionOf, type WalletTransaction } from "./wallet-transaction.ts";

/**
 * A wallet's state with the changes of an event on top: what a rule reads and writes, until all is said and the changes are one value.
 * What coins say of their transaction, and of what spends them, it keeps in step with the transactions.
 */
export class LedgerDraft implements LedgerView {
  readonly #view: LedgerView;
  readonly #ownerOf: OwnerLookup;
  /** `undefined`: removed. */
  readonly #transactions = new Map<HashKey, WalletTransaction | undefined>();
  /** Of those that are new, in the order of their positions. */
  readonly #added: HashKey[] = [];
  readonly #coins = new Map<OutPointKey, WalletCoin | undefined>();
  readonly #addedSpends = new Map<string, Spend>();
  readonly #removedSpends = new Map<string, Spend>();
  /** Of the outpoints whose spends change. */
  readonly #spenders = new Map<OutPointKey, readonly Txid[]>();
  readonly #addressBook = new Map<string, AddressBookEntry>();
  readonly #unlocked = new Map<OutPointKey, OutPoint>();
  #nextOrderPosition: number;
  #bestBlock: BlockReference | undefined;

  constructor(view: LedgerView, ownerOf: OwnerLookup) {
    this.#view = view;
    this.#ownerOf = ownerOf;
    this.#nextOrderPosition = view.nextOrderPosition();
  }

  transaction(txid: Txid): WalletTransaction | undefined {
    const key = hashKey(txid);
    return this.#transactions.has(key) ? this.#transactions.get(key) : this.#view.transaction(txid);
  }

  coin(outPoint: OutPoint): WalletCoin | undefined {
    const key = outPointKey(outPoint);
    return this.#coins.has(key) ? this.#coins.get(key) : this.#view.coin(outPoint);
  }

  spendersOf(outPoint: OutPoint): readonly Txid[] {
    return this.#spenders.get(outPointKey(outPoint)) ?? this.#view.spendersOf(outPoint);
  }

  addressBookEntry(script: Uint8Array): AddressBookEntry | undefined {
    return this.#addressBook.get(scriptKey(script)) ?? this.#view.addressBookEntry(script);
  }

  isLocked(outPoint: OutPoint): boolean {
    return !this.#unlocked.has(outPointKey(outPoint)) && this.#view.isLocked(outPoint);
  }

  bestBlock(): BlockReference | undefined {
    return this.#bestBlock ?? this.#view.bestBlock();
  }

  nextOrderPosition(): number {
    return this.#nextOrderPosition;
  }

  history({ before = Number.MAX_SAFE_INTEGER, limit }: HistoryPage): readonly WalletTransaction[] {
    const page: WalletTransaction[] = [];
    for (let at = this.#added.length - 1; at >= 0 && page.length < limit; at--) {
      const record = this.#transactions.get(this.#added[at]!);
      if (record !== undefined && record.orderPosition < before) page.push(record);
    }
    if (page.length === limit) return page;
    const known = this.#view.history({ before, limit: limit - page.length });
    return [...page, ...known.map((record) => this.transaction(record.txid)).filter((record) => record !== undefined)];
  }

  /** The transactions of the wallet that spend outputs of a transaction. */
  *childrenOf(record: WalletTransaction): Iterable<WalletTransaction> {
    const { outputs } = transactionOf(record);
    for (let index = 0; index < outputs.length; index++) {
      for (const txid of this.spendersOf({ txid: record.txid, index })) {
        const child = this.transaction(txid);
        if (child !== undefined) yield child;
      }
    }
  }

  /** Adds a transaction, or puts the record in place of the one that is there. */
  putTransaction(record: WalletTransaction): void {
    const before = this.transaction(record.txid);
    if (before === undefined) {
      this.#nextOrderPosition = Math.max(this.#nextOrderPosition, record.orderPosition + 1);
      this.#added.push(hashKey(record.txid));
      this.#addSpendsOf(record);
    }
    this.#transactions.set(hashKey(record.txid), record);
    if (before === undefined || heightOf(before) !== heightOf(record)) this.#updateSpentCoins(record);
    if (before !== undefined && sayTheSameToCoins(before, record)) return;
    for (const coin of this.#coinsOf(record))
      this.#coins.set(outPointKey(coin.outPoint), { ...coin, ...ofTransaction(record) });
  }

  /** Adds the coins of a transaction that are not there yet: all of a new one, or those whose scripts have become the wallet's. */
  addCoinsOf(record: WalletTransaction): void {
    const { outputs } = transactionOf(record);
    for (const [index, { value, scriptPubKey: script }] of outputs.entries()) {
      const outPoint = { txid: record.txid, index };
      const owner = this.coin(outPoint) === undefined ? this.#ownerOf(script) : undefined;
      if (owner === undefined) continue;
      const spentHeight = this.#spentHeightOf(outPoint);
      const { isCoinbase } = record;
      const { descriptorId, index: scriptIndex } = owner;
      const facts = { outPoint, value, script: Uint8Array.from(script), descriptorId, index: scriptIndex };
      this.#coins.set(outPointKey(outPoint), { ...facts, isCoinbase, spentHeight, ...ofTransaction(record) });
      for (const txid of this.spendersOf(outPoint)) this.#refreshFromMe(txid);
    }
  }

  /** Takes a transaction out, with its coins and what it spent. */
  removeTransaction(record: WalletTransaction): void {
    const coins = this.#coinsOf(record);
    for (const input of transactionOf(record).inputs)
      this.#removeSpend({ outPoint: input.previousOutput, txid: record.txid });
    this.#transactions.set(hashKey(record.txid), undefined);
    this.#updateSpentCoins(record);
    for (const { outPoint } of coins) {
      this.#coins.set(outPointKey(outPoint), undefined);
      for (const txid of this.spendersOf(outPoint)) this.#refreshFromMe(txid);
    }
  }

  putAddressBookEntry(entry: AddressBookEntry): void {
    this.#addressBook.set(scriptKey(entry.script), entry);
  }

  setBestBlock(block: BlockReference): void {
    this.#bestBlock = block;
  }

  /** Whether it spends a coin of the wallet. */
  isFromMe(record: Pick<WalletTransaction, "bytes">): boolean {
    return transactionOf(record).inputs.some((input) => this.coin(input.previousOutput) !== undefined);
  }

  /** All that has changed. */
  changeSet(): ChangeSet {
    const coins = [...this.#coins.entries()];
    const transactions = [...this.#transactions.entries()];
    return {
      ...EMPTY_CHANGE_SET,
      transactions: transactions.flatMap(([, record]) => record ?? []),
      removedTransactions: transactions.flatMap(([key, record]) => (record ? [] : hashFromKey<Txid>(key))),
      coins: coins.flatMap(([, coin]) => coin ?? []),
      removedCoins: coins.flatMap(([key, coin]) => (coin ? [] : outPointFromKey(key))),
      spends: [...this.#addedSpends.values()],
      removedSpends: [...this.#removedSpends.values()],
      addressBook: [...this.#addressBook.values()],
      unlockedCoins: [...this.#unlocked.values()],
      bestBlock: this.#bestBlock,
    };
  }

  #coinsOf(record: WalletTransaction): readonly WalletCoin[] {
    return transactionOf(record).outputs.flatMap((_, index) => this.coin({ txid: record.txid, index }) ?? []);
  }

  /** A coin that comes to be spent is locked no longer. */
  #addSpendsOf(record: WalletTransaction): void {
    if (record.isCoinbase) return;
    for (const { previousOutput: outPoint } of transactionOf(record).inputs) {
      const spend = { outPoint, txid: record.txid };
      this.#spenders.set(outPointKey(outPoint), [...this.spendersOf(outPoint), record.txid]);
      this.#addedSpends.set(spendKey(spend), spend);
      this.#removedSpends.delete(spendKey(spend));
      if (this.isLocked(outPoint)) this.#unlocked.set(outPointKey(outPoint), outPoint);
    }
  }

  #removeSpend(spend: Spend): void {
    const removed = hashKey(spend.txid);
    const left = this.spendersOf(spend.outPoint).filter((txid) => hashKey(txid) !== removed);
    this.#spenders.set(outPointKey(spend.outPoint), left);
    this.#addedSpends.delete(spendKey(spend));
    this.#removedSpends.set(spendKey(spend), spend);
  }

  #updateSpentCoins(record: WalletTransaction): void {
    if (record.isCoinbase) return;
    for (const { previousOutput } of transactionOf(record).inputs) {
      const coin = this.coin(previousOutput);
      if (coin === undefined) continue;
      const spentHeight = this.#spentHeightOf(previousOutput);
      if (spentHeight !== coin.spentHeight) this.#coins.set(outPointKey(previousOutput), { ...coin, spentHeight });
    }
  }

  #spentHeightOf(outPoint: OutPoint): number | undefined {
    for (const txid of this.spendersOf(outPoint)) {
      const spender = this.transaction(txid);
      const height = spender && heightOf(spender);
      if (height !== undefined) return height;
    }
    return undefined;
  }

  #refreshFromMe(txid: Txid): void {
    const record = this.transaction(txid);
    const isFromMe = record !== undefined && this.isFromMe(record);
    if (record !== undefined && record.isFromMe !== isFromMe) this.putTransaction({ ...record, isFromMe });
  }
}

/** Of the block that it is confirmed in. */
export function heightOf({ state }: Pick<WalletTransaction, "state">): number | undefined {
  return state.kind === "confirmed" ? state.block.height : undefined;
}

function ofTransaction(record: WalletTransaction): Pick<WalletCoin, "height" | "isFromMe" | "time"> {
  return { height: heightOf(record), isFromMe: record.isFromMe, time: record.timeSmart };
}

function sayTheSameToCoins(a: WalletTransaction, b: WalletTransaction): boolean {
  return heightOf(a) === heightOf(b) && a.isFromMe === b.isFromMe && a.timeSmart === b.timeSmart;
}
