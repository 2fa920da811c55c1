import { createHash, randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { BACKUP_HASH_SIZE, BACKUP_MAGIC, BACKUP_VERSION } from "./backup.ts";
import { decodeKeyFile, type KeyFile, syncFolder, writeKeyFile } from "./key-file.ts";
import { alreadyExists, openWalletDatabase, type WalletStorageDependencies } from "./open-wallet.ts";
import type { Passphrase } from "./passphrase-key.ts";
import { isFile, removeLeftovers, type WalletPaths, walletPaths } from "./wallet-files.ts";
import { damagedError, WalletStorageError, walletErrorFor } from "./wallet-storage-error.ts";

export interface RestoreOptions {
  readonly networkMagic: number;
  /** Where the whole file is protected by one: without it, only that every byte arrived is verified. */
  readonly passphrase?: Passphrase | undefined;
}

/** Magic, version, size of the key file. */
const HEAD_SIZE = BACKUP_MAGIC.length + 1 + 4;
const KEY_FILE_SIZE_MAX = 64 * 1024;
const SIZE_FIELD_SIZE = 8;
const CHUNK_BYTES = 1024 * 1024;

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
  const target = walletPaths(resolve(folder));
  if (isFile(target.database)) throw alreadyExists(target);
  const parent = dirname(target.folder);
  const temporary = walletPaths(
    join(parent, `.${basename(target.folder)}.restoring-${randomBytes(4).toString("hex")}`),
  );
  try {
    await mkdir(parent, { recursive: true });
    await mkdir(temporary.folder, { mode: 0o700 });
    const keyFile = await unpack(backupPath, temporary);
    await verify(temporary, keyFile, backupPath, options, deps);
    await moveIntoPlace(temporary, target);
  } catch (error) {
    throw walletErrorFor(error, backupPath);
  } finally {
    await rm(temporary.folder, { recursive: true, force: true }).catch(() => {});
  }
}

/** Writes the two files of a backup; answers what the key file says. */
async function unpack(path: string, paths: WalletPaths): Promise<KeyFile> {
  const file = await open(path, "r");
  try {
    const source = new BackupReader(file, path);
    const keyFile = decodeKeyFile(await readHead(source), path);
    const size = Number(new Reader(await source.read(SIZE_FIELD_SIZE)).uint64());
    const database = await open(paths.database, "wx", 0o600);
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
    await writeKeyFile(paths.keyFile, keyFile);
    return keyFile;
  } finally {
    await file.close();
  }
}

async function readHead(source: BackupReader): Promise<Uint8Array> {
  const head = await source.readUpTo(HEAD_SIZE);
  const magic = head.subarray(0, BACKUP_MAGIC.length);
  if (!equalBytes(magic, BACKUP_MAGIC)) {
    const sentence = `${source.path} is not a backup of a wallet. Choose a file that backupwallet wrote.`;
    throw new WalletStorageError("not-a-wallet", source.path, sentence);
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

/** Opens what was unpacked and looks through it. */
async function verify(
  paths: WalletPaths,
  { current, next }: KeyFile,
  backupPath: string,
  { networkMagic, passphrase }: RestoreOptions,
  deps: WalletStorageDependencies,
): Promise<void> {
  const needsPassphrase = [current, next].some((holder) => holder?.kind === "passphrase");
  if (needsPassphrase && passphrase === undefined) return;
  const wallet = await openWalletDatabase(paths.folder, { networkMagic, passphrase }, deps);
  try {
    const { problems } = await wallet.checkIntegrity();
    if (problems.length > 0) throw damagedError(backupPath, problems[0]!.replace(/\.$/, ""));
  } finally {
    await wallet.close();
  }
}

/** The whole folder at once; only where the target's folder is in use for other things, one file and then the other. */
async function moveIntoPlace(from: WalletPaths, to: WalletPaths): Promise<void> {
  // A folder that is empty gives way; one that is not, stays.
  await rmdir(to.folder).catch(() => {});
  const hasMoved = await rename(from.folder, to.folder).then(
    () => true,
    () => false,
  );
  if (!hasMoved) {
    if (isFile(to.database)) throw alreadyExists(to);
    await removeLeftovers(to);
    await rename(from.keyFile, to.keyFile);
    await rename(from.database, to.database);
    await syncFolder(to.folder);
  }
  await syncFolder(dirname(to.folder));
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

function damagedBackup(path: string): WalletStorageError {
  const sentence = `The backup ${path} is damaged or not complete. Take another copy of it, or another backup.`;
  return new WalletStorageError("damaged", path, sentence);
}
