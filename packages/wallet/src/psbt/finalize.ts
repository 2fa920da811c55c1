import { EMPTY_BYTES } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { SigningMaterial } from "../signing/signing-material.ts";
import type { Psbt } from "./psbt.ts";
import { isInputVerified, type PsbtSighashes, sighashesOf, signPsbtInput } from "./sign-input.ts";

export interface FinalizedPsbt {
  readonly psbt: Psbt;
  /** Every input is final and valid. */
  readonly complete: boolean;
}

const NO_MATERIAL = new SigningMaterial();

/** The finalizer (BIP174): makes scripts and witnesses of the signatures and preimages that inputs have. */
export function finalizePsbt(psbt: Psbt, secp256k1: Secp256k1): FinalizedPsbt {
  const sighashes = sighashesOf(psbt);
  if (sighashes === undefined) return { psbt, complete: false };
  const outcomes = psbt.inputs.map((input, index) => {
    const options = { sighashType: input.sighashType, finalize: true };
    return signPsbtInput(input, index, options, { sighashes, material: NO_MATERIAL, secp256k1 });
  });
  const inputs = outcomes.map(({ input }) => input);
  return { psbt: { ...psbt, inputs }, complete: outcomes.every(({ error }) => error === undefined) };
}

/** The extractor (BIP174): the transaction, ready for the network; `undefined` while an input is not final and valid. */
export function extractTransaction(psbt: Psbt, secp256k1: Secp256k1): Transaction | undefined {
  const sighashes = sighashesOf(psbt);
  if (sighashes === undefined) return undefined;
  const isReady = psbt.inputs.every((input, index) => isInputVerified(input, index, sighashes, secp256k1));
  return isReady ? signedTransaction(psbt, sighashes) : undefined;
}

function signedTransaction({ inputs }: Psbt, { tx }: PsbtSighashes): Transaction {
  const { version, outputs, lockTime } = tx;
  const signed = tx.inputs.map((input, index) => {
    const { finalScriptSig = EMPTY_BYTES, finalWitness = [] } = inputs[index]!;
    return { ...input, scriptSig: finalScriptSig, witness: finalWitness };
  });
  return new Transaction({ version, inputs: signed, outputs, lockTime });
}
