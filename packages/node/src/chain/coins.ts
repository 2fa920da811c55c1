import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { DecodeError, Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import type { Coin, CoinLookup } from "@bitfleet/protocol/consensus/chain-view.ts";
import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import {
  type BlockHash,
  HASH_SIZE,
  type OutPointKey,
  outPointKey,
  ZERO_HASH,
} from "@bitfleet/protocol/primitives/types.ts";
import type { KvReader, KvStore, Logger } from "../ports.ts";
import {
  BEST_BLOCK_KEY,
  COINS_FROM,
  COINS_TO,
  coinKey,
  HEAD_BLOCKS_KEY,
  outPointOfCoinKey,
} from "../storage/keyspace.ts";
import { StorageError } from "../storage/storage-error.ts";
import { socketTurn } from "../turns.ts";
import { decodeCoin } from "./coin-codec.ts";
import { CoinTable, packBytes, packCoin, SPENT, TABLE_ENTRIES_MAX, unpackBytes, unpackCoin } from "./coin-table.ts";

export interface CoinsCacheOptions {
  /** Memory the cache may take. Where {@link CoinsCache.isOverLimit}, flush. */
  readonly cacheBytes: number;
  /** A flush is written in batches of about this size (`-dbbatchsize`). */
  readonly batchBytes?: number;
}

export interface CoinsCacheDependencies {
  readonly store: KvStore;
  readonly log: Logger;
}

/** What a block, connected or disconnected, does to the coins. */
export interface CoinsChange {
  readonly spent: readonly OutPointKey[];
  readonly created: readonly (readonly [OutPointKey, Coin])[];
}

/** A flush that was cut off: the database holds some coins of each state. Replay the blocks between the two, then flush. */
export interface HeadBlocks {
  readonly from: BlockHash | undefined;
  readonly to: BlockHash;
}

export interface FlushOptions {
  /** Return only when everything would survive a power cut. */
  readonly sync: boolean;
  /** Forget the coins that were only read. */
  readonly emptyCache: boolean;
}

/** The coins of one block as they are on disk, whatever is flushed later. */
export interface CoinsSnapshot {
  readonly bestBlock: BlockHash | undefined;
  /** All coins, in order of txid bytes. Rejects with `StorageError` where one cannot be read. */
  coins(): AsyncIterable<readonly [OutPointKey, Coin]>;
  /** Approximate bytes on disk. */
  readonly diskSizeBytes: number;
  close(): Promise<void>;
}

const BATCH_BYTES = 4 * 1024 * 1024;
/** Coins put into a batch before others have a turn: some milliseconds. */
const FLUSH_SLICE_COINS = 4000;
/** After a flush the coins just written stay readable up to this part of the limit: the rest is room for the next changes. */
const CLEAN_PART_AFTER_FLUSH = 0.5;

/**
 * The unspent outputs of the active chain: the database with a write-back cache in front. An outpoint is in one table at
 * most: `fresh` coins are not on disk, so that spending one leaves nothing behind; `changed` ones may be on disk otherwise,
 * or are spent; `clean` ones are as on disk and may be forgotten at any time, which happens oldest first.
 */
export class CoinsCache {
  readonly #store: KvStore;
  readonly #log: Logger;
  readonly #cacheBytes: number;
  readonly #batchBytes: number;
  #fresh = new CoinTable();
  #changed = new CoinTable();
  #clean = new CoinTable();
  #bestBlock: BlockHash | undefined;
  #storedBestBlock: BlockHash | undefined;
  #headBlocks: HeadBlocks | undefined;
  #flushing: Promise<void> | undefined;
  #hitCount = 0;
  #missCount = 0;
  /** Grows with every change, so that a coin read from disk before it is not taken for the present one. */
  #changeCount = 0;

  /** Reads which block the database is at. Rejects with `StorageError`. */
  static async open(options: CoinsCacheOptions, deps: CoinsCacheDependencies): Promise<CoinsCache> {
    const [best, heads] = await deps.store.getMany([BEST_BLOCK_KEY, HEAD_BLOCKS_KEY]);
    const bestBlock = best && readable("name of the best block", () => decodeHash(best));
    const headBlocks = heads && readable("mark of an unfinished flush", () => decodeHeadBlocks(heads));
    return new CoinsCache(options, deps, bestBlock, headBlocks);
  }

  private constructor(
    options: CoinsCacheOptions,
    deps: CoinsCacheDependencies,
    bestBlock: BlockHash | undefined,
    headBlocks: HeadBlocks | undefined,
  ) {
    this.#store = deps.store;
    this.#log = deps.log;
    this.#cacheBytes = options.cacheBytes;
    this.#batchBytes = options.batchBytes ?? BATCH_BYTES;
    this.#bestBlock = bestBlock;
    this.#storedBestBlock = bestBlock;
    this.#headBlocks = headBlocks;
  }

  /**
   * The block whose coins these are, changes that are not yet on disk included; `undefined` for none at all, and where a
   * flush was cut off until the first {@link apply}.
   */
  get bestBlock(): BlockHash | undefined {
    return this.#bestBlock;
  }

  /** The block that the coins on disk belong to. */
  get storedBestBlock(): BlockHash | undefined {
    return this.#storedBestBlock;
  }

  /** A flush that an earlier run did not finish, until the next {@link flush} does. */
  get headBlocks(): HeadBlocks | undefined {
    return this.#headBlocks;
  }

  /** Estimate of the memory the cache takes. */
  get usageBytes(): number {
    return this.#fresh.bytes + this.#changed.bytes + this.#clean.bytes;
  }

  /** The memory the cache may take. */
  get cacheBytes(): number {
    return this.#cacheBytes;
  }

  /** True where the changes take more than the limit, with no coin left that could be forgotten: time to flush. */
  get isOverLimit(): boolean {
    return this.usageBytes > this.#cacheBytes || Math.max(this.#fresh.size, this.#changed.size) > TABLE_ENTRIES_MAX;
  }

  /** Changes not yet on disk. */
  get dirtyCount(): number {
    return this.#fresh.size + this.#changed.size;
  }

  /** Coins in memory, and spent ones not yet written. */
  get cachedCount(): number {
    return this.dirtyCount + this.#clean.size;
  }

  /** Coins asked for since the start: found in memory, and looked for on disk. */
  get lookups(): { readonly hitCount: number; readonly missCount: number } {
    return { hitCount: this.#hitCount, missCount: this.#missCount };
  }

  /** Reads the coins of `outPoints` in one batch. The lookup answers for these outpoints alone, as they were at this moment. */
  async fetch(outPoints: readonly OutPoint[]): Promise<CoinLookup> {
    const found = new Map<OutPointKey, Coin>();
    const missing: OutPointKey[] = [];
    for (const outPoint of outPoints) {
      const key = outPointKey(outPoint);
      const packed = this.#fresh.get(key) ?? this.#changed.get(key) ?? this.#clean.get(key);
      if (packed === undefined) missing.push(key);
      else if (packed !== SPENT) found.set(key, unpackCoin(packed));
    }
    this.#hitCount += outPoints.length - missing.length;
    this.#missCount += missing.length;
    if (missing.length > 0) await this.#fetchFromDisk(missing, found);
    return (key) => found.get(key);
  }

  /** One coin, or `undefined` where it never was or is spent. */
  async get(outPoint: OutPoint): Promise<Coin | undefined> {
    const lookup = await this.fetch([outPoint]);
    return lookup(outPointKey(outPoint));
  }

  /**
   * Takes over a block's effects; `hash` is the block whose coins these are afterwards. Cannot fail: coins that are spent
   * need not be in the cache, nor exist, nor need those created be new. Not to be called during {@link flush}.
   */
  apply(change: CoinsChange, block: { readonly hash: BlockHash }): void {
    if (this.#flushing !== undefined) throw new Error("coins changed while they are being flushed");
    for (const key of change.spent) this.#spend(key);
    for (const [key, coin] of change.created) this.#create(key, coin);
    this.#bestBlock = block.hash.slice() as BlockHash;
    this.#changeCount++;
    this.#forgetClean();
  }

  /**
   * Writes every change to disk. The first batch replaces the best block by a mark that names the old and the new one, the
   * last puts the new one in its place: whoever opens the database in between knows which blocks to replay. Every batch is
   * synced, since LevelDB syncs no more than its present log: after a power cut the last batch might be there without the first.
   */
  async flush(options: FlushOptions): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing.catch(() => {});
    this.#flushing = this.#flush(options);
    try {
      await this.#flushing;
    } finally {
      this.#flushing = undefined;
    }
  }

  /** What the last finished flush left on disk. Waits for a flush under way. */
  async snapshot(): Promise<CoinsSnapshot> {
    while (this.#flushing !== undefined) await this.#flushing.catch(() => {});
    const bestBlock = this.#storedBestBlock;
    const reader = this.#store.snapshot();
    const diskSizeBytes = await this.#store.approximateSize({ from: COINS_FROM, to: COINS_TO });
    return { bestBlock, diskSizeBytes, coins: () => readCoins(reader), close: () => reader.close() };
  }

  async #fetchFromDisk(keys: readonly OutPointKey[], found: Map<OutPointKey, Coin>): Promise<void> {
    const changeCount = this.#changeCount;
    const values = await this.#store.getMany(keys.map(coinKey));
    for (const [index, value] of values.entries()) {
      if (value === undefined) continue;
      const key = keys[index]!;
      found.set(key, decodeStored(value));
      if (changeCount === this.#changeCount) this.#clean.set(key, packBytes(value));
    }
    this.#forgetClean();
  }

  #spend(key: OutPointKey): void {
    if (this.#fresh.delete(key)) return;
    this.#clean.delete(key);
    this.#changed.set(key, SPENT);
  }

  #create(key: OutPointKey, coin: Coin): void {
    // The coin may be on disk where the cache has seen it there, where a coinbase repeats an earlier one (the two blocks that
    // BIP30 excepts), and while blocks are replayed over a database that holds some of their coins already.
    const mayBeStored =
      this.#clean.delete(key) || this.#changed.has(key) || coin.isCoinbase || this.#headBlocks !== undefined;
    const table = mayBeStored && !this.#fresh.has(key) ? this.#changed : this.#fresh;
    table.set(key, packCoin(coin));
  }

  /** Makes room at the cost of coins that are on disk. */
  #forgetClean(): void {
    this.#clean.shrink(this.#cacheBytes - this.#fresh.bytes - this.#changed.bytes, TABLE_ENTRIES_MAX);
  }

  async #flush(options: FlushOptions): Promise<void> {
    const to = this.#bestBlock;
    const isMoved = to !== undefined && (this.#storedBestBlock === undefined || !equalBytes(to, this.#storedBestBlock));
    if (to !== undefined && (isMoved || this.dirtyCount > 0)) await this.#writeChanges(to, options.sync);
    if (to !== undefined) this.#headBlocks = undefined;
    this.#storedBestBlock = to;
    this.#changeCount++;
    this.#settle(options.emptyCache);
  }

  async #writeChanges(to: BlockHash, sync: boolean): Promise<void> {
    const from = this.#headBlocks === undefined ? this.#storedBestBlock : this.#headBlocks.from;
    let batch = this.#store.newBatch();
    batch.delete(BEST_BLOCK_KEY);
    batch.put(HEAD_BLOCKS_KEY, encodeHeadBlocks({ from, to }));
    let count = 0;
    for (const table of [this.#changed, this.#fresh]) {
      for (const [key, packed] of table.entries()) {
        if (packed === SPENT) batch.delete(coinKey(key));
        else batch.put(coinKey(key), unpackBytes(packed));
        if (++count % FLUSH_SLICE_COINS === 0) await socketTurn();
        if (batch.sizeBytes < this.#batchBytes) continue;
        this.#log.debug("coindb", "wrote a part of the coins", { sizeBytes: batch.sizeBytes });
        await this.#store.write(batch, { sync });
        batch = this.#store.newBatch();
      }
    }
    batch.delete(HEAD_BLOCKS_KEY);
    batch.put(BEST_BLOCK_KEY, to);
    await this.#store.write(batch, { sync });
    this.#log.debug("coindb", "wrote the coins", { changed: this.dirtyCount, cached: this.cachedCount });
  }

  /** What was written is clean now, and is kept as far as the limit permits, the newest first. */
  #settle(emptyCache: boolean): void {
    if (emptyCache) {
      this.#clean = new CoinTable();
    } else {
      // Many new coins become the clean table as they are: copying them would take long.
      const isLarge = this.#fresh.size > this.#clean.size;
      const kept = isLarge ? this.#fresh : this.#clean;
      for (const table of isLarge ? [this.#changed] : [this.#changed, this.#fresh]) {
        for (const [key, packed] of table.entries()) {
          if (packed !== SPENT && kept.size < TABLE_ENTRIES_MAX) kept.set(key, packed);
        }
      }
      kept.shrink(this.#cacheBytes * CLEAN_PART_AFTER_FLUSH, TABLE_ENTRIES_MAX);
      this.#clean = kept;
    }
    this.#fresh = new CoinTable();
    this.#changed = new CoinTable();
  }
}

async function* readCoins(reader: KvReader): AsyncGenerator<readonly [OutPointKey, Coin]> {
  for await (const { key, value } of reader.iterate({ from: COINS_FROM, to: COINS_TO })) {
    yield [readable("key of a coin", () => outPointOfCoinKey(key)), decodeStored(value)];
  }
}

function decodeStored(value: Uint8Array): Coin {
  return readable("coin", () => decodeCoin(value));
}

/** What `decode` makes of an entry of the database, or a `StorageError` that says it is damaged. */
function readable<Value>(what: string, decode: () => Value): Value {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const sentence = `The ${what} in the chainstate database is damaged. Start again with -reindex-chainstate to rebuild it.`;
    throw new StorageError("corrupt", "chainstate", sentence, { cause: error });
  }
}

function decodeHash(bytes: Uint8Array): BlockHash {
  const reader = new Reader(bytes);
  const hash = reader.bytes(HASH_SIZE).slice() as BlockHash;
  reader.end();
  return hash;
}

/** A list of two hashes, new tip first; zeros for a database that held no block. */
function encodeHeadBlocks(heads: HeadBlocks): Uint8Array {
  const writer = new Writer(1 + 2 * HASH_SIZE).compactSize(2).bytes(heads.to);
  return writer.bytes(heads.from ?? ZERO_HASH).finish();
}

function decodeHeadBlocks(bytes: Uint8Array): HeadBlocks {
  const reader = new Reader(bytes);
  if (reader.compactSize() !== 2) reader.fail("two block hashes expected");
  const to = reader.bytes(HASH_SIZE).slice() as BlockHash;
  const from = reader.bytes(HASH_SIZE).slice() as BlockHash;
  reader.end();
  return { to, from: equalBytes(from, ZERO_HASH) ? undefined : from };
}
