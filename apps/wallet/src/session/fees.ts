import { FEE_SETTINGS_DEFAULT, type NodeFees } from "@bitfleet/wallet/building/fee-policy.ts";
import type { SpendingSettings } from "@bitfleet/wallet/building/spending-wallet.ts";
import type { ServerFees } from "../network/chain-source.ts";
import type { FeeChoice, FeeChoices } from "./account.ts";

/** What a server says of fees, for people and for building. */

/** Blocks until a payment is confirmed, by choice. */
const TARGETS = { slow: 144, usual: 6, fast: 1 } as const;
/** As every node has it, in satoshis for 1000 vbytes. */
const DUST_FEERATE = 3_000n;
const FEERATE_DEFAULT = 1_000n;

/** What is taken to hold while no server can be asked: what nodes had for long. */
export const FEES_UNKNOWN: ServerFees = {
  estimates: [],
  minimumSatPerKvb: FEERATE_DEFAULT,
  relaySatPerKvb: FEERATE_DEFAULT,
  incrementalSatPerKvb: FEERATE_DEFAULT,
  blockSeconds: undefined,
};

export function feeChoicesOf(fees: ServerFees): FeeChoices {
  const { minimumSatPerKvb } = fees;
  return {
    slow: choiceOf(fees, TARGETS.slow),
    usual: choiceOf(fees, TARGETS.usual),
    fast: choiceOf(fees, TARGETS.fast),
    minimumSatPerKvb,
  };
}

/** The estimate for so many blocks, or for the most below that are told of; for the soonest where all are later. */
function choiceOf({ estimates, minimumSatPerKvb, blockSeconds }: ServerFees, blocks: number): FeeChoice {
  const sorted = [...estimates].sort((a, b) => a.blocks - b.blocks);
  const estimate = sorted.findLast((one) => one.blocks <= blocks) ?? sorted[0];
  const target = estimate === undefined ? blocks : Math.max(estimate.blocks, Math.min(blocks, estimate.blocks));
  const feerateSatPerKvb = estimate === undefined ? minimumSatPerKvb : max(estimate.feerateSatPerKvb, minimumSatPerKvb);
  return {
    feerateSatPerKvb,
    blocks: target,
    seconds: blockSeconds === undefined ? undefined : Math.round(target * blockSeconds),
    isEstimate: estimate !== undefined,
  };
}

const max = (a: bigint, b: bigint) => (a > b ? a : b);

/** The same as building asks for it. */
export function nodeFeesOf(fees: ServerFees): NodeFees {
  const sorted = [...fees.estimates].sort((a, b) => a.blocks - b.blocks);
  return {
    relayMinFeerateSatPerKvb: fees.relaySatPerKvb,
    mempoolMinFeerateSatPerKvb: fees.minimumSatPerKvb,
    incrementalFeerateSatPerKvb: fees.incrementalSatPerKvb,
    dustFeerateSatPerKvb: DUST_FEERATE,
    estimateBlocksMax: sorted.at(-1)?.blocks ?? 0,
    estimate: (blocks) => {
      const one = sorted.findLast((each) => each.blocks <= blocks) ?? sorted[0];
      return { feerateSatPerKvb: one?.feerateSatPerKvb, reason: "None" };
    },
  };
}

/** How the app's wallets spend. Each payment names its feerate, and the server says what is relayed. */
export const SPENDING_SETTINGS: SpendingSettings = {
  ...FEE_SETTINGS_DEFAULT,
  minFeerateSatPerKvb: 0n,
  addressType: "bech32m",
  changeType: undefined,
  spendsZeroConfirmationChange: true,
  avoidsPartialSpends: false,
  partialSpendsFeeMax: 0n,
  rejectsLongChains: true,
  ancestorCountMax: 25,
  descendantCountMax: 25,
};
