import type { TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { MempoolEntry } from "./entry.ts";

/** Why a transaction left. */
export type RemovalReason = "block" | "conflict" | "replaced" | "expiry" | "sizelimit" | "reorg";

/** How a transaction came: by itself, with others that pay for it or that it pays for, or back from a block that was lost. */
export type Arrival = "alone" | "package" | "block";

export type MempoolEvent =
  | {
      readonly type: "transaction-added";
      readonly entry: MempoolEntry;
      /** What it spends, in input order: known here, and not kept. */
      readonly spentOutputs: readonly TxOutput[];
      readonly arrival: Arrival;
      readonly sequence: number;
    }
  | {
      readonly type: "transaction-removed";
      readonly entry: MempoolEntry;
      readonly reason: RemovalReason;
      /** What took its place: for "replaced" those of the mempool, told as added behind this; for "conflict" that of the block. */
      readonly replacedBy?: readonly Txid[];
      readonly sequence: number;
    };

/** Called within the change itself: must not throw, nor change the mempool. */
export type MempoolListener = (event: MempoolEvent) => void;

/** Hands the mempool's events to whoever listens, in order. */
export class MempoolEvents {
  readonly #listeners = new Set<{ readonly listener: MempoolListener }>();

  /** Returns the function that ends it. */
  subscribe(listener: MempoolListener): () => void {
    const entry = { listener };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  emit(event: MempoolEvent): void {
    for (const { listener } of this.#listeners) listener(event);
  }
}
