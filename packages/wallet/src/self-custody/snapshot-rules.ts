import { compareBytes, equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { type HashKey, hashKey, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { addTransaction, concernsWallet, type RuleContext } from "../ledger/add-transaction.ts";
import type { ChangeSet } from "../ledger/change-set.ts";
import { LedgerDraft } from "../ledger/ledger-draft.ts";
import type { LedgerStore } from "../ledger/ledger-store.ts";
import { rivalsOf } from "../ledger/mempool-rules.ts";
import {
  type BlockReference,
  isAbandoned,
  isPending,
  isSentByWallet,
  type TransactionState,
  transactionOf,
  type WalletTransaction,
} from "../ledger/wallet-transaction.ts";
import { allAtOnce, type Steps } from "../steps.ts";
import type { Snapshot, SnapshotTransaction } from "./snapshot.ts";

/**
 * How a wallet that is told of moments, and not of events, comes to the state of one: what a server says of its scripts now. Each record's
 * state follows from the snapshot and from what the wallet knew besides (its own payments, what was given up); not from how many looks it took to
 * get there. The states are those of the rules for chain and mempool.
 */

/** Version of transactions that may have one unconfirmed parent or child (BIP431). */
const TRUC_VERSION = 3;

/** The ledger as of a snapshot that was checked (`checkSnapshot`). */
export function snapshotTaken(store: LedgerStore, snapshot: Snapshot, context: RuleContext): ChangeSet {
  return allAtOnce(snapshotSteps(store, snapshot, context));
}

/** {@link snapshotTaken}, a step for each transaction. The ledger must not change meanwhile. */
export function* snapshotSteps(store: LedgerStore, snapshot: Snapshot, context: RuleContext): Steps<ChangeSet> {
  const draft = new LedgerDraft(store, context.ownerOf);
  const here = new Set<HashKey>();
  const total = snapshot.transactions.length;
  for (const [index, one] of inOrder(snapshot.transactions).entries()) {
    if (!concernsWallet(draft, one.transaction, context)) continue;
    here.add(hashKey(one.transaction.txid));
    take(draft, one, context);
    yield { work: "check", done: index + 1, total };
  }
  const waiting = new Map<HashKey, WalletTransaction>();
  const consider = (record: WalletTransaction) => {
    const now = draft.transaction(record.txid)!;
    const key = hashKey(now.txid);
    if (now.state.kind !== "confirmed" || (!here.has(key) && now.state.block.height > snapshot.sameUpTo))
      waiting.set(key, now);
  };
  for (const record of store.unconfirmedTransactions()) consider(record);
  for (const record of store.transactionsSince(snapshot.sameUpTo + 1)) consider(record);
  for (const { transaction } of snapshot.transactions) {
    const record = draft.transaction(transaction.txid);
    if (record !== undefined) consider(record);
  }
  for (const record of waiting.values()) if (!here.has(hashKey(record.txid))) leave(draft, record);
  yield* settle(draft, [...waiting.values()]);
  draft.setBestBlock(snapshot.tip);
  return draft.changeSet();
}

/** Blocks first, the lowest first; then what waits, parents before children, so that each finds the coins that it spends. */
function inOrder(transactions: readonly SnapshotTransaction[]): readonly SnapshotTransaction[] {
  const chain = transactions.filter(({ place }) => place !== undefined);
  chain.sort((a, b) => a.place!.block.height - b.place!.block.height || a.place!.indexInBlock - b.place!.indexInBlock);
  // Where a server does not tell places within blocks, those of one block may come in any order too.
  return [...parentsFirst(chain), ...parentsFirst(transactions.filter(({ place }) => place === undefined))];
}

function parentsFirst(transactions: readonly SnapshotTransaction[]): readonly SnapshotTransaction[] {
  const left = new Map(transactions.map((one) => [hashKey(one.transaction.txid), one]));
  const ordered: SnapshotTransaction[] = [];
  for (const first of transactions) {
    const open = [first];
    for (let one = open.at(-1); one !== undefined; one = open.at(-1)) {
      const key = hashKey(one.transaction.txid);
      const parent = one.transaction.inputs
        .map(({ previousOutput }) => left.get(hashKey(previousOutput.txid)))
        .find((each) => each !== undefined && !open.includes(each));
      if (left.has(key) && parent !== undefined) {
        open.push(parent);
        continue;
      }
      if (left.delete(key)) ordered.push(one);
      open.pop();
    }
  }
  return ordered;
}

function take(draft: LedgerDraft, { transaction, place, seenAt }: SnapshotTransaction, context: RuleContext): void {
  if (place === undefined) {
    const nowSeconds = seenAt > 0 ? Math.min(seenAt, context.nowSeconds) : context.nowSeconds;
    addTransaction(draft, transaction, { state: { kind: "in-mempool" } }, { ...context, nowSeconds });
    return;
  }
  const { block, blockTime, indexInBlock } = place;
  const state = { kind: "confirmed", block, indexInBlock, blockTime } as const;
  // The time of the block, as where a node scans blocks again: when the wallet looked says nothing.
  const times = { time: blockTime, maxTime: blockTime };
  addTransaction(draft, transaction, { state, block: times, isRescan: true }, context);
}

/** It is in no block and not in the mempool any more. */
function leave(draft: LedgerDraft, record: WalletTransaction): void {
  const { state } = record;
  if (state.kind === "confirmed") {
    // A coinbase comes back with its block alone: it is void, and so is what spends it.
    const isVoid = record.isCoinbase;
    draft.putTransaction({ ...record, state: { kind: "inactive", isAbandoned: isVoid, leftBlock: state.block } });
  } else if (state.kind === "in-mempool") {
    draft.putTransaction({ ...record, state: { kind: "inactive", isAbandoned: false } });
  }
}

/** What excludes those that are in no block, from the states of all others as they are now. */
function* settle(draft: LedgerDraft, records: readonly WalletTransaction[]): Steps<void> {
  const exclusions = new Exclusions(draft);
  const settled: { readonly now: WalletTransaction; readonly found: Exclusion }[] = [];
  for (const record of records) {
    const now = draft.transaction(record.txid)!;
    settled.push({ now, found: exclusions.of(now) });
    yield { work: "check", done: settled.length, total: records.length };
  }
  for (const { now, found } of settled) {
    const state = stateUnder(now, found);
    const trucChildInMempool = trucChildOf(draft, now);
    const isSame =
      state === now.state &&
      sameTxids(now.mempoolConflicts, found.mempool) &&
      sameTxids([now.trucChildInMempool ?? []].flat() as Txid[], [trucChildInMempool ?? []].flat() as Txid[]);
    if (!isSame) draft.putTransaction({ ...now, state, mempoolConflicts: found.mempool, trucChildInMempool });
  }
}

/** What keeps a transaction from being confirmed. */
interface Exclusion {
  /** The lowest block with a transaction that excludes it. */
  readonly block: BlockReference | undefined;
  /** Transactions in the mempool that do, in the order of their bytes. */
  readonly mempool: readonly Txid[];
  /** Whether it depends on the coinbase of a block that is gone. */
  readonly isVoid: boolean;
}

const NOT_EXCLUDED: Exclusion = { block: undefined, mempool: [], isVoid: false };

/** Finds them through the transactions of the wallet that each depends on; remembers. */
class Exclusions {
  readonly #draft: LedgerDraft;
  readonly #found = new Map<HashKey, Exclusion>();

  constructor(draft: LedgerDraft) {
    this.#draft = draft;
  }

  /** Chains of unconfirmed transactions are short, but not all of them were made by nodes that limit them: no recursion. */
  of(record: WalletTransaction): Exclusion {
    const open = [record];
    for (let one = open.at(-1); one !== undefined; one = open.at(-1)) {
      const unknown = this.#parentsOf(one).filter((parent) => !this.#found.has(hashKey(parent.txid)));
      if (unknown.length === 0) {
        this.#found.set(hashKey(one.txid), this.#exclusionOf(one));
        open.pop();
      } else open.push(...unknown);
    }
    return this.#found.get(hashKey(record.txid))!;
  }

  #parentsOf(record: WalletTransaction): readonly WalletTransaction[] {
    if (isIn(record) || record.isCoinbase) return [];
    return transactionOf(record).inputs.flatMap(({ previousOutput }) => {
      const parent = this.#draft.transaction(previousOutput.txid);
      return parent === undefined || isIn(parent) ? [] : [parent];
    });
  }

  #exclusionOf(record: WalletTransaction): Exclusion {
    if (isIn(record)) return NOT_EXCLUDED;
    if (record.isCoinbase) return { ...NOT_EXCLUDED, isVoid: true };
    let block: BlockReference | undefined;
    let isVoid = false;
    const mempool = new Map<HashKey, Txid>();
    const exclude = (other: Exclusion) => {
      if (other.block !== undefined && (block === undefined || other.block.height < block.height)) block = other.block;
      for (const txid of other.mempool) mempool.set(hashKey(txid), txid);
      isVoid ||= other.isVoid;
    };
    for (const txid of rivalsOf(this.#draft, transactionOf(record))) {
      const { state } = this.#draft.transaction(txid)!;
      if (state.kind === "confirmed") exclude({ ...NOT_EXCLUDED, block: state.block });
      if (state.kind === "in-mempool") exclude({ ...NOT_EXCLUDED, mempool: [txid] });
    }
    for (const parent of this.#parentsOf(record)) exclude(this.#found.get(hashKey(parent.txid))!);
    return { block, mempool: [...mempool.values()].sort(compareBytes), isVoid };
  }
}

const isIn = ({ state }: WalletTransaction) => state.kind === "confirmed" || state.kind === "in-mempool";

/** The same object where nothing changes. */
function stateUnder({ state }: WalletTransaction, { block, isVoid }: Exclusion): TransactionState {
  if (state.kind === "confirmed" || state.kind === "in-mempool") return state;
  if (block !== undefined) {
    const isSame = state.kind === "conflicted" && equalBytes(state.block.hash, block.hash);
    return isSame ? state : { kind: "conflicted", block };
  }
  if (state.kind === "conflicted") return { kind: "inactive", isAbandoned: isVoid };
  return isVoid && !state.isAbandoned ? { ...state, isAbandoned: true } : state;
}

function trucChildOf(draft: LedgerDraft, record: WalletTransaction): Txid | undefined {
  if (!isPending(record) || transactionOf(record).version !== TRUC_VERSION) return undefined;
  for (const child of draft.childrenOf(record)) {
    if (child.state.kind === "in-mempool" && transactionOf(child).version === TRUC_VERSION) return child.txid;
  }
  return undefined;
}

function sameTxids(a: readonly Txid[], b: readonly Txid[]): boolean {
  return a.length === b.length && a.every((txid, index) => equalBytes(txid, b[index]!));
}

/** Payments of the wallet that the network should have and does not: to be handed to it again, parents first. */
export function toBeSentAgain(store: LedgerStore): readonly WalletTransaction[] {
  return [...store.unconfirmedTransactions()].filter(isToBeSentAgain);
}

/** One of {@link toBeSentAgain}. */
export function isToBeSentAgain(record: WalletTransaction): boolean {
  const isFree = record.mempoolConflicts.length === 0 || isUnheardBump(record);
  return isSentByWallet(record) && record.state.kind === "inactive" && !isAbandoned(record) && isFree;
}

/** Whether nothing in the mempool excludes it but the payment whose fee it raises: the network has not heard of it yet, or has not taken it. */
export function isUnheardBump({ state, mempoolConflicts, notes: { replaces } }: WalletTransaction): boolean {
  const isReplaced = (txid: Txid) => replaces !== undefined && equalBytes(txid, replaces);
  return state.kind === "inactive" && mempoolConflicts.length > 0 && mempoolConflicts.every(isReplaced);
}
