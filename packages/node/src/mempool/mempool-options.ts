import { BYTES_PER_SIGOP_DEFAULT } from "@bitfleet/protocol/policy/feerate.ts";
import { STANDARDNESS_DEFAULT, type StandardnessOptions } from "@bitfleet/protocol/policy/standardness.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";

/** What the mempool takes and how much of it. */
export interface MempoolOptions {
  readonly standardness: StandardnessOptions;
  /** False with `-acceptnonstdtxn`. */
  readonly requiresStandard: boolean;
  /** `-bytespersigop` */
  readonly bytesPerSigop: number;
  /** `-minrelaytxfee`, satoshis a thousand vbytes. */
  readonly minRelayFeerateSatPerKvb: Sats;
  /** `-incrementalrelayfee`, satoshis a thousand vbytes. */
  readonly incrementalFeerateSatPerKvb: Sats;
  /** `-maxmempool`: memory, as {@link usageOf} reckons it. */
  readonly usageBytesMax: number;
  /** `-mempoolexpiry` */
  readonly expirySeconds: number;
  /** `-limitclustercount`: transactions that depend on one another, in whatever way. */
  readonly clusterCountMax: number;
  /** `-limitclustersize`, in vbytes. */
  readonly clusterVirtualSizeMax: number;
}

export const MEMPOOL_DEFAULTS: MempoolOptions = {
  standardness: STANDARDNESS_DEFAULT,
  requiresStandard: true,
  bytesPerSigop: BYTES_PER_SIGOP_DEFAULT,
  minRelayFeerateSatPerKvb: 100n,
  incrementalFeerateSatPerKvb: 100n,
  usageBytesMax: 300_000_000,
  expirySeconds: 336 * 60 * 60,
  clusterCountMax: 64,
  clusterVirtualSizeMax: 101_000,
};
