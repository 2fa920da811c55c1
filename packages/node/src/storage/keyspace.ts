import { Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import {
  type BlockHash,
  HASH_SIZE,
  type HashKey,
  hashFromKey,
  hashKey,
  type OutPointKey,
  outPointKeyOf,
  type Txid,
} from "@bitfleet/protocol/primitives/types.ts";
import type { KvRange } from "../ports.ts";
import { readVarInt, writeVarInt } from "./varint.ts";

/**
 * Every key of the node's databases, most of them as Bitcoin Core lays them out, so that either program opens the other's
 * directory.
 *
 * | database       | key                                | value                                                            |
 * |----------------|------------------------------------|------------------------------------------------------------------|
 * | any            | `0x0e 0x00 "obfuscate_key"`        | 8 bytes behind their length; every other value is XORed with them |
 * | `chainstate`   | `C` txid varint(output index)      | coin (`chain/coin-codec.ts`)                                     |
 * | `chainstate`   | `B`                                | hash of the block whose coins these are                          |
 * | `chainstate`   | `H`                                | count 2, new tip, old tip: a flush between the two was cut off   |
 * | `blocks/index` | `b` block hash                     | block index entry (`chain/block-index-codec.ts`)                 |
 * | `blocks/index` | `f` int32 file number              | statistics of a blk/rev pair (`chain/block-index-codec.ts`)      |
 * | `blocks/index` | `l`                                | int32, number of the last block file                             |
 * | `blocks/index` | `R`                                | `1` while a reindex is under way                                 |
 * | `blocks/index` | `F` length name                    | `1` or `0`: a named flag (`prunedblockfiles`)                    |
 * | every index    | `B`                                | locator of the block that the index has come to                  |
 * | block filters  | `t` big-endian height              | block hash and filter record (`indexes/filter-record.ts`)        |
 * | block filters  | `s` block hash                     | filter record of a block that was left in a reorganisation       |
 * | block filters  | `P`                                | end of the filter files (`indexes/filter-record.ts`)             |
 * | `txindex`      | `t` txid                           | where it stands in the block files (`indexes/transaction-place.ts`) |
 * | `txospenderindex` | `s` SipHash of outpoint, place of the spender | nothing                                            |
 * | `txospenderindex` | `"siphash_key"` 0               | the two uint64 of that SipHash's key                             |
 * | `address`      | `t` script                         | totals (`indexes/address-records.ts`, as all that follow)        |
 * | `address`      | `h` script, big-endian number      | the transaction that was that many before it for the script      |
 * | `address`      | `u` script, big-endian height, txid, big-endian output index | an unspent output                     |
 * | `address`      | `r` big-endian height              | what takes a block back that the chain had not on disk yet       |
 * | `address`      | `n`                                | varint, height of the newest block                               |
 *
 * The databases `chainstate` to `txospenderindex` are Core's; `address` is our own. A script stands there as its SHA-256, whole:
 * totals belong to one script, so that no two may ever share a key, as they could be made to with a part of the hash; LevelDB
 * writes what a key has in common with the one before but once; and Electrum's clients ask by just this hash.
 */

const ASCII = new TextEncoder();

/** Under this key, in clear, stand the bytes that the database's other values are XORed with. */
export const OBFUSCATION_KEY = Uint8Array.of(14, 0, ...ASCII.encode("obfuscate_key"));

const COIN = 0x43;
/** All coins: from, included, to, excluded. */
export const COINS_FROM = Uint8Array.of(COIN);
export const COINS_TO = Uint8Array.of(COIN + 1);
export const BEST_BLOCK_KEY = ASCII.encode("B");
export const HEAD_BLOCKS_KEY = ASCII.encode("H");

const BLOCK_INDEX = 0x62;
/** All block index entries. */
export const BLOCK_INDEX_FROM = Uint8Array.of(BLOCK_INDEX);
export const BLOCK_INDEX_TO = Uint8Array.of(BLOCK_INDEX + 1);
export const LAST_BLOCK_FILE_KEY = ASCII.encode("l");
export const REINDEX_FLAG_KEY = ASCII.encode("R");

/** Key of a coin. */
export function coinKey(outPoint: OutPointKey): Uint8Array {
  const writer = new Writer(1 + HASH_SIZE + 5);
  const index = outPoint.charCodeAt(HASH_SIZE / 2) + outPoint.charCodeAt(HASH_SIZE / 2 + 1) * 0x10000;
  writer.uint8(COIN).bytes(hashFromKey(outPoint as string as HashKey));
  writeVarInt(writer, index);
  return writer.finish();
}

/** The outpoint behind {@link coinKey}. Throws `DecodeError`. */
export function outPointOfCoinKey(key: Uint8Array): OutPointKey {
  const reader = new Reader(key);
  if (reader.uint8() !== COIN) reader.fail("not the key of a coin");
  const txid = hashKey(reader.bytes(HASH_SIZE));
  const index = readVarInt(reader);
  reader.end();
  return outPointKeyOf(txid, index);
}

/** Key of a block index entry. */
export function blockIndexKey(hash: BlockHash): Uint8Array {
  return new Writer(1 + HASH_SIZE).uint8(BLOCK_INDEX).bytes(hash).finish();
}

/** Key of the statistics of the blk/rev pair `file`. */
export function blockFileKey(file: number): Uint8Array {
  return new Writer(5).uint8(0x66).int32(file).finish();
}

/** Key of a named flag. */
export function flagKey(name: string): Uint8Array {
  return new Writer(32).uint8(0x46).compactBytes(ASCII.encode(name)).finish();
}

/** Where the next filter goes in the filter files. */
export const FILTER_END_KEY = ASCII.encode("P");

const INDEX_HEIGHT = 0x74;
/** Behind the keys of all heights. */
export const INDEX_HEIGHTS_TO = Uint8Array.of(INDEX_HEIGHT + 1);

/** Key of what an index has of the block that was the last of its chain to be connected at `height`. */
export function indexHeightKey(height: number): Uint8Array {
  return new Writer(5).uint8(INDEX_HEIGHT).uint32BigEndian(height).finish();
}

/** Key of what an index has of a block that another one took the height from. */
export function indexHashKey(hash: BlockHash): Uint8Array {
  return new Writer(1 + HASH_SIZE).uint8(0x73).bytes(hash).finish();
}

/** Key of the place of a transaction. */
export function txIndexKey(txid: Txid): Uint8Array {
  return new Writer(1 + HASH_SIZE).uint8(0x74).bytes(txid).finish();
}

/** Where the spender index keeps what its hashes are salted with: Core writes the name with the zero that ends it. */
export const SPENDER_SALT_KEY = ASCII.encode("siphash_key\0");

const SPENDER = 0x73;
const SPENDER_HASH_SIZE = 8;

/** What the keys of all transactions that may spend an outpoint begin with; `hash` is the outpoint's. */
export function spenderKeyPrefix(hash: bigint): Uint8Array {
  return new Writer(1 + SPENDER_HASH_SIZE).uint8(SPENDER).uint64(hash).finish();
}

/** All keys that begin with `prefix`: a place never begins with 0xff. */
export function spenderKeysFrom(prefix: Uint8Array): Required<Pick<KvRange, "from" | "to">> {
  return { from: prefix, to: new Writer(prefix.length + 1).bytes(prefix).uint8(0xff).finish() };
}

/** What follows {@link spenderKeyPrefix} in a key. Throws `DecodeError`. */
export function afterSpenderKeyPrefix(key: Uint8Array): Reader {
  const reader = new Reader(key);
  if (reader.uint8() !== SPENDER) reader.fail("not the key of a spender");
  reader.uint64();
  return reader;
}

const ADDRESS_TOTALS = 0x74;
const ADDRESS_HISTORY = 0x68;
const ADDRESS_COIN = 0x75;
const ADDRESS_RECORD = 0x72;

/** Where the address index keeps the height that it has come to. */
export const ADDRESS_HEIGHT_KEY = ASCII.encode("n");

/** Key of the totals of a script, which is given by its hash as everywhere in the address index. */
export function addressTotalsKey(script: HashKey): Uint8Array {
  return addressKey(ADDRESS_TOTALS, script).finish();
}

/** Key of the transaction that `number` others of the script come before. */
export function addressHistoryKey(script: HashKey, number: number): Uint8Array {
  return addressKey(ADDRESS_HISTORY, script).uint32BigEndian(number).finish();
}

/** Where an unspent output stands among those of its script. */
export interface AddressCoinPlace {
  readonly height: number;
  readonly txid: HashKey;
  readonly index: number;
}

/** Key of an unspent output: they lie in the order of their heights. */
export function addressCoinKey(script: HashKey, { height, txid, index }: AddressCoinPlace): Uint8Array {
  const writer = addressKey(ADDRESS_COIN, script).uint32BigEndian(height);
  return writer.bytes(hashFromKey(txid)).uint32BigEndian(index).finish();
}

/** What all keys of a script's unspent outputs lie between. */
export function addressCoinsOf(script: HashKey): Required<Pick<KvRange, "from" | "to">> {
  const from = addressKey(ADDRESS_COIN, script).finish();
  return { from, to: new Writer(from.length + 1).bytes(from).uint8(0xff).finish() };
}

/** The place behind {@link addressCoinKey}. Throws `DecodeError`. */
export function placeOfAddressCoinKey(key: Uint8Array): AddressCoinPlace {
  const reader = new Reader(key);
  if (reader.uint8() !== ADDRESS_COIN) reader.fail("not the key of an address's coin");
  reader.bytes(HASH_SIZE);
  const height = reader.uint32BigEndian();
  const txid = hashKey(reader.bytes(HASH_SIZE));
  const index = reader.uint32BigEndian();
  reader.end();
  return { height, txid, index };
}

/** Key of what takes the block at `height` back. */
export function addressRecordKey(height: number): Uint8Array {
  return new Writer(5).uint8(ADDRESS_RECORD).uint32BigEndian(height).finish();
}

/** All of {@link addressRecordKey}. */
export const ADDRESS_RECORDS: Required<Pick<KvRange, "from" | "to">> = {
  from: Uint8Array.of(ADDRESS_RECORD),
  to: Uint8Array.of(ADDRESS_RECORD + 1),
};

/** The height behind {@link addressRecordKey}. Throws `DecodeError`. */
export function heightOfAddressRecordKey(key: Uint8Array): number {
  const reader = new Reader(key);
  reader.uint8();
  const height = reader.uint32BigEndian();
  reader.end();
  return height;
}

/** Room for the longest of these keys. */
const ADDRESS_KEY_SIZE_MAX = 1 + HASH_SIZE + 4 + HASH_SIZE + 4;

function addressKey(type: number, script: HashKey): Writer {
  return new Writer(ADDRESS_KEY_SIZE_MAX).uint8(type).bytes(hashFromKey(script));
}
