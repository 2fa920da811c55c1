import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { OutputGroup } from "./output-group.ts";
import { coinTosses, type RandomSource, shuffled } from "./random.ts";
import { INSUFFICIENT, type SelectionOutcome, selectionOfGroups, WEIGHT_EXCEEDED } from "./selection.ts";
import { wasteOfGroup } from "./subset-search.ts";

export interface KnapsackGoal {
  readonly target: Sats;
  /** Change is to be at least that, or there is none. */
  readonly changeTarget: Sats;
  /** Weight units of all inputs. */
  readonly weightMax: number;
  readonly subtractsFee: boolean;
}

/** Random subsets that are tried for each target. */
const ROUNDS = 1000;

/**
 * The oldest way: an exact match where one exists, else the subset of smaller groups that comes closest to the target, found by trying
 * at random, or the smallest larger group where that is closer. Spends also groups that are worth nothing.
 */
export function selectByKnapsack(
  groups: readonly OutputGroup[],
  goal: KnapsackGoal,
  random: RandomSource,
): SelectionOutcome {
  const { target, changeTarget, weightMax } = goal;
  const done = (selected: readonly OutputGroup[]) => selectionOfGroups("knapsack", selected, goal);
  const light = shuffled(groups, random).filter((group) => group.weight <= weightMax);
  let isWeightExceeded = light.length < groups.length;

  const exact = light.find((group) => group.amount === target);
  if (exact !== undefined) return done([exact]);
  const smaller = light.filter((group) => group.amount < target + changeTarget);
  const larger = smallest(light.filter((group) => group.amount >= target + changeTarget));
  const smallerTotal = smaller.reduce((sum, group) => sum + group.amount, 0n);
  if (smallerTotal === target) {
    if (weightOf(smaller) <= weightMax) return done(smaller);
    isWeightExceeded = true;
  }
  if (smallerTotal < target) {
    if (larger !== undefined) return done([larger]);
    return isWeightExceeded ? WEIGHT_EXCEEDED : INSUFFICIENT;
  }

  const closest = closestSubset(smaller, smallerTotal, goal, random);
  const isChangeSmall = closest.amount !== target && closest.amount < target + changeTarget;
  if (larger !== undefined && (isChangeSmall || larger.amount <= closest.amount)) return done([larger]);
  if (weightOf(closest.groups) <= weightMax) return done(closest.groups);
  return larger === undefined ? WEIGHT_EXCEEDED : done([larger]);
}

interface Subset {
  readonly groups: readonly OutputGroup[];
  readonly amount: Sats;
}

/** The subset closest to the target; where none hits it, closest to the target with the change aimed at. */
function closestSubset(
  groups: readonly OutputGroup[],
  groupsTotal: Sats,
  { target, changeTarget, weightMax }: KnapsackGoal,
  random: RandomSource,
): Subset {
  const sorted = [...groups].sort((a, b) => Number(b.amount - a.amount) || wasteOfGroup(a) - wasteOfGroup(b));
  const search = new SubsetSum(sorted, weightMax, coinTosses(random));
  const closest = search.closestTo(target, groupsTotal);
  if (closest.amount === target || groupsTotal < target + changeTarget) return closest;
  return search.closestTo(target + changeTarget, groupsTotal);
}

/** Subset sums by trying. Amounts as numbers, which are exact below 2^53, as there are millions of additions. */
class SubsetSum {
  readonly #groups: readonly OutputGroup[];
  readonly #amounts: readonly number[];
  readonly #weights: readonly number[];
  readonly #weightMax: number;
  readonly #toss: () => boolean;

  constructor(groups: readonly OutputGroup[], weightMax: number, toss: () => boolean) {
    this.#groups = groups;
    this.#amounts = groups.map(({ amount }) => Number(amount));
    this.#weights = groups.map(({ weight }) => weight);
    this.#weightMax = weightMax;
    this.#toss = toss;
  }

  /** All groups, which come to `groupsTotal`, or better ones. */
  closestTo(target: Sats, groupsTotal: Sats): Subset {
    let best = new Uint8Array(this.#groups.length).fill(1);
    let bestAmount = Number(groupsTotal);
    for (let round = 0; round < ROUNDS && bestAmount !== Number(target); round++) {
      this.#tryOnce(Number(target), (included, amount) => {
        if (amount >= bestAmount) return;
        best = included.slice();
        bestAmount = amount;
      });
    }
    return { groups: this.#groups.filter((_, index) => best[index] === 1), amount: BigInt(bestAmount) };
  }

  /**
   * Takes about half of the groups at random, then, where they do not suffice, the others too, the most valuable first. Each time
   * the target is reached, `found` hears of it, and the last group is put back, as a smaller one may do.
   */
  #tryOnce(target: number, found: (included: Uint8Array, amount: number) => void): void {
    const included = new Uint8Array(this.#amounts.length);
    let [amount, weight, isReached] = [0, 0, false];
    for (const pass of ["random", "rest"] as const) {
      for (let index = 0; index < included.length; index++) {
        const isTaken = pass === "random" ? this.#toss() : included[index] === 0;
        if (!isTaken) continue;
        amount += this.#amounts[index]!;
        weight += this.#weights[index]!;
        included[index] = 1;
        if (amount < target || weight > this.#weightMax) continue;
        isReached = true;
        found(included, amount);
        amount -= this.#amounts[index]!;
        weight -= this.#weights[index]!;
        included[index] = 0;
      }
      if (isReached) return;
    }
  }
}

function smallest(groups: readonly OutputGroup[]): OutputGroup | undefined {
  return groups.reduce<OutputGroup | undefined>(
    (least, group) => (least === undefined || group.amount < least.amount ? group : least),
    undefined,
  );
}

const weightOf = (groups: readonly OutputGroup[]) => groups.reduce((sum, group) => sum + group.weight, 0);
