import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import type { Transaction, TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import { STANDARD_SCRIPT_FLAGS } from "@bitfleet/protocol/script/flags.ts";
import { SighashCache, SighashType } from "@bitfleet/protocol/script/sighash.ts";
import { templateOf } from "@bitfleet/protocol/script/templates.ts";
import { TransactionChecker } from "@bitfleet/protocol/script/transaction-checker.ts";
import { verifyScript } from "@bitfleet/protocol/script/verify.ts";
import { InputSigner } from "../signing/input-signer.ts";
import type { MusigNonces } from "../signing/musig-nonces.ts";
import { type MusigInput, withMusig } from "../signing/musig-signer.ts";
import { produceSignature } from "../signing/produce-signature.ts";
import type { MissingData } from "../signing/signature-data.ts";
import type { SignatureMaker } from "../signing/signature-maker.ts";
import type { SigningMaterial } from "../signing/signing-material.ts";
import { isFinalInput } from "./codec.ts";
import { type Psbt, type PsbtInput, withInput } from "./psbt.ts";
import { inputWithSignatureData, signatureDataOfInput } from "./signature-fields.ts";
import { unsignedTransactionOf } from "./unsigned-transaction.ts";

/** Why an input could not be brought to its end. */
export type PsbtFillError = "missing-inputs" | "sighash-mismatch" | "invalid-tx" | "incomplete";

const FILL_ERROR_TEXTS: Readonly<Record<PsbtFillError, string>> = {
  "missing-inputs": "Inputs missing or spent",
  "sighash-mismatch": "Specified sighash value does not match value stored in PSBT",
  "invalid-tx": "The transaction cannot be valid",
  incomplete: "Input needs additional signatures or other data",
};

/** What Core says of it. */
export const psbtFillErrorText = (error: PsbtFillError) => FILL_ERROR_TEXTS[error];

/** The output that an input spends, as far as the PSBT tells: of the whole transaction where it is there and is the right one. */
export function spentOutputOf({ previousOutput, nonWitnessUtxo, witnessUtxo }: PsbtInput): TxOutput | undefined {
  if (nonWitnessUtxo === undefined) return witnessUtxo;
  // CVE-2020-14199: another transaction's outputs say nothing of what is spent.
  if (!equalBytes(nonWitnessUtxo.txid, previousOutput.txid)) return undefined;
  return nonWitnessUtxo.outputs[previousOutput.index];
}

/** What the signatures of all inputs of a PSBT have in common. */
export interface PsbtSighashes {
  readonly tx: Transaction;
  readonly cache: SighashCache;
}

/** `undefined` where the lock times of the inputs contradict each other. */
export function sighashesOf(psbt: Psbt): PsbtSighashes | undefined {
  const tx = unsignedTransactionOf(psbt);
  return tx && { tx, cache: new SighashCache(tx, psbt.inputs.map(spentOutputOf)) };
}

/** Whether an input is final, and valid by relay rules as it stands. */
export function isInputVerified(
  { finalScriptSig, finalWitness, ...input }: PsbtInput,
  inputIndex: number,
  { tx, cache }: PsbtSighashes,
  secp256k1: Secp256k1,
): boolean {
  const spent = spentOutputOf({ ...input, finalScriptSig, finalWitness });
  if (spent === undefined) return false;
  const checker = new TransactionChecker(tx, inputIndex, cache, secp256k1);
  const { scriptPubKey } = spent;
  return (
    verifyScript(finalScriptSig ?? NO_SCRIPT, scriptPubKey, finalWitness ?? [], STANDARD_SCRIPT_FLAGS, checker) ===
    undefined
  );
}

const NO_SCRIPT = new Uint8Array(0);

export interface SignInputOptions {
  /** What to sign with; where it is not told, DEFAULT in taproot and ALL elsewhere. */
  readonly sighashType?: number | undefined;
  /** Whether to make the final script and witness of an input that has all signatures. */
  readonly finalize: boolean;
}

export interface SignInputDependencies {
  readonly sighashes: PsbtSighashes;
  readonly material: SigningMaterial;
  readonly secp256k1: Secp256k1;
  /** Where secret nonces are between rounds, of signatures that several people make together; absent, none are made. */
  readonly musigNonces?: MusigNonces | undefined;
  /** In place of one that signs. */
  readonly maker?: SignatureMaker;
}

/** What became of an input. */
export interface InputOutcome {
  readonly input: PsbtInput;
  /** `undefined` where it has all its signatures. */
  readonly error: PsbtFillError | undefined;
  /** What was looked for in vain; `undefined` where nothing was looked for. */
  readonly missing: MissingData | undefined;
}

/**
 * The signer and updater (BIP174) of one input: adds scripts, origins and signatures that `material` allows, after checking
 * that what is there goes with the hash type asked for. Without the whole spent transaction it makes signatures of witnesses
 * only, which commit to the amount (CVE-2020-14199).
 */
export function signPsbtInput(
  input: PsbtInput,
  inputIndex: number,
  options: SignInputOptions,
  deps: SignInputDependencies,
): InputOutcome {
  if (isInputVerified(input, inputIndex, deps.sighashes, deps.secp256k1)) return outcome(input);
  const spent = spentOutputOf(input);
  if (spent === undefined) return outcome(input, "missing-inputs");
  const template = templateOf(spent.scriptPubKey);
  const isTaproot = template.type === "witness_v1_taproot";
  const hashType = options.sighashType ?? (isTaproot ? SighashType.DEFAULT : SighashType.ALL);
  // Who wants other than the usual hash type has to say so: a PSBT from elsewhere cannot choose it.
  if (input.sighashType !== undefined && input.sighashType !== hashType) return outcome(input, "sighash-mismatch");
  const isUsual = hashType === SighashType.DEFAULT || (!isTaproot && hashType === SighashType.ALL);
  const typed: PsbtInput = isUsual ? input : { ...input, sighashType: hashType };
  if (!haveHashType(typed, hashType)) return outcome(typed, "sighash-mismatch");

  const data = signatureDataOfInput(typed);
  const { material, secp256k1, sighashes } = deps;
  const signer = new InputSigner({ inputIndex, hashType }, { cache: sighashes.cache, material, secp256k1 });
  const musig: MusigInput = {
    hashType,
    schnorrHash: (leafHash) => signer.schnorrHash(leafHash),
    nonces: deps.musigNonces,
    secp256k1,
  };
  const maker = withMusig(deps.maker ?? signer, data, material, deps.maker ? undefined : musig);
  produceSignature(spent.scriptPubKey, data, material, maker);
  const isComplete = data.isComplete;
  if (typed.nonWitnessUtxo === undefined && !data.isWitness) return outcome(typed, "incomplete");
  if (!options.finalize) data.isComplete = false;
  const signed = inputWithSignatureData(typed, data);
  const told: PsbtInput = data.isWitness ? { ...signed, witnessUtxo: spent } : signed;
  return { input: told, error: isComplete ? undefined : "incomplete", missing: data.missing };
}

const outcome = (input: PsbtInput, error?: PsbtFillError): InputOutcome => ({ input, error, missing: undefined });

const SCHNORR_SIZE = 64;

/** Whether the signatures that are there leave open what `hashType` says. */
function haveHashType(input: PsbtInput, hashType: number): boolean {
  const { taprootKeySignature, taprootScriptSignatures, partialSignatures } = input;
  const schnorr = [...taprootScriptSignatures.values()].map(({ signature }) => signature);
  if (taprootKeySignature !== undefined) schnorr.push(taprootKeySignature);
  if (hashType === SighashType.DEFAULT) return schnorr.every(({ length }) => length === SCHNORR_SIZE);
  const ecdsa = [...partialSignatures.values()].map(({ signature }) => signature);
  return (
    schnorr.every((signature) => signature.length > SCHNORR_SIZE && signature.at(-1) === hashType) &&
    ecdsa.every((signature) => signature.at(-1) === hashType)
  );
}

/** {@link signPsbtInput} of the input at an index: the PSBT with it. */
export function withSignedInput(
  psbt: Psbt,
  index: number,
  options: SignInputOptions,
  deps: SignInputDependencies,
): InputOutcome & { readonly psbt: Psbt } {
  const done = signPsbtInput(psbt.inputs[index]!, index, options, deps);
  return { ...done, psbt: withInput(psbt, index, done.input) };
}

/** How many inputs are not final. */
export const unsignedInputCount = ({ inputs }: Psbt) => inputs.filter((input) => !isFinalInput(input)).length;
