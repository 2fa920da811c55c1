import { type TransactionFields, WITNESS_SCALE_FACTOR } from "@bitfleet/protocol/primitives/transaction.ts";
import type { MempoolEntry } from "../../mempool/entry.ts";
import type { SpendingNode } from "./spending-node.ts";

const TOO_LONG = "too many unconfirmed transactions in cluster";

/** Why the mempool would not take a transaction together with what it is built on; `undefined` where it would. `weight`: when signed. */
export function chainLimitExceeded(
  { inputs }: Pick<TransactionFields, "inputs">,
  weight: number,
  mempool: Pick<SpendingNode["mempool"], "clusterOf" | "options">,
): string | undefined {
  const cluster = new Set<MempoolEntry>();
  for (const { previousOutput } of inputs) {
    for (const entry of mempool.clusterOf(previousOutput.txid)?.entries ?? []) cluster.add(entry);
  }
  if (cluster.size === 0) return undefined;
  const { clusterCountMax, clusterVirtualSizeMax } = mempool.options;
  let total = weight;
  for (const { adjustedWeight } of cluster) total += adjustedWeight;
  const isTooLong = cluster.size + 1 > clusterCountMax || total > clusterVirtualSizeMax * WITNESS_SCALE_FACTOR;
  return isTooLong ? TOO_LONG : undefined;
}
