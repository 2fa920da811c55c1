import { compactSizeLength } from "@bitfleet/protocol/bytes/cursor.ts";
import { formatMoney } from "@bitfleet/protocol/consensus/amount.ts";
import { dustThreshold } from "@bitfleet/protocol/policy/dust.ts";
import { feeFor, virtualSizeOf } from "@bitfleet/protocol/policy/feerate.ts";
import { STANDARD_STRIPPED_SIZE_MIN, STANDARD_WEIGHT_MAX } from "@bitfleet/protocol/policy/standardness.ts";
import { TRUC_VERSION, TRUC_VIRTUAL_SIZE_MAX } from "@bitfleet/protocol/policy/truc.ts";
import { txOutputSize, WITNESS_SCALE_FACTOR } from "@bitfleet/protocol/primitives/transaction.ts";
import { minViableChange, randomChangeTarget } from "../selection/change-target.ts";
import { type Coin, type PricedCoin, priceCoin, totalsOf } from "../selection/coin.ts";
import { coinsFor } from "../selection/coin-filter.ts";
import { type CoinsOnHand, type SelectionParams, selectCoins } from "../selection/select-coins.ts";
import { isSelected } from "../selection/selection.ts";
import { assembleTransaction } from "./assemble-transaction.ts";
import { type BuildError, type BuildOutcome, type BuildRequest, isError } from "./build-request.ts";
import { type ChangeScript, changeScriptFor } from "./change-script.ts";
import { discardFeerate, type Feerate, feerateFor } from "./fee-policy.ts";
import { type PreselectedCoin, preselectedCoins } from "./preselected-coins.ts";
import type { SpendingWallet } from "./spending-wallet.ts";

export const VERSION_DEFAULT = 2;
/** What spending change is reckoned at where the wallet cannot spend it: a witness key hash in a script hash, vbytes. */
const FOREIGN_CHANGE_INPUT_SIZE = 91;
/** Version, lock time, a count of inputs below 253, and marker, flag and counts of the witness. */
const FRAME_SIZE = 10;
const WEIGHT_MAX_LEAST = STANDARD_STRIPPED_SIZE_MIN * WITNESS_SCALE_FACTOR;

/**
 * Builds a transaction that pays the recipients from the wallet's coins and is ready to be signed: coins selected, fee and change
 * reckoned for its largest signed size. Failures are told in Core's words. A script for change that was reserved is kept on success,
 * also where it was not needed. Left to the caller: locking coins, the mempool's limits for chains, signing, committing.
 */
export function buildTransaction(request: BuildRequest, wallet: SpendingWallet): BuildOutcome {
  if (request.recipients.length === 0) return { error: "Transaction must have at least one recipient" };
  if (request.recipients.some(({ amount }) => amount < 0n))
    return { error: "Transaction amounts must not be negative" };
  const { partialSpendsFeeMax, avoidsPartialSpends } = wallet.settings;
  const first = buildOnce(request, wallet);
  if (isError(first) || first.fee <= 0n || partialSpendsFeeMax < 0n) return first;
  if (request.avoidsPartialSpends ?? avoidsPartialSpends) return first;

  // Spending all coins of a script together keeps more private: taken where it costs little enough.
  const change = first.changeIndex === undefined ? undefined : first.fields.outputs[first.changeIndex];
  const changeScript = change?.scriptPubKey ?? request.changeScript;
  const grouped = buildOnce({ ...request, changeScript, avoidsPartialSpends: true }, wallet);
  if (isError(grouped)) return first;
  const isGrouped = grouped.fee <= first.fee + partialSpendsFeeMax;
  return { ...(isGrouped ? grouped : first), grouping: { fee: first.fee, groupedFee: grouped.fee, isGrouped } };
}

function buildOnce(request: BuildRequest, wallet: SpendingWallet): BuildOutcome {
  const weightMax = weightMaxOf(request);
  if (weightMax < WEIGHT_MAX_LEAST || weightMax > STANDARD_WEIGHT_MAX)
    return { error: `Maximum transaction weight must be between ${WEIGHT_MAX_LEAST} and ${STANDARD_WEIGHT_MAX}` };
  const isDust = request.recipients.some(
    ({ amount, scriptPubKey }) =>
      amount < dustThreshold({ value: amount, scriptPubKey }, wallet.node.dustFeerateSatPerKvb),
  );
  if (isDust) return { error: "Transaction amount too small" };
  const change = changeScriptFor(request, wallet);
  const outcome = buildWithChange({ ...request, weightMax }, wallet, change);
  if (isError(outcome)) change.release();
  else change.keep();
  return outcome;
}

/** Weight units that the transaction may have; BIP431 makes one of version 3 small. */
function weightMaxOf({ weightMax, version }: BuildRequest): number {
  const wanted = weightMax ?? STANDARD_WEIGHT_MAX;
  return version === TRUC_VERSION ? Math.min(wanted, TRUC_VIRTUAL_SIZE_MAX * WITNESS_SCALE_FACTOR) : wanted;
}

function buildWithChange(request: BuildRequest, wallet: SpendingWallet, change: ChangeScript): BuildOutcome {
  const feerate = feerateFor(request, wallet.settings, wallet.node);
  if (isError(feerate)) return feerate;
  const params = selectionParams(request, wallet, change, feerate);
  const paid = request.recipients.reduce((sum, { amount }) => sum + amount, 0n);
  const target = paid + feeFor(feerate.feerateSatPerKvb, params.subtractsFee ? 0 : params.sizeWithoutInputs);
  const inputs = request.preselected ?? [];
  if (target === 0n && inputs.length === 0)
    return {
      error: "Transaction requires one destination of non-zero value, a non-zero feerate, or a pre-selected input",
    };

  const preselected = preselectedCoins(inputs, params.version, wallet);
  if (isError(preselected)) return preselected;
  const coins = coinsOnHand(request, wallet, preselected, params);
  const selection = selectCoins(coins, target, params);
  if (!isSelected(selection)) return { error: selection.message ?? insufficientFunds(coins, paid, target) };
  return assembleTransaction({ request, wallet, change, feerate, selection, preselected, params });
}

function selectionParams(
  request: BuildRequest,
  wallet: SpendingWallet,
  change: ChangeScript,
  { feerateSatPerKvb }: Feerate,
): SelectionParams {
  const { recipients } = request;
  const changeOutput = { value: 0n, scriptPubKey: change.scriptPubKey };
  const changeOutputSize = txOutputSize(changeOutput);
  const changeFee = feeFor(feerateSatPerKvb, changeOutputSize);
  const spendWeight = change.error === undefined ? wallet.inputWeightOf(change.scriptPubKey) : undefined;
  const spendSize = spendWeight === undefined ? FOREIGN_CHANGE_INPUT_SIZE : virtualSizeOf(spendWeight);
  const discard = discardFeerate(wallet.settings, wallet.node);
  const paid = recipients.reduce((sum, { amount }) => sum + amount, 0n);
  const outputsSize = recipients.reduce(
    (size, { amount, scriptPubKey }) => size + txOutputSize({ value: amount, scriptPubKey }),
    0,
  );
  return {
    ...wallet.settings,
    feerateSatPerKvb,
    changeOutputSize,
    changeFee,
    costOfChange: feeFor(discard, spendSize) + changeFee,
    minViableChange: minViableChange(changeOutput, spendSize, discard),
    changeTarget: randomChangeTarget(paid / BigInt(recipients.length), changeFee, wallet.random),
    sizeWithoutInputs: FRAME_SIZE + compactSizeLength(recipients.length) + outputsSize,
    weightMax: request.weightMax ?? STANDARD_WEIGHT_MAX,
    version: request.version ?? VERSION_DEFAULT,
    subtractsFee: recipients.some(({ subtractsFee }) => subtractsFee),
    avoidsPartialSpends: request.avoidsPartialSpends ?? wallet.settings.avoidsPartialSpends,
    includesUnsafe: request.includesUnsafe ?? false,
    combinedBumpFee: (outPoints) => wallet.combinedBumpFee(outPoints, feerateSatPerKvb),
    random: wallet.random,
  };
}

function coinsOnHand(
  request: BuildRequest,
  wallet: SpendingWallet,
  preselected: readonly PreselectedCoin[],
  params: SelectionParams,
): CoinsOnHand {
  const allowsOthers = request.allowsOtherInputs ?? true;
  const taken = request.preselected?.map(({ outPoint }) => outPoint);
  const others = allowsOthers ? coinsFor(wallet.spendableCoins(), request, params.version, taken) : [];
  return {
    available: priced(others, wallet, params),
    preselected: priced(
      preselected.map(({ coin }) => coin),
      wallet,
      params,
    ),
    allowsOthers,
  };
}

/** Coins with what their unconfirmed ancestors lack; only unconfirmed ones are asked for. */
function priced(coins: readonly Coin[], wallet: SpendingWallet, params: SelectionParams): readonly PricedCoin[] {
  const unconfirmed = coins.filter(({ depth }) => depth <= 0).map(({ outPoint }) => outPoint);
  const bumpFees = unconfirmed.length === 0 ? [] : wallet.bumpFees(unconfirmed, params.feerateSatPerKvb);
  let next = 0;
  return coins.map((coin) => priceCoin(coin, params, coin.depth <= 0 ? bumpFees[next++] : 0n));
}

/** Whether it is the payments or the fee that there is too little for. */
function insufficientFunds({ available, preselected }: CoinsOnHand, paid: bigint, target: bigint): BuildError["error"] {
  const [others, chosen] = [totalsOf(available), totalsOf(preselected)];
  const coversPayments = others.value + chosen.value >= paid;
  if (coversPayments && others.effectiveValue + chosen.effectiveValue < target)
    return `The total exceeds your balance when the ${formatMoney(target - paid)} transaction fee is included.`;
  return "Insufficient funds";
}
