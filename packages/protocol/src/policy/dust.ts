import { type Transaction, type TxOutput, txOutputSize } from "../primitives/transaction.ts";
import type { Sats } from "../primitives/types.ts";
import { isUnspendable, isWitnessProgram } from "../script/script.ts";
import { feeFor } from "./feerate.ts";

/** `-dustrelayfee`, satoshis a thousand vbytes. */
export const DUST_RELAY_FEERATE_DEFAULT: Sats = 3000n;

/** Outpoint, length of the script, sequence: an input without what satisfies it. */
const EMPTY_INPUT_SIZE = 32 + 4 + 1 + 4;
/** A signature and a compressed key, and the lengths before them. */
const SATISFACTION_SIZE = 107;
/** The same in a witness, in vbytes. */
const WITNESS_SATISFACTION_SIZE = 26;

/**
 * The least value of an output that is worth spending at `dustFeerateSatPerKvb`: what the output and the input that spends it
 * cost. 546 satoshis for a pay-to-public-key-hash output at the default, 294 for its witness kind; 0 for what nobody can spend.
 */
export function dustThreshold(output: TxOutput, dustFeerateSatPerKvb: Sats): Sats {
  if (isUnspendable(output.scriptPubKey)) return 0n;
  const isWitness = isWitnessProgram(output.scriptPubKey);
  const inputSize = EMPTY_INPUT_SIZE + (isWitness ? WITNESS_SATISFACTION_SIZE : SATISFACTION_SIZE);
  return feeFor(dustFeerateSatPerKvb, txOutputSize(output) + inputSize);
}

/** Positions of the outputs that are worth less than spending them costs. */
export function dustOutputs(tx: Pick<Transaction, "outputs">, dustFeerateSatPerKvb: Sats): readonly number[] {
  const indexes: number[] = [];
  tx.outputs.forEach((output, index) => {
    if (output.value < dustThreshold(output, dustFeerateSatPerKvb)) indexes.push(index);
  });
  return indexes;
}
