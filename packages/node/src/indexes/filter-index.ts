import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { DecodeError } from "@bitfleet/protocol/bytes/cursor.ts";
import type { BlockHash, Hash256, HashKey } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../chain/block-index.ts";
import type { KvStore } from "../ports.ts";
import { FILTER_END_KEY, indexHashKey, indexHeightKey } from "../storage/keyspace.ts";
import { storageErrorFor } from "../storage/level-errors.ts";
import { openLevelStore } from "../storage/level-store.ts";
import { StorageError } from "../storage/storage-error.ts";
import { DatabaseIndex } from "./database-index.ts";
import { FilterFiles, removeFilterFiles } from "./filter-files.ts";
import {
  decodeFilterPosition,
  decodeFilterRecord,
  decodeFilterRecordAtHeight,
  type FilterRecordAtHeight,
} from "./filter-record.ts";
import { FilterWriter } from "./filter-writer.ts";
import { IndexRunner, type IndexRunnerDependencies } from "./index-runner.ts";

export interface FilterIndexOptions {
  /** `<networkDir>/indexes/blockfilter/basic`, made where it is missing. */
  readonly path: string;
  /** Forget what is there, as with `-reindex`. */
  readonly wipe?: boolean;
  /** Size at which a filter file is left for the next; 16 MiB where absent. */
  readonly fileBytesMax?: number;
}

export type FilterIndexDependencies = Omit<IndexRunnerDependencies, "store" | "writer">;

/** A block's filter (BIP158), its hash, and the header that commits to it and all before it (BIP157). */
export interface StoredFilter {
  readonly filter: Uint8Array;
  readonly hash: Hash256;
  readonly header: Hash256;
}

/** BIP157: most filter hashes of one answer, and so the longest range that is looked up. */
const RANGE_BLOCKS_MAX = 2000;
/** BIP157: headers at these heights are asked for over and over. */
const CHECKPOINT_INTERVAL = 1000;
const CHECKPOINTS_KEPT = 2000;
const DATABASE_CACHE_BYTES = 4 * 1024 * 1024;

/**
 * `-blockfilterindex`: the basic filter of every block that was ever connected, those that were left in a reorganisation
 * included. What is asked for and not there, because the index has not come so far or cannot be read, is `undefined`.
 */
export class FilterIndex extends DatabaseIndex {
  readonly #files: FilterFiles;
  readonly #log: FilterIndexDependencies["log"];
  readonly #checkpoints = new Map<HashKey, Hash256>();

  /** Opens or creates the index. Rejects with `StorageError` or `StartupError`. */
  static async open(options: FilterIndexOptions, deps: FilterIndexDependencies): Promise<FilterIndex> {
    const { path, wipe = false, fileBytesMax } = options;
    await mkdir(path, { recursive: true }).catch((error) => {
      throw storageErrorFor(error, path);
    });
    if (wipe) await removeFilterFiles(path);
    const store = await openLevelStore(join(path, "db"), {
      cacheBytes: DATABASE_CACHE_BYTES,
      obfuscate: false,
      repairOption: "-reindex",
      wipe,
      log: deps.log,
    });
    try {
      const end = await store.get(FILTER_END_KEY);
      const files = new FilterFiles(path, end ? decodeFilterPosition(end) : { file: 0, offset: 0 }, fileBytesMax);
      const runner = await IndexRunner.open({ ...deps, store, writer: new FilterWriter(store, files, path) });
      return new FilterIndex(store, files, runner, deps.log);
    } catch (error) {
      await store.close();
      throw error instanceof DecodeError ? damaged(path, error) : error;
    }
  }

  private constructor(store: KvStore, files: FilterFiles, runner: IndexRunner, log: FilterIndexDependencies["log"]) {
    super({ store, runner });
    this.#files = files;
    this.#log = log;
  }

  /** Writes what was taken in and closes the files. */
  override async close(): Promise<void> {
    await super.close();
    this.#files.close();
  }

  /** Filter, hash and header of a block. */
  filterAt(entry: BlockIndexEntry): Promise<StoredFilter | undefined> {
    return this.#readable(async () => {
      const records = await this.#records(entry.height, entry);
      if (records === undefined) return undefined;
      const [filter] = await this.#files.read(records);
      return { filter: filter!, hash: records[0]!.filterHash, header: records[0]!.header };
    });
  }

  /** BIP157: the header of a block's filter. */
  filterHeader(entry: BlockIndexEntry): Promise<Hash256 | undefined> {
    const kept = this.#checkpoints.get(entry.key);
    if (kept !== undefined) return Promise.resolve(kept);
    return this.#readable(async () => {
      const [record] = (await this.#records(entry.height, entry)) ?? [];
      const isCheckpoint = entry.height % CHECKPOINT_INTERVAL === 0 && this.#checkpoints.size < CHECKPOINTS_KEPT;
      if (record !== undefined && isCheckpoint) this.#checkpoints.set(entry.key, record.header.slice());
      return record?.header;
    });
  }

  /** The filters of the blocks from `startHeight` up to `stop`, in the chain of `stop`: at most {@link RANGE_BLOCKS_MAX}. */
  filters(
    startHeight: number,
    stop: BlockIndexEntry,
  ): Promise<readonly { readonly blockHash: BlockHash; readonly filter: Uint8Array }[] | undefined> {
    return this.#readable(async () => {
      const records = await this.#records(startHeight, stop);
      const filters = records && (await this.#files.read(records));
      return filters?.map((filter, index) => ({ blockHash: records![index]!.blockHash, filter }));
    });
  }

  /** BIP157: the hashes of {@link filters}. */
  filterHashes(startHeight: number, stop: BlockIndexEntry): Promise<readonly Hash256[] | undefined> {
    return this.#readable(async () => {
      const records = await this.#records(startHeight, stop);
      return records?.map(({ filterHash }) => filterHash);
    });
  }

  /** What the database has of a chain's blocks; `undefined` where one is missing. */
  async #records(startHeight: number, stop: BlockIndexEntry): Promise<readonly FilterRecordAtHeight[] | undefined> {
    const entries = chainOf(startHeight, stop);
    const atHeights = await this.store.getMany(entries.map(({ height }) => indexHeightKey(height)));
    const records = atHeights.map((value) => value && decodeFilterRecordAtHeight(value));
    // A block that another took the height from was put under its hash in the same write: looked up in this order,
    // it is found in either place.
    const isOther = (entry: BlockIndexEntry, index: number) => {
      const record = records[index];
      return record === undefined || !equalBytes(record.blockHash, entry.hash);
    };
    const others = entries.filter(isOther);
    const byHash = await this.store.getMany(others.map(({ hash }) => indexHashKey(hash)));
    if (byHash.includes(undefined)) return undefined;
    const left = new Map<HashKey, FilterRecordAtHeight>();
    others.forEach(({ hash, key }, index) => {
      left.set(key, { blockHash: hash, ...decodeFilterRecord(byHash[index]!) });
    });
    return entries.map(({ key }, index) => left.get(key) ?? records[index]!);
  }

  /** What `read` brings; `undefined`, and a line in the log, where the disk does not hold what it should. */
  async #readable<Value>(read: () => Promise<Value | undefined>): Promise<Value | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof StorageError || error instanceof DecodeError)) throw error;
      this.#log.error(`${this.name} cannot be read`, { error: error.message });
      return undefined;
    }
  }
}

/** The blocks from `startHeight` up to `stop`, the lowest first. */
function chainOf(startHeight: number, stop: BlockIndexEntry): readonly BlockIndexEntry[] {
  const count = stop.height - startHeight + 1;
  if (startHeight < 0 || count < 1 || count > RANGE_BLOCKS_MAX) {
    throw new RangeError(
      `a range of 1 to ${RANGE_BLOCKS_MAX} blocks is expected, not ${startHeight} to ${stop.height}`,
    );
  }
  const entries: BlockIndexEntry[] = [];
  for (let walk: BlockIndexEntry | undefined = stop; entries.length < count; walk = walk.previous!) entries.push(walk);
  return entries.reverse();
}

function damaged(path: string, error: DecodeError): StorageError {
  const message = `The block filter index in ${path} is damaged: ${error.message}. Restart with -reindex.`;
  return new StorageError("corrupt", path, message, { cause: error });
}
