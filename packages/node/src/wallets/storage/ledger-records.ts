import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import { type BlockHash, HASH_SIZE, type Txid, type Wtxid } from "@bitfleet/protocol/primitives/types.ts";
import type { AddressBookEntry, AddressPurpose } from "@bitfleet/wallet/ledger/address-book.ts";
import type { DerivedScript, DescriptorProgress, Spend } from "@bitfleet/wallet/ledger/change-set.ts";
import type { WalletCoin } from "@bitfleet/wallet/ledger/wallet-coin.ts";
import type {
  BlockReference,
  TransactionNotes,
  TransactionState,
  WalletTransaction,
} from "@bitfleet/wallet/ledger/wallet-transaction.ts";

/**
 * The records of a wallet's state as bytes. Numbers are CompactSize, where they may be absent one more than they are (0: absent);
 * bytes that are read are copies, for they outlive the row. What a row is found by is not in its record.
 */

export const OUT_POINT_SIZE = HASH_SIZE + 4;

/** The key of an outpoint: the hash and, so that outputs of one transaction stand together in order, the index big-endian. */
export function encodeOutPoint({ txid, index }: OutPoint): Uint8Array {
  return new Writer(OUT_POINT_SIZE).bytes(txid).uint32BigEndian(index).finish();
}

export function decodeOutPoint(key: Uint8Array): OutPoint {
  const reader = new Reader(key);
  return { txid: hashFrom<Txid>(reader), index: reader.uint32BigEndian() };
}

const FLAG_COINBASE = 1;
const FLAG_FROM_ME = 2;
const FLAG_WITNESS = 4;

function flagsOf({ isCoinbase, isFromMe }: { readonly isCoinbase: boolean; readonly isFromMe: boolean }): number {
  return (isCoinbase ? FLAG_COINBASE : 0) | (isFromMe ? FLAG_FROM_ME : 0);
}

/** What its row is checked for: both that it is found by. */
export function transactionKey({ txid, orderPosition }: Pick<WalletTransaction, "txid" | "orderPosition">): Uint8Array {
  return new Writer(HASH_SIZE + 9).bytes(txid).compactSize(orderPosition).finish();
}

export function encodeTransactionRecord(record: WalletTransaction): Uint8Array {
  const writer = new Writer(160 + record.bytes.length);
  const hasWitness = !equalBytes(record.txid, record.wtxid);
  writer.uint8(flagsOf(record) | (hasWitness ? FLAG_WITNESS : 0));
  if (hasWitness) writer.bytes(record.wtxid);
  writer.uint64(BigInt(record.timeReceived)).uint64(BigInt(record.timeSmart));
  writeState(writer, record.state);
  writeNotes(writer, record.notes);
  writer.compactSize(record.mempoolConflicts.length);
  for (const txid of record.mempoolConflicts) writer.bytes(txid);
  writeOptional(writer, record.trucChildInMempool, (txid) => writer.bytes(txid));
  return writer.compactBytes(record.bytes).finish();
}

export function decodeTransactionRecord(
  reader: Reader,
  { txid, orderPosition }: Pick<WalletTransaction, "txid" | "orderPosition">,
): WalletTransaction {
  const flags = reader.uint8();
  const wtxid = (flags & FLAG_WITNESS) === 0 ? (txid.slice() as Uint8Array as Wtxid) : hashFrom<Wtxid>(reader);
  const [timeReceived, timeSmart] = [Number(reader.uint64()), Number(reader.uint64())];
  const state = readState(reader);
  const notes = readNotes(reader);
  const mempoolConflicts = Array.from({ length: reader.count(HASH_SIZE) }, () => hashFrom<Txid>(reader));
  return {
    txid,
    wtxid,
    isCoinbase: (flags & FLAG_COINBASE) !== 0,
    isFromMe: (flags & FLAG_FROM_ME) !== 0,
    orderPosition,
    timeReceived,
    timeSmart,
    state,
    notes,
    mempoolConflicts,
    trucChildInMempool: readOptional(reader, () => hashFrom<Txid>(reader)),
    bytes: reader.compactBytes().slice(),
  };
}

const STATES = ["confirmed", "in-mempool", "inactive", "conflicted"] as const;

function writeState(writer: Writer, state: TransactionState): void {
  writer.uint8(STATES.indexOf(state.kind));
  switch (state.kind) {
    case "confirmed":
      writeBlock(writer, state.block);
      writer.compactSize(state.indexInBlock).uint32(state.blockTime);
      return;
    case "inactive":
      writer.uint8(state.isAbandoned ? 1 : 0);
      return;
    case "conflicted":
      writeBlock(writer, state.block);
  }
}

function readState(reader: Reader): TransactionState {
  const kind = STATES[reader.uint8()];
  switch (kind) {
    case "confirmed":
      return { kind, block: readBlock(reader), indexInBlock: readNumber(reader), blockTime: reader.uint32() };
    case "in-mempool":
      return { kind };
    case "inactive":
      return { kind, isAbandoned: reader.uint8() === 1 };
    case "conflicted":
      return { kind, block: readBlock(reader) };
    default:
      return reader.fail("no such state");
  }
}

function writeNotes(writer: Writer, notes: TransactionNotes): void {
  writeOptional(writer, notes.comment, (text) => writeText(writer, text));
  writeOptional(writer, notes.commentTo, (text) => writeText(writer, text));
  writeOptional(writer, notes.replaces, (txid) => writer.bytes(txid));
  writeOptional(writer, notes.replacedBy, (txid) => writer.bytes(txid));
}

function readNotes(reader: Reader): TransactionNotes {
  const comment = readOptional(reader, () => readText(reader));
  const commentTo = readOptional(reader, () => readText(reader));
  const replaces = readOptional(reader, () => hashFrom<Txid>(reader));
  const replacedBy = readOptional(reader, () => hashFrom<Txid>(reader));
  return {
    ...(comment !== undefined && { comment }),
    ...(commentTo !== undefined && { commentTo }),
    ...(replaces !== undefined && { replaces }),
    ...(replacedBy !== undefined && { replacedBy }),
  };
}

export function encodeCoin(coin: WalletCoin): Uint8Array {
  const writer = new Writer(64).uint64(coin.value).compactBytes(coin.script);
  writer.compactSize(coin.descriptorId).compactSize(coin.index);
  writer.uint8(flagsOf(coin));
  writeHeight(writer, coin.height);
  writeHeight(writer, coin.spentHeight);
  return writer.uint64(BigInt(coin.time)).finish();
}

export function decodeCoin(reader: Reader, outPoint: OutPoint): WalletCoin {
  const [value, script] = [reader.uint64(), reader.compactBytes().slice()];
  const [descriptorId, index, flags] = [readNumber(reader), readNumber(reader), reader.uint8()];
  return {
    outPoint,
    value,
    script,
    descriptorId,
    index,
    isCoinbase: (flags & FLAG_COINBASE) !== 0,
    isFromMe: (flags & FLAG_FROM_ME) !== 0,
    height: readHeight(reader),
    spentHeight: readHeight(reader),
    time: Number(reader.uint64()),
  };
}

const SCRIPT_TAG_BYTES = 6;

/** A number by which coins are found that pay a script: the beginning of its hash, a sixth of the size of a usual script. */
export function scriptTag(script: Uint8Array): number {
  return sha256(script)
    .subarray(0, SCRIPT_TAG_BYTES)
    .reduce((tag, byte) => tag * 256 + byte, 0);
}

/** The key of the row is all that there is. */
export function encodeSpend({ outPoint, txid }: Spend): Uint8Array {
  return new Writer(OUT_POINT_SIZE + HASH_SIZE).bytes(encodeOutPoint(outPoint)).bytes(txid).finish();
}

const PURPOSES = [undefined, "receive", "send", "refund"] as const satisfies readonly (AddressPurpose | undefined)[];

export function encodeAddressBookEntry({ label, purpose, isUsed }: AddressBookEntry): Uint8Array {
  const writer = new Writer(80).uint8(PURPOSES.indexOf(purpose)).uint8(isUsed ? 1 : 0);
  writeOptional(writer, label, (text) => writeText(writer, text));
  return writer.finish();
}

export function decodeAddressBookEntry(reader: Reader, script: Uint8Array): AddressBookEntry {
  const [purpose, isUsed] = [PURPOSES[reader.uint8()], reader.uint8() === 1];
  return { script, purpose, isUsed, label: readOptional(reader, () => readText(reader)) };
}

export function encodeBlockReference(block: BlockReference): Uint8Array {
  const writer = new Writer(40);
  writeBlock(writer, block);
  return writer.finish();
}

export function decodeBlockReference(reader: Reader): BlockReference {
  return readBlock(reader);
}

export function encodeProgress({ id, nextIndex, rangeStart, rangeEnd }: DescriptorProgress): Uint8Array {
  return new Writer(32).compactSize(id).compactSize(nextIndex).compactSize(rangeStart).compactSize(rangeEnd).finish();
}

export function decodeProgress(reader: Reader): DescriptorProgress {
  const [id, nextIndex] = [readNumber(reader), readNumber(reader)];
  return { id, nextIndex, rangeStart: readNumber(reader), rangeEnd: readNumber(reader) };
}

const SCRIPT_ENTRY_SIZE_MIN = 3;

/** Many scripts in one record: a row for each would take seconds to read. Behind them the few that have hardened keys, by their places. */
export function encodeScripts(scripts: readonly DerivedScript[]): Uint8Array {
  const writer = new Writer(16 + 48 * scripts.length).compactSize(scripts.length);
  for (const { descriptorId, index, script } of scripts) {
    writer.compactSize(descriptorId).compactSize(index).compactBytes(script);
  }
  for (const [place, { hardenedKeys }] of scripts.entries()) {
    if (hardenedKeys === undefined) continue;
    writer.compactSize(place).compactSize(hardenedKeys.length);
    for (const key of hardenedKeys) writer.compactBytes(key);
  }
  return writer.finish();
}

/** Scripts and keys are views of the record. */
export function decodeScripts(reader: Reader): readonly DerivedScript[] {
  const scripts: DerivedScript[] = [];
  for (let left = reader.count(SCRIPT_ENTRY_SIZE_MIN); left > 0; left--) {
    scripts.push({ descriptorId: readNumber(reader), index: readNumber(reader), script: reader.compactBytes() });
  }
  while (reader.remaining > 0) {
    const place = readNumber(reader);
    const script = scripts[place] ?? reader.fail("no script has these keys");
    scripts[place] = { ...script, hardenedKeys: Array.from({ length: reader.count(1) }, () => reader.compactBytes()) };
  }
  return scripts;
}

function writeBlock(writer: Writer, { hash, height }: BlockReference): void {
  writer.bytes(hash).uint32(height);
}

function readBlock(reader: Reader): BlockReference {
  return { hash: hashFrom<BlockHash>(reader), height: reader.uint32() };
}

function writeHeight(writer: Writer, height: number | undefined): void {
  writer.compactSize(height === undefined ? 0 : height + 1);
}

function readHeight(reader: Reader): number | undefined {
  const height = readNumber(reader);
  return height === 0 ? undefined : height - 1;
}

export function writeOptional<Value>(writer: Writer, value: Value | undefined, write: (value: Value) => void): void {
  writer.uint8(value === undefined ? 0 : 1);
  if (value !== undefined) write(value);
}

export function readOptional<Value>(reader: Reader, read: () => Value): Value | undefined {
  return reader.uint8() === 0 ? undefined : read();
}

export function writeText(writer: Writer, text: string): void {
  writer.compactBytes(new TextEncoder().encode(text));
}

const TEXT = new TextDecoder("utf-8", { ignoreBOM: true });

export function readText(reader: Reader): string {
  return TEXT.decode(reader.compactBytes());
}

/** A number of ours, which may be larger than sizes of outside data may be. */
function readNumber(reader: Reader): number {
  return Number(reader.compactSizeUnbounded());
}

function hashFrom<Hash extends Uint8Array>(reader: Reader): Hash {
  return Uint8Array.from(reader.bytes(HASH_SIZE)) as Hash;
}
