import { TRUC_CHILD_VIRTUAL_SIZE_MAX, TRUC_VERSION } from "@bitfleet/protocol/policy/truc.ts";
import { type OutPoint, WITNESS_SCALE_FACTOR } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import { selectByBranchAndBound } from "./branch-and-bound.ts";
import { COIN_TYPES, type PricedCoin, totalsOf } from "./coin.ts";
import { selectByCoinGrinder } from "./coin-grinder.ts";
import { type EligibilityFilter, type EligibilityOptions, eligibilityFilters, isEligible } from "./eligibility.ts";
import { selectByKnapsack } from "./knapsack.ts";
import { GROUP_COINS_MAX, type Groups, groupCoins, type OutputGroup } from "./output-group.ts";
import { type RandomSource, shuffled } from "./random.ts";
import {
  type ChangeTerms,
  INSUFFICIENT,
  isSelected,
  leastWasteful,
  mergeSelections,
  type Selection,
  type SelectionFailure,
  type SelectionOutcome,
  selectionError,
  selectionOfCoins,
} from "./selection.ts";
import { selectByRandomDraw } from "./single-random-draw.ts";

/** What a selection is made for. */
export interface SelectionParams extends ChangeTerms, EligibilityOptions {
  readonly feerateSatPerKvb: Sats;
  /** What spending some day is reckoned to cost (`-consolidatefeerate`). */
  readonly longTermFeerateSatPerKvb: Sats;
  /** What CoinGrinder and knapsack leave for change. */
  readonly changeTarget: Sats;
  /** Bytes of a change output. */
  readonly changeOutputSize: number;
  /** Vbytes of the transaction without inputs and change. */
  readonly sizeWithoutInputs: number;
  /** Weight units of the whole transaction. */
  readonly weightMax: number;
  /** Of the transaction: at 3 it obeys BIP431. */
  readonly version: number;
  /** The recipients pay the fee: values count as they are. */
  readonly subtractsFee: boolean;
  readonly avoidsPartialSpends: boolean;
  /**
   * What the unconfirmed ancestors of all these outputs together lack to the feerate; `undefined` where they are too many to tell.
   * No more than the sum over single ones.
   */
  readonly combinedBumpFee: (outPoints: readonly OutPoint[]) => Sats | undefined;
  readonly random: RandomSource;
}

/** CoinGrinder joins in where the feerate is more than so many times the long-term one. */
const HIGH_FEERATE_FACTOR = 3n;

const NOT_ENOUGH_PRESELECTED = selectionError(
  "The preselected coins total amount does not cover the transaction target. Please allow other inputs to be automatically selected or include more coins manually",
);
const TOO_HEAVY_TOGETHER = selectionError(
  "The combination of the pre-selected inputs and the wallet automatic inputs selection exceeds the transaction maximum weight. Please try sending a smaller amount or manually consolidating your wallet's UTXOs",
);
const LONG_CHAINS_ONLY = selectionError(
  "Unconfirmed UTXOs are available, but spending them creates a chain of transactions that will be rejected by the mempool",
);
const NO_ROOM_FOR_INPUTS = selectionError("Maximum transaction weight is less than transaction weight without inputs");
const NO_ROOM_FOR_CHANGE = selectionError("Maximum transaction weight is too low, can not accommodate change output");
const CLUSTER_TOO_LARGE = selectionError(
  "Failed to calculate bump fees, because unconfirmed UTXOs depend on an enormous cluster of unconfirmed transactions.",
);

/** The coins that a selection starts from. */
export interface CoinsOnHand {
  readonly available: readonly PricedCoin[];
  /** Taken in any case. */
  readonly preselected: readonly PricedCoin[];
  /** Whether available coins may be added to preselected ones. */
  readonly allowsOthers: boolean;
}

/**
 * Coins that come to `target`: payments, and fees for all but the inputs. All preselected ones, and others as long as they do not
 * suffice. A failure without message means that there is too little.
 */
export function selectCoins(coins: CoinsOnHand, target: Sats, params: SelectionParams): SelectionOutcome {
  const countOf = (list: readonly PricedCoin[]) => totalsOf(list)[params.subtractsFee ? "value" : "effectiveValue"];
  const preselectedTotal = countOf(coins.preselected);
  const missing = target - preselectedTotal;
  if (missing > 0n && !coins.allowsOthers) return NOT_ENOUGH_PRESELECTED;
  if (missing <= 0n)
    return selectionOfCoins("manual", coins.preselected, { target, subtractsFee: params.subtractsFee });
  if (missing > countOf(coins.available)) return INSUFFICIENT;

  const automatic = selectAutomatically(coins.available, missing, params);
  if (!isSelected(automatic) || coins.preselected.length === 0) return automatic;
  const manual = selectionOfCoins("manual", coins.preselected, { ...params, target: preselectedTotal });
  const merged = mergeSelections(automatic, manual);
  return merged.weight > inputsWeightMax(params) ? TOO_HEAVY_TOGETHER : merged;
}

/** Attempts with ever more groups, the choosiest first. */
function selectAutomatically(
  available: readonly PricedCoin[],
  target: Sats,
  params: SelectionParams,
): SelectionOutcome {
  // Many coins of one script fill several groups: which of them belong together is left to chance, and not to their order.
  const isShuffled = params.avoidsPartialSpends && available.length > GROUP_COINS_MAX;
  const groups = groupCoins(isShuffled ? shuffled(available, params.random) : available, params);
  const filters = eligibilityFilters(params);
  const shortfall = shortfallOf(groups, available, filters, target, params);
  if (shortfall !== undefined) return shortfall;

  let failure = INSUFFICIENT;
  for (const filter of filters) {
    const eligible = {
      mixed: groups.mixed.filter((group) => isEligible(group, filter)),
      positive: groups.positive.filter((group) => isEligible(group, filter)),
    };
    if (eligible.mixed.length + eligible.positive.length === 0) continue;
    const outcome = selectByTypes(eligible, target, withTrucLimit(params, filter), filter.allowsMixedTypes);
    if (isSelected(outcome)) return outcome;
    // The first thing that went wrong is told, unless another attempt succeeds.
    if (failure.message === undefined) failure = outcome;
  }
  return failure;
}

/** Why what no attempt may take leaves too little. */
function shortfallOf(
  groups: Groups,
  available: readonly PricedCoin[],
  filters: readonly EligibilityFilter[],
  target: Sats,
  params: SelectionParams,
): SelectionFailure | undefined {
  // Grouped by scripts, positive groups are groups of their own, and both are taken off, as Core does.
  const all = params.avoidsPartialSpends ? [...groups.mixed, ...groups.positive] : groups.mixed;
  const discarded = all.filter((group) => !filters.some((filter) => isEligible(group, filter)));
  const amountOf = (list: readonly OutputGroup[]) => list.reduce((sum, group) => sum + group.amount, 0n);
  const left = totalsOf(available).value - amountOf(discarded);
  if (left >= target) return undefined;
  const longChains = discarded.filter(
    (group) =>
      group.ancestorCount >= Math.max(1, params.ancestorCountMax) ||
      group.clusterCount >= Math.max(1, params.descendantCountMax),
  );
  return left + amountOf(longChains) > target ? LONG_CHAINS_ONLY : INSUFFICIENT;
}

/** BIP431: what may have an unconfirmed parent is smaller. */
function withTrucLimit(params: SelectionParams, filter: EligibilityFilter): SelectionParams {
  const mayBeChild = filter.ownDepthMin === 0 || filter.foreignDepthMin === 0;
  if (params.version !== TRUC_VERSION || !mayBeChild) return params;
  const weightMax = Math.min(params.weightMax, TRUC_CHILD_VIRTUAL_SIZE_MAX * WITNESS_SCALE_FACTOR);
  return { ...params, weightMax };
}

/** The least wasteful selection among those of one type each; coins of several types together only where none of those exists. */
function selectByTypes(groups: Groups, target: Sats, params: SelectionParams, allowsMixed: boolean): SelectionOutcome {
  const present = new Set([...groups.mixed, ...groups.positive].map((group) => group.type));
  const types = COIN_TYPES.filter((type) => present.has(type));
  const found: Selection[] = [];
  for (const type of types) {
    const ofType = (group: OutputGroup) => group.type === type;
    const one = { mixed: groups.mixed.filter(ofType), positive: groups.positive.filter(ofType) };
    const outcome = chooseSelection(one, target, params);
    if (isSelected(outcome)) found.push(outcome);
    else if (outcome.message !== undefined) return outcome;
  }
  const best = leastWasteful(found, params);
  if (best !== undefined) return best;
  return allowsMixed && types.length > 1 ? chooseSelection(groups, target, params) : INSUFFICIENT;
}

function inputsWeightMax(params: SelectionParams): number {
  return params.weightMax - params.sizeWithoutInputs * WITNESS_SCALE_FACTOR;
}

/** Runs every algorithm that suits, and takes what wastes least. */
export function chooseSelection(groups: Groups, target: Sats, params: SelectionParams): SelectionOutcome {
  const weightMax = inputsWeightMax(params);
  if (weightMax <= 0) return NO_ROOM_FOR_INPUTS;
  const goal = { ...params, target };
  const outcomes: SelectionOutcome[] = [];
  // A selection without change that is exact to the satoshi means little where the recipients pay the fee.
  if (!params.subtractsFee) outcomes.push(selectByBranchAndBound(groups.positive, { ...goal, weightMax }));

  const withChange = { ...goal, weightMax: weightMax - params.changeOutputSize * WITNESS_SCALE_FACTOR };
  if (withChange.weightMax < 0 && !outcomes.some(isSelected)) return NO_ROOM_FOR_CHANGE;
  outcomes.push(selectByKnapsack(groups.mixed, withChange, params.random));
  if (params.feerateSatPerKvb > HIGH_FEERATE_FACTOR * params.longTermFeerateSatPerKvb)
    outcomes.push(selectByCoinGrinder(groups.positive, withChange));
  outcomes.push(selectByRandomDraw(groups.positive, withChange, params.random));

  const found: Selection[] = [];
  for (const outcome of outcomes) {
    if (!isSelected(outcome)) continue;
    const discounted = withBumpFeeDiscount(outcome, params);
    if (discounted === undefined) return CLUSTER_TOO_LARGE;
    found.push(discounted);
  }
  const failures = outcomes.filter((outcome): outcome is SelectionFailure => !isSelected(outcome));
  return leastWasteful(found, params) ?? failures.find(({ message }) => message !== undefined) ?? INSUFFICIENT;
}

/** Coins that share unconfirmed ancestors pay for them once. */
function withBumpFeeDiscount(selection: Selection, params: SelectionParams): Selection | undefined {
  const unconfirmed = selection.coins.filter(({ coin }) => coin.depth <= 0);
  if (unconfirmed.length === 0) return selection;
  const combined = params.combinedBumpFee(unconfirmed.map(({ coin }) => coin.outPoint));
  if (combined === undefined) return undefined;
  const discount = unconfirmed.reduce((sum, { bumpFee }) => sum + bumpFee, -combined);
  return discount > 0n ? { ...selection, bumpFeeDiscount: discount } : selection;
}
