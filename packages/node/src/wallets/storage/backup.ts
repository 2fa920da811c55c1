import { createHash, randomBytes } from "node:crypto";
import { read as readFile, realpathSync } from "node:fs";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { promisify } from "node:util";
import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { encodeKeyFile, type KeyFile, syncFolder } from "./key-file.ts";
import { removeLeft } from "./leftovers.ts";
import type { DatabaseFiles } from "./rebuild-database.ts";
import { isDatabaseOpen } from "./wallet-file-lock.ts";
import { KEYS_FOLDER } from "./wallet-files.ts";
import { WalletStorageError, walletErrorFor } from "./wallet-storage-error.ts";

/**
 * A backup is one file: `BFWALLET`, a version, the key file behind its size, the encrypted database behind its size, and the SHA-256
 * of all that. Whoever has it has what whoever has the wallet's database and its key file has: everything where there is no passphrase.
 */
export const BACKUP_MAGIC = new TextEncoder().encode("BFWALLET");
export const BACKUP_VERSION = 1;
export const BACKUP_HASH_SIZE = 32;
const CHUNK_BYTES = 1024 * 1024;
/** How the name of a backup goes on while it is written. */
const UNFINISHED = ".unfinished-";

const readAt = promisify(readFile);

/** Writes a backup at once: at `path` there is the whole file or what was there before. Commits go on meanwhile, and are not in it. */
export async function writeBackup(path: string, files: DatabaseFiles, { walletId, current }: KeyFile): Promise<void> {
  const target = resolve(path);
  if (isOfWallet(target, files)) {
    const sentence = `A backup at ${path} would overwrite the files of a wallet. Choose another place.`;
    throw new WalletStorageError("already-exists", path, sentence);
  }
  if (await isOther(target)) {
    const sentence = `${path} is no backup, and is not overwritten. Choose another place.`;
    throw new WalletStorageError("already-exists", path, sentence);
  }
  const temporary = `${target}${UNFINISHED}${randomBytes(4).toString("hex")}`;
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await removeLeft(dirname(target), unfinishedOf(target), temporary);
      await writeContainer(file, files, encodeKeyFile({ walletId, current }));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
    await syncFolder(dirname(target));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw walletErrorFor(error, path);
  }
}

function unfinishedOf(target: string): RegExp {
  const name = basename(target).replace(/[^\w]/g, "\\$&");
  return new RegExp(`^${name}${UNFINISHED.replace(".", "\\.")}[0-9a-f]{8}$`);
}

/** Whether a file is this wallet's, another's that is loaded, or a key: all of them would be lost. */
function isOfWallet(target: string, { paths }: DatabaseFiles): boolean {
  const [folder, name] = [realFolder(dirname(target)), basename(target)];
  if (folder === realFolder(paths.folder) && name.startsWith(basename(paths.database))) return true;
  return basename(folder) === KEYS_FOLDER || isDatabaseOpen(target) || isDatabaseOpen(target.replace(/-wal$/, ""));
}

/** Whether something else than a backup is there: a device, or a file of the node itself, would be gone with its content. */
async function isOther(target: string): Promise<boolean> {
  const entry = await stat(target).catch(() => undefined);
  if (entry === undefined || (entry.isFile() && entry.size === 0)) return false;
  if (!entry.isFile()) return true;
  const file = await open(target, "r");
  try {
    const { buffer } = await file.read(new Uint8Array(BACKUP_MAGIC.length), 0, BACKUP_MAGIC.length, 0);
    return !equalBytes(buffer, BACKUP_MAGIC);
  } finally {
    await file.close();
  }
}

/** Without links; as it stands where there is none. */
function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return resolve(folder);
  }
}

/** The database's file stands still while its log is kept from being copied into it. */
async function writeContainer(file: FileHandle, { database, lock }: DatabaseFiles, keyFile: Uint8Array): Promise<void> {
  const hash = createHash("sha256");
  const write = async (bytes: Uint8Array) => {
    hash.update(bytes);
    for (let done = 0; done < bytes.length; ) done += (await file.write(bytes, done)).bytesWritten;
  };
  database.checkpoint();
  database.checkpointByItself(false);
  try {
    const pages = database.statement("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");
    const size = Number(pages.get()![0]);
    const head = new Writer(64).bytes(BACKUP_MAGIC).uint8(BACKUP_VERSION).uint32(keyFile.length).bytes(keyFile);
    await write(head.uint64(BigInt(size)).finish());
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let offset = 0; offset < size; ) {
      const { bytesRead } = await readAt(lock.file, buffer, 0, Math.min(CHUNK_BYTES, size - offset), offset);
      if (bytesRead === 0) throw new Error("the database is shorter than it says");
      await write(buffer.subarray(0, bytesRead));
      offset += bytesRead;
    }
    await write(hash.copy().digest());
  } finally {
    if (database.isOpen) database.checkpointByItself(true);
  }
}
