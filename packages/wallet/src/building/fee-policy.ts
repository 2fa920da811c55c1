import { feeFor } from "@bitfleet/protocol/policy/feerate.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";

/** What a wallet is set to about fees. Feerates in satoshis a thousand vbytes. */
export interface FeeSettings {
  /** `-mintxfee` */
  readonly minFeerateSatPerKvb: Sats;
  /** `-fallbackfee`: where nothing can be estimated; 0 for never. */
  readonly fallbackFeerateSatPerKvb: Sats;
  /** `-discardfee`: change that costs more to spend at this feerate goes to the fee. */
  readonly discardFeerateSatPerKvb: Sats;
  /** `-consolidatefeerate`: what spending some day is reckoned to cost. */
  readonly longTermFeerateSatPerKvb: Sats;
  /** `-txconfirmtarget`, blocks. */
  readonly confirmationTarget: number;
  /** `-walletrbf` */
  readonly signalsReplacement: boolean;
  /** `-maxtxfee`, satoshis. */
  readonly feeMax: Sats;
}

export const FEE_SETTINGS_DEFAULT: FeeSettings = {
  minFeerateSatPerKvb: 1000n,
  fallbackFeerateSatPerKvb: 0n,
  discardFeerateSatPerKvb: 10_000n,
  longTermFeerateSatPerKvb: 10_000n,
  confirmationTarget: 6,
  signalsReplacement: true,
  feeMax: 10_000_000n,
};

export type EstimateMode = "economical" | "conservative";

/** What the node says about fees now. Feerates in satoshis a thousand vbytes. */
export interface NodeFees {
  /** `-minrelaytxfee` */
  readonly relayMinFeerateSatPerKvb: Sats;
  /** What the mempool asks for at least. */
  readonly mempoolMinFeerateSatPerKvb: Sats;
  /** `-incrementalrelayfee` */
  readonly incrementalFeerateSatPerKvb: Sats;
  /** `-dustrelayfee` */
  readonly dustFeerateSatPerKvb: Sats;
  /** The farthest target that can be estimated, blocks. */
  readonly estimateBlocksMax: number;
  /** No feerate where too little is known; `reason` in the words of `estimatesmartfee`'s log. */
  estimate(
    blocks: number,
    mode: EstimateMode,
  ): { readonly feerateSatPerKvb: Sats | undefined; readonly reason: string };
}

/** How a transaction is to be paid: by an explicit feerate, else by an estimate, else by the fallback. */
export interface FeeRequest {
  readonly feerateSatPerKvb?: Sats | undefined;
  /** With an explicit feerate: no minimum holds. */
  readonly overridesMinimum?: boolean | undefined;
  /** Blocks; the wallet's target where absent. */
  readonly confirmationTarget?: number | undefined;
  /** Economical where the transaction is replaceable, conservative where not, unless told. */
  readonly estimateMode?: EstimateMode | undefined;
  /** Opts in to replacement (BIP125); the wallet's setting where absent. */
  readonly replaceable?: boolean | undefined;
}

/** Why a feerate is what it is, in the words of `fee_reason`: those of an estimate, or one of these. */
export const FeeReason = {
  none: "None",
  fallback: "Fallback fee",
  mempoolMin: "Mempool Min Fee",
  required: "Minimum Required Fee",
} as const;

export interface Feerate {
  readonly feerateSatPerKvb: Sats;
  readonly reason: string;
}

export const FALLBACK_DISABLED =
  "Fee estimation failed. Fallbackfee is disabled. Wait a few blocks or enable -fallbackfee.";

const larger = (a: Sats, b: Sats): Sats => (a > b ? a : b);
const smaller = (a: Sats, b: Sats): Sats => (a < b ? a : b);

/** Below this no transaction of the wallet pays. */
export function requiredFeerate(settings: FeeSettings, node: NodeFees): Sats {
  return larger(settings.minFeerateSatPerKvb, node.relayMinFeerateSatPerKvb);
}

/** The fee of {@link requiredFeerate} for a size in vbytes. */
export function requiredFee(settings: FeeSettings, node: NodeFees, virtualSize: number): Sats {
  return feeFor(requiredFeerate(settings, node), virtualSize);
}

/**
 * The feerate that is asked for, raised to what wallet and mempool ask for at least. 0 with the reason of the fallback where nothing
 * can be estimated and no fallback is set.
 */
export function minimumFeerate(request: FeeRequest, settings: FeeSettings, node: NodeFees): Feerate {
  let chosen: Feerate;
  if (request.feerateSatPerKvb !== undefined) {
    chosen = { feerateSatPerKvb: request.feerateSatPerKvb, reason: FeeReason.none };
    if (request.overridesMinimum) return chosen;
  } else {
    chosen = estimatedFeerate(request, settings, node);
    if (chosen.feerateSatPerKvb === 0n) return chosen;
  }
  const required = requiredFeerate(settings, node);
  return required > chosen.feerateSatPerKvb ? { feerateSatPerKvb: required, reason: FeeReason.required } : chosen;
}

function estimatedFeerate(request: FeeRequest, settings: FeeSettings, node: NodeFees): Feerate {
  const isReplaceable = request.replaceable ?? settings.signalsReplacement;
  const mode = request.estimateMode ?? (isReplaceable ? "economical" : "conservative");
  const estimate = node.estimate(request.confirmationTarget ?? settings.confirmationTarget, mode);
  let chosen: Feerate = { feerateSatPerKvb: estimate.feerateSatPerKvb ?? 0n, reason: estimate.reason };
  if (chosen.feerateSatPerKvb === 0n) {
    chosen = { feerateSatPerKvb: settings.fallbackFeerateSatPerKvb, reason: FeeReason.fallback };
    if (chosen.feerateSatPerKvb === 0n) return chosen;
  }
  const least = node.mempoolMinFeerateSatPerKvb;
  return chosen.feerateSatPerKvb < least ? { feerateSatPerKvb: least, reason: FeeReason.mempoolMin } : chosen;
}

/**
 * The feerate for a transaction, or why there is none: an explicit one that is too low is not raised behind the user's back, and
 * without estimate and fallback nobody knows one.
 */
export function feerateFor(
  request: FeeRequest,
  settings: FeeSettings,
  node: NodeFees,
): Feerate | { readonly error: string } {
  const chosen = minimumFeerate(request, settings, node);
  const explicit = request.feerateSatPerKvb;
  if (explicit !== undefined && chosen.feerateSatPerKvb > explicit)
    return { error: tooLow(explicit, chosen, settings, node) };
  const isFallbackOff = chosen.reason === FeeReason.fallback && settings.fallbackFeerateSatPerKvb === 0n;
  return isFallbackOff ? { error: FALLBACK_DISABLED } : chosen;
}

function tooLow(explicit: Sats, least: Feerate, settings: FeeSettings, node: NodeFees): string {
  const text = `Fee rate (${satPerVbText(explicit)}) is lower than the minimum fee rate setting (${satPerVbText(least.feerateSatPerKvb)}).`;
  if (least.reason !== FeeReason.required) return text;
  const own = satPerVbText(settings.minFeerateSatPerKvb);
  const relay = satPerVbText(node.relayMinFeerateSatPerKvb);
  return `${text}\nConsider modifying -mintxfee (${own}) or -minrelaytxfee (${relay}).`;
}

/** A feerate as messages show it: `1.000 sat/vB`. */
export function satPerVbText(feerateSatPerKvb: Sats): string {
  return `${feerateSatPerKvb / 1000n}.${(feerateSatPerKvb % 1000n).toString().padStart(3, "0")} sat/vB`;
}

/** The feerate at which change must be worth spending: the least that could ever confirm, within the wallet's setting, above dust. */
export function discardFeerate(settings: FeeSettings, node: NodeFees): Sats {
  const farthest = node.estimate(node.estimateBlocksMax, "economical").feerateSatPerKvb ?? 0n;
  const own = settings.discardFeerateSatPerKvb;
  return larger(farthest === 0n ? own : smaller(farthest, own), node.dustFeerateSatPerKvb);
}
