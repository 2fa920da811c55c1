import { type Reader, Writer } from "../bytes/cursor.ts";
import type { Block, BlockHeader } from "../primitives/block.ts";
import { buildPartialMerkleTree, decodeMerkleBlock, encodeMerkleBlock } from "../primitives/merkle-proof.ts";
import { type BlockHash, HASH_SIZE, type Hash256 } from "../primitives/types.ts";
import { type MessageCodec, PAYLOAD_SIZE_MAX, readItems } from "./codec.ts";

/** BIP37: a block for a bloom-filtered peer. `flags` are the bits of the partial merkle tree as packed bytes. */
export interface MerkleBlockMessage {
  readonly type: "merkleblock";
  readonly header: BlockHeader;
  readonly transactionCount: number;
  readonly hashes: readonly Hash256[];
  readonly flags: Uint8Array;
}

export interface FilterLoadMessage {
  readonly type: "filterload";
  readonly data: Uint8Array;
  readonly hashFunctionCount: number;
  readonly tweak: number;
  readonly flags: number;
}

export interface FilterAddMessage {
  readonly type: "filteradd";
  readonly data: Uint8Array;
}

/** BIP157. */
export interface FiltersRequestMessage {
  readonly type: "getcfilters" | "getcfheaders";
  readonly filterType: number;
  readonly startHeight: number;
  readonly stop: BlockHash;
}

export interface FilterCheckpointsRequestMessage {
  readonly type: "getcfcheckpt";
  readonly filterType: number;
  readonly stop: BlockHash;
}

export interface FilterMessage {
  readonly type: "cfilter";
  readonly filterType: number;
  readonly blockHash: BlockHash;
  readonly filter: Uint8Array;
}

export interface FilterHeadersMessage {
  readonly type: "cfheaders";
  readonly filterType: number;
  readonly stop: BlockHash;
  readonly previousHeader: Hash256;
  readonly filterHashes: readonly Hash256[];
}

export interface FilterCheckpointsMessage {
  readonly type: "cfcheckpt";
  readonly filterType: number;
  readonly stop: BlockHash;
  readonly headers: readonly Hash256[];
}

/** The message that shows those transactions of `block` whose entry in `matches` is true. It is a tree for `verifyPartialMerkleTree`. */
export function makeMerkleBlock(
  block: Pick<Block, "header" | "transactions">,
  matches: readonly boolean[],
): MerkleBlockMessage {
  const txids = block.transactions.map((tx) => tx.txid);
  return { type: "merkleblock", header: block.header, ...buildPartialMerkleTree(txids, matches) };
}

export const merkleBlockCodec: MessageCodec<MerkleBlockMessage> = {
  payloadSizeMax: PAYLOAD_SIZE_MAX,
  decode(reader) {
    const { header, tree } = decodeMerkleBlock(reader);
    return { type: "merkleblock", header, ...tree };
  },
  encode: (message) => encodeMerkleBlock({ header: message.header, tree: message }),
};

/** BIP37 allows a filter of 36,000 bytes and 50 functions. The receiver judges that, after whether it serves filters at all. */
export const filterLoadCodec: MessageCodec<FilterLoadMessage> = {
  payloadSizeMax: 3 + 36_000 + 4 + 4 + 1,
  decode(reader) {
    const data = reader.compactBytes();
    const hashFunctionCount = reader.uint32();
    const tweak = reader.uint32();
    const flags = reader.uint8();
    return { type: "filterload", data, hashFunctionCount, tweak, flags };
  },
  encode: ({ data, hashFunctionCount, tweak, flags }) =>
    new Writer().compactBytes(data).uint32(hashFunctionCount).uint32(tweak).uint8(flags).finish(),
};

/** BIP37 allows 520 bytes, the size of an item on the script stack. The receiver judges that. */
export const filterAddCodec: MessageCodec<FilterAddMessage> = {
  payloadSizeMax: 3 + 520,
  decode: (reader) => ({ type: "filteradd", data: reader.compactBytes() }),
  encode: ({ data }) => new Writer().compactBytes(data).finish(),
};

/** The codec of a request for the filters, or their hashes, of a range of blocks. */
export function filtersRequestCodec<Type extends FiltersRequestMessage["type"]>(
  type: Type,
): MessageCodec<FiltersRequestMessage & { readonly type: Type }> {
  return {
    payloadSizeMax: 1 + 4 + HASH_SIZE,
    decode(reader: Reader) {
      const filterType = reader.uint8();
      const startHeight = reader.uint32();
      return { type, filterType, startHeight, stop: readBlockHash(reader) };
    },
    encode: ({ filterType, startHeight, stop }) =>
      new Writer().uint8(filterType).uint32(startHeight).bytes(stop).finish(),
  };
}

export const filterCheckpointsRequestCodec: MessageCodec<FilterCheckpointsRequestMessage> = {
  payloadSizeMax: 1 + HASH_SIZE,
  decode(reader) {
    const filterType = reader.uint8();
    return { type: "getcfcheckpt", filterType, stop: readBlockHash(reader) };
  },
  encode: ({ filterType, stop }) => new Writer().uint8(filterType).bytes(stop).finish(),
};

export const filterCodec: MessageCodec<FilterMessage> = {
  payloadSizeMax: PAYLOAD_SIZE_MAX,
  decode(reader) {
    const filterType = reader.uint8();
    const blockHash = readBlockHash(reader);
    return { type: "cfilter", filterType, blockHash, filter: reader.compactBytes() };
  },
  encode: ({ filterType, blockHash, filter }) =>
    new Writer().uint8(filterType).bytes(blockHash).compactBytes(filter).finish(),
};

/** BIP157: hashes of at most 2000 filters. */
export const filterHeadersCodec: MessageCodec<FilterHeadersMessage> = {
  payloadSizeMax: 1 + 2 * HASH_SIZE + 3 + 2000 * HASH_SIZE,
  decode(reader) {
    const filterType = reader.uint8();
    const stop = readBlockHash(reader);
    const previousHeader = reader.bytes(HASH_SIZE);
    return { type: "cfheaders", filterType, stop, previousHeader, filterHashes: readHashes(reader) };
  },
  encode({ filterType, stop, previousHeader, filterHashes }) {
    const writer = new Writer().uint8(filterType).bytes(stop).bytes(previousHeader);
    return writeHashes(writer, filterHashes).finish();
  },
};

export const filterCheckpointsCodec: MessageCodec<FilterCheckpointsMessage> = {
  payloadSizeMax: PAYLOAD_SIZE_MAX,
  decode(reader) {
    const filterType = reader.uint8();
    const stop = readBlockHash(reader);
    return { type: "cfcheckpt", filterType, stop, headers: readHashes(reader) };
  },
  encode: ({ filterType, stop, headers }) => writeHashes(new Writer().uint8(filterType).bytes(stop), headers).finish(),
};

function readBlockHash(reader: Reader): BlockHash {
  return reader.bytes(HASH_SIZE) as BlockHash;
}

function readHashes(reader: Reader): Hash256[] {
  return readItems(reader, reader.count(HASH_SIZE), () => reader.bytes(HASH_SIZE));
}

function writeHashes(writer: Writer, hashes: readonly Hash256[]): Writer {
  writer.compactSize(hashes.length);
  for (const hash of hashes) writer.bytes(hash);
  return writer;
}
