import { createHash } from "node:crypto";
import { fstatSync, readSync, renameSync, statSync } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { BACKUP_HASH_SIZE, BACKUP_MAGIC, BACKUP_VERSION } from "./backup.ts";
import { decodeKeyFile, type KeyFile, syncFolder } from "./key-file.ts";
import { addKeyFile } from "./key-folder.ts";
import { readHead } from "./rebuild-database.ts";
import type { WalletFileLock } from "./wallet-file-lock.ts";
import { type DatabasePaths, setLogAside } from "./wallet-files.ts";
import { WalletStorageError } from "./wallet-storage-error.ts";

/** Magic, version, size of the key file. */
const HEAD_SIZE = BACKUP_MAGIC.length + 1 + 4;
const KEY_FILE_SIZE_MAX = 64 * 1024;
const SIZE_FIELD_SIZE = 8;
const CHUNK_BYTES = 1024 * 1024;

/** Whether an open file is a backup. */
export function isBackup(file: number): boolean {
  const magic = new Uint8Array(BACKUP_MAGIC.length);
  return readSync(file, magic, 0, magic.length, 0) === magic.length && equalBytes(magic, BACKUP_MAGIC);
}

/**
 * Puts the database of a backup in the place of the backup, which was copied there, and its key into the folder of keys. Whenever that is
 * interrupted, there is the backup still, or all of it is done.
 */
export async function unpackInPlace(paths: DatabasePaths, lock: WalletFileLock, keysFolder: string): Promise<void> {
  await rm(paths.newDatabase, { force: true });
  try {
    const keyFile = await unpackBackup(paths.database, paths.newDatabase);
    await addKeyFile(keyFile, paths.database, keysFolder);
    await setLogAside(paths.log);
    // Another process may have been faster, and have the database open.
    if (statSync(paths.database).ino !== fstatSync(lock.file).ino) throw inUse(paths.database);
    renameSync(paths.newDatabase, paths.database);
  } catch (error) {
    await rm(paths.newDatabase, { force: true }).catch(() => {});
    throw error;
  }
  await syncFolder(paths.folder);
  lock.reopen();
}

/** Writes the database of the backup at `path` to `target`, verified as a whole. Answers what its key file says. */
export async function unpackBackup(path: string, target: string): Promise<KeyFile> {
  const file = await open(path, "r");
  try {
    const source = new BackupReader(file, path);
    const { walletId, current } = decodeKeyFile(await readBackupHead(source), path);
    const size = Number(new Reader(await source.read(SIZE_FIELD_SIZE)).uint64());
    const database = await open(target, "wx", 0o600);
    try {
      for (let left = size; left > 0; ) {
        const chunk = await source.read(Math.min(left, CHUNK_BYTES));
        await database.writeFile(chunk);
        left -= chunk.length;
      }
      await database.sync();
    } finally {
      await database.close();
    }
    await source.verifyEnd();
    return { walletId, current: { ...current, head: readHead(target) } };
  } finally {
    await file.close();
  }
}

async function readBackupHead(source: BackupReader): Promise<Uint8Array> {
  const head = await source.readUpTo(HEAD_SIZE);
  const magic = head.subarray(0, BACKUP_MAGIC.length);
  if (!equalBytes(magic, BACKUP_MAGIC)) {
    throw notBackup(source.path);
  }
  if (head.length < HEAD_SIZE) throw damagedBackup(source.path);
  const reader = new Reader(head, BACKUP_MAGIC.length);
  const version = reader.uint8();
  if (version > BACKUP_VERSION) {
    const sentence = `The backup ${source.path} was written by a newer version of this program. Restore it with that version.`;
    throw new WalletStorageError("newer-version", source.path, sentence);
  }
  const size = reader.uint32();
  if (size > KEY_FILE_SIZE_MAX) throw damagedBackup(source.path);
  return source.read(size);
}

/** Reads a backup from its beginning and hashes what it reads. */
class BackupReader {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #hash = createHash("sha256");

  constructor(file: FileHandle, path: string) {
    this.#file = file;
    this.path = path;
  }

  async read(size: number): Promise<Uint8Array> {
    const bytes = await this.readUpTo(size);
    if (bytes.length < size) throw damagedBackup(this.path);
    return bytes;
  }

  /** Fewer where the file ends before. */
  async readUpTo(size: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(size);
    let done = 0;
    for (let got = -1; got !== 0 && done < size; done += got) {
      got = (await this.#file.read(bytes, done, size - done)).bytesRead;
    }
    this.#hash.update(bytes.subarray(0, done));
    return bytes.subarray(0, done);
  }

  async verifyEnd(): Promise<void> {
    const expected = this.#hash.digest();
    const found = new Uint8Array(BACKUP_HASH_SIZE + 1);
    const { bytesRead } = await this.#file.read(found, 0, found.length);
    if (bytesRead !== BACKUP_HASH_SIZE || !equalBytes(found.subarray(0, BACKUP_HASH_SIZE), expected)) {
      throw damagedBackup(this.path);
    }
  }
}

/** For a file that is something else. */
export function notBackup(path: string): WalletStorageError {
  const sentence = `${path} is not a backup of a wallet. Choose a file that backupwallet wrote.`;
  return new WalletStorageError("not-a-wallet", path, sentence);
}

function damagedBackup(path: string): WalletStorageError {
  const sentence = `The backup ${path} is damaged or not complete. Take another copy of it, or another backup.`;
  return new WalletStorageError("damaged", path, sentence);
}

function inUse(path: string): WalletStorageError {
  return new WalletStorageError(
    "in-use",
    path,
    `The wallet file ${path} is in use by another process. Unload it there first.`,
  );
}
