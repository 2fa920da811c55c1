import { EMPTY_BYTES, equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { type OutPoint, Transaction, type TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import { isPayToScriptHash, witnessProgramOf } from "@bitfleet/protocol/script/script.ts";
import { SighashType } from "@bitfleet/protocol/script/sighash.ts";
import { decodePsbt, psbtToBase64 } from "../psbt/codec.ts";
import { createPsbt, type Psbt } from "../psbt/psbt.ts";
import { PsbtError } from "../psbt/psbt-error.ts";
import { unsignedTransactionOf } from "../psbt/unsigned-transaction.ts";
import { Bip322Prefix, type Bip322Request, toSignOf, toSpendOf } from "./bip322.ts";
import { signTransaction } from "./signer.ts";
import type { SigningMaterial } from "./signing-material.ts";

/** A coin to show, by what made it: the whole transaction, or of segwit coins the output alone. */
export type ShownCoin = { readonly outPoint: OutPoint } & (
  | { readonly transaction: Transaction }
  | { readonly output: TxOutput }
);

/**
 * Signs a message together with coins that the signer could spend: a proof of funds. `undefined` where keys or scripts are wanting, of the
 * address or of a coin.
 */
export function signBip322Proof(
  { message, script, timing = {} }: Bip322Request,
  coins: readonly ShownCoin[],
  material: SigningMaterial,
  secp256k1: Secp256k1,
): string | undefined {
  const toSpend = toSpendOf(message, script);
  const challenge = toSignOf(toSpend, timing);
  const shown = coins.map(({ outPoint }) => ({
    previousOutput: outPoint,
    scriptSig: EMPTY_BYTES,
    sequence: 0,
    witness: [],
  }));
  const toSign = { ...challenge, inputs: [...challenge.inputs, ...shown] };
  const spent = coins.map((coin) => ("output" in coin ? coin.output : coin.transaction.outputs[coin.outPoint.index]));
  const all = [toSpend.outputs[0], ...spent];
  const { transaction, errors } = signTransaction(toSign, all, SighashType.ALL, material, secp256k1);
  if (errors.size > 0) return undefined;
  const psbt = createPsbt(toSign, { version: 0 });
  const inputs = psbt.inputs.map((input, index) => {
    const { scriptSig, witness } = transaction.inputs[index]!;
    const coin = index === 0 ? { transaction: toSpend } : coins[index - 1]!;
    return {
      ...input,
      ...("output" in coin ? { witnessUtxo: coin.output } : { nonWitnessUtxo: coin.transaction }),
      finalScriptSig: scriptSig.length > 0 ? scriptSig : undefined,
      finalWitness: witness.length > 0 ? witness : undefined,
    };
  });
  return Bip322Prefix.proofOfFunds + psbtToBase64({ ...psbt, inputs });
}

/** The transaction that is a proof of funds, and what it spends. */
export interface Bip322Proof {
  readonly toSign: Transaction;
  /** By input. All but the first are what the proof says of them: only the set of unspent coins tells whether it is so. */
  readonly spent: readonly TxOutput[];
}

/**
 * Reads a proof of funds (BIP322): a finalized PSBT whose first input spends `toSpend`, and whose others spend the coins that are shown.
 * Nothing is verified here but that it says what each input spends. A text is why it cannot be read, in one sentence.
 */
export function readBip322Proof(
  bytes: Uint8Array,
  toSpend: Transaction,
  secp256k1: Pick<Secp256k1, "isPublicKey">,
): Bip322Proof | string {
  const psbt = psbtOf(bytes, secp256k1);
  const unsigned = psbt && unsignedTransactionOf(psbt);
  if (psbt === undefined || unsigned === undefined) return "The signature holds no PSBT.";
  const inputs = unsigned.inputs.map((input, index) => {
    const { finalScriptSig = EMPTY_BYTES, finalWitness = [] } = psbt.inputs[index]!;
    return { ...input, scriptSig: finalScriptSig, witness: finalWitness };
  });
  const { version, outputs, lockTime } = unsigned;
  const spent: TxOutput[] = [];
  for (const index of inputs.keys()) {
    const output = index === 0 ? toSpend.outputs[0] : spentOutputOf(psbt, index);
    if (output === undefined) return `The proof does not say what its input ${index} spends.`;
    spent.push(output);
  }
  return { toSign: new Transaction({ version, inputs, outputs, lockTime }), spent };
}

function psbtOf(bytes: Uint8Array, secp256k1: Pick<Secp256k1, "isPublicKey">): Psbt | undefined {
  try {
    return decodePsbt(bytes, secp256k1);
  } catch (error) {
    if (error instanceof PsbtError) return undefined;
    throw error;
  }
}

/**
 * The whole transaction stands with the first input that spends of it, and goes before what is said of the output alone: signatures of
 * inputs without witness do not commit to amounts, so that they need it.
 */
function spentOutputOf({ inputs }: Psbt, index: number): TxOutput | undefined {
  const { previousOutput, nonWitnessUtxo, witnessUtxo, finalWitness = [] } = inputs[index]!;
  const isSame = (txid: Uint8Array) => equalBytes(txid, previousOutput.txid);
  const whole = nonWitnessUtxo ?? inputs.find((other) => isSame(other.previousOutput.txid))?.nonWitnessUtxo;
  if (whole !== undefined) return isSame(whole.txid) ? whole.outputs[previousOutput.index] : undefined;
  if (witnessUtxo === undefined) return undefined;
  const { scriptPubKey } = witnessUtxo;
  const isSegwit =
    witnessProgramOf(scriptPubKey) !== undefined || (isPayToScriptHash(scriptPubKey) && finalWitness.length > 0);
  return isSegwit ? witnessUtxo : undefined;
}
