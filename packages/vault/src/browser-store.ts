import { VaultError } from "./vault.ts";
import { inUseError, lockedError, noSpaceError, tooNewError } from "./vault-sentences.ts";

/** IndexedDB as a vault uses it: rows by their ids, and two single values. All of them bytes. */

/** Version of the object stores, not of what is in them. */
const STORES_VERSION = 1;
const SINGLES = "singles";
const ROWS = "rows";
/** Read at once: one answer of the browser's has them all. */
const BATCH_ROWS = 1000;

/** `key`: how the vault's key is had. `tally`: what all rows add up to. */
export type Single = "key" | "tally";

export interface StoredRow {
  readonly id: Uint8Array;
  readonly sealed: Uint8Array;
}

/** What one transaction changes. */
export interface StoreWrite {
  readonly singles?: Partial<Record<Single, Uint8Array>>;
  /** Whether all rows that are there are deleted before. */
  readonly isAnew?: boolean;
  readonly rows?: readonly StoredRow[];
  readonly deleted?: readonly Uint8Array[];
  /** What has to be there for anything to be written: nobody else wrote since. `undefined`: nothing. */
  readonly expected: Partial<Record<Single, Uint8Array | undefined>>;
}

/** A connection, made anew where the browser has given it up, as Chromium does when a disk was full. */
export class BrowserStore {
  readonly #name: string;
  #database: IDBDatabase | undefined;
  #isClosed = false;
  /** Called where the browser or another page has closed it. What it kept may be gone. */
  onLost: () => void = () => {};

  private constructor(name: string, database: IDBDatabase) {
    this.#name = name;
    this.#keep(database);
  }

  /** Opens the database, made anew and empty where there is none. */
  static async open(name: string): Promise<BrowserStore> {
    return new BrowserStore(name, await openDatabase(name));
  }

  static async remove(name: string): Promise<void> {
    await answered(indexedDB.deleteDatabase(name));
  }

  async single(name: Single): Promise<Uint8Array | undefined> {
    return this.#read((singles) => answered(singles.get(name))).then(bytesOf);
  }

  async countRows(): Promise<number> {
    return this.#read((_, rows) => answered(rows.count()));
  }

  /** All rows, and the tally that belongs to them: read in one transaction. */
  async everything(): Promise<{ readonly tally: Uint8Array | undefined; readonly rows: readonly StoredRow[] }> {
    return this.#read(async (singles, rows) => {
      const tally = bytesOf(await answered(singles.get("tally")));
      const found: StoredRow[] = [];
      for (let range: IDBKeyRange | undefined; ; ) {
        const [ids, values] = await Promise.all([
          answered(rows.getAllKeys(range, BATCH_ROWS)),
          answered(rows.getAll(range, BATCH_ROWS)),
        ]);
        // What is no bytes was not written by a vault, and opens as nothing.
        ids.forEach((id, index) => {
          found.push({ id: bytesOf(id) ?? new Uint8Array(0), sealed: bytesOf(values[index]) ?? new Uint8Array(0) });
        });
        if (ids.length < BATCH_ROWS) return { tally, rows: found };
        range = IDBKeyRange.lowerBound(ids.at(-1), true);
      }
    });
  }

  /** All of it or nothing; when it resolves it is on disk. Rejects with `in-use` where something else than expected is there. */
  async write({ singles = {}, isAnew = false, rows = [], deleted = [], expected }: StoreWrite): Promise<void> {
    const database = await this.#connection().catch((error) => {
      throw writeError(error);
    });
    const transaction = database.transaction([SINGLES, ROWS], "readwrite", { durability: "strict" });
    const done = completed(transaction);
    const store = transaction.objectStore(SINGLES);
    let isExpected = true;
    const put = () => {
      for (const [name, bytes] of Object.entries(singles)) store.put(bytes, name);
      const table = transaction.objectStore(ROWS);
      if (isAnew) table.clear();
      for (const { id, sealed } of rows) table.put(sealed, id as Uint8Array<ArrayBuffer>);
      for (const id of deleted) table.delete(id as Uint8Array<ArrayBuffer>);
    };
    const names = Object.keys(expected) as Single[];
    let awaited = names.length;
    for (const name of names) {
      const request = store.get(name);
      request.onsuccess = () => {
        if (!isSame(bytesOf(request.result), expected[name])) {
          isExpected = false;
          transaction.abort();
        } else if (--awaited === 0) put();
      };
    }
    try {
      await done;
    } catch (error) {
      throw isExpected ? writeError(error) : inUseError();
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#database?.close();
  }

  async #read<Answer>(work: (singles: IDBObjectStore, rows: IDBObjectStore) => Promise<Answer>): Promise<Answer> {
    try {
      const transaction = (await this.#connection()).transaction([SINGLES, ROWS], "readonly");
      return await work(transaction.objectStore(SINGLES), transaction.objectStore(ROWS));
    } catch (error) {
      throw storeError(error);
    }
  }

  async #connection(): Promise<IDBDatabase> {
    if (this.#database === undefined && !this.#isClosed) {
      const database = await openDatabase(this.#name);
      if (this.#database !== undefined) database.close();
      else this.#keep(database);
    }
    if (this.#isClosed) this.#database?.close();
    if (this.#isClosed || this.#database === undefined) throw lockedError();
    return this.#database;
  }

  #keep(database: IDBDatabase): void {
    this.#database = database;
    const lost = () => {
      if (this.#database === database) this.#database = undefined;
      this.onLost();
    };
    database.onclose = lost;
    database.onversionchange = () => {
      database.close();
      lost();
    };
  }
}

function openDatabase(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, STORES_VERSION);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(SINGLES);
    request.result.createObjectStore(ROWS);
  };
  return answered(request);
}

/** Of a full disk Chromium says that it could not write, for a reason of its own, and rarely that there is no space. */
function writeError(error: unknown): Error {
  const known = storeError(error);
  if (!(known instanceof VaultError) || known.code !== "damaged") return known;
  const reason = error instanceof Error ? error.message.replace(/\.$/, "") : String(error);
  const sentence = `The browser could not write (${reason}), so nothing was changed. Most often the disk is full: free some space and try again.`;
  return new VaultError("no-space", sentence, { cause: error });
}

function answered<Answer>(request: IDBRequest<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(storeError(request.error));
  });
}

function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException("aborted", "AbortError"));
  });
}

/** What the browser's errors mean for a vault. */
function storeError(error: unknown): Error {
  if (error instanceof VaultError) return error;
  const name = error instanceof DOMException ? error.name : "";
  if (name === "QuotaExceededError") return noSpaceError(error);
  if (name === "VersionError") return tooNewError("What is kept in this browser");
  if (name === "InvalidStateError" || name === "AbortError") {
    return new VaultError("locked", "The vault was closed or removed by another window. Unlock it again.", {
      cause: error,
    });
  }
  if (name === "SecurityError") return unsupportedError("it may not store anything for this page", error);
  return new VaultError(
    "damaged",
    `The browser cannot read or write what this page keeps (${error instanceof Error ? error.message : String(error)}). Free space on the disk and open the page again; if that does not help, restore a backup.`,
    { cause: error },
  );
}

/** `why` is the end of a sentence about the browser. */
export function unsupportedError(why: string, cause?: unknown): VaultError {
  return new VaultError("unsupported", `This browser cannot keep a wallet: ${why}.`, { cause });
}

/** IndexedDB hands out what was put: typed arrays, and buffers where they are keys. */
function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined;
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
