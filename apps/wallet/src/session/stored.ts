import { toHex, tryFromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import { decodeTransaction, isCoinbase } from "@bitfleet/protocol/primitives/transaction.ts";
import {
  type BlockHash,
  displayHash,
  parseDisplayHash,
  type Sats,
  type Txid,
} from "@bitfleet/protocol/primitives/types.ts";
import type { RecordValue, VaultRecord } from "@bitfleet/vault/vault.ts";
import { ADDRESS_TYPES } from "@bitfleet/wallet/keychain/descriptor-record.ts";
import type { DerivedScript } from "@bitfleet/wallet/ledger/change-set.ts";
import type {
  BlockReference,
  TransactionState,
  WalletTransaction,
} from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import type { AccountDescriptor } from "@bitfleet/wallet/self-custody/account-descriptors.ts";
import type { ConfirmationProof } from "@bitfleet/wallet/self-custody/confirmation-proofs.ts";
import { ADDRESSES_MAX } from "@bitfleet/wallet/self-custody/custody-account.ts";
import type { AccountState, DescriptorState } from "@bitfleet/wallet/self-custody/kept-account.ts";
import type { FarPlace } from "@bitfleet/wallet/self-custody/script-ranges.ts";

/** How a wallet's records stand in the vault: JSON, hashes as they are displayed, other bytes in hex, amounts as decimal text. */

type Fields = { readonly [name: string]: RecordValue | undefined };

/** Heights, indexes and times in seconds have 32 bits. */
const COUNT_MAX = 2 ** 32 - 1;
/** Addresses of a descriptor: an account has no more, and behind its last ones some more are looked at. */
const INDEX_MAX = 2 * ADDRESSES_MAX;

/** A record of the vault is not what this program writes. */
export class UnreadableRecord extends Error {
  override readonly name = "UnreadableRecord";
  readonly what: string;

  constructor(what: string) {
    super(`A record of the vault cannot be read: ${what}. Restore the wallet from a backup or its recovery phrase.`);
    this.what = what;
  }
}

export function fieldsOf(value: RecordValue | undefined, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new UnreadableRecord(what);
  return value as Fields;
}

export function textOf(value: RecordValue | undefined, what: string): string {
  if (typeof value !== "string") throw new UnreadableRecord(what);
  return value;
}

export function numberOf(value: RecordValue | undefined, what: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw new UnreadableRecord(what);
  return value;
}

/** A number that counts something: none is below 0, nor above what there can be. */
export function countOf(value: RecordValue | undefined, what: string, max = COUNT_MAX): number {
  const count = numberOf(value, what);
  if (count < 0 || count > max) throw new UnreadableRecord(what);
  return count;
}

export function listOf(value: RecordValue | undefined, what: string): readonly RecordValue[] {
  if (!Array.isArray(value)) throw new UnreadableRecord(what);
  return value as readonly RecordValue[];
}

export function satsOf(value: RecordValue | undefined, what: string): Sats {
  const text = textOf(value, what);
  if (!/^-?\d{1,20}$/.test(text)) throw new UnreadableRecord(what);
  return BigInt(text);
}

function hashOf<Hash extends Uint8Array>(value: RecordValue | undefined, what: string): Hash {
  const hash = parseDisplayHash<Hash>(textOf(value, what));
  if (hash === undefined) throw new UnreadableRecord(what);
  return hash;
}

function bytesOf(value: RecordValue | undefined, what: string): Uint8Array {
  const bytes = tryFromHex(textOf(value, what));
  if (bytes === undefined) throw new UnreadableRecord(what);
  return bytes;
}

const BLOCK = "a block";

const blockValue = ({ hash, height }: BlockReference): RecordValue => ({ hash: displayHash(hash), height });

function blockOf(value: RecordValue | undefined): BlockReference {
  const { hash, height } = fieldsOf(value, BLOCK);
  return { hash: hashOf<BlockHash>(hash, BLOCK), height: countOf(height, BLOCK) };
}

/** `txid:index`, as people see it. */
export const outPointText = ({ txid, index }: OutPoint): string => `${displayHash(txid)}:${index}`;

/** `undefined` where the text is none. */
export function parseOutPoint(text: string): OutPoint | undefined {
  const match = /^([0-9a-f]{64}):(\d{1,10})$/i.exec(text);
  const txid = match && parseDisplayHash<Txid>(match[1]!.toLowerCase());
  return txid ? { txid, index: Number(match[2]) } : undefined;
}

const DESCRIPTOR = "a descriptor";

function descriptorValue(descriptor: AccountDescriptor): RecordValue {
  const { id, text, normalizedText, createdAt, activeFor, isInternal, doubt } = descriptor;
  return {
    id,
    text,
    normalizedText: normalizedText ?? null,
    createdAt,
    gives: activeFor?.addressType ?? null,
    isInternal,
    doubt: doubt ?? null,
  };
}

function descriptorOf(value: RecordValue): AccountDescriptor {
  const { id, text, normalizedText, createdAt, gives, isInternal, doubt } = fieldsOf(value, DESCRIPTOR);
  const addressType = ADDRESS_TYPES.find((type) => type === gives);
  return {
    id: countOf(id, DESCRIPTOR),
    text: textOf(text, DESCRIPTOR),
    normalizedText: normalizedText === null ? undefined : textOf(normalizedText, DESCRIPTOR),
    createdAt: countOf(createdAt, DESCRIPTOR),
    activeFor: addressType && { addressType, isInternal: isInternal === true },
    isInternal: isInternal === true,
    ...(doubt === "old" || doubt === "guess" ? { doubt } : {}),
  };
}

const PROGRESS = "how far a descriptor has come";

function progressOf(value: RecordValue): DescriptorState {
  const { id, nextIndex, rangeStart, rangeEnd, shownIndex, lookedEnd, farEnd } = fieldsOf(value, PROGRESS);
  return {
    id: countOf(id, PROGRESS),
    nextIndex: countOf(nextIndex, PROGRESS, INDEX_MAX),
    rangeStart: countOf(rangeStart, PROGRESS, INDEX_MAX),
    rangeEnd: countOf(rangeEnd, PROGRESS, INDEX_MAX),
    shownIndex: countOf(shownIndex, PROGRESS, INDEX_MAX),
    lookedEnd: countOf(lookedEnd, PROGRESS, INDEX_MAX),
    // Programs that looked at all addresses each time have written none.
    ...(farEnd !== undefined && { farEnd: countOf(farEnd, PROGRESS, INDEX_MAX) }),
  };
}

/** The part of an account's record that its engine keeps. */
export function accountStateValue({ descriptors, progress, bestBlock, frozen, farNext }: AccountState): RecordValue {
  return {
    descriptors: descriptors.map(descriptorValue),
    progress: progress.map(({ farEnd, ...each }) => ({ ...each, ...(farEnd !== undefined && { farEnd }) })),
    bestBlock: bestBlock === undefined ? null : blockValue(bestBlock),
    frozen: frozen.map(outPointText),
    ...(farNext && { farNext: { ...farNext } }),
  };
}

export function accountStateOf(value: RecordValue | undefined): AccountState {
  const { descriptors, progress, bestBlock, frozen, farNext } = fieldsOf(value, "an account");
  const list = listOf(descriptors, DESCRIPTOR).map(descriptorOf);
  const reached = listOf(progress, PROGRESS).map(progressOf);
  const ids = (some: readonly { readonly id: number }[]) => new Set(some.map(({ id }) => id));
  const isWhole = ids(list).size === list.length && list.every(({ id }) => ids(reached).has(id));
  if (list.length === 0 || !isWhole) throw new UnreadableRecord("the descriptors of an account");
  return {
    descriptors: list,
    progress: reached,
    bestBlock: bestBlock === null ? undefined : blockOf(bestBlock),
    frozen: listOf(frozen, "frozen coins").map((text) => {
      const outPoint = parseOutPoint(textOf(text, "a frozen coin"));
      if (outPoint === undefined) throw new UnreadableRecord("a frozen coin");
      return outPoint;
    }),
    ...(farNext !== undefined && { farNext: farPlaceOf(farNext) }),
  };
}

function farPlaceOf(value: RecordValue): FarPlace {
  const { id, index } = fieldsOf(value, PROGRESS);
  return { id: countOf(id, PROGRESS), index: countOf(index, PROGRESS, INDEX_MAX) };
}

/** A script that was derived: `<descriptor>/<index>/<which>` behind the account's prefix. */
export function scriptRecord({ descriptorId, index, script }: DerivedScript, place: number): VaultRecord {
  return { key: `${descriptorId}/${index}/${place}`, value: toHex(script) };
}

export function scriptOf(key: string, value: RecordValue): DerivedScript {
  const [descriptorId, index] = key.split("/").map(Number);
  return {
    descriptorId: countOf(descriptorId, "an address"),
    index: countOf(index, "an address", INDEX_MAX),
    script: bytesOf(value, "an address"),
  };
}

/** A transaction with what a server told of its fee. */
export interface StoredTransaction {
  readonly record: WalletTransaction;
  readonly fee: Sats | undefined;
  /** What was found of its block. */
  readonly proof?: ConfirmationProof | undefined;
}

export function transactionValue({ record, fee, proof }: StoredTransaction): RecordValue {
  const { notes } = record;
  return {
    hex: toHex(record.bytes),
    isFromMe: record.isFromMe,
    position: record.orderPosition,
    received: record.timeReceived,
    time: record.timeSmart,
    state: stateValue(record.state),
    replaces: notes.replaces === undefined ? null : displayHash(notes.replaces),
    replacedBy: notes.replacedBy === undefined ? null : displayHash(notes.replacedBy),
    conflicts: record.mempoolConflicts.map(displayHash),
    child: record.trucChildInMempool === undefined ? null : displayHash(record.trucChildInMempool),
    fee: fee === undefined ? null : fee.toString(),
    ...(notes.isSentHere && { isSentHere: true }),
    ...(proof && { proof: { block: displayHash(proof.block), kind: proof.kind } }),
  };
}

/** Records from before there were proofs have none. */
function proofOf(value: RecordValue | undefined): ConfirmationProof | undefined {
  if (value === undefined) return undefined;
  const what = "what was found of a transaction's block";
  const { block, kind } = fieldsOf(value, what);
  if (kind !== "linked" && kind !== "alone" && kind !== "broken") throw new UnreadableRecord(what);
  return { block: hashOf<BlockHash>(block, what), kind };
}

export function transactionOfValue(value: RecordValue): StoredTransaction {
  const what = "a transaction";
  const fields = fieldsOf(value, what);
  const bytes = bytesOf(fields.hex, what);
  const transaction = decodeTransaction(new Reader(bytes));
  const optional = (hash: RecordValue | undefined) => (hash === null ? undefined : hashOf<Txid>(hash, what));
  return {
    fee: fields.fee === null ? undefined : satsOf(fields.fee, what),
    proof: proofOf(fields.proof),
    record: {
      txid: Uint8Array.from(transaction.txid) as Txid,
      wtxid: Uint8Array.from(transaction.wtxid) as WalletTransaction["wtxid"],
      bytes,
      isCoinbase: isCoinbase(transaction),
      isFromMe: fields.isFromMe === true,
      orderPosition: numberOf(fields.position, what),
      timeReceived: countOf(fields.received, what),
      timeSmart: countOf(fields.time, what),
      state: stateOf(fields.state),
      notes: {
        replaces: optional(fields.replaces),
        replacedBy: optional(fields.replacedBy),
        // Records from before there was such a note have none.
        ...(fields.isSentHere === true && { isSentHere: true }),
      },
      mempoolConflicts: listOf(fields.conflicts, what).map((txid) => hashOf<Txid>(txid, what)),
      trucChildInMempool: optional(fields.child),
    },
  };
}

function stateValue(state: TransactionState): RecordValue {
  switch (state.kind) {
    case "confirmed":
      return {
        kind: "confirmed",
        ...(blockValue(state.block) as object),
        index: state.indexInBlock,
        time: state.blockTime,
      };
    case "in-mempool":
      return { kind: "in-mempool" };
    case "conflicted":
      return { kind: "conflicted", ...(blockValue(state.block) as object) };
    case "inactive": {
      const left = state.leftBlock === undefined ? null : blockValue(state.leftBlock);
      return { kind: "inactive", isAbandoned: state.isAbandoned, left };
    }
  }
}

function stateOf(value: RecordValue | undefined): TransactionState {
  const what = "the state of a transaction";
  const fields = fieldsOf(value, what);
  switch (fields.kind) {
    case "confirmed": {
      const block = blockOf(value);
      return {
        kind: "confirmed",
        block,
        indexInBlock: countOf(fields.index, what),
        blockTime: countOf(fields.time, what),
      };
    }
    case "in-mempool":
      return { kind: "in-mempool" };
    case "conflicted":
      return { kind: "conflicted", block: blockOf(value) };
    case "inactive": {
      const leftBlock = fields.left === null ? undefined : blockOf(fields.left);
      return { kind: "inactive", isAbandoned: fields.isAbandoned === true, ...(leftBlock && { leftBlock }) };
    }
    default:
      throw new UnreadableRecord(what);
  }
}
