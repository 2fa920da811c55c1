import { randomBytes } from "node:crypto";
import { type Dirent, statSync } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/** Where a wallet's files stand in its folder. The wallet without a name has the folder of all wallets for its own, as in Core. */
export interface WalletPaths {
  readonly folder: string;
  readonly database: string;
  /** SQLite's write-ahead log, there while the wallet is open or was not closed. */
  readonly log: string;
  readonly keyFile: string;
  /** A database that is being made, to take the place of the other at once. */
  readonly newDatabase: string;
}

const DATABASE = "wallet.dat";
/** Wallets are looked for so deep below their folder, and not among more entries. */
const DEPTH_MAX = 8;
const ENTRIES_MAX = 100_000;

/** What a restore that was interrupted leaves. */
const UNFINISHED = /^\..*\.restoring-[0-9a-f]{8}$/;

export function walletPaths(folder: string): WalletPaths {
  const database = join(folder, DATABASE);
  return {
    folder,
    database,
    log: `${database}-wal`,
    keyFile: `${database}.key`,
    newDatabase: `${database}.new`,
  };
}

/** Whether the folder holds a wallet's two files. Never opens the database: closing it again would take the lock of an open wallet. */
export function isWalletFolder(folder: string): boolean {
  const { database, keyFile } = walletPaths(folder);
  return isFile(database) && isFile(keyFile);
}

/** The names of all wallets below the folder of wallets, sorted; "" for the one in the folder itself. Links are not followed. */
export async function listWalletFolders(walletsFolder: string): Promise<readonly string[]> {
  const names: string[] = [];
  let entriesLeft = ENTRIES_MAX;
  const visit = async (folder: string, depth: number): Promise<void> => {
    if (isWalletFolder(folder)) names.push(relative(walletsFolder, folder).split(sep).join("/"));
    if (depth === DEPTH_MAX) return;
    for (const entry of await entriesOf(folder)) {
      if (--entriesLeft < 0) return;
      if (entry.isDirectory() && !UNFINISHED.test(entry.name)) await visit(join(folder, entry.name), depth + 1);
    }
  };
  await visit(walletsFolder, 0);
  return names.sort();
}

/** Removes what an interrupted creation or change left, and sets aside a key file that has no database: it may be the key of one that was moved. */
export async function removeLeftovers({ database, keyFile, newDatabase }: WalletPaths): Promise<void> {
  for (const path of [newDatabase, `${newDatabase}-wal`, `${newDatabase}-journal`]) await rm(path, { force: true });
  if (isFile(keyFile) && !isFile(database))
    await rename(keyFile, `${keyFile}.unused-${randomBytes(4).toString("hex")}`);
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  // A folder that cannot be read hides its wallets and no others.
  return readdir(folder, { withFileTypes: true }).catch(() => []);
}
