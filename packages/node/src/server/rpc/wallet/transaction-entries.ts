import { amountNumber } from "@bitfleet/api/amount.ts";
import type { RpcValue } from "@bitfleet/api/json.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { ScriptContext } from "@bitfleet/wallet/descriptors/infer-descriptor.ts";
import {
  amountsOf,
  categoryOf,
  type OutputEntry,
  walletConflictsOf,
} from "@bitfleet/wallet/ledger/transaction-amounts.ts";
import { isTrusted } from "@bitfleet/wallet/ledger/trust.ts";
import {
  depthOf,
  isAbandoned,
  transactionOf,
  type WalletTransaction,
} from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import type { NodeWallet } from "../../../wallets/node-wallet.ts";
import { addressOf } from "../../transaction-json.ts";
import { signalsReplacement, signalsReplacementItself } from "../mempool-json.ts";
import type { RpcDependencies } from "../rpc-dependencies.ts";
import { labelOf, parentDescriptors } from "./wallet-json.ts";

/** What calls tell of a wallet's transactions, in Core's JSON. */

export type EntryJson = Readonly<Record<string, RpcValue>>;

export interface EntryContext {
  readonly wallet: NodeWallet;
  readonly scripts: ScriptContext;
  readonly mempool: Pick<RpcDependencies["mempool"], "get">;
  readonly deprecated: RpcDependencies["deprecated"];
}

export interface EntryOptions {
  /** Least confirmations of transactions whose receipts are listed. Default: 0, which leaves out what blocks exclude. */
  readonly minDepth?: number;
  /** Only receipts of addresses with this label. */
  readonly label?: string | undefined;
  readonly includesChange?: boolean;
  /** Whether each entry tells everything of its transaction. */
  readonly isLong: boolean;
}

/** An entry for each output that a transaction pays others or, of one made by others, pays the wallet; both for what one pays oneself. */
export function transactionEntries(
  record: WalletTransaction,
  options: EntryOptions,
  context: EntryContext,
): readonly EntryJson[] {
  const { fee, sent, received } = listedOutputs(record, options, context.wallet);
  const facts = options.isLong ? transactionFacts(record, context) : {};
  return [
    ...sent.map((output) => sentEntry(output, fee, record, facts, context)),
    ...received.map((output) => receivedEntry(output, record, facts, context)),
  ];
}

/** How many entries a transaction has: without telling them. */
export function entryCount(record: WalletTransaction, options: EntryOptions, wallet: NodeWallet): number {
  const { sent, received } = listedOutputs(record, options, wallet);
  return sent.length + received.length;
}

function listedOutputs(record: WalletTransaction, options: EntryOptions, wallet: NodeWallet) {
  const { minDepth = 0, includesChange = false, label } = options;
  const { fee, sent, received } = amountsOf(wallet.ledger, record, includesChange);
  const isDeepEnough = depthOf(record, wallet.bestBlock.height) >= minDepth;
  const isWanted = ({ script }: OutputEntry) => label === undefined || (labelOf(wallet, script) ?? "") === label;
  return { fee, sent: label === undefined ? sent : [], received: isDeepEnough ? received.filter(isWanted) : [] };
}

function sentEntry(
  { script, value, index }: OutputEntry,
  fee: bigint,
  record: WalletTransaction,
  facts: EntryJson,
  { wallet, scripts }: EntryContext,
): EntryJson {
  return {
    address: addressOf(script, scripts),
    category: "send",
    amount: amountNumber(-value),
    label: labelOf(wallet, script),
    vout: index,
    fee: amountNumber(-fee),
    ...facts,
    abandoned: isAbandoned(record),
  };
}

function receivedEntry(
  { script, value, index }: OutputEntry,
  record: WalletTransaction,
  facts: EntryJson,
  { wallet, scripts }: EntryContext,
): EntryJson {
  return {
    address: addressOf(script, scripts),
    parent_descs: [...parentDescriptors(wallet, script)],
    category: categoryOf(record, wallet.bestBlock.height),
    amount: amountNumber(value),
    label: labelOf(wallet, script),
    vout: index,
    abandoned: isAbandoned(record),
    ...facts,
  };
}

/** What is told of a transaction, whichever of its outputs is meant. */
export function transactionFacts(record: WalletTransaction, context: EntryContext): EntryJson {
  const { wallet } = context;
  const { notes } = record;
  return {
    confirmations: depthOf(record, wallet.bestBlock.height),
    ...(record.isCoinbase && { generated: true }),
    ...placeFacts(record, wallet),
    txid: displayHash(record.txid),
    wtxid: displayHash(record.wtxid),
    walletconflicts: walletConflictsOf(wallet.ledger, record).map(displayHash),
    mempoolconflicts: record.mempoolConflicts.map(displayHash),
    time: record.timeSmart,
    timereceived: record.timeReceived,
    "bip125-replaceable": context.deprecated.includes("bip125") ? replaceability(record, context) : undefined,
    comment: notes.comment,
    to: notes.commentTo,
    replaces_txid: notes.replaces && displayHash(notes.replaces),
    replaced_by_txid: notes.replacedBy && displayHash(notes.replacedBy),
  };
}

function placeFacts(record: WalletTransaction, wallet: NodeWallet): EntryJson {
  const { state } = record;
  if (state.kind !== "confirmed") return { trusted: isTrusted(wallet.ledger, record, wallet.queryContext()) };
  return {
    blockhash: displayHash(state.block.hash),
    blockheight: state.block.height,
    blockindex: state.indexInBlock,
    blocktime: state.blockTime,
  };
}

/** BIP125 */
function replaceability(record: WalletTransaction, { mempool, wallet }: EntryContext): string {
  if (depthOf(record, wallet.bestBlock.height) > 0) return "no";
  if (signalsReplacementItself(transactionOf(record))) return "yes";
  const entry = mempool.get(record.txid);
  if (entry === undefined) return "unknown";
  return signalsReplacement(entry) ? "yes" : "no";
}
