import type { Transaction, TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Entry } from "./entry.ts";

/** A transaction that passed all that is cheap to check: replacement, cluster limits and scripts are still to come. */
export interface Candidate {
  readonly tx: Transaction;
  /** Not linked yet. */
  readonly entry: Entry;
  /** In input order. */
  readonly spentOutputs: readonly TxOutput[];
  /** Entries that it takes an output from, or the place. */
  readonly conflicts: ReadonlySet<Entry>;
  readonly evictsSibling: boolean;
}
