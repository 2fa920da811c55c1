import {
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  fsync,
  ftruncateSync,
  openSync,
  statfsSync,
  writeSync,
} from "node:fs";
import { mkdir, open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { concatBytes, equalBytes, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { COMPACT_SIZE_MAX, Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { sha256d } from "@bitfleet/protocol/crypto/hash.ts";
import { type BlockHash, HASH_SIZE } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockFiles, BlockPart, FilePosition } from "../ports.ts";
import { type BlockFileInfo, NO_BLOCKS, withBlock } from "./block-file-info.ts";
import { loadBlocksKey } from "./blocks-key.ts";
import { storageErrorFor } from "./level-errors.ts";
import { obfuscate } from "./obfuscation.ts";
import { StorageError } from "./storage-error.ts";

export interface BlockFilesOptions {
  /** `<datadir>/<net>/blocks`, made where it is missing. */
  readonly blocksPath: string;
  /** The network's four bytes. */
  readonly magic: Uint8Array;
  /** `-blocksxor`: make a random key for a fresh directory. */
  readonly useXor: boolean;
  /** `-fastprune`: small files. */
  readonly fastPrune?: boolean;
  /** What the block index database has about the files, by file number; empty for a fresh directory and for `-reindex`. */
  readonly files: readonly BlockFileInfo[];
}

/** The block files with what the block index needs to keep about them. */
export interface BlockStorage extends BlockFiles {
  /** By file number. A pruned file has zero everywhere. */
  readonly files: readonly BlockFileInfo[];
  /** Statistics changed since the last call, to go into the block index database with the next flush ({@link flush} first). */
  takeDirtyFiles(): readonly (readonly [file: number, info: BlockFileInfo])[];
  /** Counts a block that is in the files already (`-reindex`). */
  noteBlock(position: FilePosition, sizeBytes: number, height: number, timeSeconds: number): void;
  /** Sees to it that nothing is written over a block that is in the files already, counted or not (`-reindex`). */
  keepBlock(position: FilePosition, sizeBytes: number): void;
  /** Bytes used by blocks and undo data. */
  sizeOnDisk(): number;
  /** True where the blk file exists. */
  hasFile(file: number): Promise<boolean>;
  /** The file that blocks are appended to: the last one. */
  readonly currentFile: number;
  /** Whether a file has grown by a chunk since the last call. */
  takeGrowth(): boolean;
  /** Zeroes the statistics of a pair whose blocks the index no longer refers to (pruning). */
  forgetFile(file: number): void;
  /** Deletes a forgotten pair. False where neither file was there. */
  removeFile(file: number): Promise<boolean>;
}

/** Magic and size in front of every record. */
export const RECORD_HEAD_SIZE = 8;

/** A blk file is left for the next before it reaches this. */
const FILE_BYTES_MAX = 128 * 1024 * 1024;
const FAST_PRUNE_FILE_BYTES_MAX = 64 * 1024;
/** Files grow in steps of these, so that the disk keeps them in one piece. */
const BLOCK_CHUNK_BYTES = 16 * 1024 * 1024;
const FAST_PRUNE_BLOCK_CHUNK_BYTES = 16 * 1024;
const UNDO_CHUNK_BYTES = 1024 * 1024;
/** As in Bitcoin Core: a file grows only while this much stays free on the disk. */
const FREE_BYTES_MIN = 50 * 1024 * 1024;

const syncData = promisify(fdatasync);
const syncAll = promisify(fsync);

type Prefix = "blk" | "rev";

/** Name of a block file: `blk00000.dat`. */
export function blockFileName(prefix: Prefix, file: number): string {
  return `${prefix}${String(file).padStart(5, "0")}.dat`;
}

/** Opens the block files. Rejects with `StorageError`. */
export async function openBlockFiles(options: BlockFilesOptions): Promise<BlockStorage> {
  const { blocksPath } = options;
  await mkdir(blocksPath, { recursive: true }).catch((error) => {
    throw storageErrorFor(error, blocksPath);
  });
  const key = await loadBlocksKey(blocksPath, options.useXor);
  for (const [file, info] of options.files.entries()) {
    if (info.sizeBytes > 0) await requireFile(join(blocksPath, blockFileName("blk", file)), info.sizeBytes);
  }
  return new FileBlockStorage(options, key);
}

async function requireFile(path: string, sizeBytes: number): Promise<void> {
  const stats = await stat(path).catch((error) => {
    if (error.code !== "ENOENT") throw storageErrorFor(error, path);
    throw new StorageError(
      "missing",
      path,
      `${path} is missing, though blocks are recorded in it. Start again with -reindex to rebuild the block index.`,
    );
  });
  if (stats.size >= sizeBytes) return;
  throw new StorageError(
    "corrupt",
    path,
    `${path} has ${stats.size} bytes where ${sizeBytes} are recorded. Start again with -reindex to rebuild the block index.`,
  );
}

class FileBlockStorage implements BlockStorage {
  readonly #options: BlockFilesOptions;
  readonly #key: Uint8Array;
  readonly #files: BlockFileInfo[];
  /** The file that blocks are appended to. */
  #currentFile: number;
  /** Open for writing, by file name: the current pair. */
  readonly #writers = new Map<string, number>();
  /** Names of files written to since the last {@link flush}. */
  #unsynced = new Set<string>();
  #hasNewFiles = false;
  #hasGrown = false;
  #dirtyInfos = new Set<number>();

  constructor(options: BlockFilesOptions, key: Uint8Array) {
    this.#options = options;
    this.#key = key;
    this.#files = [...options.files];
    this.#currentFile = Math.max(0, this.#files.length - 1);
  }

  get files(): readonly BlockFileInfo[] {
    return this.#files;
  }

  get currentFile(): number {
    return this.#currentFile;
  }

  appendBlock(bytes: Uint8Array, height: number, timeSeconds: number): FilePosition {
    const recordSize = RECORD_HEAD_SIZE + bytes.length;
    this.#leaveFullFile(recordSize);
    const file = this.#currentFile;
    const start = this.#infoOf(file).sizeBytes;
    const chunk = this.#options.fastPrune ? FAST_PRUNE_BLOCK_CHUNK_BYTES : BLOCK_CHUNK_BYTES;
    // As in Core a pair is one from the start, with undo data to come or none (genesis).
    if (start === 0) this.#writer("rev", file);
    this.#write("blk", file, start, this.#record(bytes), chunk);
    this.#count(file, start + recordSize, height, timeSeconds);
    return { file, offset: start + RECORD_HEAD_SIZE };
  }

  appendUndo(blockFile: number, bytes: Uint8Array, previousHash: BlockHash): FilePosition {
    const info = this.#infoOf(blockFile);
    const start = info.undoSizeBytes;
    const record = this.#record(bytes, undoChecksum(bytes, previousHash));
    // A pair that was left is cut to size already: undo data that comes late is added without a reserve behind it.
    this.#write("rev", blockFile, start, record, blockFile === this.#currentFile ? UNDO_CHUNK_BYTES : 1);
    this.#setInfo(blockFile, { ...info, undoSizeBytes: start + record.length });
    return { file: blockFile, offset: start + RECORD_HEAD_SIZE };
  }

  async readBlock(position: FilePosition, part?: BlockPart): Promise<Uint8Array> {
    return this.#read("blk", position, 0, part);
  }

  async readUndo(position: FilePosition, previousHash: BlockHash): Promise<Uint8Array> {
    const record = await this.#read("rev", position, HASH_SIZE);
    const size = record.length - HASH_SIZE;
    const bytes = record.subarray(0, size);
    if (!equalBytes(undoChecksum(bytes, previousHash), record.subarray(size))) {
      throw this.#damaged("rev", position, "its checksum does not match");
    }
    return bytes;
  }

  async flush(): Promise<void> {
    const names = this.#unsynced;
    const hasNewFiles = this.#hasNewFiles;
    this.#unsynced = new Set();
    this.#hasNewFiles = false;
    try {
      for (const name of names) await this.#sync(name);
      if (hasNewFiles) await syncDirectory(this.#options.blocksPath);
    } catch (error) {
      for (const name of names) this.#unsynced.add(name);
      this.#hasNewFiles ||= hasNewFiles;
      throw storageErrorFor(error, this.#options.blocksPath);
    }
  }

  async close(): Promise<void> {
    await this.flush();
    for (const writer of this.#writers.values()) closeSync(writer);
    this.#writers.clear();
  }

  takeDirtyFiles(): readonly (readonly [file: number, info: BlockFileInfo])[] {
    const dirty = [...this.#dirtyInfos].sort((a, b) => a - b);
    this.#dirtyInfos = new Set();
    return dirty.map((file) => [file, this.#infoOf(file)] as const);
  }

  noteBlock(position: FilePosition, sizeBytes: number, height: number, timeSeconds: number): void {
    this.#currentFile = Math.max(this.#currentFile, position.file);
    this.#count(position.file, position.offset + sizeBytes, height, timeSeconds);
  }

  keepBlock(position: FilePosition, sizeBytes: number): void {
    this.#currentFile = Math.max(this.#currentFile, position.file);
    const info = this.#infoOf(position.file);
    const end = position.offset + sizeBytes;
    if (end > info.sizeBytes) this.#setInfo(position.file, { ...info, sizeBytes: end });
  }

  sizeOnDisk(): number {
    let size = 0;
    for (const info of this.#files) size += info.sizeBytes + info.undoSizeBytes;
    return size;
  }

  async hasFile(file: number): Promise<boolean> {
    const stats = await stat(this.#path("blk", file)).catch(() => undefined);
    return stats?.isFile() ?? false;
  }

  takeGrowth(): boolean {
    const hasGrown = this.#hasGrown;
    this.#hasGrown = false;
    return hasGrown;
  }

  forgetFile(file: number): void {
    if (file === this.#currentFile) throw new Error("the block file that is being written cannot be forgotten");
    for (const prefix of ["blk", "rev"] as const) {
      this.#closeWriter(prefix, file);
      this.#unsynced.delete(blockFileName(prefix, file));
    }
    this.#setInfo(file, NO_BLOCKS);
  }

  async removeFile(file: number): Promise<boolean> {
    if (this.#infoOf(file).sizeBytes > 0) throw new Error("a block file that is in use cannot be removed");
    let isRemoved = false;
    for (const prefix of ["blk", "rev"] as const) {
      const path = this.#path(prefix, file);
      isRemoved = (await unlinked(path)) || isRemoved;
    }
    return isRemoved;
  }

  #path(prefix: Prefix, file: number): string {
    return join(this.#options.blocksPath, blockFileName(prefix, file));
  }

  #infoOf(file: number): BlockFileInfo {
    return this.#files[file] ?? NO_BLOCKS;
  }

  #setInfo(file: number, info: BlockFileInfo): void {
    while (this.#files.length < file) this.#files.push(NO_BLOCKS);
    this.#files[file] = info;
    this.#dirtyInfos.add(file);
  }

  /** Counts a block that ends at `end` of the blk file. */
  #count(file: number, end: number, height: number, timeSeconds: number): void {
    this.#setInfo(file, withBlock(this.#infoOf(file), end, height, timeSeconds));
  }

  /** Goes on to a new file where a record of `recordSize` bytes no longer fits, and cuts the reserve off the old pair. */
  #leaveFullFile(recordSize: number): void {
    const sizeMax = this.#options.fastPrune ? Math.max(FAST_PRUNE_FILE_BYTES_MAX, recordSize + 1) : FILE_BYTES_MAX;
    const left = this.#currentFile;
    if (this.#infoOf(left).sizeBytes + recordSize < sizeMax) return;
    this.#truncate("blk", left, this.#infoOf(left).sizeBytes);
    this.#truncate("rev", left, this.#infoOf(left).undoSizeBytes);
    this.#currentFile = Math.max(this.#files.length, left + 1);
  }

  #truncate(prefix: Prefix, file: number, sizeBytes: number): void {
    const name = blockFileName(prefix, file);
    if (sizeBytes === 0) {
      this.#closeWriter(prefix, file);
      return;
    }
    try {
      const writer = this.#writer(prefix, file);
      if (fstatSync(writer).size > sizeBytes) ftruncateSync(writer, sizeBytes);
      closeSync(writer);
      this.#writers.delete(name);
      this.#unsynced.add(name);
    } catch (error) {
      throw storageErrorFor(error, this.#path(prefix, file));
    }
  }

  #record(bytes: Uint8Array, checksum?: Uint8Array): Uint8Array {
    const writer = new Writer(RECORD_HEAD_SIZE + bytes.length + (checksum?.length ?? 0));
    writer.bytes(this.#options.magic).uint32(bytes.length).bytes(bytes);
    if (checksum !== undefined) writer.bytes(checksum);
    return writer.finish();
  }

  /** Writes `record`, which it may change, and grows the file by whole chunks beforehand. */
  #write(prefix: Prefix, file: number, start: number, record: Uint8Array, chunkBytes: number): void {
    obfuscate(record, this.#key, start);
    try {
      const writer = this.#writer(prefix, file);
      const end = start + record.length;
      const crossesChunk = Math.ceil(end / chunkBytes) > Math.ceil(start / chunkBytes);
      if (chunkBytes > 1 && crossesChunk) this.#grow(writer, Math.ceil(end / chunkBytes) * chunkBytes);
      let written = 0;
      while (written < record.length) {
        written += writeSync(writer, record, written, record.length - written, start + written);
      }
      this.#unsynced.add(blockFileName(prefix, file));
      if (file !== this.#currentFile) this.#closeWriter(prefix, file);
    } catch (error) {
      throw storageErrorFor(error, this.#path(prefix, file));
    }
  }

  #grow(writer: number, size: number): void {
    const oldSize = fstatSync(writer).size;
    if (size <= oldSize) return;
    const disk = statfsSync(this.#options.blocksPath);
    if (disk.bavail * disk.bsize < FREE_BYTES_MIN + size - oldSize) {
      const { blocksPath } = this.#options;
      throw new StorageError("full", blocksPath, `Disk space is too low in ${blocksPath} to store more blocks.`);
    }
    ftruncateSync(writer, size);
    this.#hasGrown = true;
  }

  #writer(prefix: Prefix, file: number): number {
    const name = blockFileName(prefix, file);
    let writer = this.#writers.get(name);
    if (writer === undefined) {
      writer = openSync(this.#path(prefix, file), constants.O_RDWR | constants.O_CREAT, 0o600);
      this.#writers.set(name, writer);
      if (fstatSync(writer).size === 0) this.#hasNewFiles = true;
    }
    return writer;
  }

  #closeWriter(prefix: Prefix, file: number): void {
    const name = blockFileName(prefix, file);
    const writer = this.#writers.get(name);
    if (writer !== undefined) closeSync(writer);
    this.#writers.delete(name);
  }

  async #sync(name: string): Promise<void> {
    const handle = await open(join(this.#options.blocksPath, name), "r+");
    try {
      await syncData(handle.fd);
    } finally {
      await handle.close();
    }
  }

  /** The record at `position`, or a part of it, and `trailerSize` bytes behind it, in clear. */
  async #read(prefix: Prefix, position: FilePosition, trailerSize: number, part?: BlockPart): Promise<Uint8Array> {
    const path = this.#path(prefix, position.file);
    const start = position.offset - RECORD_HEAD_SIZE;
    if (start < 0) throw this.#damaged(prefix, position, "no record can begin there");
    const handle = await open(path, "r").catch((error) => {
      throw storageErrorFor(error, path);
    });
    const read = async (offset: number, size: number): Promise<Uint8Array> => {
      const bytes = new Uint8Array(size);
      const { bytesRead } = await handle.read(bytes, 0, size, offset);
      if (bytesRead < size) throw this.#damaged(prefix, position, "the file ends before the record does");
      obfuscate(bytes, this.#key, offset);
      return bytes;
    };
    try {
      const head = new Reader(await read(start, RECORD_HEAD_SIZE));
      const magic = head.bytes(4);
      const { magic: expected } = this.#options;
      if (!equalBytes(magic, expected)) {
        throw this.#damaged(prefix, position, `its magic is ${toHex(magic)} instead of ${toHex(expected)}`);
      }
      const size = head.uint32();
      if (size > COMPACT_SIZE_MAX) throw this.#damaged(prefix, position, `its size of ${size} bytes is too large`);
      const skipped = Math.min(part?.start ?? 0, size);
      const wanted = Math.min(part?.sizeMax ?? size, size - skipped);
      return await read(position.offset + skipped, wanted + trailerSize);
    } catch (error) {
      throw storageErrorFor(error, path);
    } finally {
      await handle.close();
    }
  }

  #damaged(prefix: Prefix, position: FilePosition, what: string): StorageError {
    const path = this.#path(prefix, position.file);
    const subject = prefix === "blk" ? "block" : "undo data";
    const sentence = `The ${subject} at offset ${position.offset} of ${path} cannot be read: ${what}. Restart with -reindex.`;
    return new StorageError("corrupt", path, sentence);
  }
}

/** Deletes a file; false where there was none. */
async function unlinked(path: string): Promise<boolean> {
  try {
    await rm(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw storageErrorFor(error, path);
  }
}

/** Ties undo data to its place in the chain: hash of the previous block's hash and the data. */
function undoChecksum(bytes: Uint8Array, previousHash: BlockHash): Uint8Array {
  return sha256d(concatBytes(previousHash, bytes));
}

/** Makes new directory entries durable. Where the system cannot sync directories (Windows), it needs not. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, "r").catch(() => undefined);
  if (handle === undefined) return;
  await syncAll(handle.fd).catch(() => {});
  await handle.close();
}
