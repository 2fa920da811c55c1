import { EMPTY_BYTES } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { SigningMaterial } from "../signing/signing-material.ts";
import { allAtOnce, type Steps } from "../steps.ts";
import type { Psbt, PsbtInput } from "./psbt.ts";
import { type InputOutcome, sighashesOf, signPsbtInput } from "./sign-input.ts";

export interface FinalizedPsbt {
  readonly psbt: Psbt;
  /** Every input is final. Those that were so before are taken at their word, as in Core; the network will verify them. */
  readonly complete: boolean;
  /** Ready for the network; `undefined` where it is not complete. */
  readonly transaction: Transaction | undefined;
}

const NO_MATERIAL = new SigningMaterial();

/** The finalizer (BIP174): makes scripts and witnesses of the signatures and preimages that inputs have. */
export function finalizePsbt(psbt: Psbt, secp256k1: Secp256k1): FinalizedPsbt {
  return allAtOnce(finalizingSteps(psbt, secp256k1));
}

/** {@link finalizePsbt}, a step for each input. */
export function* finalizingSteps(psbt: Psbt, secp256k1: Secp256k1): Steps<FinalizedPsbt> {
  const sighashes = sighashesOf(psbt);
  if (sighashes === undefined) return { psbt, complete: false, transaction: undefined };
  const outcomes: InputOutcome[] = [];
  for (const [index, input] of psbt.inputs.entries()) {
    const options = { sighashType: input.sighashType, finalize: true };
    outcomes.push(signPsbtInput(input, index, options, { sighashes, material: NO_MATERIAL, secp256k1 }));
    yield { work: "check", done: outcomes.length, total: psbt.inputs.length };
  }
  const inputs = outcomes.map(({ input }) => input);
  const complete = outcomes.every(({ error }) => error === undefined);
  const transaction = complete ? signedTransaction(sighashes.tx, inputs) : undefined;
  return { psbt: { ...psbt, inputs }, complete, transaction };
}

/** The extractor (BIP174): the transaction, ready for the network; `undefined` while an input lacks something. */
export function extractTransaction(psbt: Psbt, secp256k1: Secp256k1): Transaction | undefined {
  return finalizePsbt(psbt, secp256k1).transaction;
}

function signedTransaction(
  { version, outputs, lockTime, inputs: unsigned }: Transaction,
  inputs: readonly PsbtInput[],
): Transaction {
  const signed = unsigned.map((input, index) => {
    const { finalScriptSig = EMPTY_BYTES, finalWitness = [] } = inputs[index]!;
    return { ...input, scriptSig: finalScriptSig, witness: finalWitness };
  });
  return new Transaction({ version, inputs: signed, outputs, lockTime });
}
