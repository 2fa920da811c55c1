import { WITNESS_SCALE_FACTOR } from "@bitfleet/protocol/primitives/transaction.ts";
import { type OutPointKey, outPointKey, type Sats } from "@bitfleet/protocol/primitives/types.ts";
import { type PricedCoin, totalsOf } from "./coin.ts";
import type { OutputGroup } from "./output-group.ts";

/** By the names that logs use: branch and bound, CoinGrinder, knapsack, single random draw; `manual` for coins somebody chose. */
export type SelectionAlgorithm = "bnb" | "cg" | "knapsack" | "srd" | "manual";

/** Coins that pay for a target. */
export interface Selection {
  readonly algorithm: SelectionAlgorithm;
  readonly coins: readonly PricedCoin[];
  /** What they have to come to: payments, and fees for all but the inputs. */
  readonly target: Sats;
  /** The recipients pay the fee: values count as they are. */
  readonly subtractsFee: boolean;
  /** Weight units of the inputs, each rounded up to vbytes. */
  readonly weight: number;
  /** What bump fees of single coins come to beyond those of all together, as they share ancestors. */
  readonly bumpFeeDiscount: Sats;
  /** Selections that were looked at, and whether that was all there was to look at. */
  readonly evaluatedCount: number;
  readonly isComplete: boolean;
}

/** That no coins were found: why, in Core's words, or no message where there simply is too little. */
export interface SelectionFailure {
  readonly failure: "no selection";
  readonly message: string | undefined;
}

export type SelectionOutcome = Selection | SelectionFailure;

export const INSUFFICIENT: SelectionFailure = { failure: "no selection", message: undefined };

export const WEIGHT_EXCEEDED = selectionError(
  "The inputs size exceeds the maximum weight. Please try sending a smaller amount or manually consolidating your wallet's UTXOs",
);

export function selectionError(message: string): SelectionFailure {
  return { failure: "no selection", message };
}

export function isSelected(outcome: SelectionOutcome): outcome is Selection {
  return !("failure" in outcome);
}

/** How an algorithm tells what it found. */
export interface SearchEffort {
  readonly evaluatedCount?: number;
  readonly isComplete?: boolean;
}

export function selectionOfGroups(
  algorithm: SelectionAlgorithm,
  groups: readonly OutputGroup[],
  goal: { readonly target: Sats; readonly subtractsFee: boolean },
  effort: SearchEffort = {},
): Selection {
  const coins = groups.flatMap((group) => group.coins);
  return { ...selectionOfCoins(algorithm, coins, goal), ...effort };
}

export function selectionOfCoins(
  algorithm: SelectionAlgorithm,
  coins: readonly PricedCoin[],
  { target, subtractsFee }: { readonly target: Sats; readonly subtractsFee: boolean },
): Selection {
  const virtualSize = coins.reduce((sum, one) => sum + one.inputVirtualSize, 0);
  return {
    algorithm,
    coins,
    target,
    subtractsFee,
    weight: virtualSize * WITNESS_SCALE_FACTOR,
    bumpFeeDiscount: 0n,
    evaluatedCount: 0,
    isComplete: true,
  };
}

/** Both together; they share no coin. */
export function mergeSelections(selection: Selection, other: Selection): Selection {
  const coins = [...selection.coins, ...other.coins];
  if (new Set<OutPointKey>(coins.map(({ coin }) => outPointKey(coin.outPoint))).size !== coins.length)
    throw new Error("two selections share a coin");
  return {
    ...selection,
    algorithm: selection.algorithm === "manual" ? other.algorithm : selection.algorithm,
    coins,
    target: selection.target + other.target,
    weight: selection.weight + other.weight,
  };
}

export function selectedValue(selection: Selection): Sats {
  return totalsOf(selection.coins).value;
}

export function selectedEffectiveValue(selection: Selection): Sats {
  return totalsOf(selection.coins).effectiveValue + selection.bumpFeeDiscount;
}

/** What the transaction pays for its unconfirmed ancestors. */
export function totalBumpFee(selection: Selection): Sats {
  return selection.coins.reduce((sum, one) => sum + one.bumpFee, 0n) - selection.bumpFeeDiscount;
}

/** What change costs, and when there is any. */
export interface ChangeTerms {
  /** For the output now. */
  readonly changeFee: Sats;
  /** For the output now and for spending it some day. */
  readonly costOfChange: Sats;
  /** Less is left to the fee. */
  readonly minViableChange: Sats;
}

/**
 * Value of the change output, 0 for none. Fees of inputs are rounded one by one here; what this differs by goes to the change
 * when the size of the whole transaction is known.
 */
export function changeOf(selection: Selection, { changeFee, minViableChange }: ChangeTerms): Sats {
  const change = selection.subtractsFee
    ? selectedValue(selection) - selection.target
    : selectedEffectiveValue(selection) - selection.target - changeFee;
  return change < minViableChange ? 0n : change;
}

/**
 * What a selection wastes: what its inputs cost now above what they would cost some day, and the cost of change or, where there
 * is none, what goes to the fee beyond need. Below 0 where spending now saves.
 */
export function wasteOf(selection: Selection, terms: ChangeTerms): Sats {
  const early = selection.coins.reduce((sum, one) => sum + one.fee - one.longTermFee, -selection.bumpFeeDiscount);
  if (changeOf(selection, terms) > 0n) return early + terms.costOfChange;
  const value = selection.subtractsFee ? selectedValue(selection) : selectedEffectiveValue(selection);
  return early + value - selection.target;
}

/** The selection that wastes least; of equals the one that spends more coins, and of those the first. */
export function leastWasteful(selections: readonly Selection[], terms: ChangeTerms): Selection | undefined {
  let best: { readonly selection: Selection; readonly waste: Sats } | undefined;
  for (const selection of selections) {
    const waste = wasteOf(selection, terms);
    const isBetter =
      best === undefined ||
      waste < best.waste ||
      (waste === best.waste && selection.coins.length > best.selection.coins.length);
    if (isBetter) best = { selection, waste };
  }
  return best?.selection;
}
