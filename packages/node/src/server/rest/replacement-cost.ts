import { REPLACED_SHOWN_MAX, type ReplacementCost } from "@bitfleet/api/rest/transactions.ts";
import { feeFor } from "@bitfleet/protocol/policy/feerate.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { MempoolEntry } from "../../mempool/entry.ts";
import type { Mempool } from "../../mempool/mempool.ts";

/** Inputs whose spenders are looked for: more than replace anything (100 clusters at most). */
const INPUTS_SOUGHT_MAX = 2_000;

/** What a transaction of `virtualSize` would push out of the mempool, and what it must pay for that; null where it conflicts with nothing. */
export function replacementCost(
  mempool: Pick<Mempool, "spender" | "options">,
  tx: Transaction,
  virtualSize: number,
): ReplacementCost | null {
  const conflicts = new Set<MempoolEntry>();
  for (const { previousOutput } of tx.inputs.slice(0, INPUTS_SOUGHT_MAX)) {
    const spender = mempool.spender(previousOutput);
    if (spender !== undefined) conflicts.add(spender);
  }
  if (conflicts.size === 0) return null;
  const replaced = new Set(conflicts);
  for (const entry of replaced) for (const child of entry.children) replaced.add(child);
  const replacedFee = Number([...replaced].reduce((sum, { modifiedFee }) => sum + modifiedFee, 0n));
  const relayFee = Number(feeFor(mempool.options.incrementalFeerateSatPerKvb, virtualSize));
  return {
    conflicts: shown(conflicts),
    replaced: shown(replaced),
    replaced_count: replaced.size,
    replaced_fee: replacedFee,
    replaced_virtual_size: [...replaced].reduce((sum, entry) => sum + entry.virtualSize, 0),
    relay_fee: relayFee,
    fee_min: replacedFee + relayFee,
  };
}

const shown = (entries: ReadonlySet<MempoolEntry>) =>
  [...entries].slice(0, REPLACED_SHOWN_MAX).map(({ tx }) => displayHash(tx.txid));
