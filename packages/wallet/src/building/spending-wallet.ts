import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { Coin } from "../selection/coin.ts";
import type { RandomSource } from "../selection/random.ts";
import type { AddressType, ChangeTypeSettings } from "./change-type.ts";
import type { FeeSettings, NodeFees } from "./fee-policy.ts";
import type { ChainTip } from "./fee-sniping.ts";

/** What a wallet is set to about spending. */
export interface SpendingSettings extends FeeSettings, ChangeTypeSettings {
  /** `-spendzeroconfchange` */
  readonly spendsZeroConfirmationChange: boolean;
  /** `-avoidpartialspends` */
  readonly avoidsPartialSpends: boolean;
  /** `-maxapsfee`: what spending all coins of a script together may cost beyond spending some, satoshis; below 0 never tries. */
  readonly partialSpendsFeeMax: Sats;
  /** `-walletrejectlongchains` */
  readonly rejectsLongChains: boolean;
  /** `-limitancestorcount` and `-limitdescendantcount`: coins with families below these are tried first. */
  readonly ancestorCountMax: number;
  readonly descendantCountMax: number;
}

/** A script for change, kept back for a transaction until it is known whether that comes to be. */
export interface ChangeReservation {
  readonly scriptPubKey: Uint8Array;
  /** It is used: nobody gets it again. */
  keep(): void;
  /** It was not needed. */
  release(): void;
}

/** All that building a transaction asks of a wallet and its node. Answers come at once and do not change meanwhile. */
export interface SpendingWallet {
  readonly settings: SpendingSettings;
  readonly node: NodeFees;
  readonly tip: ChainTip;
  readonly random: RandomSource;

  /** What nobody spends: confirmed and mature or in the mempool, and not locked by the user. Safe or not, whatever its depth. */
  spendableCoins(): readonly Coin[];
  /** An output that is the wallet's, spent or not; `undefined` for those of others. */
  coin(outPoint: OutPoint): Coin | undefined;
  /** Whether a transaction of the wallet that still counts spends the output. */
  isSpent(outPoint: OutPoint): boolean;

  /** Whether the wallet has an active internal descriptor of the type. */
  hasChangeType(type: AddressType): boolean;
  /** A script for change; the message of Core's keypool where there is none. */
  reserveChange(type: AddressType): ChangeReservation | { readonly error: string };
  /** Weight units of an input that spends this script, in a transaction with witnesses (`maxInputWeight`); `undefined` where the wallet cannot spend it. */
  inputWeightOf(scriptPubKey: Uint8Array): number | undefined;

  /** What the unconfirmed ancestors of each of these outputs lack to a feerate; 0 for confirmed ones. */
  bumpFees(outPoints: readonly OutPoint[], feerateSatPerKvb: Sats): readonly Sats[];
  /** The same for all of them together; `undefined` where they are too many to tell. */
  combinedBumpFee(outPoints: readonly OutPoint[], feerateSatPerKvb: Sats): Sats | undefined;
}
