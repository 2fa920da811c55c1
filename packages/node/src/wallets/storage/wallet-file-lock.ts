import { closeSync, fstatSync, openSync, realpathSync, statSync } from "node:fs";
import { WalletStorageError } from "./wallet-storage-error.ts";

/**
 * Databases that are open in this process. SQLite's lock holds off other processes, and the system drops it as soon as this one
 * closes any file of the same name: so nothing here may open a database a second time, not even to fail.
 */
const openDatabases = new Set<string>();

/** Whether a database is open in this process: then nobody may open the file otherwise, not even to look at its beginning. */
export function isDatabaseOpen(path: string): boolean {
  try {
    return openDatabases.has(realpathSync(path));
  } catch {
    return false;
  }
}

/**
 * A database taken for this process, with a file to read it by beside SQLite. The file stays open as long as SQLite has the
 * database, for the same reason.
 */
export class WalletFileLock {
  readonly path: string;
  readonly #name: string;
  #file: number;

  private constructor(path: string, name: string) {
    this.path = path;
    this.#name = name;
    this.#file = openSync(path, "r");
  }

  /** Throws `in-use` where it is open here already, and the system's error where it cannot be read. */
  static take(path: string): WalletFileLock {
    const name = realpathSync(path);
    if (openDatabases.has(name)) {
      throw new WalletStorageError("in-use", path, `The wallet file ${path} is open already. Unload the wallet first.`);
    }
    const lock = new WalletFileLock(path, name);
    openDatabases.add(name);
    return lock;
  }

  /** Whether the file is still where it was opened. */
  get isInPlace(): boolean {
    const [there, here] = [statSync(this.path, { throwIfNoEntry: false }), fstatSync(this.#file)];
    return there !== undefined && there.ino === here.ino && there.dev === here.dev;
  }

  /** Whether it is that of a database, by whichever of its names. */
  isOf(path: string): boolean {
    return realpathSync(path) === this.#name;
  }

  /** The number of the open file. */
  get file(): number {
    return this.#file;
  }

  /** After another file took the place of the database, and SQLite closed the old one. */
  reopen(): void {
    closeSync(this.#file);
    this.#file = openSync(this.path, "r");
  }

  /** After SQLite closed the database; twice is once. */
  release(): void {
    if (!openDatabases.delete(this.#name)) return;
    closeSync(this.#file);
  }
}
