import { readSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import type { PassphraseDependencies, PassphraseScope } from "./change-passphrase.ts";
import { type KeyFile, type KeyHolder, readKeyFile, syncFolder, WALLET_ID_SIZE, writeKeyFile } from "./key-file.ts";
import { type HeldKeys, holdersOf, openHolder } from "./open-key.ts";
import type { Passphrase } from "./passphrase-key.ts";
import { createEmpty, syncPath } from "./rebuild-database.ts";
import { createSchema, type Migration, migrateSchema } from "./schema.ts";
import { clear, SEAL_KEY_SIZE } from "./sealed-box.ts";
import { SettingRows } from "./setting-rows.ts";
import { FILE_KEY_SIZE, loadSqlLibrary, SqlDatabase, type SqlLibrary } from "./sql-database.ts";
import { writeKeeping } from "./vault.ts";
import { WalletDatabase } from "./wallet-database.ts";
import { WalletFileLock } from "./wallet-file-lock.ts";
import { isFile, removeLeftovers, type WalletPaths, walletPaths } from "./wallet-files.ts";
import { damagedError, WalletStorageError, walletErrorFor } from "./wallet-storage-error.ts";

export interface WalletStorageDependencies extends PassphraseDependencies {
  /** Instead of the schema of this version: for tests of what a change of it does. */
  readonly migrations?: readonly Migration[] | undefined;
}

export interface CreateWalletOptions {
  /** The network's magic as a number: on no other network is the wallet opened. */
  readonly networkMagic: number;
  /** Encrypts the wallet from the start. It comes locked. */
  readonly passphrase?: Passphrase | undefined;
  readonly scope?: PassphraseScope | undefined;
}

export interface OpenWalletOptions {
  readonly networkMagic: number;
  /** Needed where the whole file is protected by it. */
  readonly passphrase?: Passphrase | undefined;
  /** Unlock it too, by the same passphrase. */
  readonly unlock?: boolean | undefined;
}

/** Makes a wallet in a folder, which is made too. Rejects with `WalletStorageError`: `already-exists` where there is one. */
export async function createWalletDatabase(
  folder: string,
  { networkMagic, passphrase, scope }: CreateWalletOptions,
  deps: WalletStorageDependencies,
): Promise<WalletDatabase> {
  const paths = walletPaths(folder);
  if (isFile(paths.database)) throw alreadyExists(paths);
  const library = await loadSqlLibrary(paths.database);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await removeLeftovers(paths);
    await makeFiles(paths, networkMagic, library, deps);
  } catch (error) {
    await rm(paths.newDatabase, { force: true }).catch(() => {});
    throw walletErrorFor(error, paths.database);
  }
  const wallet = await openWalletDatabase(folder, { networkMagic }, deps);
  try {
    if (passphrase !== undefined) await wallet.encrypt(passphrase, scope);
    return wallet;
  } catch (error) {
    await wallet.close();
    throw error;
  }
}

export function alreadyExists({ database }: WalletPaths): WalletStorageError {
  const sentence = `There is a wallet at ${database} already, and it is not overwritten. Choose another name.`;
  return new WalletStorageError("already-exists", database, sentence);
}

/** The database appears under its name when it is whole; the key file before it. */
async function makeFiles(
  paths: WalletPaths,
  networkMagic: number,
  library: SqlLibrary,
  { random, migrations }: WalletStorageDependencies,
): Promise<void> {
  const [walletId, fileKey] = [random.bytes(WALLET_ID_SIZE), random.bytes(FILE_KEY_SIZE)];
  await writeKeyFile(paths.keyFile, { walletId, current: { kind: "file", fileKey } });
  createEmpty(paths.newDatabase);
  const database = new SqlDatabase(paths.newDatabase, fileKey, library);
  try {
    const records = createSchema(database, { networkMagic, walletId }, random, migrations);
    const master = random.bytes(SEAL_KEY_SIZE);
    writeKeeping(new SettingRows(database, records), { kind: "open", master });
    clear(master, fileKey);
  } finally {
    database.close();
  }
  syncPath(paths.newDatabase);
  await rename(paths.newDatabase, paths.database);
  await syncFolder(paths.folder);
}

/** Opens the wallet in a folder for this process alone. Rejects with `WalletStorageError`. */
export async function openWalletDatabase(
  folder: string,
  options: OpenWalletOptions,
  deps: WalletStorageDependencies,
): Promise<WalletDatabase> {
  const paths = walletPaths(folder);
  if (!isFile(paths.database)) {
    const sentence = `There is no wallet at ${paths.database}. Check the wallet's name, or create it.`;
    throw new WalletStorageError("not-found", paths.database, sentence);
  }
  const library = await loadSqlLibrary(paths.database);
  let lock: WalletFileLock | undefined;
  try {
    lock = WalletFileLock.take(paths.database);
    return await openTaken(paths, lock, library, options, deps);
  } catch (error) {
    lock?.release();
    throw walletErrorFor(error, paths.database);
  }
}

async function openTaken(
  paths: WalletPaths,
  lock: WalletFileLock,
  library: SqlLibrary,
  options: OpenWalletOptions,
  deps: WalletStorageDependencies,
): Promise<WalletDatabase> {
  refuseForeign(lock);
  const keyFile = await readKeyFile(paths.keyFile);
  const { database, holder, keys } = await openByAnyHolder(paths, keyFile, library, options.passphrase);
  try {
    refuseDamaged(database);
    const { identity, records } = migrateSchema(database, deps.migrations);
    refuseOtherNetwork(identity.networkMagic, options.networkMagic, paths.database);
    const settled: KeyFile = { walletId: keyFile.walletId, current: holder };
    if (keyFile.next !== undefined) await writeKeyFile(paths.keyFile, settled);
    await removeLeftovers(paths);
    const wallet = new WalletDatabase({ paths, database, lock, library, keyFile: settled, identity, records }, deps);
    wallet.scripts.tidy();
    await unlockIfWanted(wallet, keys, options);
    return wallet;
  } catch (error) {
    database.close();
    throw error;
  } finally {
    clear(keys.fileKey, ...(keys.wrapKey ? [keys.wrapKey] : []));
  }
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

/** While a key is being changed two may fit, and the file itself tells which. Rejects with what the first one was refused for. */
async function openByAnyHolder(
  paths: WalletPaths,
  keyFile: KeyFile,
  library: SqlLibrary,
  passphrase: Passphrase | undefined,
): Promise<{ readonly database: SqlDatabase; readonly holder: KeyHolder; readonly keys: HeldKeys }> {
  let refusal: unknown;
  for (const holder of holdersOf(keyFile)) {
    try {
      const keys = await openHolder(holder, keyFile.walletId, passphrase, paths.database);
      return { database: new SqlDatabase(paths.database, keys.fileKey, library), holder, keys };
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
