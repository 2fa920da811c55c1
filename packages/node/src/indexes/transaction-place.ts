import { compactSizeLength, DecodeError, Reader, type Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { BLOCK_HEADER_SIZE, type Block, decodeBlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { decodeTransaction, type Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { BlockHash } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../chain/block-index.ts";
import type { Chain } from "../chain/chain.ts";
import type { FilePosition } from "../ports.ts";
import { readVarInt, writeVarInt } from "../storage/varint.ts";

/** Where a transaction stands in the block files. */
export interface TransactionPlace {
  /** Where its block begins. */
  readonly block: FilePosition;
  /** Bytes from the end of the block's header to the transaction. */
  readonly offset: number;
}

/** A transaction out of a block. */
export interface TransactionInBlock {
  readonly tx: Transaction;
  readonly blockHash: BlockHash;
}

/** The most bytes that {@link writeTransactionPlace} takes: three varints of 32 bits. */
export const TRANSACTION_PLACE_SIZE_MAX = 15;
/** Read at first; the few transactions that are longer are read again whole. */
const FIRST_READ_BYTES = 4096;

/** Writes file, position of the block, offset: Bitcoin Core's CDiskTxPos. */
export function writeTransactionPlace(writer: Writer, { block, offset }: TransactionPlace): void {
  for (const number of [block.file, block.offset, offset]) writeVarInt(writer, number);
}

/** Reads what {@link writeTransactionPlace} wrote. Throws `DecodeError`. */
export function readTransactionPlace(reader: Reader): TransactionPlace {
  const block = { file: readVarInt(reader, 0x7fffffff), offset: readVarInt(reader) };
  return { block, offset: readVarInt(reader) };
}

/** The transactions of a block that is in the files, each with its place. */
export function* placesOf(
  entry: BlockIndexEntry,
  block: Block,
): Generator<{ readonly tx: Transaction; readonly place: TransactionPlace }> {
  const position = entry.dataPosition;
  if (position === undefined) throw new Error("an index was given a block that is not in the files");
  let offset = compactSizeLength(block.transactions.length);
  for (const tx of block.transactions) {
    yield { tx, place: { block: position, offset } };
    offset += tx.size;
  }
}

/** The transaction at `place` with the hash of its block, unchecked. Rejects with `StorageError` or `DecodeError`. */
export async function transactionAt(
  chain: Pick<Chain, "readBlockPart">,
  { block, offset }: TransactionPlace,
): Promise<TransactionInBlock> {
  const headerBytes = await chain.readBlockPart(block, { start: 0, sizeMax: BLOCK_HEADER_SIZE });
  const { hash: blockHash } = decodeBlockHeader(new Reader(headerBytes));
  const read = async (sizeMax: number): Promise<Transaction> => {
    const bytes = await chain.readBlockPart(block, { start: BLOCK_HEADER_SIZE + offset, sizeMax });
    return decodeTransaction(new Reader(bytes));
  };
  try {
    return { tx: await read(FIRST_READ_BYTES), blockHash };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { tx: await read(Number.POSITIVE_INFINITY), blockHash };
  }
}
