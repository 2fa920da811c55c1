import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import {
  addTransaction,
  concernsWallet,
  type RuleContext,
  updateWithDescendants,
  withMempoolConflict,
  withoutMempoolConflict,
} from "./add-transaction.ts";
import type { ChangeSet } from "./change-set.ts";
import { LedgerDraft } from "./ledger-draft.ts";
import type { LedgerStore, LedgerView } from "./ledger-store.ts";
import { isPending, transactionOf, type WalletTransaction } from "./wallet-transaction.ts";

/** What the mempool does to a wallet. Each rule answers a change set; it is empty where the wallet has nothing to do with it. */

/** Version of transactions that may have one unconfirmed parent or child (BIP431). */
const TRUC_VERSION = 3;

/** A transaction has got into the mempool: the wallet's own, one that pays it, or one that excludes one of its transactions. */
export function transactionSeen(view: LedgerView, transaction: Transaction, context: RuleContext): ChangeSet {
  const draft = new LedgerDraft(view, context.ownerOf);
  if (concernsWallet(draft, transaction, context)) {
    addTransaction(draft, transaction, { state: { kind: "in-mempool" } }, context);
  }
  const txid = Uint8Array.from(transaction.txid) as Txid;
  for (const rival of rivalsOf(draft, transaction)) {
    updateWithDescendants(draft, rival, (record) => withMempoolConflict(record, txid));
  }
  if (transaction.version === TRUC_VERSION) {
    for (const parent of parentsOf(draft, transaction)) {
      if (!isPending(parent)) continue;
      draft.putTransaction({ ...parent, trucChildInMempool: txid });
      updateTrucSiblings(draft, parent, txid, withMempoolConflict);
    }
  }
  return draft.changeSet();
}

/**
 * Why a transaction left the mempool. `block` leaves its state to the block; after anything else it is merely unconfirmed, until a block
 * says that it is excluded.
 */
export type RemovalReason = "expiry" | "sizelimit" | "reorg" | "block" | "conflict" | "replaced";

/** A transaction has left the mempool. */
export function transactionRemoved(view: LedgerView, transaction: Transaction, reason: RemovalReason): ChangeSet {
  const draft = new LedgerDraft(view, () => undefined);
  const record = draft.transaction(transaction.txid);
  if (record?.state.kind === "in-mempool" && reason !== "block") {
    draft.putTransaction({ ...record, state: { kind: "inactive", isAbandoned: false } });
  }
  forgetInMempool(draft, transaction);
  return draft.changeSet();
}

/** A transaction that is no longer in the mempool excludes nothing there. */
export function forgetInMempool(draft: LedgerDraft, transaction: Transaction): void {
  const { txid } = transaction;
  for (const rival of rivalsOf(draft, transaction)) {
    updateWithDescendants(draft, rival, (record) => withoutMempoolConflict(record, txid));
  }
  if (transaction.version !== TRUC_VERSION) return;
  for (const parent of parentsOf(draft, transaction)) {
    if (parent.trucChildInMempool === undefined || !equalBytes(parent.trucChildInMempool, txid)) continue;
    draft.putTransaction({ ...parent, trucChildInMempool: undefined });
    updateTrucSiblings(draft, parent, txid, withoutMempoolConflict);
  }
}

/**
 * Transactions may have left the mempool unseen: a wallet is opened, or did not hear of everything. What is not there any more is merely
 * unconfirmed; {@link transactionSeen} tells of what has come meanwhile. `isStillIn`: by default nothing is known to be.
 */
export function mempoolForgotten(store: LedgerStore, isStillIn: (txid: Txid) => boolean = () => false): ChangeSet {
  const draft = new LedgerDraft(store, () => undefined);
  for (const record of store.unconfirmedTransactions()) {
    const { txid, state, trucChildInMempool: child } = record;
    const hasLeft = state.kind === "in-mempool" && !isStillIn(txid);
    const mempoolConflicts = record.mempoolConflicts.filter(isStillIn);
    const hasLostChild = child !== undefined && !isStillIn(child);
    if (!hasLeft && !hasLostChild && mempoolConflicts.length === record.mempoolConflicts.length) continue;
    draft.putTransaction({
      ...record,
      state: hasLeft ? { kind: "inactive", isAbandoned: false } : state,
      mempoolConflicts,
      trucChildInMempool: hasLostChild ? undefined : child,
    });
  }
  return draft.changeSet();
}

/** Other transactions of the wallet that spend what this one spends. */
export function rivalsOf(draft: LedgerDraft, transaction: Transaction): readonly Txid[] {
  return transaction.inputs.flatMap((input) =>
    draft.spendersOf(input.previousOutput).filter((txid) => !equalBytes(txid, transaction.txid)),
  );
}

function parentsOf(draft: LedgerDraft, transaction: Transaction): readonly WalletTransaction[] {
  return transaction.inputs.flatMap((input) => draft.transaction(input.previousOutput.txid) ?? []);
}

/** Children of a version 3 transaction exclude one another in the mempool, even where they spend different outputs. */
function updateTrucSiblings(
  draft: LedgerDraft,
  parent: WalletTransaction,
  child: Txid,
  update: (record: WalletTransaction, txid: Txid) => WalletTransaction | undefined,
): void {
  for (const index of transactionOf(parent).outputs.keys()) {
    for (const sibling of draft.spendersOf({ txid: parent.txid, index })) {
      if (!equalBytes(sibling, child)) updateWithDescendants(draft, sibling, (record) => update(record, child));
    }
  }
}
