import { compareBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { decodeTransaction, type Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { HASH_SIZE, type Sats, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { OBFUSCATION_KEY_SIZE } from "../storage/obfuscation.ts";
import type { SequentialReader, SequentialWriter } from "../storage/sequential-file.ts";

/**
 * mempool.dat, in Bitcoin Core's format: version (8 bytes), from version 2 on the key that all that follows is XORed with (behind
 * its length), count of transactions (8 bytes), transactions; then what was said of fees of others, and which transactions
 * nobody has asked for, each behind a CompactSize count.
 */

/** Nothing is obfuscated (`-persistmempoolv1`). */
export const VERSION_PLAIN = 1;
export const VERSION_OBFUSCATED = 2;
export type MempoolFileVersion = typeof VERSION_PLAIN | typeof VERSION_OBFUSCATED;

/** A transaction of the mempool as the file has it. */
export interface StoredTransaction {
  readonly tx: Transaction;
  /** When it came, in seconds since 1970. */
  readonly timeSeconds: number;
  /** What the operator added to its fee. */
  readonly feeDelta: Sats;
}

export interface StoredFeeDelta {
  readonly txid: Txid;
  readonly delta: Sats;
}

/** Everything the file holds. */
export interface MempoolContents {
  /** Parents before children. */
  readonly transactions: readonly StoredTransaction[];
  /** Of transactions that are not in the mempool. */
  readonly feeDeltas: readonly StoredFeeDelta[];
  readonly unbroadcast: readonly Txid[];
}

function decodeStored(reader: Reader): StoredTransaction {
  const tx = decodeTransaction(reader);
  return { tx, timeSeconds: Number(reader.int64()), feeDelta: reader.int64() };
}

function writeStored(writer: Writer, { tx, timeSeconds, feeDelta }: StoredTransaction): void {
  writer.bytes(tx.bytes).int64(BigInt(timeSeconds)).int64(feeDelta);
}

const decodeTxid = (reader: Reader) => Uint8Array.from(reader.bytes(HASH_SIZE)) as Txid;

function decodeFeeDelta(reader: Reader): StoredFeeDelta {
  return { txid: decodeTxid(reader), delta: reader.int64() };
}

/** Reads up to the first transaction. How many there are, or `undefined` where the version is not known. */
export async function readMempoolHead(file: SequentialReader): Promise<number | undefined> {
  const version = await file.read((reader) => reader.uint64());
  if (version === BigInt(VERSION_OBFUSCATED)) file.useKey(await file.read(decodeKey));
  else if (version !== BigInt(VERSION_PLAIN)) return undefined;
  return Number(await file.read((reader) => reader.uint64()));
}

function decodeKey(reader: Reader): Uint8Array {
  const key = reader.compactBytes();
  if (key.length !== OBFUSCATION_KEY_SIZE)
    reader.fail(`Obfuscation key size should be exactly ${OBFUSCATION_KEY_SIZE} bytes long`);
  return key;
}

export const readStoredTransaction = (file: SequentialReader): Promise<StoredTransaction> => file.read(decodeStored);

/** What follows the last transaction. */
export const readFeeDeltas = (file: SequentialReader): AsyncIterable<StoredFeeDelta> => readList(file, decodeFeeDelta);

/** What follows the last of {@link readFeeDeltas}. */
export const readUnbroadcast = (file: SequentialReader): AsyncIterable<Txid> => readList(file, decodeTxid);

async function* readList<Item>(file: SequentialReader, decode: (reader: Reader) => Item): AsyncIterable<Item> {
  const count = await file.read((reader) => reader.compactSize());
  for (let index = 0; index < count; index++) yield await file.read(decode);
}

/** Writes the whole file. `key` is random, and obfuscates it; absent, the file is of version 1. */
export async function writeMempoolFile(
  file: SequentialWriter,
  contents: MempoolContents,
  key: Uint8Array | undefined,
): Promise<void> {
  const version = key === undefined ? VERSION_PLAIN : VERSION_OBFUSCATED;
  await file.write((writer) => writer.uint64(BigInt(version)));
  if (key !== undefined) {
    await file.write((writer) => writer.compactBytes(key));
    await file.useKey(key);
  }
  const { transactions, feeDeltas, unbroadcast } = contents;
  await file.write((writer) => writer.uint64(BigInt(transactions.length)));
  for (const stored of transactions) await file.write((writer) => writeStored(writer, stored));
  await file.write((writer) => writer.compactSize(feeDeltas.length));
  for (const { txid, delta } of inOrder(feeDeltas, (feeDelta) => feeDelta.txid)) {
    await file.write((writer) => writer.bytes(txid).int64(delta));
  }
  await file.write((writer) => writer.compactSize(unbroadcast.length));
  for (const txid of inOrder(unbroadcast, (id) => id)) await file.write((writer) => writer.bytes(txid));
}

/** Core has both lists in this order. */
function inOrder<Item>(items: readonly Item[], txidOf: (item: Item) => Txid): readonly Item[] {
  return [...items].sort((a, b) => compareBytes(txidOf(a), txidOf(b)));
}
