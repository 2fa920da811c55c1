import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { WalletStorageError, walletErrorFor } from "./wallet-storage-error.ts";

/** What a column takes and answers. Bytes that are answered belong to the caller. */
export type SqlValue = Uint8Array | string | number | bigint | null;
export type SqlRow = readonly SqlValue[];

/** A statement with `?` for its parameters. Every answer is complete: no cursor stays open. */
export interface SqlStatement {
  /** How many rows were changed. */
  run(...values: readonly SqlValue[]): number;
  /** The first row, or `undefined`. */
  get(...values: readonly SqlValue[]): SqlRow | undefined;
  all(...values: readonly SqlValue[]): SqlRow[];
}

/** What is used of the package `libsql`. */
interface NativeStatement {
  raw(on?: boolean): NativeStatement;
  run(values: readonly SqlValue[]): { readonly changes: number };
  get(values: readonly SqlValue[]): SqlRow | null;
  all(values: readonly SqlValue[]): SqlRow[];
  readonly reader: boolean;
}

interface NativeDatabase {
  exec(sql: string): void;
  prepare(sql: string): NativeStatement;
  close(): void;
}

export type SqlLibrary = new (path: string) => NativeDatabase;

/** Pages kept in memory: the sign means KiB. */
const CACHE_SETTING = -8192;
/** Pages in the write-ahead log from which a commit copies them into the database. */
const CHECKPOINT_PAGES = 1000;
export const FILE_KEY_SIZE = 32;

let library: Promise<SqlLibrary> | undefined;

/** Loads the native library on first use: a node without wallets never does. Rejects with `library-missing`, for the sake of `path`. */
export function loadSqlLibrary(path: string): Promise<SqlLibrary> {
  return sqlLibrary().catch((error: Error) => {
    const sentence = `The wallet database ${path} needs the package libsql, which cannot be loaded here (${firstLine(error)}). Install it with: npm install libsql`;
    throw new WalletStorageError("library-missing", path, sentence, { cause: error });
  });
}

/** Why no wallet can be had on this machine, as part of a sentence; `undefined` where the library is there. */
export function sqlLibraryProblem(): Promise<string | undefined> {
  return sqlLibrary().then(
    () => undefined,
    (error: Error) => `the package libsql cannot be loaded here (${firstLine(error)})`,
  );
}

function sqlLibrary(): Promise<SqlLibrary> {
  library ??= import("libsql").then((module) => module.default as unknown as SqlLibrary);
  return library.catch((error: Error) => {
    library = undefined;
    throw error;
  });
}

/**
 * An encrypted database, open for this process alone: until it is closed, every other attempt fails with `in-use`, and the system
 * gives it free however the process ends. Synchronous, as SQLite is. Every method throws `WalletStorageError`.
 *
 * Cipher: AES-256-CBC for each page of database and log, with keys for each page that come from the file's key. The library's own
 * option for the key takes 32 characters of it, of a key in hex half; the pragma takes 32 bytes. Temporary tables stay in memory.
 */
export class SqlDatabase {
  readonly path: string;
  readonly #library: SqlLibrary;
  readonly #statements = new Map<string, NativeStatement>();
  #native: NativeDatabase | undefined;
  #isInTransaction = false;
  readonly #undo: (() => void)[] = [];

  /** Opens or creates the file. `key` is used as it is, so it must be random. Throws `damaged` also where it is not this file's. */
  constructor(path: string, key: Uint8Array, library: SqlLibrary) {
    this.path = path;
    this.#library = library;
    this.open(key);
  }

  /** Opens it again after {@link close}; statements made before go on working. */
  open(key: Uint8Array): void {
    if (key.length !== FILE_KEY_SIZE) throw new RangeError(`a file key has ${FILE_KEY_SIZE} bytes, not ${key.length}`);
    this.#native = attempt(this.path, () => new this.#library(this.path));
    try {
      this.exec(`PRAGMA cipher = 'aes256cbc'; PRAGMA hexkey = '${toHex(key)}';`);
      this.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;");
      // NORMAL: a commit is handed to the system, which a killed process does not undo; the wallet's `flush` forces it to disk.
      this.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA fullfsync = ON;");
      this.exec("PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON;");
      this.exec(`PRAGMA cache_size = ${CACHE_SETTING}; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};`);
    } catch (error) {
      this.abandon();
      throw error;
    }
  }

  get isOpen(): boolean {
    return this.#native !== undefined;
  }

  /** Statements without parameters and answers. */
  exec(sql: string): void {
    this.#use((native) => native.exec(sql));
  }

  /** A statement, compiled when it is first used and kept. The library takes one array. */
  statement(sql: string): SqlStatement {
    const compiled = (native: NativeDatabase) => this.#statements.get(sql) ?? this.#compile(native, sql);
    // A single value not in an array would be taken for an object of named parameters, and end the process.
    return {
      run: (...values) => this.#use((native) => compiled(native).run(values).changes),
      get: (...values) => this.#use((native) => compiled(native).get(values) ?? undefined),
      all: (...values) => this.#use((native) => compiled(native).all(values)),
    };
  }

  #compile(native: NativeDatabase, sql: string): NativeStatement {
    const statement = native.prepare(sql);
    if (statement.reader) statement.raw();
    this.#statements.set(sql, statement);
    return statement;
  }

  /**
   * Does all of what `work` writes or, where it throws, nothing of it. Within another call of itself it is part of that one: so
   * several change sets make one commit.
   */
  transaction<Answer>(work: () => Answer): Answer {
    if (this.#isInTransaction) return work();
    this.exec("BEGIN IMMEDIATE");
    this.#isInTransaction = true;
    try {
      const answer = work();
      this.exec("COMMIT");
      return answer;
    } catch (error) {
      this.#rollBack();
      throw error;
    } finally {
      this.#isInTransaction = false;
      this.#undo.length = 0;
    }
  }

  /** Called back where the transaction that runs now does not come about: for what was changed in memory along with it. */
  onRollback(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** SQLite itself rolls back after some errors (a full disk), and then refuses to do it again. */
  #rollBack(): void {
    try {
      this.#native?.exec("ROLLBACK");
    } catch {}
    for (const undo of this.#undo.reverse()) undo();
  }

  get isInTransaction(): boolean {
    return this.#isInTransaction;
  }

  /** Copies the log into the database, both forced to disk, and empties it. */
  checkpoint(): void {
    const [isBusy] = this.statement("PRAGMA wal_checkpoint(TRUNCATE)").get() ?? [];
    if (isBusy !== 0) throw logError(this.path);
  }

  /** Whether commits copy the log into the database when it has grown: not while a backup reads the database. */
  checkpointByItself(isAllowed: boolean): void {
    this.exec(`PRAGMA wal_autocheckpoint = ${isAllowed ? CHECKPOINT_PAGES : 0}`);
  }

  /**
   * Leaves one file without a log beside it, and gives the lock back; twice is once. Answers why not where that cannot be written, as on a
   * full disk: then all is as it was, and it may be closed later. While it is not, nobody else can open the file, not even here.
   */
  close(): WalletStorageError | undefined {
    const native = this.#native;
    if (native === undefined) return undefined;
    try {
      // Compiled statements keep the connection, and its lock, until they are collected as garbage: so it is unlocked by hand.
      this.exec("PRAGMA journal_mode = DELETE");
      const [mode] = native.prepare("PRAGMA journal_mode").raw().get([]) ?? [];
      if (mode !== "delete") throw logError(this.path);
      this.exec("PRAGMA locking_mode = NORMAL; SELECT 1 FROM sqlite_master");
    } catch (error) {
      return walletErrorFor(error, this.path);
    }
    this.#end(native);
    return undefined;
  }

  /**
   * As {@link close}, come what may: for a file that is thrown away, or was never open. What cannot be written any more stays in the log,
   * and the lock may be held until the process ends.
   */
  abandon(): void {
    if (this.close() !== undefined && this.#native !== undefined) this.#end(this.#native);
  }

  /**
   * For a file that is no longer where it was: neither it nor its log is touched. SQLite would remove a log by its name, and that may be another
   * database's by now. The lock may be held until the process ends.
   */
  forsake(): void {
    if (this.#native !== undefined) this.#end(this.#native);
  }

  #end(native: NativeDatabase): void {
    this.#native = undefined;
    this.#statements.clear();
    native.close();
  }

  #use<Answer>(work: (native: NativeDatabase) => Answer): Answer {
    const native = this.#native;
    if (native === undefined) {
      throw new WalletStorageError(
        "closed",
        this.path,
        `The wallet file ${this.path} is closed. Load the wallet again.`,
      );
    }
    return attempt(this.path, () => work(native));
  }
}

function logError(path: string): WalletStorageError {
  const sentence = `The log of ${path} cannot be emptied. Free space on the disk and try again.`;
  return new WalletStorageError("io", path, sentence);
}

function attempt<Answer>(path: string, work: () => Answer): Answer {
  try {
    return work();
  } catch (error) {
    throw walletErrorFor(error, path);
  }
}

function firstLine(error: Error): string {
  return error.message.split("\n", 1)[0]!;
}
