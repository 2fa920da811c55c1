import { type Reader, Writer } from "../bytes/cursor.ts";
import {
  BLOCK_HEADER_SIZE,
  type Block,
  type BlockHeader,
  decodeBlockHeader,
  readBlock,
  writeBlockHeader,
} from "../primitives/block.ts";
import { decodeTransaction, type Transaction } from "../primitives/transaction.ts";
import { type BlockHash, displayHash, HASH_SIZE, type Hash256 } from "../primitives/types.ts";
import { type MessageCodec, PAYLOAD_SIZE_MAX, readItems, TooManyItemsError } from "./codec.ts";

/** Entries of inv, getdata and notfound; more are misbehaviour. */
export const INVENTORY_MAX = 50_000;
/** Headers in one message. */
export const HEADERS_MAX = 2000;
/** Hashes of a locator; more end the connection. */
export const LOCATOR_MAX = 101;

/** Kinds of inventory (BIP144 adds the witness flag, bit 30; BIP339 type 5; BIP152 type 4; BIP37 type 3). Others are kept as they are. */
export const InventoryType = {
  TX: 1,
  BLOCK: 2,
  FILTERED_BLOCK: 3,
  COMPACT_BLOCK: 4,
  WTX: 5,
  WITNESS_TX: 0x40000001,
  WITNESS_BLOCK: 0x40000002,
} as const;

export interface InventoryItem {
  /** One of {@link InventoryType}, or a number unknown to us. */
  readonly kind: number;
  readonly hash: Hash256;
}

export interface InventoryMessage {
  readonly type: "inv" | "getdata" | "notfound";
  readonly items: readonly InventoryItem[];
}

/** Hashes of blocks that the sender has, highest first, and where to stop (all zero: nowhere). */
export interface LocatorMessage {
  readonly type: "getheaders" | "getblocks";
  readonly locator: readonly BlockHash[];
  readonly stop: BlockHash;
}

export interface HeadersMessage {
  readonly type: "headers";
  readonly headers: readonly BlockHeader[];
}

export interface BlockMessage {
  readonly type: "block";
  readonly block: Block;
  /** On sending: leave the witnesses out (inventory type BLOCK without the witness flag). */
  readonly withoutWitness?: boolean;
}

export interface TransactionMessage {
  readonly type: "tx";
  readonly tx: Transaction;
  readonly withoutWitness?: boolean;
}

/** BIP144: asks for a transaction or a block with its witnesses. */
const WITNESS_FLAG = 0x40000000;

const ITEM_SIZE = 4 + HASH_SIZE;

/** A locator begins with a version that nobody reads. This is the one Core writes. */
const LOCATOR_VERSION = 70016;

/** What Core's log calls the kinds of inventory. */
const KIND_NAMES = new Map<number, string>([
  [InventoryType.TX, "tx"],
  [InventoryType.WTX, "wtx"],
  [InventoryType.BLOCK, "block"],
  [InventoryType.FILTERED_BLOCK, "merkleblock"],
  [InventoryType.COMPACT_BLOCK, "cmpctblock"],
]);

/** The item announces or asks for a transaction. */
export function isTransactionItem(kind: number): boolean {
  return hashKindOf(kind) !== undefined;
}

/** The item announces or asks for a block, in whatever form. */
export function isBlockItem(kind: number): boolean {
  return (
    kind === InventoryType.BLOCK ||
    kind === InventoryType.FILTERED_BLOCK ||
    kind === InventoryType.COMPACT_BLOCK ||
    kind === InventoryType.WITNESS_BLOCK
  );
}

/** Which hash names the transaction of an item; `undefined` for items that are no transactions. */
export function hashKindOf(kind: number): "txid" | "wtxid" | undefined {
  if (kind === InventoryType.WTX) return "wtxid";
  return kind === InventoryType.TX || kind === InventoryType.WITNESS_TX ? "txid" : undefined;
}

/** An item as Core's log shows it: `witness-block 0000…`. Kinds unknown to us are shown as their number in hex. */
export function formatInventoryItem({ kind, hash }: InventoryItem): string {
  const name = KIND_NAMES.get((kind & ~WITNESS_FLAG) >>> 0);
  const prefix = (kind & WITNESS_FLAG) !== 0 ? "witness-" : "";
  return `${name === undefined ? `0x${kind.toString(16).padStart(8, "0")}` : prefix + name} ${displayHash(hash)}`;
}

/**
 * The codec of a list of hashes, which are views of the payload. More than {@link INVENTORY_MAX} items of `inv` and `getdata`
 * throw {@link TooManyItemsError}; `notfound` is bounded by its payload only, since too long a one is ignored, not punished.
 */
export function inventoryCodec<Type extends InventoryMessage["type"]>(
  type: Type,
): MessageCodec<InventoryMessage & { readonly type: Type }> {
  return {
    payloadSizeMax: 3 + INVENTORY_MAX * ITEM_SIZE,
    decode(reader: Reader) {
      const count = reader.count(ITEM_SIZE);
      if (count > INVENTORY_MAX && type !== "notfound") {
        throw new TooManyItemsError(type, count, `${type} message size = ${count}`, "misbehaving", 0);
      }
      return { type, items: readItems(reader, count, readInventoryItem) };
    },
    encode({ items }) {
      const writer = new Writer(9 + items.length * ITEM_SIZE).compactSize(items.length);
      for (const { kind, hash } of items) writer.uint32(kind).bytes(hash);
      return writer.finish();
    },
  };
}

function readInventoryItem(reader: Reader): InventoryItem {
  const kind = reader.uint32();
  return { kind, hash: reader.bytes(HASH_SIZE) };
}

/** The codec of a locator. More than {@link LOCATOR_MAX} hashes throw {@link TooManyItemsError}: the connection ends, unpunished. */
export function locatorCodec<Type extends LocatorMessage["type"]>(
  type: Type,
): MessageCodec<LocatorMessage & { readonly type: Type }> {
  return {
    payloadSizeMax: 4 + 1 + (LOCATOR_MAX + 1) * HASH_SIZE,
    decode(reader: Reader) {
      reader.skip(4);
      const count = reader.count(HASH_SIZE);
      if (count > LOCATOR_MAX) {
        reader.skip((count + 1) * HASH_SIZE);
        const reason = `${type} locator size ${count} > ${LOCATOR_MAX}`;
        throw new TooManyItemsError(type, count, reason, "disconnect", 4);
      }
      const locator = readItems(reader, count, () => reader.bytes(HASH_SIZE) as BlockHash);
      return { type, locator, stop: reader.bytes(HASH_SIZE) as BlockHash };
    },
    encode({ locator, stop }) {
      const writer = new Writer().uint32(LOCATOR_VERSION).compactSize(locator.length);
      for (const hash of locator) writer.bytes(hash);
      return writer.bytes(stop).finish();
    },
  };
}

/** Behind each header stands a count of transactions, always zero. The count of headers is judged before any is read. */
export const headersCodec: MessageCodec<HeadersMessage> = {
  payloadSizeMax: 3 + HEADERS_MAX * (BLOCK_HEADER_SIZE + 1),
  decode(reader) {
    const count = reader.compactSize();
    if (count > HEADERS_MAX) {
      throw new TooManyItemsError("headers", count, `headers message size = ${count}`, "misbehaving", 0);
    }
    const headers = readItems(reader, count, () => {
      const header = decodeBlockHeader(reader);
      reader.compactSize();
      return header;
    });
    return { type: "headers", headers };
  },
  encode({ headers }) {
    const writer = new Writer(9 + headers.length * (BLOCK_HEADER_SIZE + 1)).compactSize(headers.length);
    for (const header of headers) {
      writeBlockHeader(writer, header);
      writer.compactSize(0);
    }
    return writer.finish();
  },
};

/** The block and its transactions hold views of the payload. */
export const blockCodec: MessageCodec<BlockMessage> = {
  payloadSizeMax: PAYLOAD_SIZE_MAX,
  decode: (reader) => ({ type: "block", block: readBlock(reader) }),
  encode: ({ block, withoutWitness }) => (withoutWitness ? strippedBlockBytes(block) : block.bytes),
};

function strippedBlockBytes(block: Block): Uint8Array {
  const writer = new Writer(block.strippedSize);
  writeBlockHeader(writer, block.header);
  writer.compactSize(block.transactions.length);
  for (const tx of block.transactions) writer.bytes(tx.strippedBytes);
  return writer.finish();
}

/** The transaction holds views of the payload. */
export const transactionCodec: MessageCodec<TransactionMessage> = {
  payloadSizeMax: PAYLOAD_SIZE_MAX,
  decode: (reader) => ({ type: "tx", tx: decodeTransaction(reader) }),
  encode: ({ tx, withoutWitness }) => (withoutWitness ? tx.strippedBytes : tx.bytes),
};
