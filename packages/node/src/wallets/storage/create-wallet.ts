import { rm } from "node:fs/promises";
import { newPassphraseKey, type PassphraseKey, type PassphraseScope, protect } from "./change-passphrase.ts";
import { type KeyHolder, syncFolder, WALLET_ID_SIZE } from "./key-file.ts";
import { addKeyFile } from "./key-folder.ts";
import { makeFolder } from "./make-folder.ts";
import { openWalletDatabase, type WalletStorageDependencies } from "./open-wallet.ts";
import type { Passphrase } from "./passphrase-key.ts";
import { createEmpty, readHead, syncPath, throwIfAny } from "./rebuild-database.ts";
import { createSchema, migrateSchema } from "./schema.ts";
import { clear, SEAL_KEY_SIZE } from "./sealed-box.ts";
import { SettingRows } from "./setting-rows.ts";
import { FILE_KEY_SIZE, loadSqlLibrary, SqlDatabase, type SqlLibrary } from "./sql-database.ts";
import { type MasterKeeping, writeKeeping } from "./vault.ts";
import { WalletDatabase } from "./wallet-database.ts";
import { WalletFileLock } from "./wallet-file-lock.ts";
import {
  type DatabasePaths,
  databasePaths,
  isFile,
  type KeysPlace,
  moveToFreeName,
  removeLeftovers,
} from "./wallet-files.ts";
import { WalletStorageError, walletErrorFor } from "./wallet-storage-error.ts";

export interface CreateWalletOptions extends KeysPlace {
  /** The network's magic as a number: on no other network is the wallet opened. */
  readonly networkMagic: number;
  /** Encrypts the wallet from the start. It comes locked. */
  readonly passphrase?: Passphrase | undefined;
  readonly scope?: PassphraseScope | undefined;
  /** Writes what the wallet begins with, before anybody finds it. What it is given is closed afterwards. */
  readonly fill?: ((database: WalletDatabase) => Promise<void>) | undefined;
}

/**
 * Makes a wallet in a folder, which is made too. It appears under its name when it is whole, with its passphrase where one is given, and
 * with what it begins with: whenever that is cut off, the name is free.
 * Rejects with `WalletStorageError`: `already-exists` where there is one.
 */
export async function createWalletDatabase(
  folder: string,
  { networkMagic, passphrase, scope = "secrets", fill, ...place }: CreateWalletOptions,
  deps: WalletStorageDependencies,
): Promise<WalletDatabase> {
  const paths = databasePaths(folder);
  if (isFile(paths.database)) throw alreadyExists(paths);
  const library = await loadSqlLibrary(paths.database);
  const made = passphrase === undefined ? undefined : await newPassphraseKey(passphrase, paths, deps);
  try {
    await makeFolder(folder, 0o700);
    await removeLeftovers(paths);
    await makeFiles(paths, { networkMagic, made, scope, fill, keysFolder: place.keysFolder }, library, deps);
  } catch (error) {
    await rm(paths.newDatabase, { force: true }).catch(() => {});
    throw walletErrorFor(error, paths.database);
  } finally {
    if (made !== undefined) clear(made.key);
  }
  return openWalletDatabase(folder, { networkMagic, passphrase, ...place }, deps);
}

export function alreadyExists({ database }: DatabasePaths): WalletStorageError {
  const sentence = `There is a wallet at ${database} already, and it is not overwritten. Choose another name.`;
  return new WalletStorageError("already-exists", database, sentence);
}

interface MakeOptions {
  readonly networkMagic: number;
  readonly made: PassphraseKey | undefined;
  readonly scope: PassphraseScope;
  readonly fill: CreateWalletOptions["fill"];
  readonly keysFolder: string;
}

/** The key file is on disk before the database has its name. */
async function makeFiles(
  paths: DatabasePaths,
  { networkMagic, made, scope, fill, keysFolder }: MakeOptions,
  library: SqlLibrary,
  deps: WalletStorageDependencies,
): Promise<void> {
  const { random, migrations } = deps;
  const [walletId, fileKey] = [random.bytes(WALLET_ID_SIZE), random.bytes(FILE_KEY_SIZE)];
  const master = random.bytes(SEAL_KEY_SIZE);
  const open = { holder: { kind: "file", fileKey } satisfies KeyHolder, keeping: { kind: "open", master } as const };
  const { holder, keeping } = made === undefined ? open : protect({ walletId, fileKey, master }, made, scope, random);
  createEmpty(paths.newDatabase);
  const lock = WalletFileLock.take(paths.newDatabase);
  let database: SqlDatabase | undefined;
  try {
    database = new SqlDatabase(paths.newDatabase, fileKey, library);
    const records = createSchema(database, { networkMagic, walletId }, random, migrations);
    writeKeeping(new SettingRows(database, records), keeping satisfies MasterKeeping);
    if (fill !== undefined) {
      const filePaths = { ...paths, database: paths.newDatabase, keyFile: "" };
      const files = { paths: filePaths, database, lock, library, keyFile: { walletId, current: holder } };
      const wallet = new WalletDatabase({ ...files, ...migrateSchema(database, migrations) }, deps);
      await fill(wallet).finally(() => wallet.vault.close());
    }
    throwIfAny(database.close());
  } finally {
    database?.abandon();
    lock.release();
  }
  syncPath(paths.newDatabase);
  const current = { ...holder, head: readHead(paths.newDatabase) };
  const keyPath = await addKeyFile({ walletId, current }, paths.database, keysFolder);
  clear(master, fileKey);
  try {
    await moveToFreeName(paths.newDatabase, paths.database);
  } catch (error) {
    await rm(keyPath, { force: true });
    // Another node has made one meanwhile.
    throw (error as NodeJS.ErrnoException).code === "EEXIST" ? alreadyExists(paths) : error;
  }
  await syncFolder(paths.folder);
}
