import type { BlockHeader } from "../primitives/block.ts";
import type { TxOutput } from "../primitives/transaction.ts";
import type { OutPointKey } from "../primitives/types.ts";

/** A header in its chain: all that the contextual rules may ask about the past. The node's block index entries are of this shape. */
export interface ChainLink {
  readonly header: BlockHeader;
  readonly height: number;
  /** Expected number of hashes to make this chain, this block included. */
  readonly chainwork: bigint;
  /** The block before, or `undefined` at genesis. */
  readonly previous: ChainLink | undefined;
  /** The block of this chain at `height` (at most this block's), in O(log n); `undefined` where there is none. */
  ancestor(height: number): ChainLink | undefined;
}

/** An unspent output with what later rules need to know of its transaction. */
export interface Coin {
  readonly output: TxOutput;
  readonly height: number;
  readonly isCoinbase: boolean;
}

/** Finds an unspent output among those that were fetched before the rule began. */
export type CoinLookup = (key: OutPointKey) => Coin | undefined;

/** The coins that the transactions of a block spent, input by input, the coinbase left out: what takes the block back. */
export interface BlockUndo {
  readonly transactions: readonly (readonly Coin[])[];
}

/** The block at `height` in the chain up to `link`, or `undefined` where that chain is shorter or `height` is negative. */
export function ancestorAt(link: ChainLink, height: number): ChainLink | undefined {
  return height < 0 || height > link.height ? undefined : link.ancestor(height);
}
