import { MAX_MONEY } from "@bitfleet/protocol/consensus/amount.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { OutputGroup } from "./output-group.ts";
import { INSUFFICIENT, type SelectionOutcome, selectionOfGroups, WEIGHT_EXCEEDED } from "./selection.ts";
import { type SearchState, type SearchStep, searchPool, searchSubsets, wasteOfGroup } from "./subset-search.ts";

export interface BranchAndBoundGoal {
  readonly target: Sats;
  /** More than this above the target, and change would be cheaper. */
  readonly costOfChange: Sats;
  /** Weight units of all inputs. */
  readonly weightMax: number;
}

/**
 * The least wasteful selection without change: at least the target, at most the cost of change above it (Erhardt, "An Evaluation
 * of Coin Selection Strategies"). Groups are worth something each, and count by effective value. Not all selections are
 * seen where there are very many; among those seen it is the best.
 */
export function selectByBranchAndBound(groups: readonly OutputGroup[], goal: BranchAndBoundGoal): SelectionOutcome {
  const pool = searchPool(groups, wasteOfGroup);
  const [target, costOfChange] = [Number(goal.target), Number(goal.costOfChange)];
  const first = pool.groups[0];
  if (first === undefined || pool.amountTotal < target) return INSUFFICIENT;
  // Above the long-term feerate each further input wastes more; below it, less.
  const isFeerateHigh = first.fee > first.longTermFee;
  let best: readonly number[] | undefined;
  let bestWaste = Number(MAX_MONEY);
  let isWeightExceeded = false;

  const judge = ({ indexes, last, amount, weight, waste }: SearchState): SearchStep => {
    if (amount + pool.amountsBehind[last]! < target) return "cut";
    if (weight > goal.weightMax) {
      isWeightExceeded = true;
      return "shift";
    }
    if (amount > target + costOfChange) return "shift";
    if (isFeerateHigh && waste > bestWaste) return "shift";
    if (amount < target) return "explore";
    const wasteWithExcess = waste + amount - target;
    if (wasteWithExcess <= bestWaste) {
      best = [...indexes];
      bestWaste = wasteWithExcess;
    }
    return "shift";
  };
  const effort = searchSubsets(pool, judge);
  if (best === undefined) return isWeightExceeded ? WEIGHT_EXCEEDED : INSUFFICIENT;
  const selected = best.map((index) => pool.groups[index]!);
  return selectionOfGroups("bnb", selected, { target: goal.target, subtractsFee: false }, effort);
}
