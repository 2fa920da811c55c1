import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import type { OutPoint, Transaction, TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats, Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { BuiltTransaction } from "./build-request.ts";
import type { FeeRequest } from "./fee-policy.ts";
import type { SpendingWallet } from "./spending-wallet.ts";

/** A transaction of the wallet whose fee is to be raised. */
export interface BumpableTransaction {
  readonly tx: Transaction;
  /** Confirmations; 0 for none, below 0 where a confirmed transaction conflicts with it. */
  readonly depth: number;
  readonly hasWalletDescendants: boolean;
  readonly hasMempoolDescendants: boolean;
  /** What replaced it already. */
  readonly replacedBy?: Txid | undefined;
}

/** What raising a fee asks of the wallet beyond building. */
export interface BumpingWallet extends SpendingWallet {
  /** `undefined` for transactions that are not the wallet's. */
  bumpable(txid: Txid): BumpableTransaction | undefined;
  /** Whether an output is the wallet's and at none of the addresses it gave away. */
  isChange(output: TxOutput): boolean;
  /** An output of chain or mempool that no confirmed transaction spends. */
  unspentOutput(outPoint: OutPoint): TxOutput | undefined;
  readonly secp256k1: Secp256k1;
}

export interface BumpRequest extends FeeRequest {
  readonly txid: Txid;
  /** In place of the old ones; the wallet's change among them takes what is left. */
  readonly outputs?: readonly TxOutput[] | undefined;
  /** Which of the old outputs is change, where the wallet cannot tell. */
  readonly originalChangeIndex?: number | undefined;
  /** Whether all inputs have to be the wallet's (`bumpfee`; not `psbtbumpfee`). */
  readonly requiresOwnInputs: boolean;
}

export interface BumpedTransaction extends BuiltTransaction {
  readonly oldFee: Sats;
}

/** What kind of error a message is, so that callers find its code. */
export type BumpErrorKind = "invalid-address-or-key" | "invalid-parameter" | "wallet" | "misc";

export interface BumpError {
  readonly error: string;
  readonly kind: BumpErrorKind;
}
