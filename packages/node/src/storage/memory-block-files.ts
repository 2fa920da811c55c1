import type { BlockHash } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockPart, FilePosition } from "../ports.ts";
import { type BlockFileInfo, NO_BLOCKS, withBlock } from "./block-file-info.ts";
import { type BlockStorage, RECORD_HEAD_SIZE } from "./block-files.ts";
import { StorageError } from "./storage-error.ts";

/**
 * Blocks and undo data in memory, for simulations: one file that never ends. What was appended outlives `close`, as on disk. Begins
 * with what `source`, another one, holds.
 */
export function openMemoryBlocks(source?: BlockStorage): BlockStorage {
  return new MemoryBlocks(source as MemoryBlocks | undefined);
}

class MemoryBlocks implements BlockStorage {
  readonly #blocks: Map<number, Uint8Array>;
  readonly #undo: Map<number, Uint8Array>;
  #info: BlockFileInfo = NO_BLOCKS;
  #isDirty = false;

  constructor(source?: MemoryBlocks) {
    this.#blocks = new Map(source === undefined ? [] : source.#blocks);
    this.#undo = new Map(source === undefined ? [] : source.#undo);
    if (source !== undefined) this.#info = source.#info;
  }

  get files(): readonly BlockFileInfo[] {
    return [this.#info];
  }

  appendBlock(bytes: Uint8Array, height: number, timeSeconds: number): FilePosition {
    const offset = this.#info.sizeBytes + RECORD_HEAD_SIZE;
    this.#blocks.set(offset, bytes.slice());
    this.#count(offset + bytes.length, height, timeSeconds);
    return { file: 0, offset };
  }

  appendUndo(_blockFile: number, bytes: Uint8Array, _previousHash: BlockHash): FilePosition {
    const offset = this.#info.undoSizeBytes + RECORD_HEAD_SIZE;
    this.#undo.set(offset, bytes.slice());
    this.#info = { ...this.#info, undoSizeBytes: offset + bytes.length };
    this.#isDirty = true;
    return { file: 0, offset };
  }

  async readBlock(position: FilePosition, part?: BlockPart): Promise<Uint8Array> {
    const bytes = found(this.#blocks, position, "block");
    return part === undefined ? bytes : bytes.subarray(part.start, part.start + part.sizeMax);
  }

  async readUndo(position: FilePosition, _previousHash: BlockHash): Promise<Uint8Array> {
    return found(this.#undo, position, "undo data");
  }

  takeDirtyFiles(): readonly (readonly [file: number, info: BlockFileInfo])[] {
    if (!this.#isDirty) return [];
    this.#isDirty = false;
    return [[0, this.#info]];
  }

  noteBlock(position: FilePosition, sizeBytes: number, height: number, timeSeconds: number): void {
    this.#count(position.offset + sizeBytes, height, timeSeconds);
  }

  keepBlock(): void {}

  sizeOnDisk(): number {
    return this.#info.sizeBytes + this.#info.undoSizeBytes;
  }

  async hasFile(file: number): Promise<boolean> {
    return file === 0;
  }

  readonly currentFile = 0;

  takeGrowth(): boolean {
    return false;
  }

  forgetFile(): void {
    throw new Error("the only block file there is cannot be forgotten");
  }

  async removeFile(): Promise<boolean> {
    return false;
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {}

  #count(endOffset: number, height: number, timeSeconds: number): void {
    this.#info = withBlock(this.#info, endOffset, height, timeSeconds);
    this.#isDirty = true;
  }
}

function found(records: ReadonlyMap<number, Uint8Array>, position: FilePosition, what: string): Uint8Array {
  const bytes = records.get(position.offset);
  if (bytes === undefined) throw new StorageError("missing", "memory", `There is no ${what} at ${position.offset}.`);
  return bytes.slice();
}
