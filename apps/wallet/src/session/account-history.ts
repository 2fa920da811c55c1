import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { displayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { historyOf } from "@bitfleet/wallet/ledger/history.ts";
import {
  depthOf,
  isPending,
  isSentByWallet,
  transactionOf,
  type WalletTransaction,
} from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import { rivalsIn } from "@bitfleet/wallet/self-custody/rivals.ts";
import { isUnheardBump } from "@bitfleet/wallet/self-custody/snapshot-rules.ts";
import type { HistoryEntry, Standing, TransactionDetail, TransactionPart } from "./account.ts";
import type { AccountKeeper } from "./account-keeper.ts";
import type { Contact } from "./session.ts";

/** An account's transactions as screens show them. */

export interface HistoryContext {
  readonly keeper: AccountKeeper;
  readonly contacts: readonly Contact[];
}

/** Newest first: what waits, then what is in blocks, with what came to nothing among what was known when it came. */
export function historyEntries(context: HistoryContext): readonly HistoryEntry[] {
  const waiting: WalletTransaction[] = [];
  const ended: WalletTransaction[] = [];
  const mined: MinedTransaction[] = [];
  for (const record of historyOf(context.keeper.custody.ledger)) {
    if (isMined(record)) mined.push(record);
    else if (WAITING.has(standingOf(record))) waiting.push(record);
    else ended.push(record);
  }
  waiting.sort((a, b) => b.orderPosition - a.orderPosition);
  ended.sort((a, b) => b.orderPosition - a.orderPosition);
  mined.sort(
    (a, b) =>
      b.state.block.height - a.state.block.height ||
      b.state.indexInBlock - a.state.indexInBlock ||
      b.orderPosition - a.orderPosition,
  );
  return [...waiting, ...inOrder(mined, ended)].map((record) => historyEntry(record, context));
}

type MinedTransaction = WalletTransaction & { readonly state: { readonly kind: "confirmed" } };

function isMined(record: WalletTransaction): record is MinedTransaction {
  return record.state.kind === "confirmed";
}

const WAITING: ReadonlySet<Standing> = new Set(["pending", "unsent", "reorged"]);

/** By when each came to the account: times of blocks are what their miners gave them, and may be ahead. */
function inOrder(
  mined: readonly MinedTransaction[],
  ended: readonly WalletTransaction[],
): readonly WalletTransaction[] {
  const merged: WalletTransaction[] = [];
  let next = 0;
  for (const record of mined) {
    for (; next < ended.length && ended[next]!.orderPosition > record.orderPosition; next++) merged.push(ended[next]!);
    merged.push(record);
  }
  return [...merged, ...ended.slice(next)];
}

export function historyEntry(record: WalletTransaction, context: HistoryContext): HistoryEntry {
  const { keeper } = context;
  const { custody } = keeper;
  const { ledger, tipHeight } = custody;
  const tx = transactionOf(record);
  const { prefixes } = custody.context;
  const debits = record.isCoinbase ? [] : tx.inputs.map(({ previousOutput }) => ledger.coin(previousOutput)?.value);
  const debit = debits.reduce<bigint>((sum, value) => sum + (value ?? 0n), 0n);
  const isAllMine = !record.isCoinbase && debits.every((value) => value !== undefined);
  const mine = tx.outputs.filter((_, index) => ledger.coin({ txid: record.txid, index }) !== undefined);
  const credit = mine.reduce((sum, { value }) => sum + value, 0n);
  const out = tx.outputs.reduce((sum, { value }) => sum + value, 0n);
  const delta = credit - debit;
  const direction = record.isCoinbase
    ? "mined"
    : debit === 0n
      ? "in"
      : mine.length === tx.outputs.length
        ? "self"
        : delta > 0n
          ? "in"
          : "out";
  const shown = tx.outputs.filter((output) => {
    const isMine = custody.keychain.ownerOf(output.scriptPubKey) !== undefined;
    if (direction === "out") return !isMine;
    return isMine && (direction !== "in" || debit === 0n ? true : !custody.isChange(output.scriptPubKey));
  });
  const addresses = shown.flatMap(({ scriptPubKey }) => encodeAddress(scriptPubKey, prefixes) ?? []);
  const isDoubted = custody.isDoubted(record.txid);
  const standing = isDoubted ? "doubted" : standingOf(record);
  const txid = displayHash(record.txid);
  const depth = isDoubted ? 0 : depthOf(record, tipHeight);
  return {
    txid,
    standing,
    isTaken: standing === "unsent" && custody.isHandedIn(record.txid),
    confirmations: Math.max(0, depth),
    height: record.state.kind === "confirmed" && !isDoubted ? record.state.block.height : undefined,
    time: record.state.kind === "confirmed" ? record.state.blockTime : record.timeSmart,
    delta,
    fee: isAllMine ? debit - out : undefined,
    direction,
    addresses,
    label: keeper.transactionLabels.get(txid) ?? firstLabel(addresses, context),
    replacedBy: replacedBy(record, keeper),
    canBump: isAllMine && canBeReplaced(record, keeper),
    canPullUp: standing === "pending" && hasSpendableOutput(record, keeper),
  };
}

/** Where a transaction stands, in the words of screens. */
export function standingOf(record: WalletTransaction): Standing {
  const { state } = record;
  switch (state.kind) {
    case "confirmed":
      return "confirmed";
    case "in-mempool":
      return "pending";
    case "conflicted":
      return "replaced";
    case "inactive":
      if (record.mempoolConflicts.length > 0 && !isUnheardBump(record)) return "replaced";
      if (state.leftBlock !== undefined && (!state.isAbandoned || record.isCoinbase)) return "reorged";
      if (state.isAbandoned) return "abandoned";
      return isSentByWallet(record) ? "unsent" : "dropped";
  }
}

function firstLabel(addresses: readonly string[], { keeper, contacts }: HistoryContext): string {
  for (const address of addresses) {
    const label = keeper.addressLabels.get(address) ?? contacts.find((contact) => contact.address === address)?.name;
    if (label !== undefined && label !== "") return label;
  }
  return "";
}

/** The transaction that is in the mempool or a block in its place. */
function replacedBy(record: WalletTransaction, { custody }: AccountKeeper): string | undefined {
  if (standingOf(record) !== "replaced") return undefined;
  const rivals = rivalsIn(custody.ledger, record);
  const chosen =
    rivals.find(({ state }) => state.kind === "confirmed") ?? rivals.find(({ state }) => state.kind === "in-mempool");
  return chosen === undefined ? undefined : displayHash(chosen.txid);
}

/** It waits, nothing of the account's builds on it, and nothing replaces it. */
function canBeReplaced(record: WalletTransaction, { custody }: AccountKeeper): boolean {
  const { kind } = record.state;
  if (!isPending(record) || (kind !== "in-mempool" && kind !== "inactive")) return false;
  const { outputs } = transactionOf(record);
  return outputs.every((_, index) =>
    custody.ledger.spendersOf({ txid: record.txid, index }).every((txid) => !isHeld(txid, custody)),
  );
}

function isHeld(txid: Txid, { ledger }: AccountKeeper["custody"]): boolean {
  const record = ledger.transaction(txid);
  return record !== undefined && (record.state.kind === "confirmed" || isPending(record));
}

function hasSpendableOutput(record: WalletTransaction, { custody }: AccountKeeper): boolean {
  const { ledger } = custody;
  return transactionOf(record).outputs.some((_, index) => {
    const outPoint = { txid: record.txid, index };
    if (ledger.coin(outPoint) === undefined || ledger.isLocked(outPoint)) return false;
    return ledger.spendersOf(outPoint).every((txid) => !isHeld(txid, custody));
  });
}

/** All of one transaction; `undefined` where the account has none of that name. */
export function transactionDetail(txid: Txid, context: HistoryContext): TransactionDetail | undefined {
  const { keeper } = context;
  const { ledger } = keeper.custody;
  const record = ledger.transaction(txid);
  if (record === undefined) return undefined;
  const entry = historyEntry(record, context);
  const tx = transactionOf(record);
  const fee = entry.fee ?? keeper.feeOf(txid);
  const inputs = record.isCoinbase ? [] : tx.inputs.map(({ previousOutput }) => inputPart(previousOutput, context));
  return {
    ...entry,
    virtualSize: tx.virtualSize,
    feerateSatPerKvb: fee === undefined ? undefined : (fee * 1000n) / BigInt(tx.virtualSize),
    blockHash: record.state.kind === "confirmed" ? displayHash(record.state.block.hash) : undefined,
    proof: keeper.custody.proofs.of(record),
    inputs,
    outputs: tx.outputs.map((output) => partOf(output.scriptPubKey, output.value, context)),
    hex: toHex(record.bytes),
    replaces: record.notes.replaces === undefined ? undefined : displayHash(record.notes.replaces),
  };
}

function inputPart(
  outPoint: { readonly txid: Txid; readonly index: number },
  context: HistoryContext,
): TransactionPart {
  const { ledger } = context.keeper.custody;
  const coin = ledger.coin(outPoint);
  if (coin !== undefined) return partOf(coin.script, coin.value, context);
  // Of others, but out of a transaction that is here.
  const parent = ledger.transaction(outPoint.txid);
  const output = parent && transactionOf(parent).outputs[outPoint.index];
  return output === undefined
    ? { address: undefined, value: undefined, owner: "other", label: "" }
    : partOf(output.scriptPubKey, output.value, context);
}

/** An output, or what an input spends, as screens show it. */
export function partOf(script: Uint8Array, value: bigint | undefined, context: HistoryContext): TransactionPart {
  const { keeper, contacts } = context;
  const { custody } = keeper;
  const address = encodeAddress(script, custody.context.prefixes);
  const contact = address && contacts.find((each) => each.address === address);
  const isMine = custody.keychain.ownerOf(script) !== undefined;
  const owner = isMine ? (custody.isChange(script) ? "change" : "mine") : contact ? "contact" : "other";
  const label = (address && (keeper.addressLabels.get(address) ?? (contact ? contact.name : ""))) || "";
  return { address, value, owner, label };
}
