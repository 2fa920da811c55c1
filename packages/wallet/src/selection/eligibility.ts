import type { OutputGroup } from "./output-group.ts";

/** Which groups an attempt at selection may take. */
export interface EligibilityFilter {
  /** Confirmations of what the wallet sent itself, and of what others sent it. */
  readonly ownDepthMin: number;
  readonly foreignDepthMin: number;
  readonly ancestorCountMax: number;
  readonly clusterCountMax: number;
  /** Whether the rest of a script may be spent where other groups of it are full. */
  readonly includesPartialGroups: boolean;
  /** Whether coins of several types may be mixed where none suffices alone. */
  readonly allowsMixedTypes: boolean;
}

export interface EligibilityOptions {
  /** `-spendzeroconfchange` */
  readonly spendsZeroConfirmationChange: boolean;
  /** Coins that others sent and nobody confirmed. */
  readonly includesUnsafe: boolean;
  /** `-walletrejectlongchains` */
  readonly rejectsLongChains: boolean;
  /** `-limitancestorcount` and `-limitdescendantcount`. */
  readonly ancestorCountMax: number;
  readonly descendantCountMax: number;
}

/** Of old coins of others, of change that is not confirmed yet. */
const SETTLED_DEPTH = 6;
const FEW_ANCESTORS_MAX = 2;
const SOME_ANCESTORS_MAX = 4;

/** The attempts at selection, the choosiest first: settled coins, confirmed ones, change that waits, long chains of it. */
export function eligibilityFilters(options: EligibilityOptions): readonly EligibilityFilter[] {
  const ancestorsMax = Math.max(1, options.ancestorCountMax);
  const clusterMax = Math.max(1, options.descendantCountMax);
  const filters = [{ ...filter(1, SETTLED_DEPTH, 0, 0), allowsMixedTypes: false }, filter(1, 1, 0, 0)];
  if (!options.spendsZeroConfirmationChange) return filters;
  const third = (limit: number) => Math.min(SOME_ANCESTORS_MAX, Math.floor(limit / 3));
  const half = (limit: number) => Math.floor(limit / 2);
  filters.push(
    filter(0, 1, FEW_ANCESTORS_MAX, FEW_ANCESTORS_MAX),
    filter(0, 1, third(ancestorsMax), third(clusterMax)),
    filter(0, 1, half(ancestorsMax), half(clusterMax)),
    { ...filter(0, 1, ancestorsMax - 1, clusterMax - 1), includesPartialGroups: true },
  );
  if (options.includesUnsafe)
    filters.push({ ...filter(0, 0, ancestorsMax - 1, clusterMax - 1), includesPartialGroups: true });
  if (!options.rejectsLongChains)
    filters.push({ ...filter(0, 1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY), includesPartialGroups: true });
  return filters;
}

function filter(
  ownDepthMin: number,
  foreignDepthMin: number,
  ancestorCountMax: number,
  clusterCountMax: number,
): EligibilityFilter {
  const rest = { includesPartialGroups: false, allowsMixedTypes: true };
  return { ownDepthMin, foreignDepthMin, ancestorCountMax, clusterCountMax, ...rest };
}

/** Whether an attempt may take the group. */
export function isEligible(group: OutputGroup, filter: EligibilityFilter): boolean {
  return (
    group.depth >= (group.isFromMe ? filter.ownDepthMin : filter.foreignDepthMin) &&
    group.ancestorCount <= filter.ancestorCountMax &&
    group.clusterCount <= filter.clusterCountMax &&
    (!group.isPartial || filter.includesPartialGroups)
  );
}
