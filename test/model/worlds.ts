import { STANDARDNESS_DEFAULT } from "@bitfleet/protocol/policy/standardness.ts";
import { MEMPOOL_DEFAULTS, type MempoolOptions } from "../../packages/node/src/mempool/mempool-options.ts";

/** Conditions under which a random life is led. */
export interface World {
  readonly name: string;
  readonly options: MempoolOptions;
  /** Clusters may grow beyond what can be told exactly. */
  readonly growsClusters?: boolean;
}

const HOUR_SECONDS = 3600;

/** A seed lives in one of them, one after the other. */
export const WORLDS: readonly World[] = [
  {
    name: "small",
    options: {
      ...MEMPOOL_DEFAULTS,
      usageBytesMax: 48_000,
      clusterCountMax: 8,
      clusterVirtualSizeMax: 6000,
      expirySeconds: 6 * HOUR_SECONDS,
      standardness: { ...STANDARDNESS_DEFAULT, dataCarrierSizeMax: 1600 },
    },
  },
  { name: "roomy", options: { ...MEMPOOL_DEFAULTS, clusterCountMax: 11, expirySeconds: 24 * HOUR_SECONDS } },
  {
    name: "full",
    options: {
      ...MEMPOOL_DEFAULTS,
      usageBytesMax: 24_000,
      clusterCountMax: 5,
      clusterVirtualSizeMax: 3000,
      expirySeconds: 3 * HOUR_SECONDS,
    },
  },
  {
    name: "free",
    options: {
      ...MEMPOOL_DEFAULTS,
      usageBytesMax: 60_000,
      minRelayFeerateSatPerKvb: 0n,
      incrementalFeerateSatPerKvb: 300n,
      clusterCountMax: 6,
      expirySeconds: 12 * HOUR_SECONDS,
    },
  },
  { name: "default", options: MEMPOOL_DEFAULTS, growsClusters: true },
  {
    name: "tasteless",
    options: {
      ...MEMPOOL_DEFAULTS,
      requiresStandard: false,
      // A replacement may pay the same.
      incrementalFeerateSatPerKvb: 0n,
      minRelayFeerateSatPerKvb: 50n,
      usageBytesMax: 80_000,
      clusterCountMax: 9,
      expirySeconds: 12 * HOUR_SECONDS,
    },
  },
];
