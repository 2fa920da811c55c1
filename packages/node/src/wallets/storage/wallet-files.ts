import { randomBytes } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { link, rename, rm, rmdir, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Where a wallet's database stands. */
export interface DatabasePaths {
  readonly folder: string;
  readonly database: string;
  /** SQLite's write-ahead log, there while the wallet is open or was not closed. */
  readonly log: string;
  /** A database that is being made, to take the place of the other at once. */
  readonly newDatabase: string;
  /** Where the key file was before there was a folder of keys; it is moved there when the wallet is opened. */
  readonly oldKeyFile: string;
}

/** With the key file, which stands in the folder of keys. */
export interface WalletPaths extends DatabasePaths {
  readonly keyFile: string;
}

/** Where key files are: one wallet's or many wallets'. */
export interface KeysPlace {
  /** New key files come here, and those of wallets that are opened. Made with the first one. */
  readonly keysFolder: string;
  /** Searched too. */
  readonly otherKeysFolders?: readonly string[] | undefined;
}

/** The name of the folder of keys, and that of the database in a wallet's folder. */
export const KEYS_FOLDER = ".keys";
const DATABASE = "wallet.dat";

/** The files of the wallet at `path`: a folder or what may become one, or the database itself. */
export function databasePaths(path: string): DatabasePaths {
  const isItself = isFile(path);
  const database = isItself ? path : join(path, DATABASE);
  return {
    folder: isItself ? dirname(path) : path,
    database,
    log: `${database}-wal`,
    newDatabase: `${database}.new`,
    oldKeyFile: `${database}.key`,
  };
}

/** Removes what an interrupted creation or change left, and sets aside the log of a database that is gone: the next one would take it for its own. */
export async function removeLeftovers({ database, newDatabase, log }: DatabasePaths): Promise<void> {
  for (const path of [newDatabase, `${newDatabase}-wal`, `${newDatabase}-journal`]) await rm(path, { force: true });
  if (!isFile(database)) await setLogAside(log);
}

/** Whether a folder has nothing in it, or nothing but what a creation left that was interrupted. */
export function isUnfinished(folder: string): boolean {
  const { newDatabase } = databasePaths(folder);
  try {
    return readdirSync(folder).every((name) => name.startsWith(basename(newDatabase)));
  } catch {
    return false;
  }
}

/** Removes a wallet that was just made or restored and is not wanted after all: its database, and its folder where nothing else is in it. Its key stays. */
export async function removeMade(path: string): Promise<void> {
  const { folder, database, log } = databasePaths(path);
  for (const file of [database, log, `${database}-shm`]) await rm(file, { force: true });
  await rmdir(folder).catch(() => {});
}

/** What systems answer that have no second names for files. */
const NO_LINKS: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/** Gives a file its name where there is none of that name yet, whoever else is making one: rejects with `EEXIST`. */
export async function moveToFreeName(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!NO_LINKS.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
    if (isFile(to)) throw Object.assign(new Error(`${to} exists`), { code: "EEXIST" });
    await rename(from, to);
    return;
  }
  await unlink(from);
}

/** For a database that takes the place of another. */
export async function setLogAside(log: string): Promise<void> {
  if (isFile(log)) await rename(log, `${log}.unused-${randomBytes(4).toString("hex")}`);
}

export function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch (error) {
    // A file stands where a folder would have to: nothing is below it.
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return false;
    throw error;
  }
}
