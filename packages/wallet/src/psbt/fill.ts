import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import type { OutPoint, Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { witnessProgramOf } from "@bitfleet/protocol/script/script.ts";
import { SighashType } from "@bitfleet/protocol/script/sighash.ts";
import type { MusigNonces } from "../signing/musig-nonces.ts";
import { withMusig } from "../signing/musig-signer.ts";
import { produceSignature } from "../signing/produce-signature.ts";
import { placeholderMaker, type SignatureMaker } from "../signing/signature-maker.ts";
import { SigningMaterial } from "../signing/signing-material.ts";
import { allAtOnce, type Steps } from "../steps.ts";
import { isFinalInput } from "./codec.ts";
import type { Psbt, PsbtInput, PsbtOutput } from "./psbt.ts";
import {
  isInputVerified,
  type PsbtFillError,
  type PsbtSighashes,
  sighashesOf,
  signPsbtInput,
  spentOutputOf,
} from "./sign-input.ts";
import { outputWithSignatureData, signatureDataOfOutput } from "./signature-fields.ts";

/** Where what is known of scripts and keys comes from: of each input and output what concerns it, or `undefined`. */
export interface PsbtMaterials {
  /** `scriptPubKey` is that of the output that the input spends. */
  forInput(scriptPubKey: Uint8Array, input: PsbtInput): SigningMaterial | undefined;
  forOutput(scriptPubKey: Uint8Array, output: PsbtOutput): SigningMaterial | undefined;
}

/** The same for all of them. */
export function sameMaterial(material: SigningMaterial): PsbtMaterials {
  return { forInput: () => material, forOutput: () => material };
}

export interface FillOptions {
  /** Whether to use private keys. Default: true. */
  readonly sign?: boolean;
  /** What signatures leave open. Where it is not told: DEFAULT in taproot, ALL elsewhere; another one has to be told. */
  readonly sighashType?: number | undefined;
  /** Whether to add where keys come from. Default: true. */
  readonly bip32Derivs?: boolean;
  /** Whether to make final scripts and witnesses where all signatures are there. Default: true. */
  readonly finalize?: boolean;
  /**
   * Where secret nonces are between rounds (BIP327), for the next call with what has come back from the others. Without it
   * this signer makes no nonces and no partial signatures.
   */
  readonly musigNonces?: MusigNonces | undefined;
}

export interface FilledPsbt {
  readonly psbt: Psbt;
  /** Every input is final and valid. */
  readonly complete: boolean;
  /** Why nothing was done: `psbt` is what was given. That an input lacks something is no error. */
  readonly error?: PsbtFillError;
}

/**
 * Updater, signer and finalizer in one (BIP174), as Core's wallets and calls have them: adds to inputs and outputs the
 * scripts, trees and origins that `materials` knows of, signs what they have keys for, and leaves out spent transactions
 * that no signer needs any more. Inputs of which the spent output is not told stay as they are:
 * {@link withPreviousTransactions} goes first.
 */
export function fillPsbt(psbt: Psbt, materials: PsbtMaterials, options: FillOptions, secp256k1: Secp256k1): FilledPsbt {
  return allAtOnce(fillingSteps(psbt, materials, options, secp256k1));
}

/** {@link fillPsbt}, a step for each input, and one for each that is checked in the end. */
export function* fillingSteps(
  psbt: Psbt,
  materials: PsbtMaterials,
  { sign = true, sighashType, bip32Derivs = true, finalize = true, musigNonces }: FillOptions,
  secp256k1: Secp256k1,
): Steps<FilledPsbt> {
  const sighashes = sighashesOf(psbt);
  if (sighashes === undefined) return { psbt, complete: false, error: "invalid-tx" };
  const show = materialFilter({ secrets: sign, origins: bip32Derivs });
  const inputs: PsbtInput[] = [];
  for (const [index, input] of psbt.inputs.entries()) {
    const script = spentOutputOf(input)?.scriptPubKey;
    if (script === undefined || isFinalInput(input)) {
      inputs.push(input);
      continue;
    }
    const material = show(materials.forInput(script, input) ?? NO_MATERIAL);
    const deps = { sighashes, material, secp256k1, musigNonces };
    const done = signPsbtInput(input, index, { sighashType, finalize }, deps);
    if (done.error !== undefined && done.error !== "incomplete") return { psbt, complete: false, error: done.error };
    inputs.push(done.input);
    yield { work: sign ? "sign" : "check", done: inputs.length, total: psbt.inputs.length };
  }
  const showToAll = materialFilter({ secrets: false, origins: bip32Derivs });
  const outputs = psbt.outputs.map((output) => {
    const material = materials.forOutput(output.scriptPubKey, output);
    return material === undefined ? output : updatedOutput(output, showToAll(material), secp256k1);
  });
  const filled = withoutNeedlessTransactions({ ...psbt, inputs, outputs });
  return { psbt: filled, complete: yield* verifyingSteps(filled, sighashes, secp256k1) };
}

const NO_MATERIAL = new SigningMaterial();

/** Whether every input is final and valid. */
function* verifyingSteps({ inputs }: Psbt, sighashes: PsbtSighashes, secp256k1: Secp256k1): Steps<boolean> {
  for (const [index, input] of inputs.entries()) {
    if (!isInputVerified(input, index, sighashes, secp256k1)) return false;
    yield { work: "check", done: index + 1, total: inputs.length };
  }
  return true;
}

/** Of materials what may be used; each is filtered once. */
function materialFilter(shown: {
  readonly secrets: boolean;
  readonly origins: boolean;
}): (material: SigningMaterial) => SigningMaterial {
  if (shown.secrets && shown.origins) return (material) => material;
  const filtered = new Map<SigningMaterial, SigningMaterial>();
  return (material) => {
    const known = filtered.get(material);
    if (known !== undefined) return known;
    const part = new SigningMaterial();
    part.merge(material);
    if (!shown.secrets) part.privateKeys.clear();
    if (!shown.origins) {
      part.origins.clear();
      part.musigParticipants.clear();
    }
    filtered.set(material, part);
    return part;
  };
}

/** Signs nothing: outputs are looked at for what spending them would take. */
const NO_SIGNATURES: SignatureMaker = {
  checker: placeholderMaker().checker,
  signEcdsa: () => undefined,
  signSchnorr: () => undefined,
};

/** The updater (BIP174) of an output: with the scripts, trees and origins that `material` knows of. */
export function updatedOutput(
  output: PsbtOutput,
  material: SigningMaterial,
  secp256k1: Pick<Secp256k1, "isPublicKey">,
): PsbtOutput {
  const data = signatureDataOfOutput(output);
  produceSignature(output.scriptPubKey, data, material, withMusig(NO_SIGNATURES, data, material, undefined));
  return outputWithSignatureData(output, data, secp256k1);
}

/** With the whole transactions that inputs spend from, where `find` knows them; final inputs need none. */
export function withPreviousTransactions(psbt: Psbt, find: (outPoint: OutPoint) => Transaction | undefined): Psbt {
  const inputs = psbt.inputs.map((input) => {
    if (isFinalInput(input) || input.nonWitnessUtxo !== undefined) return input;
    const nonWitnessUtxo = find(input.previousOutput);
    return nonWitnessUtxo === undefined ? input : { ...input, nonWitnessUtxo };
  });
  return { ...psbt, inputs };
}

/**
 * Without the spent transactions, where all inputs are of witness version 1 or later and none leaves other inputs open:
 * their signatures commit to all amounts and scripts (BIP341), so that nothing is gained by showing where those come from.
 * Where one is of version 0 all stay (CVE-2020-14199).
 */
export function withoutNeedlessTransactions(psbt: Psbt): Psbt {
  const isNeedless = psbt.inputs.every(({ witnessUtxo, sighashType = 0 }) => {
    const program = witnessUtxo && witnessProgramOf(witnessUtxo.scriptPubKey);
    return program !== undefined && program.version > 0 && (sighashType & SighashType.ANYONECANPAY) === 0;
  });
  if (!isNeedless) return psbt;
  return { ...psbt, inputs: psbt.inputs.map((input) => ({ ...input, nonWitnessUtxo: undefined })) };
}
