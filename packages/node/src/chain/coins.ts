import type { Coin, CoinLookup } from "@bitfleet/protocol/consensus/chain-view.ts";
import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import type { BlockHash, OutPointKey } from "@bitfleet/protocol/primitives/types.ts";
import type { KvStore, Logger } from "../ports.ts";

export interface CoinsCacheOptions {
  /** Memory the cache may take. Where {@link CoinsCache.usageBytes} is above it, flush. */
  readonly cacheBytes: number;
  /** A flush is written in batches of about this size. */
  readonly batchBytes?: number;
}

export interface CoinsCacheDependencies {
  readonly store: KvStore;
  readonly log: Logger;
}

/** What a block, connected or disconnected, does to the coins. */
export interface CoinsChange {
  readonly spent: readonly OutPointKey[];
  readonly created: readonly (readonly [OutPointKey, Coin])[];
}

/** A flush that was cut off: the database holds some coins of each state. Replay the blocks between the two, then flush. */
export interface HeadBlocks {
  readonly from: BlockHash | undefined;
  readonly to: BlockHash;
}

export interface FlushOptions {
  /** Return only when the last batch would survive a power cut. */
  readonly sync: boolean;
  /** Forget the coins that were only read. */
  readonly emptyCache: boolean;
}

/** The coins of one block as they are on disk, whatever is flushed later. */
export interface CoinsSnapshot {
  readonly bestBlock: BlockHash | undefined;
  /** All coins, in order of txid bytes. */
  coins(): AsyncIterable<readonly [OutPointKey, Coin]>;
  /** Approximate bytes on disk. */
  readonly diskSizeBytes: number;
  close(): Promise<void>;
}

/** The unspent outputs of the active chain: the database with a write-back cache in front. */
export class CoinsCache {
  static async open(_options: CoinsCacheOptions, _deps: CoinsCacheDependencies): Promise<CoinsCache> {
    throw new Error("not yet");
  }

  /** The block whose coins these are, changes that are not yet on disk included; `undefined` for none at all. */
  get bestBlock(): BlockHash | undefined {
    throw new Error("not yet");
  }

  /** A flush that an earlier run did not finish, until the next {@link flush} does. */
  get headBlocks(): HeadBlocks | undefined {
    throw new Error("not yet");
  }

  /** Estimate of the memory the cache takes. */
  get usageBytes(): number {
    throw new Error("not yet");
  }

  /** True where {@link usageBytes} is above the limit: time to flush. */
  get isOverLimit(): boolean {
    throw new Error("not yet");
  }

  /** Changes not yet on disk. */
  get dirtyCount(): number {
    throw new Error("not yet");
  }

  /** Reads the coins of `outPoints` in one batch. The lookup answers for these outpoints alone, as they were at this moment. */
  fetch(_outPoints: readonly OutPoint[]): Promise<CoinLookup> {
    throw new Error("not yet");
  }

  get(_outPoint: OutPoint): Promise<Coin | undefined> {
    throw new Error("not yet");
  }

  /** Takes over a block's effects; `hash` is the block whose coins these are afterwards. Cannot fail. */
  apply(_change: CoinsChange, _block: { readonly hash: BlockHash }): void {
    throw new Error("not yet");
  }

  /** Writes every change to disk. */
  flush(_options: FlushOptions): Promise<void> {
    throw new Error("not yet");
  }

  /** What the last finished flush left on disk. Waits for a flush under way. */
  snapshot(): Promise<CoinsSnapshot> {
    throw new Error("not yet");
  }
}
