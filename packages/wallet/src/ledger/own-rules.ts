import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { addTransaction, type RuleContext, updateWithDescendants } from "./add-transaction.ts";
import type { ChangeSet } from "./change-set.ts";
import { LedgerDraft } from "./ledger-draft.ts";
import type { LedgerView } from "./ledger-store.ts";
import type { OwnerLookup } from "./wallet-coin.ts";
import { isAbandoned, type TransactionNotes, type WalletTransaction } from "./wallet-transaction.ts";

/** What the owner does to a wallet. */

/** Why something cannot be done: Core's sentence for its RPC interface. */
export interface LedgerRefusal {
  readonly error: string;
}

/** The wallet has made a transaction, which is not broadcast yet: from now on it holds what it spends. */
export function transactionCreated(
  view: LedgerView,
  transaction: Transaction,
  notes: TransactionNotes,
  context: RuleContext,
): ChangeSet {
  const draft = new LedgerDraft(view, context.ownerOf);
  addTransaction(draft, transaction, { state: { kind: "inactive", isAbandoned: false }, notes }, context);
  return draft.changeSet();
}

/** The fee of `replaced` has been bumped by `replacement`, both transactions of the wallet. */
export function transactionReplaced(view: LedgerView, replaced: Txid, replacement: Txid): ChangeSet {
  const draft = new LedgerDraft(view, () => undefined);
  const record = draft.transaction(replaced);
  if (record === undefined)
    throw new Error(`${displayHash(replaced)} was replaced but is no transaction of the wallet`);
  draft.putTransaction({ ...record, notes: { ...record.notes, replacedBy: replacement } });
  return draft.changeSet();
}

/** Whether `abandonTransaction` would give anything up. */
export function canBeAbandoned({ state }: WalletTransaction): boolean {
  return state.kind === "inactive" && !state.isAbandoned;
}

/**
 * Gives up a transaction that is neither in a block nor in the mempool, and what depends on it: they hold nothing any more. When one is
 * seen again, in the mempool or a block, it is as if it had not been given up.
 */
export function abandonTransaction(view: LedgerView, txid: Txid): ChangeSet | LedgerRefusal {
  const draft = new LedgerDraft(view, () => undefined);
  const record = draft.transaction(txid);
  if (record === undefined) return { error: "Invalid or non-wallet transaction id" };
  if (record.state.kind !== "inactive") return { error: "Transaction not eligible for abandonment" };
  updateWithDescendants(draft, txid, (each) =>
    each.state.kind === "conflicted" || isAbandoned(each)
      ? undefined
      : { ...each, state: { kind: "inactive", isAbandoned: true } },
  );
  return draft.changeSet();
}

/** Takes transactions out of the wallet, with their coins, as if it had never known them. */
export function removeTransactions(view: LedgerView, txids: readonly Txid[]): ChangeSet | LedgerRefusal {
  const draft = new LedgerDraft(view, () => undefined);
  for (const txid of txids) {
    const record = draft.transaction(txid);
    if (record === undefined) return { error: `Transaction ${displayHash(txid)} does not belong to this wallet` };
    draft.removeTransaction(record);
  }
  return draft.changeSet();
}

/** Scripts have become the wallet's: outputs of transactions that it has anyway become coins. `records`: all of them. */
export function scriptsAdded(view: LedgerView, records: Iterable<WalletTransaction>, ownerOf: OwnerLookup): ChangeSet {
  const draft = new LedgerDraft(view, ownerOf);
  for (const { txid } of records) draft.addCoinsOf(draft.transaction(txid)!);
  return draft.changeSet();
}
