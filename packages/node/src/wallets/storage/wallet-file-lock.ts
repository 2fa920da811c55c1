import { closeSync, fstatSync, openSync, type Stats, statSync } from "node:fs";
import { WalletStorageError } from "./wallet-storage-error.ts";

/**
 * Databases that are open in this process. SQLite's lock holds off other processes, and the system drops it as soon as this one
 * closes any file that is the same one, by whichever name or link: so nothing here may open a database a second time, not even to fail.
 */
const openDatabases = new Set<string>();

/** Whether a database is open in this process: then nobody may open the file otherwise, not even to look at its beginning. */
export function isDatabaseOpen(path: string): boolean {
  try {
    return openDatabases.has(identityOf(statSync(path)));
  } catch {
    return false;
  }
}

/** The same for every name that a file has. */
function identityOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}

/**
 * A database taken for this process, with a file to read it by beside SQLite. The file stays open as long as SQLite has the
 * database, for the same reason.
 */
export class WalletFileLock {
  readonly path: string;
  #identity: string;
  #file: number;

  private constructor(path: string) {
    this.path = path;
    this.#file = openSync(path, "r");
    this.#identity = identityOf(fstatSync(this.#file));
  }

  /** Throws `in-use` where it is open here already, and the system's error where it cannot be read. */
  static take(path: string): WalletFileLock {
    if (isDatabaseOpen(path)) throw openAlready(path);
    const lock = new WalletFileLock(path);
    openDatabases.add(lock.#identity);
    return lock;
  }

  /** Whether the file is still where it was opened. */
  get isInPlace(): boolean {
    return this.isOf(this.path);
  }

  /** Whether it is the file at a path. */
  isOf(path: string): boolean {
    const there = statSync(path, { throwIfNoEntry: false });
    return there !== undefined && identityOf(there) === this.#identity;
  }

  /** The number of the open file. */
  get file(): number {
    return this.#file;
  }

  /** After another file took the place of the database, and SQLite closed the old one. */
  reopen(): void {
    const before = this.#file;
    this.#file = openSync(this.path, "r");
    openDatabases.delete(this.#identity);
    this.#identity = identityOf(fstatSync(this.#file));
    openDatabases.add(this.#identity);
    closeSync(before);
  }

  /** After SQLite closed the database; twice is once. */
  release(): void {
    if (!openDatabases.delete(this.#identity)) return;
    closeSync(this.#file);
  }
}

function openAlready(path: string): WalletStorageError {
  return new WalletStorageError("in-use", path, `The wallet file ${path} is open already. Unload the wallet first.`);
}
