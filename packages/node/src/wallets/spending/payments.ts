import type { FeeAndSize } from "@bitfleet/protocol/policy/feerate.ts";
import type { OutPoint, Transaction, TransactionFields } from "@bitfleet/protocol/primitives/transaction.ts";
import { SighashType } from "@bitfleet/protocol/script/sighash.ts";
import {
  type BuildError,
  type BuildRequest,
  type BuiltTransaction,
  isError,
} from "@bitfleet/wallet/building/build-request.ts";
import { buildTransaction } from "@bitfleet/wallet/building/build-transaction.ts";
import { bumpFee } from "@bitfleet/wallet/building/bump-fee.ts";
import type { BumpError, BumpedTransaction, BumpRequest } from "@bitfleet/wallet/building/bump-request.ts";
import { buildCpfp, type CpfpRequest, type CpfpTransaction } from "@bitfleet/wallet/building/cpfp.ts";
import { discourageFeeSniping } from "@bitfleet/wallet/building/fee-sniping.ts";
import {
  buildSendAll,
  type SendAllError,
  type SendAllRequest,
  type SendAllTransaction,
} from "@bitfleet/wallet/building/send-all.ts";
import { EMPTY_CHANGE_SET } from "@bitfleet/wallet/ledger/change-set.ts";
import type { Coin } from "@bitfleet/wallet/selection/coin.ts";
import { ancestorsOf, type MempoolEntry } from "../../mempool/entry.ts";
import type { NodeWallet } from "../node-wallet.ts";
import { signWithWallet } from "../wallet-payments.ts";
import { chainLimitExceeded } from "./chain-limits.ts";
import type { SpendingNode } from "./spending-node.ts";
import { NodeSpendingWallet, type SpendingFacts } from "./spending-wallet.ts";

/**
 * Payments of a wallet of the node: built, and signed where that is asked for, but not sent. Each happens at once, so that no other one
 * takes the same coins meanwhile. Failures are told in Core's words, and leave the wallet as it was.
 */

/** A payment that is signed. */
export interface SignedPayment extends BuiltTransaction {
  readonly tx: Transaction;
}

/** Builds a transaction that waits for signatures. */
export function buildPayment(
  request: BuildRequest,
  wallet: NodeWallet,
  node: SpendingNode,
  facts?: SpendingFacts,
): BuiltTransaction | BuildError {
  return spending(wallet, node, facts, (from) => acceptable(builtFrom(request, from, wallet), node));
}

/** Builds a transaction and signs all of it. The wallet must be unlocked. */
export function buildSignedPayment(
  request: BuildRequest,
  wallet: NodeWallet,
  node: SpendingNode,
): SignedPayment | BuildError {
  return spending(wallet, node, {}, (from) => {
    const built = builtFrom(request, from, wallet);
    if (isError(built)) return built;
    const tx = signedByWallet(built.fields, built.coins, wallet);
    if (tx === undefined) return { error: "Signing transaction failed" };
    return acceptable({ ...built, tx }, node);
  });
}

/** Builds the transaction that replaces one and pays more. `facts.outputs`: all that the old one spends. */
export function buildBump(
  request: BumpRequest,
  wallet: NodeWallet,
  node: SpendingNode,
  facts: SpendingFacts,
): BumpedTransaction | BumpError {
  return spending(wallet, node, facts, (from) => {
    const built = bumpFee(request, from);
    if (isError(built)) return built;
    const limited = acceptable(built, node);
    return isError(limited) ? { kind: "wallet", error: `Unable to create transaction. ${limited.error}` } : built;
  });
}

/** Says in the log, as Core does, what was weighed against each other. */
function builtFrom(
  request: BuildRequest,
  from: NodeSpendingWallet,
  { log }: NodeWallet,
): BuiltTransaction | BuildError {
  const built = buildTransaction(request, from);
  if (!isError(built) && built.grouping !== undefined) {
    const { fee, groupedFee, isGrouped } = built.grouping;
    log.info(`Fee non-grouped = ${fee}, grouped = ${groupedFee}, using ${isGrouped ? "grouped" : "non-grouped"}`);
  }
  return built;
}

/** A child that pays for a parent which waits in the mempool. */
export interface ChildPayment extends CpfpTransaction {
  /** Signed; `undefined` where that was not asked for. */
  readonly tx: Transaction | undefined;
  /** What it has to pull with it: the parent and all that this waits for, satoshis and vbytes. */
  readonly ancestors: FeeAndSize;
}

/** Builds the child that brings a parent in the mempool to a feerate, and signs it where `signs`. The wallet must be unlocked for that. */
export function buildChildPayment(
  request: CpfpRequest,
  { signs }: { readonly signs: boolean },
  wallet: NodeWallet,
  node: SpendingNode,
): ChildPayment | BuildError {
  return spending(wallet, node, {}, (from) => {
    const parent = node.mempool.get(request.parent);
    if (parent === undefined) return { error: "The transaction is not in the mempool: a child can do nothing for it." };
    const built = buildCpfp(request, from);
    if (isError(built)) return built;
    const tx = signs ? signedByWallet(built.fields, built.coins, wallet) : undefined;
    if (signs && tx === undefined) return { error: "Signing transaction failed" };
    return acceptable({ ...built, tx, ancestors: totalOf([parent, ...ancestorsOf(parent)]) }, node);
  });
}

function totalOf(entries: readonly MempoolEntry[]): FeeAndSize {
  return {
    fee: entries.reduce((sum, { modifiedFee }) => sum + modifiedFee, 0n),
    size: entries.reduce((sum, { virtualSize }) => sum + virtualSize, 0),
  };
}

/** Runs what reserves addresses for change, and gives back those that are not used. */
function spending<Outcome extends object>(
  wallet: NodeWallet,
  node: SpendingNode,
  facts: SpendingFacts | undefined,
  build: (from: NodeSpendingWallet) => Outcome,
): Outcome {
  const from = new NodeSpendingWallet(wallet, node, facts);
  let hasSucceeded = false;
  try {
    const outcome = build(from);
    hasSucceeded = !isError(outcome);
    return outcome;
  } finally {
    from.settle(hasSucceeded);
  }
}

/** A transaction that the mempool would not take for what it is built on is not worth making, unless the operator thinks so. */
function acceptable<Built extends Pick<BuiltTransaction, "fields" | "size">>(
  outcome: Built | BuildError,
  { policy, mempool }: SpendingNode,
): Built | BuildError {
  if (isError(outcome) || !policy.rejectsLongChains) return outcome;
  const error = chainLimitExceeded(outcome.fields, outcome.size.weight, mempool);
  return error === undefined ? outcome : { error };
}

/** The transaction with all signatures, `undefined` where the wallet's keys do not suffice. `coins`: what each input spends. */
export function signedByWallet(
  fields: TransactionFields,
  coins: readonly Pick<Coin, "output">[],
  wallet: NodeWallet,
): Transaction | undefined {
  const spent = coins.map(({ output }) => output);
  const { transaction, errors } = signWithWallet(wallet, fields, spent, SighashType.DEFAULT);
  return errors.size === 0 ? transaction : undefined;
}

/** Keeps the wallet from spending outputs, until it is told otherwise or loaded again. */
export function lockInMemory(wallet: NodeWallet, outPoints: readonly OutPoint[]): void {
  const lockedCoins = outPoints.map((outPoint) => ({ outPoint, isPersistent: false }));
  wallet.apply({ ...EMPTY_CHANGE_SET, lockedCoins });
}

/** Builds the transaction that spends all of the wallet, or named coins, without change. */
export function buildSweep(
  request: SendAllRequest,
  wallet: NodeWallet,
  node: SpendingNode,
): SendAllTransaction | SendAllError {
  return buildSendAll(request, new NodeSpendingWallet(wallet, node));
}

/** A transaction with a lock time against fee sniping, where none of its sequence numbers has a meaning of its own. */
export function againstFeeSniping(
  fields: TransactionFields,
  wallet: NodeWallet,
  node: SpendingNode,
): TransactionFields {
  const { tip, random } = new NodeSpendingWallet(wallet, node);
  return discourageFeeSniping(fields, tip, random);
}
