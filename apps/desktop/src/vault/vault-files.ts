import { chmodSync, statSync } from "node:fs";
import { copyFile, link, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { syncFolder } from "@bitfleet/node/wallets/storage/key-file.ts";
import { makeFolder } from "@bitfleet/node/wallets/storage/make-folder.ts";
import { isFile } from "@bitfleet/node/wallets/storage/wallet-files.ts";
import { VaultError } from "@bitfleet/vault/vault.ts";
import { journalsOf, removeReplacement, settleReplacement } from "./vault-replacement.ts";

/** The files of a vault, all in one folder. */
export interface VaultFiles {
  readonly folder: string;
  readonly database: string;
  /** SQLite's write-ahead log: there while the vault is open, or was not closed. */
  readonly log: string;
  /** How the database's key is had. */
  readonly key: string;
  /** A database that is being made. */
  readonly newDatabase: string;
  /** The key of a vault that is being removed. */
  readonly removedKey: string;
  /** What is to take the place of database and key (vault-replacement.ts). */
  readonly nextDatabase: string;
  readonly nextKey: string;
  readonly replaced: string;
}

export function vaultFiles(folder: string): VaultFiles {
  const database = join(folder, "vault.db");
  const key = join(folder, "vault.key");
  return {
    ...{ folder, database, key },
    log: `${database}-wal`,
    newDatabase: `${database}.new`,
    removedKey: `${key}.removed`,
    nextDatabase: `${database}.next`,
    nextKey: `${key}.next`,
    replaced: join(folder, "vault.replaced"),
  };
}

/** Makes the folder where it is missing. Rejects where others may change what is in it. */
export async function prepareFolder(folder: string): Promise<void> {
  const isNew = await makeFolder(folder, 0o700);
  if (isNew) await syncFolder(dirname(folder));
  refuseOpenFolder(folder);
}

/** Who may write into the folder can put another vault in the place of this one, and wait for the passphrase. */
export function refuseOpenFolder(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found === undefined || process.platform === "win32" || process.getuid === undefined) return;
  if (found.uid !== process.getuid()) {
    throw new VaultError("unsupported", `The folder ${folder} belongs to another user. Name one of your own.`);
  }
  if ((found.mode & 0o022) !== 0) {
    const sentence = `Others may write into the folder ${folder}, so no vault is opened there. Take that from them (chmod 700 ${folder}), or name another folder.`;
    throw new VaultError("unsupported", sentence);
  }
}

/** Copies from elsewhere may have come with rights for everybody. */
export function keepToOwner(files: VaultFiles): void {
  if (process.platform === "win32") return;
  for (const path of [files.database, files.log, files.key]) {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode;
    if (mode !== undefined && (mode & 0o077) !== 0) chmodSync(path, 0o600);
  }
}

/** Ends what a crash cut short: a removal, a replacement, or a creation that had all of its files. Answers what became of a replacement that nobody has heard of. */
export async function settleFiles(files: VaultFiles): Promise<"finished" | "forgotten" | undefined> {
  if (isFile(files.removedKey)) await removeRest(files);
  const replacement = await settleReplacement(files);
  if (isFile(files.key) && !isFile(files.database) && isFile(files.newDatabase)) {
    await rename(files.newDatabase, files.database);
    await syncFolder(files.folder);
  }
  // A file that was given its name has two of them for a moment.
  if (isFile(files.database)) await rm(files.newDatabase, { force: true });
  return replacement ?? (isFile(files.replaced) ? "finished" : undefined);
}

/** Removes all of a vault: first its key, without which the rest is nothing. */
export async function removeFiles(files: VaultFiles): Promise<void> {
  if (isFile(files.key)) {
    await rename(files.key, files.removedKey);
    await syncFolder(files.folder);
  }
  await removeRest(files);
}

async function removeRest(files: VaultFiles): Promise<void> {
  const { database, newDatabase, removedKey, replaced, folder } = files;
  const journals = [...journalsOf(database), ...journalsOf(newDatabase)];
  await removeReplacement(files);
  for (const path of [...journals, newDatabase, database, removedKey, replaced]) await rm(path, { force: true });
  await syncFolder(folder);
}

/** Gives damaged files other names, so that they may be looked at later. */
export async function setFilesAside(files: VaultFiles, now: Date): Promise<void> {
  const suffix = freeSuffix(files, now);
  for (const path of [files.log, files.database, files.key]) if (isFile(path)) await rename(path, path + suffix);
  await rm(files.replaced, { force: true });
  await syncFolder(files.folder);
}

/** As {@link setFilesAside}, and the files keep their names too, until others take them. Answers the further names. */
export async function nameFilesAside(files: VaultFiles, now: Date): Promise<readonly string[]> {
  const suffix = freeSuffix(files, now);
  const there = [files.log, files.database, files.key].filter(isFile);
  // Not every file system has second names.
  for (const path of there) await link(path, path + suffix).catch(() => copyFile(path, path + suffix));
  await syncFolder(files.folder);
  return there.map((path) => path + suffix);
}

function freeSuffix(files: VaultFiles, now: Date): string {
  const time = now.toISOString().replaceAll(/[-:]|\.\d+/g, "");
  let suffix = `.damaged-${time}`;
  for (let count = 2; isFile(files.database + suffix) || isFile(files.key + suffix); count++) {
    suffix = `.damaged-${time}-${count}`;
  }
  return suffix;
}
