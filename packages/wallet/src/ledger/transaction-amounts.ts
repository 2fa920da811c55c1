import { compareBytes, equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import { hashKey, type Sats, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { type AddressBookEntry, hasAddress } from "./address-book.ts";
import type { LedgerView } from "./ledger-store.ts";
import { blocksToMaturity } from "./wallet-coin.ts";
import { depthOf, transactionOf, type WalletTransaction } from "./wallet-transaction.ts";

/** What a transaction means to the wallet, as `listtransactions` and `gettransaction` tell it. */

export interface OutputEntry {
  /** Of the output in its transaction. */
  readonly index: number;
  readonly value: Sats;
  readonly script: Uint8Array;
}

export interface TransactionAmounts {
  /** Sats of the wallet's coins that it spends. */
  readonly debit: Sats;
  /** Sats that it pays to the wallet, whether they may be spent yet or not. */
  readonly credit: Sats;
  /** Sats of its outputs that are change: part of the credit. 0 where it spends nothing of the wallet. */
  readonly change: Sats;
  /**
   * What it spends of the wallet less all that it pays; 0 where it spends nothing of the wallet. It is the fee where all inputs are the
   * wallet's; else it says nothing, and may be negative, as with Core.
   */
  readonly fee: Sats;
  /** Outputs paid by the wallet, to whomever. */
  readonly sent: readonly OutputEntry[];
  /** Outputs paid to the wallet, by whomever. */
  readonly received: readonly OutputEntry[];
}

/** Amounts and outputs of a transaction of the wallet. Change is listed only where it is asked for, in transactions that spend coins. */
export function amountsOf(view: LedgerView, record: WalletTransaction, includesChange = false): TransactionAmounts {
  const { inputs, outputs } = transactionOf(record);
  let debit = 0n;
  for (const input of inputs) debit += view.coin(input.previousOutput)?.value ?? 0n;
  const sums = { credit: 0n, change: 0n, out: 0n };
  const sent: OutputEntry[] = [];
  const received: OutputEntry[] = [];
  for (const [index, output] of outputs.entries()) {
    const { value, scriptPubKey: script } = output;
    const isMine = view.coin({ txid: record.txid, index }) !== undefined;
    const isChange = debit > 0n && isMine && isChangeScript(view, script);
    sums.out += value;
    if (isMine) sums.credit += value;
    if (isChange) sums.change += value;
    if (isChange && !includesChange) continue;
    const entry = { index, value, script };
    if (debit > 0n) sent.push(entry);
    if (isMine) received.push(entry);
  }
  const { credit, change, out } = sums;
  return { debit, credit, change, fee: debit > 0n ? debit - out : 0n, sent, received };
}

/** `gettransaction`: what the wallet gained or lost without the fee (`amount`), and the fee of what it sent, a negative amount. */
export function netAmountsOf(
  view: LedgerView,
  record: WalletTransaction,
  tipHeight: number,
): { readonly amount: Sats; readonly fee: Sats | undefined } {
  const { debit, credit } = amountsOf(view, record);
  const countedCredit = blocksToMaturity(record, depthOf(record, tipHeight)) > 0 ? 0n : credit;
  const fee = record.isFromMe ? totalOf(transactionOf(record).outputs) - debit : 0n;
  return { amount: countedCredit - debit - fee, fee: record.isFromMe ? fee : undefined };
}

const totalOf = (outputs: readonly TxOutput[]) => outputs.reduce((sum, output) => sum + output.value, 0n);

/** What was received: `orphan` where the block of a coinbase left the chain. */
export type ReceivedCategory = "receive" | "generate" | "immature" | "orphan";

/** What to call the outputs received in a transaction. */
export function categoryOf(record: WalletTransaction, tipHeight: number): ReceivedCategory {
  if (!record.isCoinbase) return "receive";
  const depth = depthOf(record, tipHeight);
  if (depth < 1) return "orphan";
  return blocksToMaturity(record, depth) > 0 ? "immature" : "generate";
}

/** The entry of an address that the user has given out or paid to: not of change, which the wallet may merely remember. */
export function namedEntry(view: LedgerView, script: Uint8Array): AddressBookEntry | undefined {
  const entry = view.addressBookEntry(script);
  return entry?.label === undefined ? undefined : entry;
}

/** Whether outputs with a script of the wallet's are its change: it was never given out. */
export function isChangeScript(view: LedgerView, script: Uint8Array): boolean {
  return !hasAddress(script) || namedEntry(view, script) === undefined;
}

/** Other transactions of the wallet that spend what a transaction spends, in the order of their bytes (`walletconflicts`). */
export function walletConflictsOf(view: LedgerView, record: WalletTransaction): readonly Txid[] {
  const rivals = transactionOf(record)
    .inputs.flatMap((input) => view.spendersOf(input.previousOutput))
    .filter((txid) => !equalBytes(txid, record.txid));
  return [...new Map(rivals.map((txid) => [hashKey(txid), txid])).values()].sort(compareBytes);
}
