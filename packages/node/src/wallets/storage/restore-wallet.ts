import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { alreadyExists } from "./create-wallet.ts";
import { type KeyFile, syncFolder } from "./key-file.ts";
import { addKeyFile } from "./key-folder.ts";
import { removeLeft } from "./leftovers.ts";
import { makeFolder } from "./make-folder.ts";
import { openWalletDatabase, type WalletStorageDependencies } from "./open-wallet.ts";
import type { Passphrase } from "./passphrase-key.ts";
import { notBackup, unpackBackup } from "./unpack-backup.ts";
import { isDatabaseOpen } from "./wallet-file-lock.ts";
import {
  type DatabasePaths,
  databasePaths,
  isFile,
  KEYS_FOLDER,
  type KeysPlace,
  moveToFreeName,
  removeLeftovers,
} from "./wallet-files.ts";
import { damagedError, walletErrorFor } from "./wallet-storage-error.ts";

/** Where a wallet is unpacked and looked through, beside where it will be. */
const RESTORING_FOLDER = /^\..*\.restoring-[0-9a-f]{8}$/;

export interface RestoreOptions extends KeysPlace {
  readonly networkMagic: number;
  /** Where the whole file is protected by one: without it, only that every byte arrived is verified. */
  readonly passphrase?: Passphrase | undefined;
}

/**
 * Makes a wallet in `folder` from a backup: verified as a whole before anything is put in place. Rejects with `WalletStorageError`:
 * `already-exists` where there is a wallet, `not-a-wallet` where the file is no backup, `damaged`, `newer-version`.
 */
export async function restoreWallet(
  backupPath: string,
  folder: string,
  options: RestoreOptions,
  deps: WalletStorageDependencies,
): Promise<void> {
  const target = databasePaths(resolve(folder));
  if (isFile(target.database)) throw alreadyExists(target);
  // Reading it would give its lock away.
  if (isDatabaseOpen(backupPath)) throw notBackup(backupPath);
  const parent = dirname(target.folder);
  const temporary = databasePaths(
    join(parent, `.${basename(target.folder)}.restoring-${randomBytes(4).toString("hex")}`),
  );
  try {
    await makeFolder(parent);
    await mkdir(temporary.folder, { mode: 0o700 });
    await removeLeft(parent, RESTORING_FOLDER, temporary.folder);
    const keyFile = await unpackBackup(backupPath, temporary.database);
    await verify(temporary, keyFile, backupPath, options, deps);
    await moveIntoPlace(temporary, target, keyFile, options.keysFolder);
  } catch (error) {
    const told = walletErrorFor(error, backupPath);
    // What is written is the wallet: a full disk is that of its folder.
    throw told.code === "disk-full" ? walletErrorFor(told.cause ?? told, target.database) : told;
  } finally {
    await rm(temporary.folder, { recursive: true, force: true }).catch(() => {});
  }
}

/** Opens what was unpacked and looks through it. */
async function verify(
  { folder, database }: DatabasePaths,
  keyFile: KeyFile,
  backupPath: string,
  { networkMagic, passphrase }: RestoreOptions,
  deps: WalletStorageDependencies,
): Promise<void> {
  if (keyFile.current.kind === "passphrase" && passphrase === undefined) return;
  const keysFolder = join(folder, KEYS_FOLDER);
  await addKeyFile(keyFile, database, keysFolder);
  const wallet = await openWalletDatabase(folder, { networkMagic, passphrase, keysFolder }, deps);
  try {
    const { problems } = await wallet.checkIntegrity();
    if (problems.length > 0) throw damagedError(backupPath, problems[0]!.replace(/\.$/, ""));
  } finally {
    await wallet.close();
  }
}

/** The key first, and then the database at once. */
async function moveIntoPlace(
  from: DatabasePaths,
  to: DatabasePaths,
  keyFile: KeyFile,
  keysFolder: string,
): Promise<void> {
  await makeFolder(to.folder, 0o700);
  await removeLeftovers(to);
  await addKeyFile(keyFile, to.database, keysFolder);
  await moveToFreeName(from.database, to.database).catch((error: NodeJS.ErrnoException) => {
    throw error.code === "EEXIST" ? alreadyExists(to) : error;
  });
  await syncFolder(to.folder);
  await syncFolder(dirname(to.folder));
}
