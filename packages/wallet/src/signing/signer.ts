import { MAX_MONEY } from "@bitfleet/protocol/consensus/amount.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import {
  Transaction,
  type TransactionFields,
  type TxInput,
  type TxOutput,
} from "@bitfleet/protocol/primitives/transaction.ts";
import { STANDARD_SCRIPT_FLAGS } from "@bitfleet/protocol/script/flags.ts";
import { type ScriptError, scriptErrorMessage } from "@bitfleet/protocol/script/script-error.ts";
import { SighashCache, SighashType } from "@bitfleet/protocol/script/sighash.ts";
import { templateOf } from "@bitfleet/protocol/script/templates.ts";
import { verifyScript } from "@bitfleet/protocol/script/verify.ts";
import { allAtOnce, type Steps } from "../steps.ts";
import { signatureDataOf } from "./input-signatures.ts";
import { InputSigner } from "./input-signer.ts";
import { produceSignature } from "./produce-signature.ts";
import { emptySignatureData, mergedSignatureData, type SignatureData } from "./signature-data.ts";
import { SigningMaterial } from "./signing-material.ts";

/** The error of an input that lacks its amount, which only the caller can tell. */
export const MISSING_AMOUNT = "Missing amount";
const MISSING_INPUT = "Input not found or already spent";

/** Stands for the value of an output whose value nobody told: no signature that commits to it can be right. */
export const UNKNOWN_AMOUNT = MAX_MONEY;

export interface SignedTransaction {
  readonly transaction: Transaction;
  /** Why an input is not valid, in Core's words, by the input's index. */
  readonly errors: ReadonlyMap<number, string>;
}

/**
 * Signs what `material` allows of a transaction that spends `spent` (one for each input, `undefined` where it is not
 * known). Signatures that are there already and valid are kept.
 */
export function signTransaction(
  tx: TransactionFields,
  spent: readonly (TxOutput | undefined)[],
  hashType: number,
  material: SigningMaterial,
  secp256k1: Secp256k1,
): SignedTransaction {
  return allAtOnce(signingSteps(tx, spent, hashType, (_, sign) => sign(material), secp256k1));
}

/** Signs with the material for a script, which may be wiped behind that. */
export type WithMaterial = <Result>(scriptPubKey: Uint8Array, sign: (material: SigningMaterial) => Result) => Result;

/** {@link signTransaction}, a step for each input, with material for each by itself. */
export function* signingSteps(
  tx: TransactionFields,
  spent: readonly (TxOutput | undefined)[],
  hashType: number,
  withMaterial: WithMaterial,
  secp256k1: Secp256k1,
): Steps<SignedTransaction> {
  const cache = new SighashCache(tx, spent);
  const errors = new Map<number, string>();
  const inputs: TxInput[] = [];
  for (const [inputIndex, input] of tx.inputs.entries()) {
    const coin = spent[inputIndex];
    if (coin === undefined) {
      errors.set(inputIndex, MISSING_INPUT);
      inputs.push(input);
      continue;
    }
    const { scriptSig, witness, error } = withMaterial(coin.scriptPubKey, (material) => {
      const signer = new InputSigner({ inputIndex, hashType }, { cache, material, secp256k1 });
      return signedInput(tx, inputIndex, coin, hashType, signer, material);
    });
    if (error !== undefined) errors.set(inputIndex, error);
    inputs.push({ ...input, scriptSig, witness });
    yield { work: "sign", done: inputs.length, total: tx.inputs.length };
  }
  return { transaction: withInputs(tx, inputs), errors };
}

function signedInput(
  tx: TransactionFields,
  inputIndex: number,
  coin: TxOutput,
  hashType: number,
  signer: InputSigner,
  material: SigningMaterial,
): Pick<TxInput, "scriptSig" | "witness"> & { readonly error: string | undefined } {
  const data = knownSignatures(tx.inputs[inputIndex]!, coin.scriptPubKey, signer);
  if (mayBeSigned(tx, inputIndex, hashType)) produceSignature(coin.scriptPubKey, data, material, signer);
  const { scriptSig, witness, isComplete } = data;
  const error =
    coin.value === UNKNOWN_AMOUNT && witness.length > 0
      ? MISSING_AMOUNT
      : isComplete
        ? undefined
        : refusalText(verifyScript(scriptSig, coin.scriptPubKey, witness, STANDARD_SCRIPT_FLAGS, signer.checker));
  return { scriptSig, witness, error };
}

/** A key path that is signed already may be signed anew with another hash type; all else is kept where it is valid. */
function knownSignatures(input: TxInput, scriptPubKey: Uint8Array, signer: InputSigner): SignatureData {
  if (templateOf(scriptPubKey).type === "witness_v1_taproot") {
    return { ...emptySignatureData(), scriptSig: input.scriptSig, witness: input.witness };
  }
  return signatureDataOf(input, scriptPubKey, signer.checker);
}

/** SINGLE without an output at the input's index would sign nothing of the transaction. */
function mayBeSigned(tx: TransactionFields, inputIndex: number, hashType: number): boolean {
  const isSingle = (hashType & ~SighashType.ANYONECANPAY) === SighashType.SINGLE;
  return !isSingle || inputIndex < tx.outputs.length;
}

function refusalText(error: ScriptError | undefined): string | undefined {
  switch (error) {
    case undefined:
      return undefined;
    case "INVALID_STACK_OPERATION":
      return "Unable to sign input, invalid stack size (possibly missing key)";
    case "NULLFAIL":
      return "CHECK(MULTI)SIG failing with non-zero signature (possibly need more signatures)";
    default:
      return scriptErrorMessage(error);
  }
}

function withInputs({ version, outputs, lockTime }: TransactionFields, inputs: readonly TxInput[]): Transaction {
  return new Transaction({ version, inputs, outputs, lockTime });
}

/**
 * Versions of one transaction, signed by several people, brought together: all that differ only in what their inputs hold
 * as signatures. `spent` are the outputs they spend.
 */
export function combineTransactions(
  variants: readonly [TransactionFields, ...TransactionFields[]],
  spent: readonly TxOutput[],
  secp256k1: Secp256k1,
): Transaction {
  const [first] = variants;
  const cache = new SighashCache(first, spent);
  const material = new SigningMaterial();
  const inputs = first.inputs.map((input, inputIndex): TxInput => {
    const { scriptPubKey } = spent[inputIndex]!;
    const signer = new InputSigner({ inputIndex, hashType: SighashType.ALL }, { cache, material, secp256k1 });
    const data = variants
      .map((variant) => signatureDataOf(variant.inputs[inputIndex]!, scriptPubKey, signer.checker))
      .reduce(mergedSignatureData, emptySignatureData());
    produceSignature(scriptPubKey, data, material, signer);
    return { ...input, scriptSig: data.scriptSig, witness: data.witness };
  });
  return withInputs(first, inputs);
}
