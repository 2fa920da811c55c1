import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, statSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { HEAD_SIZE } from "./key-file.ts";
import { SqlDatabase, type SqlLibrary } from "./sql-database.ts";
import type { WalletFileLock } from "./wallet-file-lock.ts";
import type { WalletPaths } from "./wallet-files.ts";
import { WalletStorageError, walletErrorFor } from "./wallet-storage-error.ts";

/** An open database and what holds it. */
export interface DatabaseFiles {
  readonly paths: WalletPaths;
  readonly database: SqlDatabase;
  readonly lock: WalletFileLock;
  readonly library: SqlLibrary;
}

/**
 * Puts a copy of the database under another key in its place, changed by `change` before anybody sees it. Nothing that was deleted
 * or overwritten in the old file, its free pages or its log is in the new one. All in one go: nobody reads or writes in between. The
 * key file must name both keys before. Throws `WalletStorageError`, and then the old database is in place and open.
 */
export function rebuildDatabase(
  { paths, database, lock, library }: DatabaseFiles,
  keys: { readonly old: Uint8Array; readonly new: Uint8Array },
  change: (copy: SqlDatabase) => void,
): void {
  try {
    createEmpty(paths.newDatabase);
    database.exec(`VACUUM INTO '${vacuumTarget(paths.newDatabase, keys.new)}'`);
    const copy = new SqlDatabase(paths.newDatabase, keys.new, library);
    try {
      change(copy);
      // What `change` overwrote is still in the log of the copy; in its pages SQLite's secure deletion put zeros in its place.
      copy.checkpoint();
      throwIfAny(copy.close());
    } finally {
      copy.abandon();
    }
    syncPath(paths.newDatabase);
    database.checkpoint();
    takePlace(paths, database, keys);
    lock.reopen();
  } catch (error) {
    rmSync(paths.newDatabase, { force: true });
    throw walletErrorFor(error, paths.database);
  }
}

/** Closes the old file, renames the new one, opens it; on failure the old one again. */
function takePlace(
  paths: WalletPaths,
  database: SqlDatabase,
  keys: { readonly old: Uint8Array; readonly new: Uint8Array },
): void {
  throwIfAny(database.close());
  try {
    // A log that was left would be taken for that of the new file.
    if ((statSync(paths.log, { throwIfNoEntry: false })?.size ?? 0) > 0) {
      throw new WalletStorageError(
        "io",
        paths.log,
        `The log ${paths.log} could not be emptied. Free space on the disk and try again.`,
      );
    }
    renameSync(paths.newDatabase, paths.database);
  } catch (error) {
    database.open(keys.old);
    throw error;
  }
  if (process.platform !== "win32") syncPath(paths.folder);
  database.open(keys.new);
}

/** What every database under a key begins with: read from one that is made at `path` for it, and removed. Throws `WalletStorageError`. */
export function headOfKey(fileKey: Uint8Array, path: string, library: SqlLibrary): Uint8Array {
  try {
    createEmpty(path);
    const database = new SqlDatabase(path, fileKey, library);
    try {
      database.exec("CREATE TABLE anything (value INTEGER)");
      throwIfAny(database.close());
    } finally {
      database.abandon();
    }
    return readHead(path);
  } catch (error) {
    throw walletErrorFor(error, path);
  } finally {
    rmSync(path, { force: true });
  }
}

/** Of a database that is closed. */
export function readHead(path: string): Uint8Array {
  const file = openSync(path, "r");
  try {
    return readHeadOf(file);
  } finally {
    closeSync(file);
  }
}

/** Of a file that is open; zeros where it is shorter. */
export function readHeadOf(file: number): Uint8Array {
  const head = new Uint8Array(HEAD_SIZE);
  readSync(file, head, 0, HEAD_SIZE, 0);
  return head;
}

/** For what answers why it cannot be done. */
export function throwIfAny(error: Error | undefined): void {
  if (error !== undefined) throw error;
}

/** With the owner's rights only, before SQLite makes it with those of everybody. */
export function createEmpty(path: string): void {
  rmSync(path, { force: true });
  closeSync(openSync(path, "wx", 0o600));
}

/** Forces a file, or the names in a folder, to disk. */
export function syncPath(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** As text within SQL: SQLite takes cipher and key from the address of the file. */
function vacuumTarget(path: string, key: Uint8Array): string {
  const address = pathToFileURL(path).href.replaceAll("'", "%27");
  return `${address}?cipher=aes256cbc&hexkey=${toHex(key)}`;
}
