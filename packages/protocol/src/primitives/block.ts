import { compactSizeLength, Reader, Writer } from "../bytes/cursor.ts";
import { sha256d } from "../crypto/hash.ts";
import { decodeTransaction, type Transaction, WITNESS_SCALE_FACTOR } from "./transaction.ts";
import { type BlockHash, HASH_SIZE, type MerkleRoot } from "./types.ts";

export const BLOCK_HEADER_SIZE = 80;

/** Smallest encoding of a transaction, for {@link Reader.count}: version, two counts, lock time. */
const TRANSACTION_SIZE_MIN = 10;

export interface BlockHeaderFields {
  /** Signed 32 bits (BIP9 reads the bits, BIP34/65/66 the number). */
  readonly version: number;
  readonly previousBlockHash: BlockHash;
  readonly merkleRoot: MerkleRoot;
  /** Seconds since 1970, unsigned 32 bits. */
  readonly time: number;
  /** Target in compact form. */
  readonly bits: number;
  readonly nonce: number;
}

/** A block header, with its hash made once. */
export class BlockHeader implements BlockHeaderFields {
  readonly version: number;
  readonly previousBlockHash: BlockHash;
  readonly merkleRoot: MerkleRoot;
  readonly time: number;
  readonly bits: number;
  readonly nonce: number;
  #hash: BlockHash | undefined;

  /** `hash` is given only by who has just computed it, or keeps it beside the header. */
  constructor(fields: BlockHeaderFields, hash?: BlockHash) {
    this.version = fields.version;
    this.previousBlockHash = fields.previousBlockHash;
    this.merkleRoot = fields.merkleRoot;
    this.time = fields.time;
    this.bits = fields.bits;
    this.nonce = fields.nonce;
    this.#hash = hash;
  }

  get hash(): BlockHash {
    this.#hash ??= sha256d(encodeBlockHeader(this)) as BlockHash;
    return this.#hash;
  }
}

/** Decodes 80 bytes. The two hashes are copies, since headers outlive their message. */
export function decodeBlockHeader(reader: Reader): BlockHeader {
  const start = reader.offset;
  const version = reader.int32();
  const previousBlockHash = reader.bytes(HASH_SIZE).slice() as BlockHash;
  const merkleRoot = reader.bytes(HASH_SIZE).slice() as MerkleRoot;
  const time = reader.uint32();
  const bits = reader.uint32();
  const nonce = reader.uint32();
  const hash = sha256d(reader.since(start)) as BlockHash;
  return new BlockHeader({ version, previousBlockHash, merkleRoot, time, bits, nonce }, hash);
}

export function writeBlockHeader(writer: Writer, header: BlockHeaderFields): void {
  writer.int32(header.version).bytes(header.previousBlockHash).bytes(header.merkleRoot);
  writer.uint32(header.time).uint32(header.bits).uint32(header.nonce);
}

export function encodeBlockHeader(header: BlockHeaderFields): Uint8Array {
  const writer = new Writer(BLOCK_HEADER_SIZE);
  writeBlockHeader(writer, header);
  return writer.finish();
}

/** A block. Its encoding is kept where it was decoded from one, and made on first use elsewhere. */
export class Block {
  readonly header: BlockHeader;
  readonly transactions: readonly Transaction[];
  #bytes: Uint8Array | undefined;

  constructor(header: BlockHeader, transactions: readonly Transaction[], bytes?: Uint8Array) {
    this.header = header;
    this.transactions = transactions;
    this.#bytes = bytes;
  }

  get hash(): BlockHash {
    return this.header.hash;
  }

  /** BIP144 encoding, with witnesses. */
  get bytes(): Uint8Array {
    this.#bytes ??= encodeBlock(this);
    return this.#bytes;
  }

  /** Bytes with the witnesses. */
  get size(): number {
    return this.#sum((tx) => tx.size);
  }

  /** Bytes without the witnesses: what the 1 MB rule from before BIP141 counts. */
  get strippedSize(): number {
    return this.#sum((tx) => tx.strippedSize);
  }

  /** BIP141 weight units. */
  get weight(): number {
    return this.strippedSize * (WITNESS_SCALE_FACTOR - 1) + this.size;
  }

  #sum(sizeOf: (tx: Transaction) => number): number {
    let size = BLOCK_HEADER_SIZE + compactSizeLength(this.transactions.length);
    for (const tx of this.transactions) size += sizeOf(tx);
    return size;
  }
}

/** Decodes one block and leaves the reader behind it. The transactions hold views of the reader's bytes. */
export function readBlock(reader: Reader): Block {
  const start = reader.offset;
  const header = decodeBlockHeader(reader);
  const count = reader.count(TRANSACTION_SIZE_MIN);
  const transactions: Transaction[] = [];
  for (let index = 0; index < count; index++) transactions.push(decodeTransaction(reader));
  return new Block(header, transactions, reader.since(start));
}

/** Decodes bytes that are one block and nothing else. Throws `DecodeError`. */
export function decodeBlock(bytes: Uint8Array): Block {
  const reader = new Reader(bytes);
  const block = readBlock(reader);
  reader.end();
  return block;
}

function encodeBlock(block: Block): Uint8Array {
  const writer = new Writer(4096);
  writeBlockHeader(writer, block.header);
  writer.compactSize(block.transactions.length);
  for (const tx of block.transactions) writer.bytes(tx.bytes);
  return writer.toBytes();
}
