/** A wallet of plain values for tests of building. */
import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { totalValue } from "@bitfleet/protocol/consensus/amount.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import { outPointKey, type Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { Coin } from "../selection/coin.ts";
import { coinOf, script, seededRandom } from "../selection/test-kit.ts";
import { type BuildOutcome, type BuiltTransaction, isError } from "./build-request.ts";
import type { BumpableTransaction, BumpingWallet } from "./bump-request.ts";
import type { AddressType } from "./change-type.ts";
import { FEE_SETTINGS_DEFAULT, type NodeFees } from "./fee-policy.ts";
import type { ChainTip } from "./fee-sniping.ts";
import type { SpendingSettings } from "./spending-wallet.ts";

export const SETTINGS: SpendingSettings = {
  ...FEE_SETTINGS_DEFAULT,
  addressType: "bech32",
  changeType: undefined,
  spendsZeroConfirmationChange: true,
  avoidsPartialSpends: false,
  partialSpendsFeeMax: -1n,
  rejectsLongChains: true,
  ancestorCountMax: 25,
  descendantCountMax: 25,
};

export const NODE: NodeFees = {
  relayMinFeerateSatPerKvb: 100n,
  mempoolMinFeerateSatPerKvb: 100n,
  incrementalFeerateSatPerKvb: 100n,
  dustFeerateSatPerKvb: 3000n,
  estimateBlocksMax: 1008,
  estimate: () => ({ feerateSatPerKvb: undefined, reason: "None" }),
};

/** What every change of the test wallet pays to. */
export const CHANGE_SCRIPT = script(0xcc);
/** A witness key hash: 68 vbytes, a quarter less without rounding. */
export const P2WPKH_WEIGHT = 271;

export interface TestWalletParts {
  readonly coins?: readonly Coin[];
  /** Coins that are the wallet's and cannot be spent now: locked, spent. */
  readonly others?: readonly Coin[];
  readonly settings?: Partial<SpendingSettings>;
  readonly node?: Partial<NodeFees>;
  readonly tip?: Partial<ChainTip>;
  readonly seed?: number;
  readonly changeTypes?: readonly AddressType[];
  readonly changeError?: string;
  readonly spent?: readonly OutPoint[];
  readonly bumpFeeOf?: (outPoint: OutPoint) => Sats;
  readonly combinedBumpFee?: Sats;
  readonly bumpable?: BumpableTransaction;
}

/** Keeps count of what happened to reserved scripts. */
export interface TestWallet extends BumpingWallet {
  readonly reservations: { kept: number; released: number; types: AddressType[] };
}

export function testWallet(parts: TestWalletParts = {}): TestWallet {
  const { coins = [], others = [], bumpFeeOf = () => 0n } = parts;
  const own = [...coins, ...others];
  const same = (a: OutPoint) => (b: OutPoint) => outPointKey(a) === outPointKey(b);
  const reservations: TestWallet["reservations"] = { kept: 0, released: 0, types: [] };
  const coin = (outPoint: OutPoint) => own.find((one) => same(outPoint)(one.outPoint));
  return {
    settings: { ...SETTINGS, ...parts.settings },
    node: { ...NODE, ...parts.node },
    tip: { height: 200, ageSeconds: 0, isInitialBlockDownload: false, ...parts.tip },
    random: seededRandom(parts.seed ?? 1),
    secp256k1: portableSecp256k1,
    reservations,
    spendableCoins: () => coins,
    coin,
    isSpent: (outPoint) => parts.spent?.some(same(outPoint)) ?? false,
    hasChangeType: (type) => (parts.changeTypes ?? ["bech32"]).includes(type),
    reserveChange: (type) => {
      reservations.types.push(type);
      if (parts.changeError !== undefined) return { error: parts.changeError };
      const keep = () => void reservations.kept++;
      const release = () => void reservations.released++;
      return { scriptPubKey: CHANGE_SCRIPT, keep, release };
    },
    inputWeightOf: (scriptPubKey) => (equalBytes(scriptPubKey, CHANGE_SCRIPT) ? P2WPKH_WEIGHT : undefined),
    bumpFees: (outPoints) => outPoints.map(bumpFeeOf),
    combinedBumpFee: (outPoints) => parts.combinedBumpFee ?? outPoints.reduce((sum, one) => sum + bumpFeeOf(one), 0n),
    bumpable: () => parts.bumpable,
    isChange: ({ scriptPubKey }) => equalBytes(scriptPubKey, CHANGE_SCRIPT),
    unspentOutput: (outPoint) => coin(outPoint)?.output,
  };
}

/** Coins of a witness key hash with exact weights. */
export function walletCoins(...values: readonly Sats[]): readonly Coin[] {
  return values.map((value) => coinOf(value, { inputWeight: P2WPKH_WEIGHT }));
}

export function built(outcome: BuildOutcome): BuiltTransaction {
  if (isError(outcome)) throw new Error(outcome.error);
  return outcome;
}

export function errorOf(outcome: object): string {
  return "error" in outcome ? String(outcome.error) : "";
}

/** What the inputs bring, and where it goes. */
export function balanceOf({ coins, fields, fee }: BuiltTransaction): { readonly spent: Sats; readonly paid: Sats } {
  return { spent: totalValue(coins.map(({ output }) => output)), paid: totalValue(fields.outputs) + fee };
}
