import type { BlockHeader } from "../primitives/block.ts";
import type { Transaction } from "../primitives/transaction.ts";
import type { BlockHash } from "../primitives/types.ts";

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
