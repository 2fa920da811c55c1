import { type FeeAndSize, feeFor, feerateSatPerKvb } from "@bitfleet/protocol/policy/feerate.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";

/** A child that is to pull its parents into a block. */
export interface CpfpRequest {
  /** Of the unconfirmed parents with all their unconfirmed ancestors, each once: satoshis and vbytes. */
  readonly ancestors: FeeAndSize;
  /** Vbytes of the child when signed. */
  readonly childVirtualSize: number;
  /** What parents and child are to pay together, satoshis a thousand vbytes. */
  readonly feerateSatPerKvb: Sats;
  /** What a mempool asks of each transaction at least, satoshis a thousand vbytes. */
  readonly minFeerateSatPerKvb: Sats;
  /** What the child can pay: the value that it spends, without what its outputs need at least. */
  readonly payableMax: Sats;
}

export interface CpfpPlan {
  readonly childFee: Sats;
  readonly childFeerateSatPerKvb: Sats;
  readonly packageFeerateSatPerKvb: Sats;
}

/**
 * The fee of a child so that it and its unconfirmed ancestors pay a feerate together. Never less than the child's own size costs: parents
 * that pay more than asked for give it nothing.
 */
export function planCpfp(request: CpfpRequest): CpfpPlan | { readonly error: string } {
  const { ancestors, childVirtualSize, payableMax } = request;
  const packageSize = ancestors.size + childVirtualSize;
  const childFee = largest(
    feeFor(request.feerateSatPerKvb, packageSize) - ancestors.fee,
    feeFor(request.feerateSatPerKvb, childVirtualSize),
    feeFor(request.minFeerateSatPerKvb, childVirtualSize),
  );
  if (childFee > payableMax)
    return {
      error: `The child would have to pay ${childFee} satoshis, and what it spends leaves only ${payableMax} for its fee; choose a lower feerate or add a coin`,
    };
  return {
    childFee,
    childFeerateSatPerKvb: feerateSatPerKvb(childFee, childVirtualSize),
    packageFeerateSatPerKvb: feerateSatPerKvb(ancestors.fee + childFee, packageSize),
  };
}

function largest(...fees: readonly Sats[]): Sats {
  let most = fees[0]!;
  for (const fee of fees) if (fee > most) most = fee;
  return most;
}
