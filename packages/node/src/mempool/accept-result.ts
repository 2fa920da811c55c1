import type { PolicyReject } from "@bitfleet/protocol/policy/verdict.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats, Wtxid } from "@bitfleet/protocol/primitives/types.ts";
import type { MempoolEntry } from "./entry.ts";

export type TransactionReject = PolicyReject;

/** What a transaction was taken for: its own fee and size, or those of the package that paid for it. */
export interface EffectiveFee {
  readonly fee: Sats;
  /** In vbytes. */
  readonly virtualSize: number;
  readonly wtxids: readonly Wtxid[];
}

export interface Accepted {
  readonly kind: "accepted";
  /** In the mempool, or as it would be there where the transaction was only tested. */
  readonly entry: MempoolEntry;
  readonly replaced: readonly Transaction[];
  readonly effective: EffectiveFee;
}

export type AcceptResult = Accepted | { readonly kind: "rejected"; readonly reject: TransactionReject };

/** What became of a package. */
export interface PackageResult {
  /** In the order of its transactions; empty where it is no package, and none was looked at. */
  readonly results: readonly AcceptResult[];
  /** What is wrong with the package as a whole; its transactions may have reasons of their own. */
  readonly packageReject: PolicyReject | undefined;
}

/** The outcome of a test; `undefined` for transactions that were not looked at to the end. */
export interface PackageTestResult {
  readonly results: readonly (AcceptResult | undefined)[];
  readonly packageReject: PolicyReject | undefined;
}

export function rejected(reject: TransactionReject): AcceptResult {
  return { kind: "rejected", reject };
}
