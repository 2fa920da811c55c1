import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import { feerateSetting } from "./mempool.ts";
import type { SettingSources } from "./settings.ts";
import { booleanSetting } from "./values.ts";

export interface FeeConfig {
  /** `-acceptstalefeeestimates` */
  readonly acceptsStaleFile: boolean;
  /** `-fallbackfee`, satoshis a thousand vbytes; 0 for none. */
  readonly fallbackFeerateSatPerKvb: Sats;
}

/** A feerate above it is hardly meant: 0.01 coins a thousand vbytes. */
const FEERATE_HIGH_SAT_PER_KVB = 1_000_000n;

/** How fees are estimated and advised. What is doubtful goes to `notes`, for the log. Throws `ConfigError` in Core's words. */
export function feeConfigOf(sources: SettingSources, notes: string[]): FeeConfig {
  const fallbackFeerateSatPerKvb = feerateSetting(sources, "fallbackfee") ?? 0n;
  if (fallbackFeerateSatPerKvb > FEERATE_HIGH_SAT_PER_KVB) {
    const meaning = "This is the transaction fee you may pay when fee estimates are not available.";
    notes.push(`-fallbackfee is set very high! ${meaning}`);
  }
  return {
    acceptsStaleFile: booleanSetting(sources, "acceptstalefeeestimates") ?? false,
    fallbackFeerateSatPerKvb,
  };
}
