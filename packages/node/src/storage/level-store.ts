import type { KvStore } from "../ports.ts";

export interface LevelStoreOptions {
  /** Memory for LevelDB: half for its block cache, a quarter for each of two write buffers. */
  readonly cacheBytes: number;
  /** XOR the values with a random key kept in the database, as the chainstate has it. A database that holds a key is read with it either way. */
  readonly obfuscate: boolean;
  /** What to tell the operator to do where the database is damaged: `-reindex` or `-reindex-chainstate`. */
  readonly repairOption: string;
  /** Remove everything first. */
  readonly wipe?: boolean;
}

/** Opens or creates a LevelDB database. Rejects with `StorageError`. */
export async function openLevelStore(path: string, options: LevelStoreOptions): Promise<KvStore> {
  throw new Error(`not yet: ${path} ${options.cacheBytes}`);
}
