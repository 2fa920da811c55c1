import type { TransactionReplacements } from "@bitfleet/api/rest/replacements.ts";
import type { TransactionDetail } from "@bitfleet/api/rest/transactions.ts";

const NOWHERE = {
  is_confirmed: false,
  block_hash: null,
  block_height: null,
  block_time: null,
  index: null,
  confirmations: 0,
};

/** A transaction that left the mempool, as it was; `undefined` where the node does not have it any more. */
export function goneTransaction(remembered: TransactionReplacements | undefined): TransactionDetail | undefined {
  const { decoded, hex } = remembered ?? {};
  if (decoded == null || hex == null) return undefined;
  // Outputs of what is nowhere are no coins: there is nothing to say of who spends them.
  const outputs = decoded.outputs.map((output) => ({ ...output, is_spent: null, spent_by: null }));
  return { ...decoded, outputs, hex, status: NOWHERE, mempool: null };
}
