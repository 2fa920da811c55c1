import { constants, readSync } from "node:fs";
import { access } from "node:fs/promises";
import type { PassphraseDependencies } from "./change-passphrase.ts";
import { type FoundKey, findKeys, settleKey } from "./key-folder.ts";
import { type HeldKeys, openHolder } from "./open-key.ts";
import type { Passphrase } from "./passphrase-key.ts";
import { readHeadOf } from "./rebuild-database.ts";
import { type Migration, migrateSchema } from "./schema.ts";
import { clear } from "./sealed-box.ts";
import { loadSqlLibrary, SqlDatabase, type SqlLibrary } from "./sql-database.ts";
import { isBackup, unpackInPlace } from "./unpack-backup.ts";
import { release, releaseHeld } from "./unreleased.ts";
import { WalletDatabase } from "./wallet-database.ts";
import { WalletFileLock } from "./wallet-file-lock.ts";
import { type DatabasePaths, databasePaths, isFile, type KeysPlace, removeLeftovers } from "./wallet-files.ts";
import { damagedError, WalletStorageError, walletErrorFor } from "./wallet-storage-error.ts";

/** Each takes half a second. More than one key behind a passphrase fits where the passphrase was changed after the file was copied. */
const PASSPHRASE_TRIES_MAX = 4;

export interface WalletStorageDependencies extends PassphraseDependencies {
  /** Instead of the schema of this version: for tests of what a change of it does. */
  readonly migrations?: readonly Migration[] | undefined;
}

export interface OpenWalletOptions extends KeysPlace {
  /** The network's magic as a number: on no other network is the wallet opened. */
  readonly networkMagic: number;
  /** Needed where the whole file is protected by it. */
  readonly passphrase?: Passphrase | undefined;
  /** Unlock it too, by the same passphrase. */
  readonly unlock?: boolean | undefined;
}

/**
 * Opens the wallet at `path`, its folder or the database itself, for this process alone. A backup that was put there is unpacked first.
 * Rejects with `WalletStorageError`.
 */
export async function openWalletDatabase(
  path: string,
  options: OpenWalletOptions,
  deps: WalletStorageDependencies,
): Promise<WalletDatabase> {
  const paths = databasePaths(path);
  if (!isFile(paths.database)) {
    const sentence = `There is no wallet at ${paths.database}. Check the wallet's name, or create it.`;
    throw new WalletStorageError("not-found", paths.database, sentence);
  }
  const library = await loadSqlLibrary(paths.database);
  const held = releaseHeld(paths.database);
  if (held !== undefined) throw held;
  let lock: WalletFileLock | undefined;
  try {
    lock = WalletFileLock.take(paths.database);
    // Log and journal stand beside the database: SQLite would find out at the first write.
    await access(paths.folder, constants.W_OK);
    if (isBackup(lock.file)) await unpackInPlace(paths, lock, options.keysFolder);
  } catch (error) {
    lock?.release();
    throw walletErrorFor(error, paths.database);
  }
  return openTaken(paths, lock, library, options, deps).catch((error: unknown) => {
    throw walletErrorFor(error, paths.database);
  });
}

/** Whatever goes wrong, database and lock are given back. */
async function openTaken(
  place: DatabasePaths,
  lock: WalletFileLock,
  library: SqlLibrary,
  options: OpenWalletOptions,
  deps: WalletStorageDependencies,
): Promise<WalletDatabase> {
  let opened: OpenedByKey | undefined;
  try {
    refuseForeign(lock);
    const head = readHeadOf(lock.file);
    opened = await openByAnyKey(place, head, library, options);
    const { database, found, keys } = opened;
    refuseDamaged(database);
    const { identity, records } = migrateSchema(database, deps.migrations);
    refuseOtherNetwork(identity.networkMagic, options.networkMagic, place.database);
    const { path, keyFile } = await settleKey(found, place, head, options);
    await removeLeftovers(place);
    const paths = { ...place, keyFile: path };
    const wallet = new WalletDatabase({ paths, database, lock, library, keyFile, identity, records }, deps);
    wallet.scripts.tidy();
    await unlockIfWanted(wallet, keys, options);
    return wallet;
  } catch (error) {
    if (opened === undefined) lock.release();
    else release({ database: opened.database, lock });
    throw error;
  } finally {
    if (opened !== undefined) clear(opened.keys.fileKey, ...(opened.keys.wrapKey ? [opened.keys.wrapKey] : []));
  }
}

/** A database that one of the keys opened. */
interface OpenedByKey {
  readonly database: SqlDatabase;
  readonly found: FoundKey;
  readonly keys: HeldKeys;
}

async function unlockIfWanted(
  { vault }: WalletDatabase,
  { wrapKey }: HeldKeys,
  { unlock, passphrase }: OpenWalletOptions,
): Promise<void> {
  if (!unlock || passphrase === undefined) return;
  if (wrapKey !== undefined) vault.unlockWith(wrapKey);
  else await vault.unlock(passphrase);
}

/** Several may fit, and the file itself tells which. Rejects with what the first one was refused for. */
async function openByAnyKey(
  paths: DatabasePaths,
  head: Uint8Array,
  library: SqlLibrary,
  options: OpenWalletOptions,
): Promise<OpenedByKey> {
  let refusal: unknown;
  let passphrasesLeft = PASSPHRASE_TRIES_MAX;
  for (const found of await findKeys(paths, head, options)) {
    const { holder, keyFile } = found;
    if (holder.kind === "passphrase" && passphrasesLeft-- <= 0) continue;
    try {
      const keys = await openHolder(holder, keyFile.walletId, options.passphrase, paths.database);
      return { database: new SqlDatabase(paths.database, keys.fileKey, library), found, keys };
    } catch (error) {
      // That the first key does not fit says nothing while there is a second.
      if (refusal === undefined || (refusal as WalletStorageError).code === "damaged") refusal = error;
    }
  }
  throw refusal;
}

const SQLITE_MAGIC = "SQLite format 3\0";
/** Berkeley DB's, in both byte orders, at byte 12. */
const BERKELEY_MAGICS = ["00053162", "62310500"];

/** A file of another program is told from a damaged one of ours. */
function refuseForeign({ file, path }: WalletFileLock): void {
  const head = Buffer.alloc(SQLITE_MAGIC.length);
  readSync(file, head, 0, head.length, 0);
  const isBerkeley = BERKELEY_MAGICS.includes(head.toString("hex", 12));
  if (head.toString("latin1") !== SQLITE_MAGIC && !isBerkeley) return;
  const what = isBerkeley
    ? "a wallet of an old Bitcoin Core"
    : "a wallet of Bitcoin Core, or another program's database";
  const sentence = `${path} is ${what}, and not one of this program. Import its descriptors (listdescriptors there, importdescriptors here).`;
  throw new WalletStorageError("not-a-wallet", path, sentence);
}

/** Looks how the pages hang together: a tenth of a second for 100,000 transactions. */
function refuseDamaged(database: SqlDatabase): void {
  const [result] = database.statement("SELECT CAST(quick_check AS BLOB) FROM pragma_quick_check(1)").get() ?? [];
  const text = new TextDecoder().decode(result as Uint8Array);
  if (text !== "ok") throw damagedError(database.path, text);
}

function refuseOtherNetwork(found: number, expected: number, path: string): void {
  if (found === expected) return;
  const sentence = `The wallet ${path} belongs to another network (magic ${hexOf(found)}, this node's is ${hexOf(expected)}). Load it in a node of that network.`;
  throw new WalletStorageError("other-network", path, sentence);
}

function hexOf(magic: number): string {
  return magic.toString(16).padStart(8, "0");
}
