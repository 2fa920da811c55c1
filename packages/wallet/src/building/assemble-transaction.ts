import { EMPTY_BYTES } from "@bitfleet/protocol/bytes/bytes.ts";
import { totalValue } from "@bitfleet/protocol/consensus/amount.ts";
import { feeFor } from "@bitfleet/protocol/policy/feerate.ts";
import { STANDARD_WEIGHT_MAX } from "@bitfleet/protocol/policy/standardness.ts";
import type { TxInput, TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import { type OutPointKey, outPointKey, type Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { Coin } from "../selection/coin.ts";
import { randomBelow, shuffled } from "../selection/random.ts";
import type { SelectionParams } from "../selection/select-coins.ts";
import { changeOf, type Selection, selectedValue, totalBumpFee, wasteOf } from "../selection/selection.ts";
import { type BuildError, type BuildOutcome, type BuildRequest, isError } from "./build-request.ts";
import type { ChangeScript } from "./change-script.ts";
import type { Feerate } from "./fee-policy.ts";
import { antiFeeSnipingLockTime, SEQUENCE_NOT_FINAL, SEQUENCE_REPLACEABLE } from "./fee-sniping.ts";
import type { PreselectedCoin } from "./preselected-coins.ts";
import type { SpendingWallet } from "./spending-wallet.ts";
import { subtractFee } from "./subtract-fee.ts";
import { maxSignedSize } from "./transaction-size.ts";

export const FEE_EXCEEDS_MAXIMUM = "Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)";

/** All that was decided about a transaction. */
export interface TransactionPlan {
  readonly request: BuildRequest;
  readonly wallet: SpendingWallet;
  readonly change: ChangeScript;
  readonly feerate: Feerate;
  readonly selection: Selection;
  readonly preselected: readonly PreselectedCoin[];
  readonly params: SelectionParams;
}

/** Writes the transaction of a plan: inputs, outputs and change in their places, and the fee to the satoshi. */
export function assembleTransaction(plan: TransactionPlan): BuildOutcome {
  const { request, wallet, change, selection, params } = plan;
  const changeValue = changeOf(selection, params);
  const changeIndex = changeValue > 0n ? changePosition(plan) : undefined;
  if (changeIndex !== undefined && changeIndex > request.recipients.length)
    return { error: "Transaction change output index out of range" };
  const coins = coinsInOrder(plan);
  const inputs = coins.map((coin) => inputOf(coin, plan));
  const payments = request.recipients.map(({ amount, scriptPubKey }) => ({ value: amount, scriptPubKey }));
  const changeOutput = { value: changeValue, scriptPubKey: change.scriptPubKey };
  const size = maxSignedSize(sizedInputs(coins, plan), withChange(payments, changeOutput, changeIndex));
  if (size === undefined) return { error: "Missing solving data for estimating transaction size" };

  const needed = feeFor(params.feerateSatPerKvb, size.virtualSize) + totalBumpFee(selection);
  const outputs = balancedOutputs(plan, payments, changeOutput, changeIndex, needed);
  if (isError(outputs)) return outputs;
  const fee = selectedValue(selection) - totalValue(outputs);
  if (fee < needed) return { error: "Fee needed > fee paid" };
  if (changeIndex !== undefined && change.error !== undefined) return { error: change.error };
  if (size.weight > STANDARD_WEIGHT_MAX) return { error: "Transaction too large" };
  if (fee > wallet.settings.feeMax) return { error: FEE_EXCEEDS_MAXIMUM };
  const { algorithm } = selection;
  const fields = { version: params.version, inputs, outputs, lockTime: lockTimeOf(plan) };
  return { fields, fee, changeIndex, coins, feerate: plan.feerate, size, algorithm, waste: wasteOf(selection, params) };
}

function changePosition({ request, wallet }: TransactionPlan): number {
  return request.changePosition ?? randomBelow(wallet.random, request.recipients.length + 1);
}

/** Preselected coins as they were given, then the others in random order. */
function coinsInOrder({ selection, preselected, wallet }: TransactionPlan): readonly Coin[] {
  const given = preselected.map(({ coin }) => coin);
  const keys = new Set<OutPointKey>(given.map(({ outPoint }) => outPointKey(outPoint)));
  const others = selection.coins.map(({ coin }) => coin).filter(({ outPoint }) => !keys.has(outPointKey(outPoint)));
  return [...given, ...shuffled(others, wallet.random)];
}

const preselectedOf = (coin: Coin, { preselected }: TransactionPlan) =>
  preselected.find((one) => one.coin === coin)?.input;

function inputOf(coin: Coin, plan: TransactionPlan): TxInput {
  const isReplaceable = plan.request.replaceable ?? plan.wallet.settings.signalsReplacement;
  const given = preselectedOf(coin, plan);
  return {
    previousOutput: coin.outPoint,
    scriptSig: given?.scriptSig ?? EMPTY_BYTES,
    sequence: given?.sequence ?? (isReplaceable ? SEQUENCE_REPLACEABLE : SEQUENCE_NOT_FINAL),
    witness: given?.witness ?? [],
  };
}

function sizedInputs(coins: readonly Coin[], plan: TransactionPlan) {
  return coins.map((coin) => ({ ...coin, isGiven: preselectedOf(coin, plan)?.weight !== undefined }));
}

/** A lock time or sequence numbers of the user's have their meaning, which one against fee sniping could disturb. */
function lockTimeOf({ request, preselected, wallet }: TransactionPlan): number {
  if (request.lockTime !== undefined) return request.lockTime;
  if (preselected.some(({ input }) => input.sequence !== undefined)) return 0;
  return antiFeeSnipingLockTime(wallet.tip, wallet.random);
}

function withChange(payments: readonly TxOutput[], change: TxOutput, changeIndex: number | undefined): TxOutput[] {
  return changeIndex === undefined ? [...payments] : payments.toSpliced(changeIndex, 0, change);
}

/** The outputs, so that what is left is the fee: what is paid beyond need goes to change, what recipients pay is taken from them. */
function balancedOutputs(
  { request, selection, wallet, params }: TransactionPlan,
  payments: readonly TxOutput[],
  change: TxOutput,
  changeIndex: number | undefined,
  needed: Sats,
): readonly TxOutput[] | BuildError {
  const paid = selectedValue(selection) - totalValue(withChange(payments, change, changeIndex));
  const hasSurplus = changeIndex !== undefined && paid > needed;
  const fullChange = hasSurplus ? { ...change, value: change.value + paid - needed } : change;
  if (!params.subtractsFee) return withChange(payments, fullChange, changeIndex);
  const fee = needed - (hasSurplus ? needed : paid);
  const reduced = subtractFee(request.recipients, fee, wallet.node.dustFeerateSatPerKvb);
  return isError(reduced) ? reduced : withChange(reduced, fullChange, changeIndex);
}
