import type { BlockFiles, FilePosition } from "../ports.ts";

/** Statistics of one blk/rev pair, kept in the block index database under `f`. */
export interface BlockFileInfo {
  readonly blockCount: number;
  /** Bytes used in the blk file, heads included. */
  readonly sizeBytes: number;
  /** Bytes used in the rev file, heads and checksums included. */
  readonly undoSizeBytes: number;
  readonly heightFirst: number;
  readonly heightLast: number;
  /** Seconds since 1970. */
  readonly timeFirst: number;
  readonly timeLast: number;
}

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
  /** Bytes used by blocks and undo data. */
  sizeOnDisk(): number;
  /** True where the blk file exists. */
  hasFile(file: number): Promise<boolean>;
  /** Deletes a blk/rev pair (pruning) and zeroes its statistics. */
  removeFile(file: number): Promise<void>;
}

/** Opens the block files. Rejects with `StorageError`. */
export async function openBlockFiles(options: BlockFilesOptions): Promise<BlockStorage> {
  throw new Error(`not yet: ${options.blocksPath}`);
}

export interface ScannedBlock {
  /** Where the block stands, as {@link BlockFiles.readBlock} takes it. */
  readonly position: FilePosition;
  /** A buffer of its own. */
  readonly bytes: Uint8Array;
}

/**
 * Every whole record of blk00000.dat, blk00001.dat … in file order up to the first missing file, for `-reindex`. Garbage,
 * damaged heads and cut-off tails are passed over; that the bytes are a block is for the caller to decide. Where they are not,
 * the caller calls `retry()` before the next step and the scan goes on right behind that record's head instead of behind its end.
 */
export async function* scanBlockFiles(
  options: Pick<BlockFilesOptions, "blocksPath" | "magic">,
): AsyncGenerator<ScannedBlock, void, void> {
  yield* [];
  throw new Error(`not yet: ${options.blocksPath}`);
}
