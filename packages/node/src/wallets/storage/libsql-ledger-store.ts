import { EMPTY_BYTES, equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import { type OutPointKey, outPointKey, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { AddressBookEntry } from "@bitfleet/wallet/ledger/address-book.ts";
import type { ChangeSet, LockedCoin, Spend } from "@bitfleet/wallet/ledger/change-set.ts";
import type { HistoryPage, LedgerCounts, LedgerStore } from "@bitfleet/wallet/ledger/ledger-store.ts";
import type { WalletCoin } from "@bitfleet/wallet/ledger/wallet-coin.ts";
import type { BlockReference, WalletTransaction } from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import { HashFilter } from "./hash-filter.ts";
import {
  decodeAddressBookEntry,
  decodeBlockReference,
  decodeCoin,
  decodeOutPoint,
  decodeTransactionRecord,
  encodeAddressBookEntry,
  encodeBlockReference,
  encodeCoin,
  encodeOutPoint,
  encodeProgress,
  encodeSpend,
  encodeTransactionRecord,
  scriptTag,
  transactionKey,
} from "./ledger-records.ts";
import { type RecordCheck, rowKey } from "./record-check.ts";
import type { ScriptRows } from "./script-rows.ts";
import type { SettingRows } from "./setting-rows.ts";
import type { SqlDatabase, SqlRow, SqlValue } from "./sql-database.ts";

const BEST_BLOCK = "best-block";
/** Rows that an iteration reads at once. */
const CHUNK_ROWS = 500;
/** Sorts before every key of bytes. */
const BEFORE_ALL = new Uint8Array(0);

/**
 * A wallet's state in its database. What is applied survives the end of the process, however it ends; `WalletDatabase.flush` says
 * when it survives a power cut. Of what is asked of every input and output of every block, most is answered from memory: that
 * nothing is known of a transaction. Methods throw `WalletStorageError`.
 */
export class LibsqlLedgerStore implements LedgerStore {
  readonly #database: SqlDatabase;
  readonly #records: RecordCheck;
  readonly #settings: SettingRows;
  readonly #scripts: ScriptRows;
  readonly #known: HashFilter;
  #locked: Map<OutPointKey, LockedCoin>;

  constructor(database: SqlDatabase, records: RecordCheck, settings: SettingRows, scripts: ScriptRows) {
    this.#database = database;
    this.#records = records;
    this.#settings = settings;
    this.#scripts = scripts;
    this.#known = knownHashes(database);
    const locks = database
      .statement("SELECT outpoint, record FROM locked_coins")
      .all()
      .map(([key, record]) => {
        const outPoint = records.open("locked_coins", key, record, () => decodeOutPoint(key as Uint8Array));
        return [outPointKey(outPoint), { outPoint, isPersistent: true }] as const;
      });
    this.#locked = new Map(locks);
  }

  transaction(txid: Txid): WalletTransaction | undefined {
    if (!this.#known.mayHave(txid)) return undefined;
    const row = this.#database.statement("SELECT txid, position, record FROM transactions WHERE txid = ?").get(txid);
    return row && this.#readTransaction(row);
  }

  coin(outPoint: OutPoint): WalletCoin | undefined {
    if (!this.#known.mayHave(outPoint.txid)) return undefined;
    const row = this.#database
      .statement("SELECT outpoint, record FROM coins WHERE outpoint = ?")
      .get(encodeOutPoint(outPoint));
    return row && this.#readCoin(row);
  }

  spendersOf(outPoint: OutPoint): readonly Txid[] {
    if (!this.#known.mayHave(outPoint.txid)) return [];
    const rows = this.#database.statement(SPENDERS).all(encodeOutPoint(outPoint));
    return rows.map(([txid, record]) => {
      const spend = { outPoint, txid: Uint8Array.from(txid as Uint8Array) as Txid };
      this.#records.open("spends", encodeSpend(spend), record, () => {});
      return spend.txid;
    });
  }

  addressBookEntry(script: Uint8Array): AddressBookEntry | undefined {
    const row = this.#database.statement("SELECT script, record FROM address_book WHERE script = ?").get(script);
    return row && this.#readAddress(row);
  }

  isLocked(outPoint: OutPoint): boolean {
    return this.#locked.has(outPointKey(outPoint));
  }

  bestBlock(): BlockReference | undefined {
    const value = this.#settings.get(BEST_BLOCK);
    return value && decodeBlockReference(new Reader(value));
  }

  nextOrderPosition(): number {
    const [last] = this.#database.statement("SELECT max(position) FROM transactions").get()!;
    return last === null ? 0 : Number(last) + 1;
  }

  history({ before, limit }: HistoryPage): readonly WalletTransaction[] {
    const rows = this.#database.statement(HISTORY).all(before ?? Number.MAX_SAFE_INTEGER, limit);
    return rows.map((row) => this.#readTransaction(row));
  }

  unspentCoins(): Iterable<WalletCoin> {
    return this.#iterate(UNSPENT, [], BEFORE_ALL, (row) => this.#readCoin(row));
  }

  *coins(script?: Uint8Array): Iterable<WalletCoin> {
    if (script === undefined) yield* this.#iterate(COINS, [], BEFORE_ALL, (row) => this.#readCoin(row));
    else {
      const tagged = this.#iterate(COINS_OF_SCRIPT, [scriptTag(script)], BEFORE_ALL, (row) => this.#readCoin(row));
      for (const coin of tagged) if (equalBytes(coin.script, script)) yield coin;
    }
  }

  unconfirmedTransactions(): Iterable<WalletTransaction> {
    return this.#iterate(UNCONFIRMED, [], -1, (row) => this.#readTransaction(row));
  }

  *transactionsSince(height: number): Iterable<WalletTransaction> {
    const [first = null] = this.#database
      .statement("SELECT min(position) FROM transactions WHERE height >= ?")
      .get(height)!;
    if (first === null) return;
    yield* this.#iterate(SINCE_HEIGHT, [height], Number(first) - 1, (row) => this.#readTransaction(row));
  }

  addressBook(): Iterable<AddressBookEntry> {
    return this.#iterate(ADDRESS_BOOK, [], BEFORE_ALL, (row) => this.#readAddress(row));
  }

  lockedCoins(): Iterable<LockedCoin> {
    return this.#locked.values();
  }

  counts(): LedgerCounts {
    const count = (from: string) => Number(this.#database.statement(`SELECT count(*) FROM ${from}`).get()![0]);
    return {
      transactions: count("transactions"),
      unconfirmed: count("transactions WHERE is_unconfirmed IS NOT NULL"),
      coins: count("coins"),
    };
  }

  apply(changes: ChangeSet): void {
    this.#database.transaction(() => {
      this.#writeTransactions(changes);
      this.#writeCoins(changes);
      this.#writeAddresses(changes);
      this.#writeLocks(changes);
      this.#writeProgress(changes);
    });
  }

  #writeTransactions({ transactions, removedTransactions, spends, removedSpends }: ChangeSet): void {
    const remove = this.#database.statement("DELETE FROM transactions WHERE txid = ?");
    for (const txid of removedTransactions) remove.run(txid);
    const put = this.#database.statement(PUT_TRANSACTION);
    for (const record of transactions) {
      const { txid, orderPosition, state } = record;
      const height = "block" in state ? state.block.height : null;
      const sealed = this.#records.seal("transactions", transactionKey(record), encodeTransactionRecord(record));
      put.run(orderPosition, txid, height, state.kind === "confirmed" ? null : 1, sealed);
      this.#known.add(txid);
    }
    const removeSpend = this.#database.statement("DELETE FROM spends WHERE outpoint = ? AND txid = ?");
    for (const { outPoint, txid } of removedSpends) removeSpend.run(encodeOutPoint(outPoint), txid);
    for (const spend of spends) this.#putSpend(spend);
  }

  #putSpend(spend: Spend): void {
    const put = this.#database.statement("INSERT OR IGNORE INTO spends (outpoint, txid, record) VALUES (?, ?, ?)");
    put.run(encodeOutPoint(spend.outPoint), spend.txid, this.#records.seal("spends", encodeSpend(spend), EMPTY_BYTES));
    this.#known.add(spend.outPoint.txid);
  }

  #writeCoins({ coins, removedCoins }: ChangeSet): void {
    const remove = this.#database.statement("DELETE FROM coins WHERE outpoint = ?");
    for (const outPoint of removedCoins) remove.run(encodeOutPoint(outPoint));
    const put = this.#database.statement(
      "INSERT OR REPLACE INTO coins (outpoint, is_unspent, script_tag, record) VALUES (?, ?, ?, ?)",
    );
    for (const coin of coins) {
      const isUnspent = coin.spentHeight === undefined ? 1 : null;
      const key = encodeOutPoint(coin.outPoint);
      put.run(key, isUnspent, scriptTag(coin.script), this.#records.seal("coins", key, encodeCoin(coin)));
      this.#known.add(coin.outPoint.txid);
    }
  }

  #writeAddresses({ addressBook, removedAddresses }: ChangeSet): void {
    const remove = this.#database.statement("DELETE FROM address_book WHERE script = ?");
    for (const script of removedAddresses) remove.run(script);
    const put = this.#database.statement("INSERT OR REPLACE INTO address_book (script, record) VALUES (?, ?)");
    for (const entry of addressBook) {
      put.run(entry.script, this.#records.seal("address_book", entry.script, encodeAddressBookEntry(entry)));
    }
  }

  #writeLocks({ lockedCoins, unlockedCoins }: ChangeSet): void {
    if (lockedCoins.length + unlockedCoins.length === 0) return;
    const before = this.#locked;
    this.#locked = new Map(before);
    this.#database.onRollback(() => {
      this.#locked = before;
    });
    const remove = this.#database.statement("DELETE FROM locked_coins WHERE outpoint = ?");
    const put = this.#database.statement("INSERT OR REPLACE INTO locked_coins (outpoint, record) VALUES (?, ?)");
    for (const outPoint of unlockedCoins) {
      remove.run(encodeOutPoint(outPoint));
      this.#locked.delete(outPointKey(outPoint));
    }
    for (const lock of lockedCoins) {
      const key = encodeOutPoint(lock.outPoint);
      if (lock.isPersistent) put.run(key, this.#records.seal("locked_coins", key, EMPTY_BYTES));
      else remove.run(key);
      this.#locked.set(outPointKey(lock.outPoint), lock);
    }
  }

  #writeProgress({ descriptors, scripts, bestBlock }: ChangeSet): void {
    const put = this.#database.statement("INSERT OR REPLACE INTO descriptor_progress (id, record) VALUES (?, ?)");
    for (const each of descriptors) {
      put.run(each.id, this.#records.seal("descriptor_progress", rowKey(each.id), encodeProgress(each)));
    }
    this.#scripts.append(scripts);
    if (bestBlock !== undefined) this.#settings.put(BEST_BLOCK, encodeBlockReference(bestBlock));
  }

  #readTransaction([txid, position, record]: SqlRow): WalletTransaction {
    const key = { txid: Uint8Array.from(txid as Uint8Array) as Txid, orderPosition: Number(position) };
    return this.#records.open("transactions", transactionKey(key), record, (reader) =>
      decodeTransactionRecord(reader, key),
    );
  }

  #readCoin([outPoint, record]: SqlRow): WalletCoin {
    const decode = (reader: Reader) => decodeCoin(reader, decodeOutPoint(outPoint as Uint8Array));
    return this.#records.open("coins", outPoint, record, decode);
  }

  #readAddress([script, record]: SqlRow): AddressBookEntry {
    const decode = (reader: Reader) => decodeAddressBookEntry(reader, Uint8Array.from(script as Uint8Array));
    return this.#records.open("address_book", script, record, decode);
  }

  /** Reads in chunks: `sql` takes `values`, the key behind which it begins, and how many rows; the last column but one is the key. */
  *#iterate<Value>(
    sql: string,
    values: readonly SqlValue[],
    first: SqlValue,
    read: (row: SqlRow) => Value,
  ): Generator<Value> {
    const statement = this.#database.statement(sql);
    for (let key = first; ; ) {
      const rows = statement.all(...values, key, CHUNK_ROWS);
      for (const row of rows) yield read(row);
      if (rows.length < CHUNK_ROWS) return;
      key = rows.at(-1)!.at(-2)!;
    }
  }
}

const SPENDERS = `SELECT spends.txid, spends.record FROM spends LEFT JOIN transactions ON transactions.txid = spends.txid
  WHERE spends.outpoint = ? ORDER BY transactions.position`;
const HISTORY = "SELECT txid, position, record FROM transactions WHERE position < ? ORDER BY position DESC LIMIT ?";
const UNSPENT =
  "SELECT outpoint, record FROM coins WHERE is_unspent IS NOT NULL AND outpoint > ? ORDER BY outpoint LIMIT ?";
const COINS = "SELECT outpoint, record FROM coins WHERE outpoint > ? ORDER BY outpoint LIMIT ?";
const COINS_OF_SCRIPT =
  "SELECT outpoint, record FROM coins WHERE script_tag = ? AND outpoint > ? ORDER BY outpoint LIMIT ?";
const UNCONFIRMED = `SELECT txid, position, record FROM transactions
  WHERE is_unconfirmed IS NOT NULL AND position > ? ORDER BY position LIMIT ?`;
/** The sign keeps the index by height away: it would sort everything for each chunk. */
const SINCE_HEIGHT =
  "SELECT txid, position, record FROM transactions WHERE +height >= ? AND position > ? ORDER BY position LIMIT ?";
const ADDRESS_BOOK = "SELECT script, record FROM address_book WHERE script > ? ORDER BY script LIMIT ?";
const PUT_TRANSACTION = `INSERT INTO transactions (position, txid, height, is_unconfirmed, record) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (txid) DO UPDATE SET position = excluded.position, height = excluded.height,
    is_unconfirmed = excluded.is_unconfirmed, record = excluded.record`;

/** The hashes of transactions that are here, that have coins here, and whose outputs are spent by one that is here. */
function knownHashes(database: SqlDatabase): HashFilter {
  const filter = new HashFilter();
  for (const [table, column] of [
    ["transactions", "txid"],
    ["coins", "outpoint"],
    ["spends", "outpoint"],
  ]) {
    const [prefixes] = database.statement(`SELECT group_concat(hex(substr(${column}, 1, 4)), '') FROM ${table}`).get()!;
    if (typeof prefixes === "string") filter.addHex(prefixes);
  }
  return filter;
}
