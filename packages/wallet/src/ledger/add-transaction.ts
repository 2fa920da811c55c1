import { compareBytes, equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { isCoinbase, type Transaction, type TransactionFields } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { hasAddress } from "./address-book.ts";
import type { LedgerDraft } from "./ledger-draft.ts";
import { type BlockTimes, smartTime } from "./smart-time.ts";
import type { OwnerLookup } from "./wallet-coin.ts";
import {
  isAbandoned,
  recordBytes,
  type TransactionNotes,
  type TransactionState,
  transactionOf,
  type WalletTransaction,
} from "./wallet-transaction.ts";

/** How a transaction gets into the wallet, or into another state there. */

/** What rules are told besides the state and the event. */
export interface RuleContext {
  readonly ownerOf: OwnerLookup;
  /** Seconds. */
  readonly nowSeconds: number;
  /** Whether the wallet sets coins apart whose address was spent from before: then such addresses are marked. */
  readonly avoidReuse: boolean;
}

/** How a transaction came to the wallet. */
export interface Arrival {
  readonly state: TransactionState;
  /** Of the block that it is in. */
  readonly block?: BlockTimes | undefined;
  /** Whether old blocks are scanned again. */
  readonly isRescan?: boolean | undefined;
  /** To be set with it, beside those that it has. */
  readonly notes?: TransactionNotes | undefined;
}

/** Whether the wallet has to do with a transaction: it has it already, is paid by it, or pays with it. */
export function concernsWallet(draft: LedgerDraft, transaction: Transaction, { ownerOf }: RuleContext): boolean {
  return (
    draft.transaction(transaction.txid) !== undefined ||
    transaction.outputs.some((output) => ownerOf(output.scriptPubKey) !== undefined) ||
    transaction.inputs.some((input) => draft.coin(input.previousOutput) !== undefined)
  );
}

/** Adds a transaction, or brings the one that is there into the state that it now has. */
export function addTransaction(
  draft: LedgerDraft,
  transaction: Transaction,
  arrival: Arrival,
  context: RuleContext,
): void {
  if (context.avoidReuse) markUsedAddresses(draft, transaction);
  const known = draft.transaction(transaction.txid);
  if (known === undefined) {
    const record = newRecord(draft, transaction, arrival, context);
    draft.putTransaction(record);
    copyNotesAmongClones(draft, record);
  } else {
    const updated = updatedRecord(known, transaction, arrival);
    if (updated !== known) draft.putTransaction(updated);
  }
  const record = draft.transaction(transaction.txid)!;
  // The coinbase of a block that left the chain can come back with that block alone: what spends it is void.
  if (record.isCoinbase && record.state.kind === "inactive") abandonAll(draft, record);
  draft.addCoinsOf(draft.transaction(transaction.txid)!);
}

function newRecord(
  draft: LedgerDraft,
  transaction: Transaction,
  arrival: Arrival,
  context: RuleContext,
): WalletTransaction {
  const { nowSeconds } = context;
  const bytes = recordBytes(transaction);
  return {
    txid: Uint8Array.from(transaction.txid) as Txid,
    wtxid: Uint8Array.from(transaction.wtxid) as WalletTransaction["wtxid"],
    bytes,
    isCoinbase: isCoinbase(transaction),
    isFromMe: draft.isFromMe({ bytes }),
    orderPosition: draft.nextOrderPosition(),
    timeReceived: nowSeconds,
    timeSmart: smartTime(draft, nowSeconds, arrival.block, arrival.isRescan ?? false),
    state: arrival.state,
    notes: arrival.notes ?? {},
    mempoolConflicts: [],
    trucChildInMempool: undefined,
  };
}

function updatedRecord(known: WalletTransaction, transaction: Transaction, arrival: Arrival): WalletTransaction {
  let record = known;
  if (!isSameState(known.state, arrival.state)) {
    const { state } = arrival;
    const isIn = state.kind === "confirmed" || state.kind === "in-mempool";
    record = { ...record, state, mempoolConflicts: isIn ? [] : known.mempoolConflicts };
  }
  if (arrival.notes !== undefined) record = { ...record, notes: { ...known.notes, ...arrival.notes } };
  if (!transaction.hasWitness || transactionOf(known).hasWitness) return record;
  const { wtxid } = transaction;
  return { ...record, wtxid: Uint8Array.from(wtxid) as WalletTransaction["wtxid"], bytes: recordBytes(transaction) };
}

/** Whether a record in state `a` stays as it is: what was given up stays so where it is merely still unconfirmed. */
function isSameState(a: TransactionState, b: TransactionState): boolean {
  if (a.kind !== b.kind) return false;
  return !("block" in a && "block" in b) || equalBytes(a.block.hash, b.block.hash);
}

/** Addresses whose coins it spends count as used from now on. */
function markUsedAddresses(draft: LedgerDraft, transaction: Transaction): void {
  for (const { previousOutput } of transaction.inputs) {
    const script = draft.coin(previousOutput)?.script;
    if (script === undefined || !hasAddress(script)) continue;
    const entry = draft.addressBookEntry(script) ?? { script, label: undefined, purpose: undefined, isUsed: false };
    if (!entry.isUsed) draft.putAddressBookEntry({ ...entry, isUsed: true });
  }
}

function abandonAll(draft: LedgerDraft, coinbase: WalletTransaction): void {
  const waiting = [coinbase];
  for (let record = waiting.pop(); record !== undefined; record = waiting.pop()) {
    if (!isAbandoned(record)) draft.putTransaction({ ...record, state: { kind: "inactive", isAbandoned: true } });
    waiting.push(...draft.childrenOf(record));
  }
}

/**
 * Copies of a transaction that differ in their signatures alone (malleated ones have other txids) are one to the user: they get the
 * notes and the time of the one that the wallet knew first.
 */
function copyNotesAmongClones(draft: LedgerDraft, added: WalletTransaction): void {
  if (added.isCoinbase) return;
  for (const { previousOutput } of transactionOf(added).inputs) {
    const spenders = draft.spendersOf(previousOutput);
    if (spenders.length < 2) continue;
    const records = spenders.map((txid) => draft.transaction(txid)!);
    const oldest = records.reduce((a, b) => (b.orderPosition < a.orderPosition ? b : a));
    for (const record of records) {
      if (record === oldest || !areClones(transactionOf(oldest), transactionOf(record))) continue;
      draft.putTransaction({ ...record, notes: oldest.notes, timeSmart: oldest.timeSmart });
    }
  }
}

/** Whether two transactions differ in their signatures alone. */
function areClones(a: TransactionFields, b: TransactionFields): boolean {
  return (
    a.version === b.version &&
    a.lockTime === b.lockTime &&
    a.inputs.length === b.inputs.length &&
    a.outputs.length === b.outputs.length &&
    a.inputs.every((input, index) => {
      const other = b.inputs[index]!;
      const { txid, index: outputIndex } = other.previousOutput;
      const isSame = input.previousOutput.index === outputIndex && equalBytes(input.previousOutput.txid, txid);
      return isSame && input.sequence === other.sequence;
    }) &&
    a.outputs.every((output, index) => {
      const other = b.outputs[index]!;
      return output.value === other.value && equalBytes(output.scriptPubKey, other.scriptPubKey);
    })
  );
}

/**
 * Puts what `update` answers in place of a record and then does so with the transactions that spend its outputs, as long as there is
 * something to change (`undefined`: nothing).
 */
export function updateWithDescendants(
  draft: LedgerDraft,
  txid: Txid,
  update: (record: WalletTransaction) => WalletTransaction | undefined,
): void {
  const waiting = [txid];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const record = draft.transaction(next);
    const changed = record && update(record);
    if (changed === undefined) continue;
    draft.putTransaction(changed);
    for (const child of draft.childrenOf(changed)) waiting.push(child.txid);
  }
}

/** Adds `txid` to the transactions in the mempool that exclude a record; `undefined` where it is among them. */
export function withMempoolConflict(record: WalletTransaction, txid: Txid): WalletTransaction | undefined {
  if (record.mempoolConflicts.some((each) => equalBytes(each, txid))) return undefined;
  return { ...record, mempoolConflicts: [...record.mempoolConflicts, txid].sort(compareBytes) };
}

/** Takes `txid` out of them; `undefined` where it is not among them. */
export function withoutMempoolConflict(record: WalletTransaction, txid: Txid): WalletTransaction | undefined {
  const mempoolConflicts = record.mempoolConflicts.filter((each) => !equalBytes(each, txid));
  return mempoolConflicts.length === record.mempoolConflicts.length ? undefined : { ...record, mempoolConflicts };
}
