import type { ChainLink } from "@bitfleet/protocol/consensus/chain-view.ts";
import type { BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import type { BlockHash } from "@bitfleet/protocol/primitives/types.ts";
import type { FilePosition } from "../ports.ts";

/** Bits of {@link BlockIndexEntry.status}, as they stand on disk. The low three bits are how far the block was checked. */
export const BlockStatus = {
  VALID_UNKNOWN: 0,
  VALID_RESERVED: 1,
  /** The header is valid and so are all before it. */
  VALID_TREE: 2,
  /** The data was received and passed the checks that need no coins. */
  VALID_TRANSACTIONS: 3,
  /** Connected once, as were all before it: spends valid, amounts right. */
  VALID_CHAIN: 4,
  /** Scripts and signatures valid too. */
  VALID_SCRIPTS: 5,
  VALID_MASK: 7,
  HAVE_DATA: 8,
  HAVE_UNDO: 16,
  /** Broke a rule, or builds on one that did. */
  FAILED_VALID: 32,
  /** Written by older versions for descendants of an invalid block; read as FAILED_VALID. */
  FAILED_CHILD: 64,
  /** The data was received with its witness. */
  OPT_WITNESS: 128,
} as const;

/** A header that we know, and what we know of its block. One object a header; compare with `===`. */
export declare class BlockIndexEntry implements ChainLink {
  readonly height: number;
  readonly chainwork: bigint;
  readonly previous: BlockIndexEntry | undefined;
  /** Bits of {@link BlockStatus}. */
  readonly status: number;
  /** Transactions of the block; 0 until its data was received. */
  readonly transactionCount: number;
  /** Transactions of the chain up to this block; 0 until every block of it was received. */
  readonly chainTransactionCount: number;
  /** Latest time of any block of the chain up to this one, in seconds. */
  readonly timeMax: number;
  /** Order in which block data arrived: of two branches of equal work the lower wins. */
  readonly sequenceId: number;
  get header(): BlockHeader;
  get hash(): BlockHash;
  get hasData(): boolean;
  get hasUndo(): boolean;
  get isInvalid(): boolean;
  get dataPosition(): FilePosition | undefined;
  get undoPosition(): FilePosition | undefined;
  /** Whether the block was checked at least as far as `level` (a VALID_* value) and is not invalid. */
  isValid(level: number): boolean;
  ancestor(height: number): BlockIndexEntry | undefined;
}
