import { closeSync, constants, fdatasync, fstatSync, ftruncateSync, openSync, statfsSync, writeSync } from "node:fs";
import { type FileHandle, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { DecodeError, Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { filterHashOf } from "@bitfleet/protocol/filters/block-filter.ts";
import { type BlockHash, HASH_SIZE } from "@bitfleet/protocol/primitives/types.ts";
import { storageErrorFor } from "../storage/level-errors.ts";
import { StorageError } from "../storage/storage-error.ts";
import type { FilterPosition, FilterRecordAtHeight } from "./filter-record.ts";

/** A file is left for the next before it would grow beyond this. */
const FILE_BYTES_MAX = 16 * 1024 * 1024;
/** Files grow in steps of these, so that the disk keeps them in one piece. */
const CHUNK_BYTES = 1024 * 1024;
/** As for block files: a file grows only while this much stays free on the disk. */
const FREE_BYTES_MIN = 50 * 1024 * 1024;
/** Block hash and the longest length that a filter has. */
const HEAD_SIZE_MAX = HASH_SIZE + 9;

const syncData = promisify(fdatasync);

/**
 * The encoded filters, one behind the other in `fltr?????.dat`, as Bitcoin Core keeps them: block hash, length, filter. Only the
 * database says where one begins; what lies behind the end that it names is left over from a crash and written over.
 */
export class FilterFiles {
  readonly #path: string;
  readonly #fileBytesMax: number;
  #end: FilterPosition;
  /** The current file, open for writing. */
  #writer: number | undefined;
  #isNew = false;

  /** `path` is a folder that exists; `end` is where the next filter goes. */
  constructor(path: string, end: FilterPosition, fileBytesMax: number = FILE_BYTES_MAX) {
    this.#path = path;
    this.#end = end;
    this.#fileBytesMax = fileBytesMax;
  }

  get end(): FilterPosition {
    return this.#end;
  }

  /** Appends a filter; where it begins. {@link flush} puts it on the disk. Rejects with `StorageError`. */
  async append(blockHash: BlockHash, filter: Uint8Array): Promise<FilterPosition> {
    const record = new Writer(HEAD_SIZE_MAX + filter.length).bytes(blockHash).compactBytes(filter).finish();
    if (this.#end.offset > 0 && this.#end.offset + record.length > this.#fileBytesMax) await this.#beginFile();
    const start = this.#end;
    const end = start.offset + record.length;
    try {
      const writer = this.#openWriter();
      this.#grow(writer, end);
      let written = 0;
      while (written < record.length) {
        written += writeSync(writer, record, written, record.length - written, start.offset + written);
      }
    } catch (error) {
      throw storageErrorFor(error, this.#nameOf(start.file));
    }
    this.#end = { file: start.file, offset: end };
    return start;
  }

  /** Forces everything appended so far to disk. */
  async flush(): Promise<void> {
    if (this.#writer === undefined) return;
    try {
      await syncData(this.#writer);
      if (this.#isNew) await syncDirectory(this.#path);
      this.#isNew = false;
    } catch (error) {
      throw storageErrorFor(error, this.#nameOf(this.#end.file));
    }
  }

  /** The filters of `records`, in their order. Rejects with `StorageError` where one is not there, or is another. */
  async read(records: readonly FilterRecordAtHeight[]): Promise<readonly Uint8Array[]> {
    const filters: Uint8Array[] = [];
    let file: { readonly number: number; readonly handle: FileHandle } | undefined;
    try {
      for (const record of records) {
        const { file: number } = record.position;
        if (file?.number !== number) {
          await file?.handle.close();
          file = undefined;
          file = { number, handle: await open(this.#nameOf(number), "r") };
        }
        filters.push(await this.#readOne(file.handle, record));
      }
    } catch (error) {
      throw storageErrorFor(error, this.#path);
    } finally {
      await file?.handle.close();
    }
    return filters;
  }

  close(): void {
    if (this.#writer !== undefined) closeSync(this.#writer);
    this.#writer = undefined;
  }

  async #readOne(handle: FileHandle, record: FilterRecordAtHeight): Promise<Uint8Array> {
    const { offset } = record.position;
    const head = new Uint8Array(HEAD_SIZE_MAX);
    const { bytesRead } = await handle.read(head, 0, head.length, offset);
    const reader = new Reader(head.subarray(0, bytesRead));
    try {
      const blockHash = reader.bytes(HASH_SIZE);
      const size = reader.compactSize();
      if (!equalBytes(blockHash, record.blockHash) || size > FILE_BYTES_MAX) throw this.#damaged(record);
      const filter = new Uint8Array(size);
      const body = await handle.read(filter, 0, size, offset + reader.offset);
      if (body.bytesRead < size || !equalBytes(filterHashOf(filter), record.filterHash)) throw this.#damaged(record);
      return filter;
    } catch (error) {
      throw error instanceof DecodeError ? this.#damaged(record) : error;
    }
  }

  #damaged({ position }: FilterRecordAtHeight): StorageError {
    const path = this.#nameOf(position.file);
    const message = `The block filter at offset ${position.offset} of ${path} is damaged. Restart with -reindex.`;
    return new StorageError("corrupt", path, message);
  }

  /** Goes on to the next file, with the reserve cut off the one that is left. */
  async #beginFile(): Promise<void> {
    const { file, offset } = this.#end;
    try {
      ftruncateSync(this.#openWriter(), offset);
    } catch (error) {
      throw storageErrorFor(error, this.#nameOf(file));
    }
    await this.flush();
    this.close();
    this.#end = { file: file + 1, offset: 0 };
  }

  #openWriter(): number {
    if (this.#writer === undefined) {
      this.#writer = openSync(this.#nameOf(this.#end.file), constants.O_RDWR | constants.O_CREAT, 0o600);
      this.#isNew = fstatSync(this.#writer).size === 0;
    }
    return this.#writer;
  }

  #grow(writer: number, end: number): void {
    const oldSize = fstatSync(writer).size;
    if (end <= oldSize) return;
    const size = Math.ceil(end / CHUNK_BYTES) * CHUNK_BYTES;
    const disk = statfsSync(this.#path);
    if (disk.bavail * disk.bsize < FREE_BYTES_MIN + size - oldSize) {
      throw new StorageError("full", this.#path, `Disk space is too low in ${this.#path} to store more block filters.`);
    }
    ftruncateSync(writer, size);
  }

  #nameOf(file: number): string {
    return join(this.#path, `fltr${String(file).padStart(5, "0")}.dat`);
  }
}

/** Deletes every filter file below `path`, which exists. */
export async function removeFilterFiles(path: string): Promise<void> {
  const names = (await readdir(path)).filter((name) => /^fltr\d{5,}\.dat$/.test(name));
  for (const name of names) await rm(join(path, name), { force: true });
}

/** Makes new directory entries durable. Where the system cannot sync directories (Windows), it needs not. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, "r").catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}
