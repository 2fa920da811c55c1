import { bigIntFromLittleEndian } from "../bytes/bytes.ts";
import { type Reader, Writer } from "../bytes/cursor.ts";
import { sha256 } from "../crypto/hash.ts";
import { SipHasher, type SipHashKey } from "../crypto/siphash.ts";
import {
  BLOCK_HEADER_SIZE,
  type Block,
  type BlockHeader,
  type BlockHeaderFields,
  decodeBlockHeader,
  writeBlockHeader,
} from "../primitives/block.ts";
import { decodeTransaction, type Transaction } from "../primitives/transaction.ts";
import { type BlockHash, HASH_SIZE, type Wtxid } from "../primitives/types.ts";
import { type MessageCodec, PAYLOAD_SIZE_MAX, readItems, TRANSACTION_SIZE_MIN } from "./codec.ts";

/** A transaction that is sent along, at its place in the block (absolute; the wire has differences). */
export interface PrefilledTransaction {
  readonly index: number;
  readonly tx: Transaction;
}

/** BIP152: header, short ids (48 bits, as numbers) and prefilled transactions. */
export interface CompactBlockMessage {
  readonly type: "cmpctblock";
  readonly header: BlockHeader;
  readonly nonce: bigint;
  readonly shortIds: readonly number[];
  readonly prefilled: readonly PrefilledTransaction[];
}

/** Places in the block of the transactions that are asked for, ascending (absolute). */
export interface GetBlockTransactionsMessage {
  readonly type: "getblocktxn";
  readonly blockHash: BlockHash;
  readonly indexes: readonly number[];
}

export interface BlockTransactionsMessage {
  readonly type: "blocktxn";
  readonly blockHash: BlockHash;
  readonly transactions: readonly Transaction[];
}

/** BIP152: places in a block are 16-bit numbers. */
export const BLOCK_INDEX_MAX = 0xffff;

const SHORT_ID_SIZE = 6;
const LOW_32_BITS = 0x100000000;

/** BIP152: the key of a compact block's short ids: the first 16 bytes of SHA-256 over its header and nonce. */
export function shortIdKeys(header: BlockHeaderFields, nonce: bigint): SipHashKey {
  const writer = new Writer(BLOCK_HEADER_SIZE + 8);
  writeBlockHeader(writer, header);
  const hash = sha256(writer.uint64(nonce).finish());
  return { k0: bigIntFromLittleEndian(hash.subarray(0, 8)), k1: bigIntFromLittleEndian(hash.subarray(8, 16)) };
}

/** BIP152: the 48 bits that stand for a transaction. Who needs many keeps a `SipHasher` and calls its `hashLow48`. */
export function shortId(keys: SipHashKey, wtxid: Wtxid): number {
  return new SipHasher(keys).hashLow48(wtxid);
}

/** `block` as a compact block. The coinbase, which nobody has, is always sent along; `prefilled` names the places of others. */
export function makeCompactBlock(
  block: Pick<Block, "header" | "transactions">,
  nonce: bigint,
  prefilled: Iterable<number> = [],
): CompactBlockMessage {
  const sentAlong = new Set([0, ...prefilled]);
  const hasher = new SipHasher(shortIdKeys(block.header, nonce));
  const shortIds: number[] = [];
  const transactions: PrefilledTransaction[] = [];
  for (const [index, tx] of block.transactions.entries()) {
    if (sentAlong.has(index)) transactions.push({ index, tx });
    else shortIds.push(hasher.hashLow48(tx.wtxid));
  }
  return { type: "cmpctblock", header: block.header, nonce, shortIds, prefilled: transactions };
}

/**
 * The transactions hold views of the payload. Places of prefilled transactions may come out larger than any block has:
 * such a message is well formed, and wrong (see PartialBlock).
 */
export const compactBlockCodec: MessageCodec<CompactBlockMessage> = {
  payloadSizeMax: PAYLOAD_SIZE_MAX,
  decode(reader) {
    const header = decodeBlockHeader(reader);
    const nonce = reader.uint64();
    const shortIds = readItems(reader, reader.count(SHORT_ID_SIZE), readShortId);
    const prefilled = readPrefilled(reader);
    if (shortIds.length + prefilled.length > BLOCK_INDEX_MAX) reader.fail("indexes overflowed 16 bits");
    return { type: "cmpctblock", header, nonce, shortIds, prefilled };
  },
  encode({ header, nonce, shortIds, prefilled }) {
    const writer = new Writer(1024);
    writeBlockHeader(writer, header);
    writer.uint64(nonce).compactSize(shortIds.length);
    for (const id of shortIds) writer.uint32(id % LOW_32_BITS).uint16(Math.floor(id / LOW_32_BITS));
    writer.compactSize(prefilled.length);
    let expected = 0;
    for (const { index, tx } of prefilled) {
      writer.compactSize(difference(index, expected)).bytes(tx.bytes);
      expected = index + 1;
    }
    return writer.finish();
  },
};

function readShortId(reader: Reader): number {
  const low = reader.uint32();
  return reader.uint16() * LOW_32_BITS + low;
}

/** BIP152: each place is written as its distance from the place behind the one before. */
function readPrefilled(reader: Reader): PrefilledTransaction[] {
  let expected = 0;
  return readItems(reader, reader.count(1 + TRANSACTION_SIZE_MIN), () => {
    const distance = reader.compactSize();
    if (distance > BLOCK_INDEX_MAX) reader.fail("CompactSize exceeds limit of type");
    const index = expected + distance;
    expected = index + 1;
    return { index, tx: decodeTransaction(reader) };
  });
}

export const getBlockTransactionsCodec: MessageCodec<GetBlockTransactionsMessage> = {
  payloadSizeMax: HASH_SIZE + 3 + 3 * (BLOCK_INDEX_MAX + 1),
  decode(reader) {
    const blockHash = reader.bytes(HASH_SIZE) as BlockHash;
    let expected = 0;
    const indexes = readItems(reader, reader.count(1), () => {
      const index = expected + reader.compactSize();
      if (index > BLOCK_INDEX_MAX) reader.fail("differential value overflow");
      expected = index + 1;
      return index;
    });
    return { type: "getblocktxn", blockHash, indexes };
  },
  encode({ blockHash, indexes }) {
    const writer = new Writer().bytes(blockHash).compactSize(indexes.length);
    let expected = 0;
    for (const index of indexes) {
      writer.compactSize(difference(index, expected));
      expected = index + 1;
    }
    return writer.finish();
  },
};

/** How far `index` is behind `expected`. Places that do not ascend, or are too large, are a mistake of ours: `RangeError`. */
function difference(index: number, expected: number): number {
  if (index < expected || index > BLOCK_INDEX_MAX) throw new RangeError("places in a block must ascend");
  return index - expected;
}

/** The transactions hold views of the payload. */
export const blockTransactionsCodec: MessageCodec<BlockTransactionsMessage> = {
  payloadSizeMax: PAYLOAD_SIZE_MAX,
  decode(reader) {
    const blockHash = reader.bytes(HASH_SIZE) as BlockHash;
    const transactions = readItems(reader, reader.count(TRANSACTION_SIZE_MIN), (rest) => decodeTransaction(rest));
    return { type: "blocktxn", blockHash, transactions };
  },
  encode({ blockHash, transactions }) {
    const writer = new Writer(1024).bytes(blockHash).compactSize(transactions.length);
    for (const tx of transactions) writer.bytes(tx.bytes);
    return writer.finish();
  },
};
