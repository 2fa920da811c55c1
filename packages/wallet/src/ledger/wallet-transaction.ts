import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { decodeTransaction, type Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { BlockHash, Txid, Wtxid } from "@bitfleet/protocol/primitives/types.ts";

/** A transaction that a wallet keeps, and where it stands. */

/** A block that a transaction depends on. */
export interface BlockReference {
  readonly hash: BlockHash;
  readonly height: number;
}

/** What became of a transaction, as far as the wallet has heard. */
export type TransactionState =
  /** In a block of the best chain. */
  | {
      readonly kind: "confirmed";
      readonly block: BlockReference;
      /** Place within the block; 0 is the coinbase. */
      readonly indexInBlock: number;
      /** Seconds, of the block's header. */
      readonly blockTime: number;
    }
  | { readonly kind: "in-mempool" }
  /** In no block and not in the mempool. An abandoned one no longer holds what it spends. */
  | {
      readonly kind: "inactive";
      readonly isAbandoned: boolean;
      /** The block that had it, where one did that the chain has left since. Told by wallets that look at snapshots of the chain. */
      readonly leftBlock?: BlockReference | undefined;
    }
  /** It, or what it depends on, spends what a transaction in this block spends. */
  | { readonly kind: "conflicted"; readonly block: BlockReference };

/** What the user wrote with a transaction, and what it took the place of. */
export interface TransactionNotes {
  readonly comment?: string | undefined;
  /** To whom, in the user's words. */
  readonly commentTo?: string | undefined;
  /** The transaction whose fee this one bumped. */
  readonly replaces?: Txid | undefined;
  /** The transaction that bumped the fee of this one. */
  readonly replacedBy?: Txid | undefined;
  /** It was made here, or handed in from here, though it spends no coin of the wallet: it is sent as its own payments are until the network has it. */
  readonly isSentHere?: boolean | undefined;
}

/** A transaction of the wallet. A plain value: no field ever changes, a newer record takes its place. */
export interface WalletTransaction {
  readonly txid: Txid;
  readonly wtxid: Wtxid;
  /** With witness (BIP144). {@link transactionOf} decodes them when they are asked for. */
  readonly bytes: Uint8Array;
  readonly isCoinbase: boolean;
  /** Whether it spends a coin of the wallet. */
  readonly isFromMe: boolean;
  /** Place in the order in which the wallet got to know its transactions: one more for each. */
  readonly orderPosition: number;
  /** Seconds: when the wallet first saw it. */
  readonly timeReceived: number;
  /** Seconds: what to show as its time. Never changes, and rises with the order where clocks allow. */
  readonly timeSmart: number;
  readonly state: TransactionState;
  readonly notes: TransactionNotes;
  /** Transactions in the mempool that exclude it, directly or through what it depends on, in the order of their bytes. */
  readonly mempoolConflicts: readonly Txid[];
  /** The one child that a version 3 transaction may have in the mempool (BIP431). */
  readonly trucChildInMempool: Txid | undefined;
}

/** Decoded transactions by the bytes of their records, as long as somebody uses them: a wallet in memory has a hundred thousand. */
const decoded = new WeakMap<Uint8Array, WeakRef<Transaction>>();

/** The transaction of a record. Throws `DecodeError` where the bytes are none: a damaged store. */
export function transactionOf({ bytes }: Pick<WalletTransaction, "bytes">): Transaction {
  const known = decoded.get(bytes)?.deref();
  if (known !== undefined) return known;
  const transaction = decodeTransaction(new Reader(bytes));
  decoded.set(bytes, new WeakRef(transaction));
  return transaction;
}

/** The bytes of a transaction for its record: a copy, since the wallet keeps it longer than the block or the message that it came in. */
export function recordBytes(transaction: Transaction): Uint8Array {
  const bytes = Uint8Array.from(transaction.bytes);
  decoded.set(bytes, new WeakRef(transaction));
  return bytes;
}

/** Confirmations: 1 in the block at the tip, 0 in no block, negative for one that a block excludes. */
export function depthOf({ state }: Pick<WalletTransaction, "state">, tipHeight: number): number {
  if (state.kind === "confirmed") return tipHeight - state.block.height + 1;
  return state.kind === "conflicted" ? state.block.height - tipHeight - 1 : 0;
}

/** Whether the user gave it up, or it was the coinbase of a block that is no longer in the chain. */
export function isAbandoned({ state }: Pick<WalletTransaction, "state">): boolean {
  return state.kind === "inactive" && state.isAbandoned;
}

/** Whether the wallet sees to it that the network has it: it pays with its coins, or was sent from here. */
export function isSentByWallet({ isFromMe, notes }: Pick<WalletTransaction, "isFromMe" | "notes">): boolean {
  return isFromMe || notes.isSentHere === true;
}

/** Whether it may still be confirmed as far as is known: not given up, and excluded by no block and nothing in the mempool. */
export function isPending(record: WalletTransaction): boolean {
  const { kind } = record.state;
  return kind !== "confirmed" && kind !== "conflicted" && !isAbandoned(record) && record.mempoolConflicts.length === 0;
}

/** Whether it holds what it spends: it is confirmed, or {@link isPending}. */
export function holdsItsInputs(record: WalletTransaction): boolean {
  return record.state.kind === "confirmed" || isPending(record);
}
