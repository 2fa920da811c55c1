import { formatMoney } from "../consensus/amount.ts";
import { displayHash, type Sats, type Txid } from "../primitives/types.ts";
import { feeFor } from "./feerate.ts";

/** Clusters that a replacement may conflict with: each has to be put in order anew. */
export const REPLACED_CLUSTERS_MAX = 100;

export interface ReplacementFees {
  /** Of all that is replaced. */
  readonly replaced: Sats;
  /** Of what replaces it. */
  readonly replacing: Sats;
  readonly replacingVirtualSize: number;
  /** `-incrementalrelayfee`, satoshis a thousand vbytes. */
  readonly incrementalFeerateSatPerKvb: Sats;
}

/**
 * BIP125, rules 3 and 4: why a replacement does not pay enough, or `undefined`. It pays no less than what it replaces, and
 * for its own way through the network on top. `txid` is named in the text.
 */
export function replacementShortfall(fees: ReplacementFees, txid: Txid): string | undefined {
  const name = `rejecting replacement ${displayHash(txid)}`;
  if (fees.replacing < fees.replaced) {
    return `${name}, less fees than conflicting txs; ${formatMoney(fees.replacing)} < ${formatMoney(fees.replaced)}`;
  }
  const additional = fees.replacing - fees.replaced;
  const relayFee = feeFor(fees.incrementalFeerateSatPerKvb, fees.replacingVirtualSize);
  if (additional >= relayFee) return undefined;
  return `${name}, not enough additional fees to relay; ${formatMoney(additional)} < ${formatMoney(relayFee)}`;
}
