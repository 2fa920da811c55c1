import { randomBytes } from "node:crypto";
import { realpathSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { equalBytes, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import {
  FORMER_MAX,
  isSameHolder,
  type KeyFile,
  type KeyHolder,
  readKeyFile,
  syncFolder,
  writeKeyFile,
} from "./key-file.ts";
import { removeLeft } from "./leftovers.ts";
import { makeFolder } from "./make-folder.ts";
import { type DatabasePaths, isFile, type KeysPlace } from "./wallet-files.ts";
import { damagedError, WalletStorageError, walletErrorFor } from "./wallet-storage-error.ts";

/**
 * The folder of key files, `<wallet id>.json` each. A database is told from the others by what it begins with, wherever it was moved
 * or copied. Every database that exists has a key file of its own, so that what happens to one never takes another's key.
 */

/** Further files are not looked at. */
const KEY_FILES_MAX = 10_000;
/** What `replaceFile` has before it has its name. */
const HALF_WRITTEN = /^[0-9a-f]{32}(-[0-9a-f]{8})?\.json\.[0-9a-f]{4}$/;
const KEY_FILE = /^[0-9a-f]{32}(-[0-9a-f]{8})?\.json$/;

/** A way to have a database's key, and the file that it is in. */
export interface FoundKey {
  readonly path: string;
  readonly keyFile: KeyFile;
  readonly holder: KeyHolder;
}

/** A key file that was found, wherever it is. */
interface KeyFileFound {
  readonly path: string;
  readonly keyFile: KeyFile;
}

/**
 * Every key that may be that of a database beginning with `head`, the likely one first. Rejects with `WalletStorageError` where there
 * is none: `key-file-damaged` or `newer-version` where one may be in a file that cannot be read, `damaged` where the database's own
 * is there and does not fit, otherwise `key-file-missing`.
 */
export async function findKeys(
  paths: DatabasePaths,
  head: Uint8Array,
  place: KeysPlace,
): Promise<readonly [FoundKey, ...FoundKey[]]> {
  const here = placeOf(paths.database, place.keysFolder);
  const files = await readKeyFiles(paths, place);
  const isOld = ({ path }: KeyFileFound) => path === paths.oldKeyFile;
  const isFromHere = (file: KeyFileFound) => isOld(file) || file.keyFile.lastDatabase === here;
  const found = files.found.flatMap((file) => holdersOf(file.keyFile).map((holder) => ({ ...file, holder })));
  const fitting = found.filter(({ holder }) => holder.head !== undefined && equalBytes(holder.head, head));
  const possible = found.filter(({ holder }) => holder.head === undefined);
  // Sorting keeps the order of what is alike: a file's current key stands before its next, and that before former ones.
  const byPlace = (a: KeyFileFound, b: KeyFileFound) => Number(isFromHere(b)) - Number(isFromHere(a));
  const [first, ...others] = fitting.length > 0 ? fitting.sort(byPlace) : possible.sort(byPlace);
  if (first !== undefined) return [first, ...others];
  if (files.unreadable !== undefined) throw files.unreadable;
  if (files.found.some(isFromHere)) {
    throw damagedError(paths.database, "its key does not open it; or it is a copy of a wallet whose key is not here");
  }
  throw missingKey(paths, place);
}

/**
 * Makes a key that opened a database the one of its own key file, in the folder of keys and settled: no change of it under way. A file
 * that belongs to another database, which is still there, stays as it is. Answers where the file is and what it says.
 */
export async function settleKey(
  { path, keyFile, holder }: FoundKey,
  paths: DatabasePaths,
  head: Uint8Array,
  { keysFolder }: KeysPlace,
): Promise<KeyFileFound> {
  await makeKeysFolder(keysFolder);
  const lastDatabase = placeOf(paths.database, keysFolder);
  const settled: KeyFile = {
    walletId: keyFile.walletId,
    current: { ...holder, head: head.slice() },
    ...formerKeys(holder, keyFile),
    lastDatabase,
  };
  const isOwn = dirname(resolve(path)) === resolve(keysFolder) && !keyFile.former?.includes(holder);
  const isFree = isOwn && !isOfOther(keyFile, lastDatabase, keysFolder);
  const target = isFree ? path : newKeyPath(keysFolder, keyFile.walletId);
  const isSettled = isFree && keyFile.next === undefined && keyFile.current.head !== undefined;
  if (!isSettled || keyFile.lastDatabase !== lastDatabase) await writeKeyFile(target, settled);
  if (path === paths.oldKeyFile) await rm(path, { force: true });
  return { path: target, keyFile: settled };
}

/** Puts a new database's key file, or that of a backup, into the folder. Answers where it is; nothing is overwritten. */
export async function addKeyFile(keyFile: KeyFile, database: string, keysFolder: string): Promise<string> {
  await makeKeysFolder(keysFolder);
  const lastDatabase = placeOf(database, keysFolder);
  const { found } = await readFolder(keysFolder);
  const same = found.find(
    (file) => file.keyFile.lastDatabase === lastDatabase && isSameHolder(file.keyFile.current, keyFile.current),
  );
  if (same !== undefined) return same.path;
  const path = newKeyPath(keysFolder, keyFile.walletId);
  await writeKeyFile(path, { ...keyFile, lastDatabase });
  await removeLeft(keysFolder, HALF_WRITTEN, path);
  return path;
}

/** What is kept of the keys that a database has had. Behind a passphrase for the whole file none that needs no passphrase. */
export function formerKeys(current: KeyHolder, keyFile: KeyFile): { readonly former?: readonly KeyHolder[] } {
  const others = holdersOf(keyFile).filter((holder) => !isSameHolder(holder, current));
  const former = others.filter(({ kind }) => current.kind === "file" || kind === "passphrase").slice(0, FORMER_MAX);
  return former.length > 0 ? { former } : {};
}

function holdersOf({ current, next, former = [] }: KeyFile): readonly KeyHolder[] {
  return [current, ...(next === undefined ? [] : [next]), ...former];
}

/** Whether the file is that of a database elsewhere that is still there. */
function isOfOther({ lastDatabase }: KeyFile, here: string, keysFolder: string): boolean {
  if (lastDatabase === undefined || lastDatabase === here) return false;
  return isFile(resolve(dirname(keysFolder), lastDatabase));
}

async function makeKeysFolder(path: string): Promise<void> {
  try {
    const isNew = await makeFolder(path, 0o700);
    if (isNew) await syncFolder(dirname(path));
  } catch (error) {
    throw walletErrorFor(error, path);
  }
}

function newKeyPath(keysFolder: string, walletId: Uint8Array): string {
  const path = join(keysFolder, `${toHex(walletId)}.json`);
  return isFile(path) ? join(keysFolder, `${toHex(walletId)}-${randomBytes(4).toString("hex")}.json`) : path;
}

/** Seen from the folder that the folder of keys is in, so that both can be moved together. */
function placeOf(database: string, keysFolder: string): string {
  const file = join(realFolder(dirname(database)), basename(database));
  return relative(realFolder(dirname(keysFolder)), file)
    .split(sep)
    .join("/");
}

function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

interface KeyFilesRead {
  readonly found: readonly KeyFileFound[];
  /** Why the first of those could not be read that cannot. */
  readonly unreadable: WalletStorageError | undefined;
}

async function readKeyFiles(paths: DatabasePaths, place: KeysPlace): Promise<KeyFilesRead> {
  const folders = new Set([place.keysFolder, ...(place.otherKeysFolders ?? [])]);
  const read = [await readEach(isFile(paths.oldKeyFile) ? [paths.oldKeyFile] : [])];
  for (const folder of folders) read.push(await readFolder(folder));
  return {
    found: read.flatMap(({ found }) => found),
    unreadable: read.find(({ unreadable }) => unreadable !== undefined)?.unreadable,
  };
}

async function readFolder(folder: string): Promise<KeyFilesRead> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw walletErrorFor(error, folder);
  });
  const files = names.filter((name) => KEY_FILE.test(name)).sort();
  return readEach(files.slice(0, KEY_FILES_MAX).map((name) => join(folder, name)));
}

async function readEach(files: readonly string[]): Promise<KeyFilesRead> {
  const found: KeyFileFound[] = [];
  let unreadable: WalletStorageError | undefined;
  for (const path of files) {
    try {
      found.push({ path, keyFile: await readKeyFile(path) });
    } catch (error) {
      unreadable ??= walletErrorFor(error, path);
    }
  }
  return { found, unreadable };
}

function missingKey({ database }: DatabasePaths, { keysFolder }: KeysPlace): WalletStorageError {
  const sentence = `No key in ${keysFolder} opens the wallet file ${database}. Copy its key file there from the folder of keys that it comes from, or restore a backup (restorewallet), which holds the key too.`;
  return new WalletStorageError("key-file-missing", database, sentence);
}
