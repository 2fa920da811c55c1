import type { BlockHeader } from "../primitives/block.ts";
import type { BlockHash, Hash256 } from "../primitives/types.ts";

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
