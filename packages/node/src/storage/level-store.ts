import { randomBytes } from "node:crypto";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { EMPTY_BYTES } from "@bitfleet/protocol/bytes/bytes.ts";
import { ClassicLevel } from "classic-level";
import type { KvBatch, KvEntry, KvRange, KvReader, KvSnapshot, KvStore, Logger } from "../ports.ts";
import { OBFUSCATION_KEY } from "./keyspace.ts";
import { levelErrorFor, storageErrorFor } from "./level-errors.ts";
import { findLevelDamage } from "./level-verify.ts";
import { OBFUSCATION_KEY_SIZE, obfuscate } from "./obfuscation.ts";
import { StorageError } from "./storage-error.ts";

export interface LevelStoreOptions {
  /** Memory for LevelDB: half for its block cache, a quarter for each of two write buffers. */
  readonly cacheBytes: number;
  /** XOR the values with a random key kept in the database, as the chainstate has it. A database that holds a key is read with it either way. */
  readonly obfuscate: boolean;
  /** What to tell the operator to do where the database is damaged: `-reindex` or `-reindex-chainstate`. */
  readonly repairOption: string;
  /** Remove everything first. */
  readonly wipe?: boolean;
  /** Told of it in Core's words. */
  readonly log?: Pick<Logger, "info">;
}

/** As in Bitcoin Core: LevelDB maps tables into memory up to a thousand, more would fall back to slower reads. */
const OPEN_FILES_MAX = 1000;
/** Core's size of tables for all databases. */
const TABLE_SIZE_BYTES_MAX = 32 * 1024 * 1024;
const WRITE_BUFFER_BYTES_MIN = 64 * 1024;
/** Entries and bytes that one step of an iterator fetches. */
/** Keys that are read at once on the calling thread. */
const HERE_KEYS_MAX = 16;
const ITERATOR_CHUNK_ENTRIES = 1000;
const ITERATOR_CHUNK_BYTES = 256 * 1024;
/** What LevelDB's batch takes per entry beside key and value: type and two lengths. */
const BATCH_ENTRY_OVERHEAD_BYTES = 8;

type Database = ClassicLevel<Uint8Array, Uint8Array>;
type Snapshot = ReturnType<Database["snapshot"]>;

/** Opens or creates a LevelDB database. Rejects with `StorageError`. */
export async function openLevelStore(path: string, options: LevelStoreOptions): Promise<KvStore> {
  const fail = (error: unknown): never => {
    throw levelErrorFor(error, path, options.repairOption);
  };
  await mkdir(path, { recursive: true }).catch((error) => {
    throw storageErrorFor(error, path);
  });
  if (options.wipe) {
    options.log?.info(`Wiping LevelDB in ${path}`);
    await refuseIfLocked(path, options.repairOption);
    await ClassicLevel.destroy(path).catch(fail);
  } else await refuseIfDamaged(path, options.repairOption);
  options.log?.info(`Opening LevelDB in ${path}`);
  const db: Database = new ClassicLevel(path, databaseOptions(options.cacheBytes));
  await db.open().catch(fail);
  try {
    const key = await loadObfuscationKey(db, options.obfuscate);
    return new LevelStore(db, key, { path, repairOption: options.repairOption });
  } catch (error) {
    await db.close();
    return fail(error);
  }
}

function databaseOptions(cacheBytes: number) {
  return {
    keyEncoding: "view",
    valueEncoding: "view",
    compression: false,
    cacheSize: Math.floor(cacheBytes / 2),
    writeBufferSize: Math.max(WRITE_BUFFER_BYTES_MIN, Math.floor(cacheBytes / 4)),
    maxOpenFiles: OPEN_FILES_MAX,
    maxFileSize: TABLE_SIZE_BYTES_MAX,
  } as const;
}

/**
 * LevelDB takes its lock first and then, asked to refuse what exists, refuses without touching anything: so the lock can be
 * tested before anything is removed or called damaged.
 */
async function refuseIfLocked(path: string, repairOption: string): Promise<void> {
  const exists = await stat(join(path, "CURRENT")).then(
    () => true,
    () => false,
  );
  if (!exists) return;
  const probe = new ClassicLevel(path, { errorIfExists: true });
  try {
    await probe.open();
    await probe.close();
  } catch (error) {
    const known = levelErrorFor(error, path, repairOption);
    if (known.kind === "locked") throw known;
  }
}

async function refuseIfDamaged(path: string, repairOption: string): Promise<void> {
  const damage = await findLevelDamage(path).catch(async (error) => {
    await refuseIfLocked(path, repairOption);
    throw storageErrorFor(error, path);
  });
  if (damage !== undefined) {
    // What another process is writing may look damaged.
    await refuseIfLocked(path, repairOption);
    throw new StorageError(
      "corrupt",
      path,
      `The database in ${path} is damaged (${damage}). Start again with ${repairOption} to rebuild it.`,
    );
  }
}

async function loadObfuscationKey(db: Database, wanted: boolean): Promise<Uint8Array> {
  const stored = await db.get(OBFUSCATION_KEY);
  if (stored !== undefined) {
    if (stored.length !== OBFUSCATION_KEY_SIZE + 1 || stored[0] !== OBFUSCATION_KEY_SIZE) {
      throw Object.assign(new Error("the obfuscation key has a wrong size"), { code: "LEVEL_CORRUPTION" });
    }
    return Uint8Array.from(stored.subarray(1));
  }
  // A database with entries and no key was made without obfuscation, and stays so.
  const isEmpty = (await db.keys({ limit: 1 }).all()).length === 0;
  if (!wanted || !isEmpty) return EMPTY_BYTES;
  const key = Uint8Array.from(randomBytes(OBFUSCATION_KEY_SIZE));
  await db.put(OBFUSCATION_KEY, Uint8Array.of(OBFUSCATION_KEY_SIZE, ...key), { sync: true });
  return key;
}

/**
 * A batch that LevelDB itself keeps from the first entry on. Handing over a list of entries at the end instead would hold the
 * event loop for fifteen times as long, all in one piece: 420 ms for 50,000 coins.
 */
class LevelBatch implements KvBatch {
  readonly operations: ReturnType<Database["batch"]>;
  readonly #obfuscationKey: Uint8Array;
  sizeBytes = 0;

  constructor(db: Database, obfuscationKey: Uint8Array) {
    this.operations = db.batch();
    this.#obfuscationKey = obfuscationKey;
  }

  put(key: Uint8Array, value: Uint8Array): void {
    const stored = Uint8Array.from(value);
    obfuscate(stored, this.#obfuscationKey);
    this.operations.put(key, stored);
    this.sizeBytes += key.length + value.length + BATCH_ENTRY_OVERHEAD_BYTES;
  }

  delete(key: Uint8Array): void {
    this.operations.del(key);
    this.sizeBytes += key.length + BATCH_ENTRY_OVERHEAD_BYTES;
  }
}

interface StorePlace {
  readonly path: string;
  readonly repairOption: string;
}

class LevelReader implements KvReader {
  protected readonly db: Database;
  protected readonly obfuscationKey: Uint8Array;
  protected readonly place: StorePlace;
  readonly #snapshot: Snapshot | undefined;

  constructor(db: Database, obfuscationKey: Uint8Array, place: StorePlace, snapshot?: Snapshot) {
    this.db = db;
    this.obfuscationKey = obfuscationKey;
    this.place = place;
    this.#snapshot = snapshot;
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    const [value] = await this.getMany([key]);
    return value;
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    if (keys.length === 0) return [];
    const values = await this.guard(this.#read(keys as Uint8Array[]));
    return values.map((value) => value && this.#clear(value));
  }

  /** A few keys on this thread: the way to another and back takes ten times as long as they do. */
  async #read(keys: Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    const options = this.#readOptions();
    if (keys.length > HERE_KEYS_MAX) return this.db.getMany(keys, options);
    return keys.map((key) => this.db.getSync(key, options));
  }

  async *iterate(range: KvRange): AsyncGenerator<KvEntry> {
    const iterator = this.db.iterator({
      gte: range.from,
      ...(range.to === undefined ? {} : { lt: range.to }),
      reverse: range.reverse ?? false,
      ...(range.limit === undefined ? {} : { limit: range.limit }),
      highWaterMarkBytes: ITERATOR_CHUNK_BYTES,
      ...this.#readOptions(),
    });
    try {
      for (;;) {
        const chunk = await this.guard(iterator.nextv(ITERATOR_CHUNK_ENTRIES));
        if (chunk.length === 0) return;
        for (const [key, value] of chunk) yield { key: plain(key), value: this.#clear(value) };
      }
    } finally {
      await iterator.close();
    }
  }

  /** Turns LevelDB's errors into ours. */
  protected guard<Value>(operation: Promise<Value>): Promise<Value> {
    return operation.catch((error) => {
      throw levelErrorFor(error, this.place.path, this.place.repairOption);
    });
  }

  #readOptions(): { snapshot?: Snapshot } {
    return this.#snapshot === undefined ? {} : { snapshot: this.#snapshot };
  }

  #clear(value: Uint8Array): Uint8Array {
    const bytes = plain(value);
    obfuscate(bytes, this.obfuscationKey);
    return bytes;
  }
}

/** The binding returns Buffers, whose `slice` is a view where that of a Uint8Array is a copy. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

class LevelSnapshot extends LevelReader implements KvSnapshot {
  readonly #handle: Snapshot;

  constructor(db: Database, obfuscationKey: Uint8Array, place: StorePlace, snapshot: Snapshot) {
    super(db, obfuscationKey, place, snapshot);
    this.#handle = snapshot;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

class LevelStore extends LevelReader implements KvStore {
  newBatch(): KvBatch {
    try {
      return new LevelBatch(this.db, this.obfuscationKey);
    } catch (error) {
      throw levelErrorFor(error, this.place.path, this.place.repairOption);
    }
  }

  async write(batch: KvBatch, options: { readonly sync: boolean }): Promise<void> {
    await this.guard((batch as LevelBatch).operations.write({ sync: options.sync }));
  }

  snapshot(): KvSnapshot {
    return new LevelSnapshot(this.db, this.obfuscationKey, this.place, this.db.snapshot());
  }

  approximateSize(range: Required<Pick<KvRange, "from" | "to">>): Promise<number> {
    return this.guard(this.db.approximateSize(range.from, range.to));
  }

  close(): Promise<void> {
    return this.guard(this.db.close());
  }
}
