import type { FeeHorizon, HorizonStats } from "./fee-horizon.ts";
import { type MedianAnswer, medianFeerate, NO_FEERATE } from "./fee-median.ts";

/** Shares of transactions that must have been confirmed within half the target, the target, and twice the target. */
const HALF_SUCCESS = 0.6;
const FULL_SUCCESS = 0.85;
const DOUBLE_SUCCESS = 0.95;

/** Transactions a block that a range of buckets must have seen. The short horizon looks at fewer blocks, and so asks for more. */
export const SUFFICIENT_TRANSACTIONS: Readonly<Record<FeeHorizon, number>> = { short: 0.5, medium: 0.1, long: 0.1 };

/** Which of its parts decided an estimate, in the words that Core's wallet calls show as `fee_reason`. */
export type FeeReason =
  | "None"
  | "Half Target 60% Threshold"
  | "Target 85% Threshold"
  | "Double Target 95% Threshold"
  | "Conservative Double Target longer horizon"
  | "Mempool Min Fee"
  | "Fallback fee"
  | "Minimum Required Fee";

/** A feerate in satoshis a thousand vbytes, below 0 where none is known, and what it rests on. */
export interface SmartFeerate {
  readonly feerate: number;
  readonly reason: FeeReason;
}

type Horizons = Readonly<Record<FeeHorizon, HorizonStats>>;

/**
 * The highest of what is asked for by half the target, the target and twice the target, so that no single one of them misleads.
 * `target` is at least 2. A conservative answer also has to do for the longer horizons, and is less easily lowered by a few quiet blocks.
 */
export function smartFeerate(
  horizons: Horizons,
  target: number,
  height: number,
  isConservative: boolean,
): SmartFeerate {
  const of = (within: number, success: number, looksShorter: boolean) =>
    combinedFeerate(horizons, { target: within, success, height }, looksShorter);
  let best: SmartFeerate = {
    feerate: of(Math.floor(target / 2), HALF_SUCCESS, true),
    reason: "Half Target 60% Threshold",
  };
  const raise = (feerate: number, reason: FeeReason) => {
    if (feerate > best.feerate) best = { feerate, reason };
  };
  raise(of(target, FULL_SUCCESS, true), "Target 85% Threshold");
  raise(of(2 * target, DOUBLE_SUCCESS, !isConservative), "Double Target 95% Threshold");
  if (isConservative || best.feerate === NO_FEERATE)
    raise(conservativeFeerate(horizons, 2 * target, height), "Conservative Double Target longer horizon");
  return best;
}

interface Aim {
  readonly target: number;
  readonly success: number;
  readonly height: number;
}

/** What a horizon answers to an aim; one that does not reach so far answers nothing. */
export function horizonAnswer(horizons: Horizons, horizon: FeeHorizon, aim: Aim): MedianAnswer {
  const stats = horizons[horizon];
  if (aim.target < 1 || aim.target > stats.targetMax) return { feerate: NO_FEERATE, pass: undefined, fail: undefined };
  return medianFeerate(stats, { ...aim, sufficient: SUFFICIENT_TRANSACTIONS[horizon] });
}

/**
 * The answer of the shortest horizon that reaches the target. With `looksShorter` a shorter one, asked for the longest it knows,
 * may lower it: what has sufficed for less time suffices for more, so answers do not rise with the target.
 */
function combinedFeerate(horizons: Horizons, aim: Aim, looksShorter: boolean): number {
  const { short, medium, long } = horizons;
  const { target } = aim;
  if (target < 1 || target > long.targetMax) return NO_FEERATE;
  const own = target <= short.targetMax ? "short" : target <= medium.targetMax ? "medium" : "long";
  let feerate = horizonAnswer(horizons, own, aim).feerate;
  if (!looksShorter) return feerate;
  for (const horizon of ["medium", "short"] as const) {
    const { targetMax } = horizons[horizon];
    if (target <= targetMax) continue;
    const shorter = horizonAnswer(horizons, horizon, { ...aim, target: targetMax }).feerate;
    if (shorter > 0 && (feerate === NO_FEERATE || shorter < feerate)) feerate = shorter;
  }
  return feerate;
}

/** The highest that any horizon longer than the shortest one that reaches `target` asks for. */
function conservativeFeerate(horizons: Horizons, target: number, height: number): number {
  const aim = { target, success: DOUBLE_SUCCESS, height };
  const medium = target <= horizons.short.targetMax ? horizonAnswer(horizons, "medium", aim).feerate : NO_FEERATE;
  const long = target <= horizons.medium.targetMax ? horizonAnswer(horizons, "long", aim).feerate : NO_FEERATE;
  return Math.max(medium, long);
}
