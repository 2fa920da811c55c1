import type { BlockIndexEntry } from "../chain/block-index.ts";
import type { Chain } from "../chain/chain.ts";
import type { KvBatch, KvReader } from "../ports.ts";
import {
  ADDRESS_HEIGHT_KEY,
  ADDRESS_RECORDS,
  addressCoinKey,
  addressHistoryKey,
  addressRecordKey,
  heightOfAddressRecordKey,
} from "../storage/keyspace.ts";
import { StorageError } from "../storage/storage-error.ts";
import {
  type BlockTransactionEffects,
  coinsMadeBy,
  effectsOf,
  type TransactionEffects,
  touchesOf,
} from "./address-effects.ts";
import {
  addTouch,
  type BlockRecord,
  decodeBlockRecord,
  decodeHeight,
  encodeBlockRecord,
  encodeHeight,
  encodeHistory,
  encodeScriptCoin,
} from "./address-records.ts";
import { AddressTotalsCache } from "./address-totals-cache.ts";
import type { IndexedBlock, IndexWriter } from "./index-runner.ts";

export interface AddressWriterDependencies {
  readonly store: KvReader;
  readonly chain: Pick<Chain, "find" | "readBlock" | "readUndo" | "isOnDisk">;
  /** The index's folder, for messages. */
  readonly path: string;
}

/**
 * Keeps history, coins and totals of each script. A block is taken back exactly as it was taken in: by its data and undo data, or,
 * where a crash may have cost the chain these, by a record that the index keeps of a block until the chain has it on disk.
 */
export class AddressWriter implements IndexWriter {
  readonly name = "addressindex";
  readonly needsUndo = true;
  /** Balances are those at the tip. */
  readonly goesBackWithTip = true;
  readonly #deps: AddressWriterDependencies;
  readonly #totals: AddressTotalsCache;
  /** Blocks of which there are records, the lowest first. */
  #recorded: BlockIndexEntry[] = [];
  #height = -1;

  constructor(deps: AddressWriterDependencies) {
    this.#deps = deps;
    this.#totals = new AddressTotalsCache(deps.store);
  }

  async load(best: BlockIndexEntry | undefined): Promise<void> {
    const { store } = this.#deps;
    const stored = await store.get(ADDRESS_HEIGHT_KEY);
    this.#height = stored === undefined ? -1 : decodeHeight(stored);
    for await (const { key } of store.iterate(ADDRESS_RECORDS)) {
      const height = heightOfAddressRecordKey(key);
      // What a crash cost the chain is taken back before anything is added.
      const entry = best !== undefined && height <= best.height ? best.ancestor(height) : undefined;
      if (entry !== undefined) this.#recorded.push(entry);
    }
  }

  async append(batch: KvBatch, { entry, block, undo }: IndexedBlock): Promise<void> {
    const effects = effectsOf(entry, block, await undo());
    await this.#fetchTotals(effects);
    for (const tx of effects) this.#connect(batch, tx, entry.height);
    this.#record(batch, entry, effects);
    this.#height = entry.height;
  }

  async rewind(batch: KvBatch, fork: BlockIndexEntry, best: BlockIndexEntry | undefined): Promise<void> {
    let entry = best;
    for (let height = this.#height; height > fork.height; height--) {
      const { effects, previousHash } = await this.#blockAt(height, entry);
      await this.#fetchTotals(effects);
      for (const tx of effects.toReversed()) this.#disconnect(batch, tx, height);
      batch.delete(addressRecordKey(height));
      // Below what a crash cost the chain there may be blocks that it has and that lie above the fork.
      entry = this.#deps.chain.find(previousHash);
    }
    this.#recorded = this.#recorded.filter(({ height }) => height <= fork.height);
    this.#height = fork.height;
  }

  beforeWrite(batch: KvBatch): void {
    this.#totals.writeTo(batch);
    batch.put(ADDRESS_HEIGHT_KEY, encodeHeight(this.#height));
  }

  #fetchTotals(effects: readonly TransactionEffects[]): Promise<void> {
    const scriptsOf = ({ outputs, spent }: TransactionEffects) => [...outputs, ...spent].map(({ script }) => script);
    return this.#totals.fetch(effects.flatMap(scriptsOf));
  }

  #connect(batch: KvBatch, tx: BlockTransactionEffects, height: number): void {
    const { txid, position, fee, spent, overwritten } = tx;
    for (const [script, touch] of touchesOf(tx)) {
      const totals = this.#totals.change(script);
      const { received, sent } = touch;
      const value = encodeHistory({ height, position, txid, received, sent, fee });
      batch.put(addressHistoryKey(script, totals.transactionCount), value);
      addTouch(totals, touch, 1);
    }
    for (const coin of [...spent, ...overwritten]) batch.delete(addressCoinKey(coin.script, coin));
    for (const coin of coinsMadeBy(tx, height)) batch.put(addressCoinKey(coin.script, coin), encodeScriptCoin(coin));
  }

  #disconnect(batch: KvBatch, tx: TransactionEffects, height: number): void {
    for (const [script, touch] of touchesOf(tx)) {
      const totals = this.#totals.change(script);
      addTouch(totals, touch, -1);
      batch.delete(addressHistoryKey(script, totals.transactionCount));
    }
    for (const coin of coinsMadeBy(tx, height)) batch.delete(addressCoinKey(coin.script, coin));
    for (const coin of [...tx.spent, ...tx.overwritten])
      batch.put(addressCoinKey(coin.script, coin), encodeScriptCoin(coin));
  }

  /** Keeps what takes a block back that the chain would not know after a crash, and no longer that of blocks which it would. */
  #record(batch: KvBatch, entry: BlockIndexEntry, effects: readonly TransactionEffects[]): void {
    const { chain } = this.#deps;
    while (this.#recorded.length > 0 && chain.isOnDisk(this.#recorded[0]!)) {
      batch.delete(addressRecordKey(this.#recorded.shift()!.height));
    }
    if (chain.isOnDisk(entry)) return;
    const record = { previousHash: entry.header.previousBlockHash, effects };
    batch.put(addressRecordKey(entry.height), encodeBlockRecord(record));
    this.#recorded.push(entry);
  }

  /** What the block at `height` did, from the record of it or by `entry`, which is `undefined` where a crash lost the block. */
  async #blockAt(height: number, entry: BlockIndexEntry | undefined): Promise<BlockRecord> {
    const { store, chain, path } = this.#deps;
    const record = await store.get(addressRecordKey(height));
    if (record !== undefined) return decodeBlockRecord(record);
    if (entry !== undefined) {
      const effects = effectsOf(entry, await chain.readBlock(entry), await chain.readUndo(entry));
      return { previousHash: entry.header.previousBlockHash, effects };
    }
    throw new StorageError(
      "corrupt",
      path,
      `The address index in ${path} has block ${height} of a chain that is not known, and no record of it. Restart with -reindex.`,
    );
  }
}
