import { EMPTY_BYTES } from "@bitfleet/protocol/bytes/bytes.ts";
import { isMoney } from "@bitfleet/protocol/consensus/amount.ts";
import { sigopsCost } from "@bitfleet/protocol/consensus/sigops.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { adjustedWeight, feerateSatPerKvb, virtualSizeOf } from "@bitfleet/protocol/policy/feerate.ts";
import { Transaction, type TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import { STANDARD_SCRIPT_FLAGS } from "@bitfleet/protocol/script/flags.ts";
import { isUnspendable } from "@bitfleet/protocol/script/script.ts";
import { templateOf } from "@bitfleet/protocol/script/templates.ts";
import type { MissingData } from "../signing/signature-data.ts";
import { placeholderMaker } from "../signing/signature-maker.ts";
import { SigningMaterial } from "../signing/signing-material.ts";
import { isFinalInput } from "./codec.ts";
import type { Psbt, PsbtInput } from "./psbt.ts";
import { isInputVerified, type PsbtSighashes, sighashesOf, signPsbtInput, spentOutputOf } from "./sign-input.ts";

/** Who is to have a PSBT next (BIP174), from the first to the last. */
export const PSBT_ROLES = ["creator", "updater", "signer", "finalizer", "extractor"] as const;
export type PsbtRole = (typeof PSBT_ROLES)[number];

export interface InputAnalysis {
  /** Whether it tells what it spends. */
  readonly hasUtxo: boolean;
  readonly isFinal: boolean;
  readonly next: PsbtRole;
  /** What is wanting; `undefined` where nothing was looked for. */
  readonly missing: MissingData | undefined;
}

export interface PsbtAnalysis {
  readonly inputs: readonly InputAnalysis[];
  readonly next: PsbtRole;
  /** Where all that is spent is known. */
  readonly fee?: Sats;
  /** Of the transaction when it is signed, where that can be told. */
  readonly estimatedVsize?: number;
  readonly estimatedFeerateSatPerKvb?: Sats;
  /** What is wrong with it, in Core's words; nothing else is told then. */
  readonly error?: string;
}

/** How far a PSBT has come. `bytesPerSigop`: what signature operations count for in a virtual size. */
export function analyzePsbt(psbt: Psbt, bytesPerSigop: number, secp256k1: Secp256k1): PsbtAnalysis {
  const sighashes = sighashesOf(psbt);
  if (sighashes === undefined) return invalid("PSBT cannot be made into a valid transaction");
  let totalIn = 0n;
  const inputs: InputAnalysis[] = [];
  const finalized: PsbtInput[] = [];
  for (const [index, input] of psbt.inputs.entries()) {
    const spent = spentOutputOf(input);
    if (spent !== undefined) {
      const { value } = spent;
      if (!isMoney(value) || !isMoney(totalIn + value)) return invalidInput(index, "has invalid value");
      totalIn += value;
      if (isUnspendable(spent.scriptPubKey)) return invalidInput(index, "spends unspendable output");
    }
    const done = analyzeInput(input, index, sighashes, secp256k1);
    inputs.push(done.analysis);
    finalized.push(done.input);
  }
  const next = PSBT_ROLES.find((role) => inputs.some((input) => input.next === role)) ?? "extractor";
  if (inputs.some(({ hasUtxo }) => !hasUtxo)) return { inputs, next };

  let totalOut = 0n;
  for (const { value } of psbt.outputs) {
    totalOut += value;
    if (!isMoney(value) || !isMoney(totalOut)) return invalid("PSBT is not valid. Output amount invalid");
  }
  const fee = totalIn - totalOut;
  const signed = likelyTransaction(finalized, sighashes, secp256k1);
  if (signed === undefined) return { inputs, next, fee };
  const cost = sigopsCost(signed, sighashes.cache.spentOutputs as readonly TxOutput[], STANDARD_SCRIPT_FLAGS);
  const estimatedVsize = virtualSizeOf(adjustedWeight(signed.weight, cost, bytesPerSigop));
  const estimatedFeerateSatPerKvb = feerateSatPerKvb(fee, estimatedVsize);
  return { inputs, next, fee, estimatedVsize, estimatedFeerateSatPerKvb };
}

const invalid = (error: string): PsbtAnalysis => ({ inputs: [], next: "creator", error });

const invalidInput = (index: number, reason: string) => invalid(`PSBT is not valid. Input ${index} ${reason}`);

const NO_MATERIAL = new SigningMaterial();

function analyzeInput(
  input: PsbtInput,
  index: number,
  sighashes: PsbtSighashes,
  secp256k1: Secp256k1,
): { readonly analysis: InputAnalysis; readonly input: PsbtInput } {
  const hasUtxo = spentOutputOf(input) !== undefined;
  if (isInputVerified(input, index, sighashes, secp256k1)) {
    return { analysis: { hasUtxo, isFinal: true, next: "extractor", missing: undefined }, input };
  }
  const done = signPsbtInput(input, index, { finalize: true }, { sighashes, material: NO_MATERIAL, secp256k1 });
  const next = done.error === undefined ? "finalizer" : roleThatGives(done.missing);
  const missing = done.error === undefined ? undefined : done.missing;
  return { analysis: { hasUtxo, isFinal: false, next, missing }, input: done.input };
}

/** Signatures are the signer's, all else is the updater's. */
function roleThatGives(missing: MissingData | undefined): PsbtRole {
  if (missing === undefined || missing.signatures.length === 0) return "updater";
  const isKnown =
    missing.publicKeys.length === 0 && missing.redeemScript === undefined && missing.witnessScript === undefined;
  return isKnown ? "signer" : "updater";
}

/** The transaction with signatures of usual size where there are none; `undefined` where that cannot be told. */
function likelyTransaction(
  inputs: readonly PsbtInput[],
  sighashes: PsbtSighashes,
  secp256k1: Secp256k1,
): Transaction | undefined {
  const maker = placeholderMaker();
  const { version, outputs, lockTime, inputs: unsigned } = sighashes.tx;
  const signed = inputs.map((input, index) => {
    if (isHiddenTaproot(input)) return undefined;
    const deps = { sighashes, material: NO_MATERIAL, secp256k1, maker };
    const done = signPsbtInput(input, index, { finalize: true }, deps);
    if (done.error !== undefined) return undefined;
    const { finalScriptSig = EMPTY_BYTES, finalWitness = [] } = done.input;
    return { ...unsigned[index]!, scriptSig: finalScriptSig, witness: finalWitness };
  });
  const known = signed.filter((input) => input !== undefined);
  return known.length === signed.length ? new Transaction({ version, inputs: known, outputs, lockTime }) : undefined;
}

/** Core makes no estimate where an input of taproot is signed in full and the spent transaction is not there. */
function isHiddenTaproot(input: PsbtInput): boolean {
  const script = input.witnessUtxo?.scriptPubKey;
  const isTaproot = script !== undefined && templateOf(script).type === "witness_v1_taproot";
  return isTaproot && isFinalInput(input) && input.nonWitnessUtxo === undefined;
}
