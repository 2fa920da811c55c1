import type { OutPoint, TransactionFields, TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { Coin } from "../selection/coin.ts";
import type { CoinFilter } from "../selection/coin-filter.ts";
import type { SelectionAlgorithm } from "../selection/selection.ts";
import type { AddressType } from "./change-type.ts";
import type { FeeRequest, Feerate } from "./fee-policy.ts";
import type { TransactionSize } from "./transaction-size.ts";

/** One payment. */
export interface Recipient {
  readonly scriptPubKey: Uint8Array;
  readonly amount: Sats;
  /** Whether it pays its share of the fee. */
  readonly subtractsFee?: boolean;
}

/** An input that is to be spent in any case. */
export interface PreselectedInput {
  readonly outPoint: OutPoint;
  /** The output, where it is not the wallet's, and what is known of spending it. */
  readonly external?: ExternalOutput | undefined;
  /** Weight units of the whole input when signed, where the user knows better. */
  readonly weight?: number | undefined;
  /** Given by the user: no lock time is chosen then. */
  readonly sequence?: number | undefined;
  /** What satisfied the input before, kept as it is. */
  readonly scriptSig?: Uint8Array | undefined;
  readonly witness?: readonly Uint8Array[] | undefined;
}

export interface ExternalOutput {
  readonly output: TxOutput;
  /** In a transaction with witnesses (`maxInputWeight`), from solving data; signatures of others are reckoned with at their largest. */
  readonly inputWeight?: number | undefined;
  readonly isSegwit: boolean;
}

/** Which coins may be added. */
export interface CoinControl extends CoinFilter {
  /** Whether coins may be added to preselected ones; yes unless told. */
  readonly allowsOtherInputs?: boolean | undefined;
  /** Spends all coins of a script or none; the wallet's setting where absent. */
  readonly avoidsPartialSpends?: boolean | undefined;
}

/** A transaction to be built. */
export interface BuildRequest extends FeeRequest, CoinControl {
  /** In the order of the outputs. */
  readonly recipients: readonly Recipient[];
  /** In the order of the inputs, before all others. */
  readonly preselected?: readonly PreselectedInput[] | undefined;
  /** Where change goes; a script of the wallet where absent. */
  readonly changeScript?: Uint8Array | undefined;
  /** The type of that script; not looked at with {@link changeScript}. */
  readonly changeType?: AddressType | undefined;
  /** Among the outputs; random where absent. */
  readonly changePosition?: number | undefined;
  /** 2 unless told. */
  readonly version?: number | undefined;
  /** As it is; where absent, one against fee sniping. */
  readonly lockTime?: number | undefined;
  /** Weight units of the whole transaction; the standard limit where absent. */
  readonly weightMax?: number | undefined;
}

/** A transaction that waits to be signed. */
export interface BuiltTransaction {
  readonly fields: TransactionFields;
  readonly fee: Sats;
  readonly changeIndex: number | undefined;
  /** What each input spends. */
  readonly coins: readonly Coin[];
  readonly feerate: Feerate;
  /** At most, once it is signed. */
  readonly size: TransactionSize;
  readonly algorithm: SelectionAlgorithm;
  readonly waste: Sats;
  /** Where spending all coins of a script together was tried too: the fees without and with that, and whether it is done. */
  readonly grouping?: { readonly fee: Sats; readonly groupedFee: Sats; readonly isGrouped: boolean };
}

/** Why there is no transaction, in Core's words. */
export interface BuildError {
  readonly error: string;
}

export type BuildOutcome = BuiltTransaction | BuildError;

export function isError<Value extends object>(outcome: Value | BuildError): outcome is BuildError {
  return "error" in outcome;
}
