import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { BlockHash, Txid } from "@bitfleet/protocol/primitives/types.ts";
import { addTransaction, concernsWallet, type RuleContext, updateWithDescendants } from "./add-transaction.ts";
import type { ChangeSet } from "./change-set.ts";
import { LedgerDraft } from "./ledger-draft.ts";
import type { LedgerView } from "./ledger-store.ts";
import { forgetInMempool, rivalsOf } from "./mempool-rules.ts";
import type { BlockTimes } from "./smart-time.ts";
import { type BlockReference, depthOf, type TransactionState, type WalletTransaction } from "./wallet-transaction.ts";

/** What the chain does to a wallet. */

/** A block, as far as it matters to a wallet. */
export interface BlockFacts extends BlockReference, BlockTimes {
  readonly previousHash: BlockHash;
}

/** A transaction at its place in a block. */
export interface PositionedTransaction {
  readonly transaction: Transaction;
  readonly indexInBlock: number;
}

/**
 * A block has been connected on top of the wallet's best one. `transactions`: those that `scanBlock` picked, or all, in their
 * order; what does not concern the wallet changes nothing.
 */
export function blockConnected(
  view: LedgerView,
  block: BlockFacts,
  transactions: readonly PositionedTransaction[],
  context: RuleContext,
): ChangeSet {
  const draft = new LedgerDraft(view, context.ownerOf);
  draft.setBestBlock(referenceOf(block));
  confirmAll(draft, block, transactions, context, { tipHeight: block.height, isRescan: false });
  return draft.changeSet();
}

/** A block that the chain has had for long is looked through again: as {@link blockConnected}, but the best block stays. */
export function blockRescanned(
  view: LedgerView,
  block: BlockFacts,
  transactions: readonly PositionedTransaction[],
  context: RuleContext,
): ChangeSet {
  const draft = new LedgerDraft(view, context.ownerOf);
  const tipHeight = Math.max(view.bestBlock()?.height ?? 0, block.height);
  confirmAll(draft, block, transactions, context, { tipHeight, isRescan: true });
  return draft.changeSet();
}

interface Scan {
  readonly tipHeight: number;
  readonly isRescan: boolean;
}

function confirmAll(
  draft: LedgerDraft,
  block: BlockFacts,
  transactions: readonly PositionedTransaction[],
  context: RuleContext,
  { tipHeight, isRescan }: Scan,
): void {
  for (const { transaction, indexInBlock } of transactions) {
    for (const rival of rivalsOf(draft, transaction)) markConflicted(draft, rival, referenceOf(block), tipHeight);
    if (concernsWallet(draft, transaction, context)) {
      const state = { kind: "confirmed", block: referenceOf(block), indexInBlock, blockTime: block.time } as const;
      addTransaction(draft, transaction, { state, block, isRescan }, context);
    }
    forgetInMempool(draft, transaction);
  }
}

/** A transaction in the block spends what `txid` spends: it and what depends on it is excluded, if no deeper block does so. */
function markConflicted(draft: LedgerDraft, txid: Txid, block: BlockReference, tipHeight: number): void {
  const state: TransactionState = { kind: "conflicted", block };
  updateWithDescendants(draft, txid, (record) =>
    depthOf({ state }, tipHeight) < depthOf(record, tipHeight) ? { ...record, state } : undefined,
  );
}

/**
 * The wallet's best block has been disconnected. Its transactions are unconfirmed again (a coinbase, and what depends on it, is
 * abandoned); what it excluded no longer is. `transactions` as for {@link blockConnected}.
 */
export function blockDisconnected(
  view: LedgerView,
  block: BlockFacts,
  transactions: readonly PositionedTransaction[],
  context: RuleContext,
): ChangeSet {
  const draft = new LedgerDraft(view, context.ownerOf);
  for (const { transaction, indexInBlock } of transactions) {
    if (concernsWallet(draft, transaction, context)) {
      const state = { kind: "inactive", isAbandoned: indexInBlock === 0 } as const;
      addTransaction(draft, transaction, { state }, context);
    }
    for (const rival of rivalsOf(draft, transaction)) {
      updateWithDescendants(draft, rival, (record) => withoutConflict(record, block.height));
    }
  }
  draft.setBestBlock({ hash: block.previousHash, height: block.height - 1 });
  return draft.changeSet();
}

function withoutConflict(record: WalletTransaction, height: number): WalletTransaction | undefined {
  if (record.state.kind !== "conflicted" || record.state.block.height < height) return undefined;
  return { ...record, state: { kind: "inactive", isAbandoned: false } };
}

const referenceOf = ({ hash, height }: BlockReference): BlockReference => ({ hash, height });
