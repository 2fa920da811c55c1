import { type Transaction, type TxInput, type TxOutput, WITNESS_SCALE_FACTOR } from "../primitives/transaction.ts";
import { ScriptFlag, type ScriptFlags } from "../script/flags.ts";
import { countSigops, isPayToScriptHash, lastPushOf, type WitnessProgram, witnessProgramOf } from "../script/script.ts";

/** BIP141: what the signature operations of a block may cost, one outside the witness costing four. */
export const MAX_BLOCK_SIGOPS_COST = 80_000;

const KEY_HASH_SIZE = 20;
const SCRIPT_HASH_SIZE = 32;

/** Signature operations that the scripts in the transaction itself announce, a CHECKMULTISIG counting twenty. */
export function legacySigops(tx: Pick<Transaction, "inputs" | "outputs">): number {
  let count = 0;
  for (const input of tx.inputs) count += countSigops(input.scriptSig, false);
  for (const output of tx.outputs) count += countSigops(output.scriptPubKey, false);
  return count;
}

/**
 * BIP141 cost of all signature operations of a transaction: legacy, those in BIP16 redeem scripts and those in witness
 * scripts. `spentOutputs` are in input order; a coinbase has none and counts only its own.
 */
export function sigopsCost(tx: Transaction, spentOutputs: readonly TxOutput[], flags: ScriptFlags): number {
  let cost = legacySigops(tx) * WITNESS_SCALE_FACTOR;
  spentOutputs.forEach((output, index) => {
    const input = tx.inputs[index]!;
    if ((flags & ScriptFlag.P2SH) !== 0) cost += redeemScriptSigops(input, output) * WITNESS_SCALE_FACTOR;
    if ((flags & ScriptFlag.WITNESS) !== 0) cost += witnessSigops(input, output);
  });
  return cost;
}

/** BIP16: signature operations of the redeem script. Of a scriptSig that does more than push, none: it fails anyway. */
export function redeemScriptSigops(input: TxInput, spent: TxOutput): number {
  if (!isPayToScriptHash(spent.scriptPubKey)) return 0;
  const redeemScript = lastPushOf(input.scriptSig);
  return redeemScript === undefined ? 0 : countSigops(redeemScript, true);
}

/** BIP141: signature operations of a version 0 program, whether it stands in the output or in a redeem script. Later versions count none. */
export function witnessSigops(input: TxInput, spent: TxOutput): number {
  const program = witnessProgramOf(spent.scriptPubKey) ?? nestedProgramOf(input, spent);
  if (program === undefined || program.version !== 0) return 0;
  if (program.program.length === KEY_HASH_SIZE) return 1;
  const witnessScript = input.witness.at(-1);
  if (program.program.length !== SCRIPT_HASH_SIZE || witnessScript === undefined) return 0;
  return countSigops(witnessScript, true);
}

function nestedProgramOf(input: TxInput, spent: TxOutput): WitnessProgram | undefined {
  if (!isPayToScriptHash(spent.scriptPubKey)) return undefined;
  const redeemScript = lastPushOf(input.scriptSig);
  return redeemScript === undefined ? undefined : witnessProgramOf(redeemScript);
}
