import type { Transaction, TransactionFields } from "@bitfleet/protocol/primitives/transaction.ts";
import { templateOf } from "@bitfleet/protocol/script/templates.ts";
import { keyIdOf } from "@bitfleet/wallet/keys/keys.ts";
import { transactionOf } from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import {
  type FilledPsbt,
  type FillOptions,
  fillPsbt,
  type PsbtMaterials,
  withPreviousTransactions,
} from "@bitfleet/wallet/psbt/fill.ts";
import { finalizePsbt } from "@bitfleet/wallet/psbt/finalize.ts";
import { createPsbt, type Psbt, type PsbtInput } from "@bitfleet/wallet/psbt/psbt.ts";
import type { PsbtFillError } from "@bitfleet/wallet/psbt/sign-input.ts";
import { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import type { NodeWallet } from "../node-wallet.ts";

/** Adds what the wallet knows to a PSBT, and its signatures where that is asked for and its keys are at hand. */
export function fillFromWallet(psbt: Psbt, wallet: NodeWallet, options: Omit<FillOptions, "musigNonces">): FilledPsbt {
  const known = withPreviousTransactions(psbt, ({ txid }) => {
    const record = wallet.transaction(txid);
    return record && transactionOf(record);
  });
  const { musigNonces, deps } = wallet;
  return fillPsbt(known, walletMaterials(wallet), { ...options, musigNonces }, deps.secp256k1);
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

function walletMaterials({ keychain }: NodeWallet): PsbtMaterials {
  return {
    forInput: (script, input) => {
      const found = new SigningMaterial();
      const own = keychain.materialFor(script, { includePrivate: true });
      if (own !== undefined) found.merge(own);
      // Somebody else's script may still ask for a key of ours.
      const add = (publicKey: Uint8Array) => {
        const forKey = keychain.materialForKey(publicKey);
        if (forKey !== undefined) found.merge(forKey);
      };
      for (const { publicKey } of input.derivations.values()) {
        if (!found.privateKeys.has(keyIdOf(publicKey))) add(publicKey);
      }
      for (const x of pointsOf(script, input)) {
        if (found.privateKeyOfXOnly(x) !== undefined) continue;
        for (const parity of [2, 3]) add(Uint8Array.of(parity, ...x));
      }
      return found;
    },
    forOutput: (script) => keychain.materialFor(script, { includePrivate: false }),
  };
}

/** Keys of which only x is told that a taproot input is known to ask for. */
function pointsOf(script: Uint8Array, { taprootDerivations }: PsbtInput): readonly Uint8Array[] {
  const template = templateOf(script);
  const points = [...taprootDerivations.values()].map(({ xOnlyKey }) => xOnlyKey);
  return template.type === "witness_v1_taproot" ? [...points, template.outputKey] : points;
}
