import { mkdir } from "node:fs/promises";
import { DecodeError } from "@bitfleet/protocol/bytes/cursor.ts";
import type { BlockIndexEntry } from "../chain/block-index.ts";
import type { KvStore } from "../ports.ts";
import { storageErrorFor } from "../storage/level-errors.ts";
import { openLevelStore } from "../storage/level-store.ts";
import { StorageError } from "../storage/storage-error.ts";
import { IndexRunner, type IndexRunnerDependencies, type IndexStatus, type IndexWriter } from "./index-runner.ts";

export interface DatabaseIndexOptions {
  /** Folder of the database, made where it is missing. */
  readonly path: string;
  /** Forget what is there, as with `-reindex`. */
  readonly wipe?: boolean;
}

/** What an index is given beside its own database. */
export type DatabaseIndexDependencies = Omit<IndexRunnerDependencies, "store" | "writer">;

/** The parts of an index that {@link openIndexParts} opened. */
export interface IndexParts<Writer extends IndexWriter> {
  readonly store: KvStore;
  readonly writer: Writer;
  readonly runner: IndexRunner;
}

const DATABASE_CACHE_BYTES = 8 * 1024 * 1024;

/** Opens or creates the database and finds out how far it is. Rejects with `StorageError` or `StartupError`. */
export async function openIndexParts<Writer extends IndexWriter>(
  { path, wipe = false }: DatabaseIndexOptions,
  deps: DatabaseIndexDependencies,
  writerOf: (store: KvStore) => Writer | Promise<Writer>,
): Promise<IndexParts<Writer>> {
  await mkdir(path, { recursive: true }).catch((error) => {
    throw storageErrorFor(error, path);
  });
  const store = await openLevelStore(path, {
    cacheBytes: DATABASE_CACHE_BYTES,
    obfuscate: false,
    repairOption: "-reindex",
    wipe,
    log: deps.log,
  });
  try {
    const writer = await writerOf(store);
    return { store, writer, runner: await IndexRunner.open({ ...deps, store, writer }) };
  } catch (error) {
    await store.close();
    if (!(error instanceof DecodeError)) throw error;
    const message = `The index in ${path} is damaged: ${error.message}. Restart with -reindex.`;
    throw new StorageError("corrupt", path, message, { cause: error });
  }
}

/** An index whose database is all that it has. */
export abstract class DatabaseIndex implements IndexStatus {
  protected readonly store: KvStore;
  readonly #runner: IndexRunner;

  constructor({ store, runner }: Pick<IndexParts<IndexWriter>, "store" | "runner">) {
    this.store = store;
    this.#runner = runner;
  }

  get name(): string {
    return this.#runner.name;
  }

  get isSynced(): boolean {
    return this.#runner.isSynced;
  }

  get best(): BlockIndexEntry | undefined {
    return this.#runner.best;
  }

  /** Begins to follow the chain. */
  start(): void {
    this.#runner.start();
  }

  /** Waits until the index has what the chain had at the time of the call; false where it has not caught up yet. */
  waitUntilCurrent(): Promise<boolean> {
    return this.#runner.waitUntilCurrent();
  }

  /** Writes what was taken in and closes the database. */
  async close(): Promise<void> {
    await this.#runner.stop();
    await this.store.close();
  }
}
