import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import { CHANGE_TARGET_MIN } from "./change-target.ts";
import type { OutputGroup } from "./output-group.ts";
import { type RandomSource, shuffled } from "./random.ts";
import { INSUFFICIENT, type SelectionOutcome, selectionOfGroups, WEIGHT_EXCEEDED } from "./selection.ts";

export interface RandomDrawGoal {
  readonly target: Sats;
  readonly changeFee: Sats;
  /** Weight units of all inputs. */
  readonly weightMax: number;
  readonly subtractsFee: boolean;
}

/**
 * Draws groups at random until they pay the target and leave change that is worth having. Where they get too heavy, the least valuable
 * ones are put back for good; a selection that exists may be missed so. Groups are worth something each.
 */
export function selectByRandomDraw(
  groups: readonly OutputGroup[],
  goal: RandomDrawGoal,
  random: RandomSource,
): SelectionOutcome {
  const target = goal.target + goal.changeFee + CHANGE_TARGET_MIN;
  const drawn: OutputGroup[] = [];
  let amount = 0n;
  let weight = 0;
  let isWeightExceeded = false;
  for (const group of shuffled(groups, random)) {
    drawn.push(group);
    amount += group.amount;
    weight += group.weight;
    while (weight > goal.weightMax && drawn.length > 0) {
      isWeightExceeded = true;
      const [least] = drawn.splice(leastValuable(drawn), 1);
      amount -= least!.amount;
      weight -= least!.weight;
    }
    if (amount >= target) return selectionOfGroups("srd", drawn, goal);
  }
  return isWeightExceeded ? WEIGHT_EXCEEDED : INSUFFICIENT;
}

/** Position of the group that is worth least; of equals, of the heaviest. */
function leastValuable(groups: readonly OutputGroup[]): number {
  let least = 0;
  for (let index = 1; index < groups.length; index++) {
    const [group, other] = [groups[index]!, groups[least]!];
    if (group.amount < other.amount || (group.amount === other.amount && group.weight > other.weight)) least = index;
  }
  return least;
}
