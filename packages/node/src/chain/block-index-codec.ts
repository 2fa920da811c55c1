import { Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { type BlockHeader, decodeBlockHeader, writeBlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import type { BlockFileInfo } from "../storage/block-file-info.ts";
import { readVarInt, writeVarInt } from "../storage/varint.ts";

/** How far a block was checked, what is stored of it, whether it failed: Bitcoin Core's bits, as they stand on disk. */
export const BlockStatus = {
  /** The header is valid and its ancestors are known. */
  VALID_TREE: 2,
  /** The transactions are well-formed and match the merkle root; their number is known. */
  VALID_TRANSACTIONS: 3,
  /** No input is spent twice or overspent; so for every ancestor. */
  VALID_CHAIN: 4,
  /** The scripts pass; so for every ancestor. */
  VALID_SCRIPTS: 5,
  VALID_MASK: 7,
  /** The block is in a blk file. */
  HAVE_DATA: 8,
  /** Its undo data is in the rev file. */
  HAVE_UNDO: 16,
  /** A rule is broken at the stage after the one reached. */
  FAILED_VALID: 32,
  /** An ancestor failed. Read as FAILED_VALID, no longer written. */
  FAILED_CHILD: 64,
  /** Stored by a node that enforced BIP141. */
  OPT_WITNESS: 128,
  /**
   * Beside FAILED_VALID: no rule is broken, the operator has taken the chain back from it (`reverttosnapshot`). Ours; Bitcoin Core
   * does not look at it, and sees a block that its operator has invalidated.
   */
  SET_ASIDE: 1 << 16,
} as const;

/** The largest number of a block file, offset and count: the fields are 32 bits wide in Bitcoin Core. */
const INT32_MAX = 0x7fffffff;

/** Core has written its version here since 2012 and reads it no more. */
const DUMMY_VERSION = 259_900;

/** A block index entry as it is stored under `b` + hash. */
export interface StoredBlockIndexEntry {
  readonly header: BlockHeader;
  readonly height: number;
  /** Bits of {@link BlockStatus}. */
  readonly status: number;
  /** Zero before VALID_TRANSACTIONS. */
  readonly transactionCount: number;
  /** Number of the blk/rev pair; zero without HAVE_DATA and HAVE_UNDO. */
  readonly file: number;
  /** Offset of the block in the blk file; zero without HAVE_DATA. */
  readonly dataOffset: number;
  /** Offset of the undo data in the rev file; zero without HAVE_UNDO. */
  readonly undoOffset: number;
}

export function encodeBlockIndexEntry(entry: StoredBlockIndexEntry): Uint8Array {
  const writer = new Writer(128);
  writeVarInt(writer, DUMMY_VERSION);
  writeVarInt(writer, entry.height);
  writeVarInt(writer, entry.status);
  writeVarInt(writer, entry.transactionCount);
  if (entry.status & (BlockStatus.HAVE_DATA | BlockStatus.HAVE_UNDO)) writeVarInt(writer, entry.file);
  if (entry.status & BlockStatus.HAVE_DATA) writeVarInt(writer, entry.dataOffset);
  if (entry.status & BlockStatus.HAVE_UNDO) writeVarInt(writer, entry.undoOffset);
  writeBlockHeader(writer, entry.header);
  return writer.finish();
}

/** Throws `DecodeError`. The caller compares `header.hash` with the key. */
export function decodeBlockIndexEntry(bytes: Uint8Array): StoredBlockIndexEntry {
  const reader = new Reader(bytes);
  readVarInt(reader);
  const height = readVarInt(reader, INT32_MAX);
  const status = readVarInt(reader);
  const transactionCount = readVarInt(reader);
  const file = status & (BlockStatus.HAVE_DATA | BlockStatus.HAVE_UNDO) ? readVarInt(reader, INT32_MAX) : 0;
  const dataOffset = status & BlockStatus.HAVE_DATA ? readVarInt(reader) : 0;
  const undoOffset = status & BlockStatus.HAVE_UNDO ? readVarInt(reader) : 0;
  const header = decodeBlockHeader(reader);
  reader.end();
  return { header, height, status, transactionCount, file, dataOffset, undoOffset };
}

export function encodeBlockFileInfo(info: BlockFileInfo): Uint8Array {
  const writer = new Writer(32);
  writeVarInt(writer, info.blockCount);
  writeVarInt(writer, info.sizeBytes);
  writeVarInt(writer, info.undoSizeBytes);
  writeVarInt(writer, info.heightFirst);
  writeVarInt(writer, info.heightLast);
  writeVarInt(writer, info.timeFirst);
  writeVarInt(writer, info.timeLast);
  return writer.finish();
}

/** Throws `DecodeError`. */
export function decodeBlockFileInfo(bytes: Uint8Array): BlockFileInfo {
  const reader = new Reader(bytes);
  const info = {
    blockCount: readVarInt(reader),
    sizeBytes: readVarInt(reader),
    undoSizeBytes: readVarInt(reader),
    heightFirst: readVarInt(reader),
    heightLast: readVarInt(reader),
    timeFirst: readVarInt(reader, Number.MAX_SAFE_INTEGER),
    timeLast: readVarInt(reader, Number.MAX_SAFE_INTEGER),
  };
  reader.end();
  return info;
}

/** A file number as it is stored under `l`. */
export function encodeFileNumber(file: number): Uint8Array {
  return new Writer(4).int32(file).finish();
}

/** Throws `DecodeError`. */
export function decodeFileNumber(bytes: Uint8Array): number {
  const reader = new Reader(bytes);
  const file = reader.int32();
  reader.end();
  return file;
}

/** A flag as it is stored under `R` and `F` + name. */
export function encodeFlag(isSet: boolean): Uint8Array {
  return Uint8Array.of(isSet ? 0x31 : 0x30);
}

export function decodeFlag(bytes: Uint8Array): boolean {
  return bytes.length === 1 && bytes[0] === 0x31;
}
