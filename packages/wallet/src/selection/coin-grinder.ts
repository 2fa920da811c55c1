import { MAX_MONEY } from "@bitfleet/protocol/consensus/amount.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { OutputGroup } from "./output-group.ts";
import { INSUFFICIENT, type SelectionOutcome, selectionOfGroups, WEIGHT_EXCEEDED } from "./selection.ts";
import { type SearchState, type SearchStep, searchPool, searchSubsets } from "./subset-search.ts";

export interface CoinGrinderGoal {
  readonly target: Sats;
  /** What is to be left for change and its output. */
  readonly changeTarget: Sats;
  /** Weight units of all inputs. */
  readonly weightMax: number;
  readonly subtractsFee: boolean;
}

/**
 * The lightest selection that leaves change; of equally light ones that with the smallest amount. For feerates at which weight is what
 * matters. Groups are worth something each. Not all selections are seen where there are very many.
 */
export function selectByCoinGrinder(groups: readonly OutputGroup[], goal: CoinGrinderGoal): SelectionOutcome {
  const pool = searchPool(groups, (group) => group.weight);
  const { amounts, weights } = pool;
  const total = Number(goal.target + goal.changeTarget);
  if (pool.groups.length === 0 || pool.amountTotal < total) return INSUFFICIENT;
  const leastWeightBehind = leastBehind(weights);
  let best: readonly number[] | undefined;
  let bestAmount = Number(MAX_MONEY);
  let bestWeight = goal.weightMax;
  let isWeightExceeded = false;

  /** Another group in place of the last helps only where it is lighter. */
  const leave = (last: number): SearchStep => (weights[last]! <= leastWeightBehind[last]! ? "cut" : "shift");

  const judge = ({ indexes, last, amount, weight }: SearchState): SearchStep => {
    if (amount + pool.amountsBehind[last]! < total) return "cut";
    if (weight > bestWeight) {
      if (weight > goal.weightMax) isWeightExceeded = true;
      return leave(last);
    }
    if (amount >= total) {
      if (weight < bestWeight || amount < bestAmount) {
        best = [...indexes];
        bestWeight = weight;
        bestAmount = amount;
      }
      return "shift";
    }
    // What follows is worth no more than the last, and weighs no less than the lightest that follows.
    const groupsMissing = Math.ceil((total - amount) / amounts[last]!);
    const hopeless = best !== undefined && weight + leastWeightBehind[last]! * groupsMissing > bestWeight;
    return hopeless ? leave(last) : "explore";
  };
  const effort = searchSubsets(pool, judge);
  if (best === undefined) return isWeightExceeded ? WEIGHT_EXCEEDED : INSUFFICIENT;
  const selected = best.map((index) => pool.groups[index]!);
  return selectionOfGroups("cg", selected, goal, effort);
}

/** Of the weights behind each, the smallest. */
function leastBehind(weights: readonly number[]): readonly number[] {
  const least = new Array<number>(weights.length);
  let smallest = Number.POSITIVE_INFINITY;
  for (let index = weights.length - 1; index >= 0; index--) {
    least[index] = smallest;
    smallest = Math.min(smallest, weights[index]!);
  }
  return least;
}
