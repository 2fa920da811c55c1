import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import { AncestorBumpFees, type WaitingTransaction } from "@bitfleet/wallet/selection/ancestor-bump-fees.ts";
import type { MempoolEntry } from "../../mempool/entry.ts";
import type { SpendingNode } from "./spending-node.ts";

/** More transactions than these are not looked through for a payment: what they lack is not told then. */
const TRANSACTIONS_MAX = 500;

/**
 * What the unconfirmed ancestors of outputs lack to a feerate, as the mempool stands. An output that something in the mempool spends is
 * taken to be wanted for a replacement, so that its spender and what depends on that do not count.
 * `undefined` where too many transactions hang together with them.
 */
export function mempoolBumpFees(
  outPoints: readonly OutPoint[],
  feerateSatPerKvb: Sats,
  mempool: SpendingNode["mempool"],
): AncestorBumpFees | undefined {
  const waiting = new Set<MempoolEntry>();
  for (const { txid } of outPoints) {
    const entry = mempool.get(txid);
    if (entry === undefined || waiting.has(entry)) continue;
    for (const each of mempool.clusterOf(txid)?.entries ?? []) waiting.add(each);
    if (waiting.size > TRANSACTIONS_MAX) return undefined;
  }
  for (const outPoint of outPoints) removeFamily(mempool.spender(outPoint), waiting);
  return new AncestorBumpFees([...waiting].map(waitingTransaction), feerateSatPerKvb);
}

function removeFamily(eldest: MempoolEntry | undefined, from: Set<MempoolEntry>): void {
  const open = eldest === undefined ? [] : [eldest];
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    if (from.delete(entry)) open.push(...entry.children);
  }
}

function waitingTransaction({ tx, modifiedFee, virtualSize, parents }: MempoolEntry): WaitingTransaction {
  return { txid: tx.txid, fee: modifiedFee, virtualSize, parents: [...parents].map((parent) => parent.tx.txid) };
}
