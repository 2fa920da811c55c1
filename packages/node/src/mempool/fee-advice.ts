import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { FeeEstimator, FeeMode } from "./fee-estimator.ts";
import type { FeeReason } from "./fee-smart.ts";
import type { Mempool } from "./mempool.ts";

/** What an advised feerate is: an estimate, the operator's `-fallbackfee` because there is none, or nothing at all. */
export type FeerateSource = "estimate" | "fallback" | "none";

export interface FeerateAdvice {
  /** Absent where the source is `none`. */
  readonly feerateSatPerKvb: Sats | undefined;
  readonly source: FeerateSource;
  /** Blocks within which an estimate is for; of anything else the target that was asked for or could have been told. */
  readonly blocks: number;
  readonly reason: FeeReason;
}

export interface FeerateAdviser {
  /** Absent where fees are not estimated (`-blocksonly`). */
  readonly estimator: Pick<FeeEstimator, "estimateSmart" | "targetMax"> | undefined;
  readonly mempool: Pick<Mempool, "minFeerateSatPerKvb">;
  /** 0 for none. */
  readonly fallbackFeerateSatPerKvb: Sats;
}

/** Who tells what to pay in a running node, and the numbers behind it. */
export interface NodeFees extends FeerateAdviser {
  readonly estimator: FeeEstimator | undefined;
}

/**
 * What to pay to be confirmed within `target` blocks, 1 to 1008; never less than the mempool takes now. Where too little was
 * seen to tell, as on a young private network, it is the fallback, if the operator set one, and marked as that.
 */
export function adviseFeerate(target: number, mode: FeeMode, adviser: FeerateAdviser): FeerateAdvice {
  const estimate = adviser.estimator?.estimateSmart(target, mode);
  const blocks = estimate?.blocks ?? target;
  if (estimate?.feerateSatPerKvb !== undefined) {
    const { feerateSatPerKvb, reason } = estimate;
    return { ...raised(feerateSatPerKvb, reason, adviser), source: "estimate", blocks };
  }
  const { fallbackFeerateSatPerKvb: fallback } = adviser;
  if (fallback === 0n) return { feerateSatPerKvb: undefined, source: "none", blocks, reason: "None" };
  return { ...raised(fallback, "Fallback fee", adviser), source: "fallback", blocks };
}

function raised(feerateSatPerKvb: Sats, reason: FeeReason, { mempool }: FeerateAdviser) {
  const least = mempool.minFeerateSatPerKvb;
  return feerateSatPerKvb < least
    ? { feerateSatPerKvb: least, reason: "Mempool Min Fee" as const }
    : { feerateSatPerKvb, reason };
}
