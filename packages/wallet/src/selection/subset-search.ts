import type { OutputGroup } from "./output-group.ts";

/** Selections that a search looks at before it takes what it has. */
export const SEARCH_TRIES_MAX = 100_000;

/**
 * Groups in the order in which a search decides on them. Amounts are satoshis as numbers: all of them together stay far below 2^53,
 * so sums are exact, and a search adds millions of them.
 */
export interface SearchPool {
  readonly groups: readonly OutputGroup[];
  readonly amounts: readonly number[];
  readonly weights: readonly number[];
  /** What spending now costs beyond spending some day. */
  readonly wastes: readonly number[];
  /** Amount of all groups behind each. */
  readonly amountsBehind: readonly number[];
  readonly amountTotal: number;
}

/** Most valuable first; of equals the one that `prefer` puts first. */
export function searchPool(groups: readonly OutputGroup[], prefer: (group: OutputGroup) => number): SearchPool {
  const ranked = groups.map((group) => ({ group, amount: Number(group.amount), rank: prefer(group) }));
  ranked.sort((a, b) => b.amount - a.amount || a.rank - b.rank);
  const amounts = ranked.map(({ amount }) => amount);
  const amountsBehind = new Array<number>(amounts.length);
  let amountTotal = 0;
  for (let index = amounts.length - 1; index >= 0; index--) {
    amountsBehind[index] = amountTotal;
    amountTotal += amounts[index]!;
  }
  return {
    groups: ranked.map(({ group }) => group),
    amounts,
    weights: ranked.map(({ group }) => group.weight),
    wastes: ranked.map(({ group }) => wasteOfGroup(group)),
    amountsBehind,
    amountTotal,
  };
}

export function wasteOfGroup(group: OutputGroup): number {
  return Number(group.fee - group.longTermFee);
}

/** The selection that a search looks at. */
export interface SearchState {
  /** Positions in the pool, rising. */
  readonly indexes: readonly number[];
  /** Of the group that was added last. */
  readonly last: number;
  readonly amount: number;
  readonly weight: number;
  readonly waste: number;
}

/**
 * Where a search goes from a selection: `explore` adds the next group; `shift` leaves the last one out and goes on behind it, as nothing
 * added can help; `cut` leaves also the one before out, as leaving out the last cannot help either.
 */
export type SearchStep = "explore" | "shift" | "cut";

/** How much of the tree a search has seen. */
export interface SearchEnd {
  readonly evaluatedCount: number;
  readonly isComplete: boolean;
}

/**
 * Walks the tree of all selections in depth, those with a group before those without it. `judge` sees each selection once, just
 * after a group was added to it. Of groups with equal amounts the later ones are no better than the first: where that was left
 * out, so are they.
 */
export function searchSubsets(pool: SearchPool, judge: (state: SearchState) => SearchStep): SearchEnd {
  const walk = new SubsetWalk(pool);
  let evaluatedCount = 0;
  for (let next: number | undefined = 0; next !== undefined; ) {
    walk.add(next);
    evaluatedCount++;
    const step = judge(walk);
    if (evaluatedCount >= SEARCH_TRIES_MAX) return { evaluatedCount, isComplete: false };
    next = walk.after(next === pool.groups.length - 1 ? "cut" : step);
  }
  return { evaluatedCount, isComplete: true };
}

class SubsetWalk implements SearchState {
  readonly indexes: number[] = [];
  last = -1;
  amount = 0;
  weight = 0;
  waste = 0;
  readonly #pool: SearchPool;

  constructor(pool: SearchPool) {
    this.#pool = pool;
  }

  add(index: number): void {
    this.indexes.push(index);
    this.#account(index, 1);
    this.last = index;
  }

  #drop(): number {
    const index = this.indexes.pop()!;
    this.#account(index, -1);
    return index;
  }

  #account(index: number, sign: 1 | -1): void {
    this.amount += sign * this.#pool.amounts[index]!;
    this.weight += sign * this.#pool.weights[index]!;
    this.waste += sign * this.#pool.wastes[index]!;
  }

  /** Takes `step`, and answers what to add next; `undefined` where all has been seen. */
  after(step: SearchStep): number | undefined {
    if (step === "explore") return this.last + 1;
    if (step === "cut") this.#drop();
    const { amounts } = this.#pool;
    while (this.indexes.length > 0) {
      const omitted = this.#drop();
      let next = omitted + 1;
      while (next < amounts.length && amounts[next] === amounts[omitted]) next++;
      if (next < amounts.length) return next;
    }
    return undefined;
  }
}
