import type { BlockReject } from "@bitfleet/protocol/consensus/verdict.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import type { BlockIndexEntry } from "./block-index.ts";

/** What happened to the chain, in the order in which it happened. */
export type ChainEvent =
  /** `entry` became the tip on top of its previous block. */
  | { readonly type: "block-connected"; readonly entry: BlockIndexEntry; readonly block: Block }
  /** `entry` was the tip; its previous block is now. */
  | { readonly type: "block-disconnected"; readonly entry: BlockIndexEntry; readonly block: Block }
  /** A run of connects and disconnects is over. `fork` is the highest block that the chain before and after share. */
  | {
      readonly type: "tip-changed";
      readonly entry: BlockIndexEntry;
      readonly fork: BlockIndexEntry | undefined;
      readonly isInitialBlockDownload: boolean;
    }
  /** The header with the most work that is not known to be invalid changed. */
  | { readonly type: "header-tip"; readonly entry: BlockIndexEntry; readonly isInitialBlockDownload: boolean }
  /** A block's rules were all checked; `reject` says which it broke. */
  | { readonly type: "block-checked"; readonly block: Block; readonly reject?: BlockReject }
  /** Events were thrown away because this subscriber was slow and had chosen `overflow: "lose"`: read the chain anew. */
  | { readonly type: "events-lost"; readonly count: number };

export type ChainListener = (event: ChainEvent) => void | Promise<void>;

export interface SubscriptionOptions {
  /** For the log, where the listener throws or is slow. */
  readonly name?: string;
  /**
   * `queued` (default): called one event after the other, its promise awaited, off the chain's own path.
   * `inline`: called synchronously inside the state change and must not throw or return a promise; for what must never be
   * behind the tip (the mempool).
   */
  readonly delivery?: "queued" | "inline";
  /** What happens when {@link EVENT_QUEUE_MAX} events wait: the chain waits (default), or the events are lost. */
  readonly overflow?: "wait" | "lose";
}

/** Events that wait for one subscriber. They hold whole blocks, so the number is small. */
export const EVENT_QUEUE_MAX = 128;

/** What everyone but the chain itself sees of its events. */
export interface ChainEvents {
  /** Calls `listener` with every later event, in order. Returns the function that ends it. */
  subscribe(listener: ChainListener, options?: SubscriptionOptions): () => void;
  /** Resolves when every subscriber has handled all that happened before the call (`syncwithvalidationinterfacequeue`). */
  drained(): Promise<void>;
}
