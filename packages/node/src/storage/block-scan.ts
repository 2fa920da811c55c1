import { type FileHandle, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { DecodeError, Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { BLOCK_HEADER_SIZE, type Block, readBlock } from "@bitfleet/protocol/primitives/block.ts";
import type { FilePosition } from "../ports.ts";
import { type BlockFilesOptions, blockFileName, RECORD_HEAD_SIZE } from "./block-files.ts";
import { loadBlocksKey } from "./blocks-key.ts";
import { storageErrorFor } from "./level-errors.ts";
import { obfuscate } from "./obfuscation.ts";

export interface ScannedBlock {
  /** Where the block stands, as `BlockFiles.readBlock` takes it. */
  readonly position: FilePosition;
  /** The block's encoding, in a buffer of its own. */
  readonly bytes: Uint8Array;
  /** Decoded, not checked in any way. */
  readonly block: Block;
}

/** BIP141's limit of weight is also one of bytes; a record that announces more is none. */
const BLOCK_SIZE_MAX = 4_000_000;
/** Bytes read at a time; holds at least two of the largest records. */
const WINDOW_BYTES = 16 * 1024 * 1024;
/** The genesis block's record, and some. */
const FIRST_RECORD_BYTES = 512;
/** How much is looked at to tell whether a file holds anything. */
const PROBE_BYTES = 64 * 1024;

/**
 * Every whole block of the blk files in file order, for `-reindex`. Missing files, garbage, damaged heads and cut-off tails
 * are passed over, and no block behind them is lost: after anything that is no block whose size is what its head says, the
 * search goes on one byte behind where it began. Rejects with `StorageError`.
 */
export async function* scanBlockFiles(
  options: Pick<BlockFilesOptions, "blocksPath" | "magic" | "useXor">,
): AsyncGenerator<ScannedBlock, void, void> {
  const key = await loadBlocksKey(options.blocksPath, options.useXor);
  for (const file of await listBlockFiles(options.blocksPath)) {
    const path = join(options.blocksPath, blockFileName("blk", file));
    const handle = await open(path, "r").catch((error) => {
      throw storageErrorFor(error, path);
    });
    try {
      yield* scanFile(handle, file, options.magic, key);
    } catch (error) {
      throw storageErrorFor(error, path);
    } finally {
      await handle.close();
    }
  }
}

/** Every whole block of one file in the same format but without obfuscation (`-loadblock`, bootstrap.dat). */
export async function* scanBlockFile(path: string, magic: Uint8Array): AsyncGenerator<ScannedBlock, void, void> {
  const handle = await open(path, "r").catch((error) => {
    throw storageErrorFor(error, path);
  });
  try {
    yield* scanFile(handle, 0, magic, new Uint8Array(8));
  } finally {
    await handle.close();
  }
}

/** The numbers of the blk files that are there, lowest first. None where there is no such folder. */
export async function listBlockFiles(blocksPath: string): Promise<number[]> {
  const names = await readdir(blocksPath).catch((error) => {
    if (error.code === "ENOENT") return [];
    throw storageErrorFor(error, blocksPath);
  });
  return names
    .flatMap((name) => /^blk(\d{5})\.dat$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/**
 * Whether a blk file has more in it than a first start leaves there, readable or not: anything but zeros, which are the
 * reserve that the file grows by, behind the place of the genesis block.
 */
export async function holdsBlockData(blocksPath: string, file: number): Promise<boolean> {
  const handle = await open(join(blocksPath, blockFileName("blk", file)), "r").catch(() => undefined);
  if (handle === undefined) return false;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(PROBE_BYTES), 0, PROBE_BYTES, FIRST_RECORD_BYTES);
    return buffer.subarray(0, bytesRead).some((byte) => byte !== 0);
  } finally {
    await handle.close();
  }
}

async function* scanFile(
  handle: FileHandle,
  file: number,
  magic: Uint8Array,
  key: Uint8Array,
): AsyncGenerator<ScannedBlock, void, void> {
  const window = new Window(handle, key);
  let offset = 0;
  for (;;) {
    const start = await window.find(magic, offset);
    if (start === undefined) return;
    offset = start + 1;
    const head = await window.read(start, RECORD_HEAD_SIZE);
    if (head === undefined) continue;
    const size = new Reader(head, 4).uint32();
    if (size < BLOCK_HEADER_SIZE || size > BLOCK_SIZE_MAX) continue;
    const record = await window.read(start + RECORD_HEAD_SIZE, size);
    if (record === undefined) continue;
    const bytes = record.slice();
    const block = decodeWhole(bytes);
    if (block === undefined) continue;
    yield { position: { file, offset: start + RECORD_HEAD_SIZE }, bytes, block };
    offset = start + RECORD_HEAD_SIZE + size;
  }
}

function decodeWhole(bytes: Uint8Array): Block | undefined {
  try {
    const reader = new Reader(bytes);
    const block = readBlock(reader);
    reader.end();
    return block;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** A stretch of a file in memory, in clear, that moves forward as it is asked for. */
class Window {
  readonly #handle: FileHandle;
  readonly #key: Uint8Array;
  readonly #buffer = Buffer.alloc(WINDOW_BYTES);
  /** Where in the file the buffer begins, and how much of it is filled. */
  #start = 0;
  #size = 0;

  constructor(handle: FileHandle, key: Uint8Array) {
    this.#handle = handle;
    this.#key = key;
  }

  /** A view of the file's bytes, valid until the next call, or `undefined` where the file ends before. */
  async read(offset: number, size: number): Promise<Uint8Array | undefined> {
    if (offset < this.#start || offset + size > this.#start + this.#size) await this.#fill(offset);
    const from = offset - this.#start;
    if (from + size > this.#size) return undefined;
    return new Uint8Array(this.#buffer.buffer, this.#buffer.byteOffset + from, size);
  }

  /** Where `pattern` next stands, at `offset` or behind. */
  async find(pattern: Uint8Array, offset: number): Promise<number | undefined> {
    let from = offset;
    for (;;) {
      if (from < this.#start || from + pattern.length > this.#start + this.#size) await this.#fill(from);
      if (from - this.#start + pattern.length > this.#size) return undefined;
      const index = this.#buffer.subarray(0, this.#size).indexOf(pattern, from - this.#start);
      if (index >= 0) return this.#start + index;
      from = this.#start + this.#size - pattern.length + 1;
    }
  }

  async #fill(offset: number): Promise<void> {
    this.#start = offset;
    this.#size = 0;
    while (this.#size < WINDOW_BYTES) {
      const left = WINDOW_BYTES - this.#size;
      const { bytesRead } = await this.#handle.read(this.#buffer, this.#size, left, offset + this.#size);
      if (bytesRead === 0) break;
      this.#size += bytesRead;
    }
    obfuscate(this.#buffer.subarray(0, this.#size), this.#key, offset);
  }
}
