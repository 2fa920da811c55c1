import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats, Txid, Wtxid } from "@bitfleet/protocol/primitives/types.ts";

export interface MempoolEntry {
  readonly tx: Transaction;
  readonly fee: Sats;
  readonly virtualSize: number;
  readonly sequence: number;
  readonly ancestorCount: number;
}
export interface TransactionReject {
  readonly kind: string;
  readonly reason: string;
  readonly detail: string;
}
export type AcceptResult =
  | { readonly kind: "accepted"; readonly entry: MempoolEntry; readonly replaced: readonly Transaction[] }
  | { readonly kind: "rejected"; readonly reject: TransactionReject };
export type MempoolEvent =
  | { readonly type: "transaction-added"; readonly entry: MempoolEntry }
  | { readonly type: "transaction-removed"; readonly tx: Transaction; readonly reason: string };
export class Mempool {
  readonly size = 0;
  readonly usageBytes = 0;
  readonly sequence = 1;
  readonly events = { subscribe: (_listener: (event: MempoolEvent) => void) => () => {} };
  async accept(_tx: Transaction): Promise<AcceptResult> {
    return { kind: "rejected", reject: { kind: "policy", reason: "no mempool", detail: "" } };
  }
  async acceptPackage(_txs: readonly [Transaction, Transaction]): Promise<{ results: readonly AcceptResult[] }> {
    return { results: [] };
  }
  get(_txid: Txid): MempoolEntry | undefined {
    return undefined;
  }
  getByWtxid(_wtxid: Wtxid): MempoolEntry | undefined {
    return undefined;
  }
  has(_txid: Txid): boolean {
    return false;
  }
  hasWtxid(_wtxid: Wtxid): boolean {
    return false;
  }
  *entries(): Iterable<MempoolEntry> {}
  minFeerateSatPerKvb(): number {
    return 100;
  }
}
