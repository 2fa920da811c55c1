import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { type HashKey, hashKey } from "@bitfleet/protocol/primitives/types.ts";
import type { LedgerView } from "../ledger/ledger-store.ts";
import { transactionOf, type WalletTransaction } from "../ledger/wallet-transaction.ts";

/** The transactions of the wallet that spend what this one spends, or what the transactions that it depends on do: each excludes it. */
export function rivalsIn(view: LedgerView, record: WalletTransaction): readonly WalletTransaction[] {
  const found = new Map<HashKey, WalletTransaction>();
  const seen = new Set<HashKey>();
  const open = [record];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (seen.has(hashKey(one.txid)) || one.isCoinbase) continue;
    seen.add(hashKey(one.txid));
    for (const { previousOutput } of transactionOf(one).inputs) {
      for (const txid of view.spendersOf(previousOutput)) {
        const rival = view.transaction(txid);
        if (rival !== undefined && !equalBytes(txid, one.txid)) found.set(hashKey(txid), rival);
      }
      const parent = view.transaction(previousOutput.txid);
      if (parent !== undefined && parent.state.kind !== "confirmed") open.push(parent);
    }
  }
  return [...found.values()];
}
