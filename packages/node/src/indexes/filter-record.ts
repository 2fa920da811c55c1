import { Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { type BlockHash, HASH_SIZE, type Hash256 } from "@bitfleet/protocol/primitives/types.ts";
import { readVarInt, writeVarInt } from "../storage/varint.ts";

/** What the database of the block filter index has of a block, in Bitcoin Core's format. */

/** Where a record begins in the filter files: `fltr<file>.dat`, byte `offset`. */
export interface FilterPosition {
  readonly file: number;
  readonly offset: number;
}

export interface FilterRecord {
  readonly filterHash: Hash256;
  /** BIP157: commits to this filter and all before it. */
  readonly header: Hash256;
  readonly position: FilterPosition;
}

/** Under its height a block's record stands behind the block's hash. */
export interface FilterRecordAtHeight extends FilterRecord {
  readonly blockHash: BlockHash;
}

const RECORD_SIZE_MAX = 3 * HASH_SIZE + 10;

/** Two variable-length integers: file, offset. */
export function encodeFilterPosition(position: FilterPosition): Uint8Array {
  const writer = new Writer(10);
  writePosition(writer, position);
  return writer.finish();
}

/** Throws `DecodeError`. */
export function decodeFilterPosition(bytes: Uint8Array): FilterPosition {
  return whole(bytes, readPosition);
}

/** Filter hash, filter header, position. */
export function encodeFilterRecord(record: FilterRecord): Uint8Array {
  const writer = new Writer(RECORD_SIZE_MAX);
  writeRecord(writer, record);
  return writer.finish();
}

/** Throws `DecodeError`. */
export function decodeFilterRecord(bytes: Uint8Array): FilterRecord {
  return whole(bytes, readRecord);
}

/** Block hash, and {@link encodeFilterRecord}. */
export function encodeFilterRecordAtHeight(record: FilterRecordAtHeight): Uint8Array {
  const writer = new Writer(RECORD_SIZE_MAX).bytes(record.blockHash);
  writeRecord(writer, record);
  return writer.finish();
}

/** Throws `DecodeError`. */
export function decodeFilterRecordAtHeight(bytes: Uint8Array): FilterRecordAtHeight {
  return whole(bytes, (reader) => ({ blockHash: reader.bytes(HASH_SIZE) as BlockHash, ...readRecord(reader) }));
}

function writePosition(writer: Writer, { file, offset }: FilterPosition): void {
  writeVarInt(writer, file);
  writeVarInt(writer, offset);
}

function readPosition(reader: Reader): FilterPosition {
  return { file: readVarInt(reader), offset: readVarInt(reader) };
}

function writeRecord(writer: Writer, { filterHash, header, position }: FilterRecord): void {
  writer.bytes(filterHash).bytes(header);
  writePosition(writer, position);
}

function readRecord(reader: Reader): FilterRecord {
  return { filterHash: reader.bytes(HASH_SIZE), header: reader.bytes(HASH_SIZE), position: readPosition(reader) };
}

function whole<Value>(bytes: Uint8Array, read: (reader: Reader) => Value): Value {
  const reader = new Reader(bytes);
  const value = read(reader);
  reader.end();
  return value;
}
