import type { Transaction, TransactionFields } from "@bitfleet/protocol/primitives/transaction.ts";
import { transactionOf } from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import { type FilledPsbt, type FillOptions, fillPsbt, withPreviousTransactions } from "@bitfleet/wallet/psbt/fill.ts";
import { finalizePsbt } from "@bitfleet/wallet/psbt/finalize.ts";
import { keychainMaterials } from "@bitfleet/wallet/psbt/keychain-materials.ts";
import { createPsbt, type Psbt } from "@bitfleet/wallet/psbt/psbt.ts";
import type { PsbtFillError } from "@bitfleet/wallet/psbt/sign-input.ts";
import type { NodeWallet } from "../node-wallet.ts";

/** Adds what the wallet knows to a PSBT, and its signatures where that is asked for and its keys are at hand. */
export function fillFromWallet(psbt: Psbt, wallet: NodeWallet, options: Omit<FillOptions, "musigNonces">): FilledPsbt {
  const known = withPreviousTransactions(psbt, ({ txid }) => {
    const record = wallet.transaction(txid);
    return record && transactionOf(record);
  });
  const { musigNonces, deps } = wallet;
  return fillPsbt(known, keychainMaterials(wallet.keychain), { ...options, musigNonces }, deps.secp256k1);
}

/** What became of a transaction that the wallet signs as far as it can. */
export type SignedAsPsbt =
  | { readonly psbt: Psbt; readonly tx: Transaction | undefined }
  | { readonly error: PsbtFillError };

/** A transaction as PSBT with everything that the wallet knows of it, and its signatures; with `tx` where those are all. */
export function signAsPsbt(fields: TransactionFields, wallet: NodeWallet): SignedAsPsbt {
  const described = fillFromWallet(createPsbt(fields), wallet, { sign: false });
  const signed = fillFromWallet(described.psbt, wallet, { sign: true, bip32Derivs: false });
  if (signed.error !== undefined) return { error: signed.error };
  const { psbt, transaction: tx } = finalizePsbt(signed.psbt, wallet.deps.secp256k1);
  return { psbt, tx };
}
