import type { Block, BlockHeader } from "../primitives/block.ts";
import type { Transaction } from "../primitives/transaction.ts";
import type { BlockHash, Hash256 } from "../primitives/types.ts";

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
