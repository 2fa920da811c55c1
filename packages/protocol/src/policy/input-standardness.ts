import type { Transaction, TxInput, TxOutput } from "../primitives/transaction.ts";
import { STACK_ITEMS_MAX } from "../script/interpreter.ts";
import { Op } from "../script/opcodes.ts";
import {
  countSigops,
  isPayToAnchor,
  isPayToScriptHash,
  lastPushOf,
  ScriptCursor,
  STACK_ITEM_SIZE_MAX,
  type WitnessProgram,
  witnessProgramOf,
} from "../script/script.ts";
import { type ScriptError, scriptErrorMessage } from "../script/script-error.ts";
import { ANNEX_TAG, LEAF_VERSION_MASK, TAPSCRIPT_LEAF_VERSION } from "../script/taproot.ts";
import { outputTypeOf } from "../script/templates.ts";
import { type PolicyReject, policyReject } from "./verdict.ts";

/** Signature operations of a redeem script. */
const REDEEM_SCRIPT_SIGOPS_MAX = 15;
/** BIP54: signature operations outside the witness that a transaction may run. */
const LEGACY_SIGOPS_MAX = 2500;
export const WITNESS_SCRIPT_SIZE_MAX = 3600;
export const WITNESS_ITEMS_MAX = 100;
const WITNESS_ITEM_SIZE_MAX = 80;
/** Bytes of the programs whose scripts stand in the witness. */
const PROGRAM_SIZE = 32;

/** What can be said against the outputs that a transaction spends, and the scriptSigs that do. `spentOutputs` in input order. */
export function checkInputsStandard(tx: Transaction, spentOutputs: readonly TxOutput[]): PolicyReject | undefined {
  if (legacySigopsRun(tx, spentOutputs) > LEGACY_SIGOPS_MAX)
    return nonstandardInput("non-witness sigops exceed bip54 limit");
  for (const [index, { scriptPubKey }] of spentOutputs.entries()) {
    const type = outputTypeOf(scriptPubKey);
    if (type === "nonstandard") return nonstandardInput(`input ${index} script unknown`);
    // Without a meaning yet: today anybody may spend it, and a later rule may forbid how.
    if (type === "witness_unknown") return nonstandardInput(`input ${index} witness program is undefined`);
    const fault = type === "scripthash" ? redeemScriptFault(tx.inputs[index]!.scriptSig, index) : undefined;
    if (fault !== undefined) return nonstandardInput(fault);
  }
  return undefined;
}

const nonstandardInput = (detail: string) => policyReject("inputs-not-standard", "bad-txns-nonstandard-inputs", detail);

function redeemScriptFault(scriptSig: Uint8Array, index: number): string | undefined {
  const failure = pushFailure(scriptSig);
  if (failure !== undefined) return `p2sh scriptsig malformed (input ${index}: ${scriptErrorMessage(failure)})`;
  const redeemScript = scriptSig.length === 0 ? undefined : lastPushOf(scriptSig);
  if (redeemScript === undefined) return `input ${index} P2SH redeemscript missing`;
  const count = countSigops(redeemScript, true);
  if (count <= REDEEM_SCRIPT_SIGOPS_MAX) return undefined;
  return `p2sh redeemscript sigops exceed limit (input ${index}: ${count} > ${REDEEM_SCRIPT_SIGOPS_MAX})`;
}

/** Why the pushes of a scriptSig fail when they run. */
function pushFailure(scriptSig: Uint8Array): ScriptError | undefined {
  const cursor = new ScriptCursor(scriptSig);
  for (let itemCount = 1; cursor.next(); itemCount++) {
    if (cursor.dataEnd - cursor.dataStart > STACK_ITEM_SIZE_MAX) return "PUSH_SIZE";
    // Counts as a push where scripts are told to push only, yet pushes nothing.
    if (cursor.opcode === Op.RESERVED) return "BAD_OPCODE";
    if (itemCount > STACK_ITEMS_MAX) return "STACK_SIZE";
  }
  return cursor.broken ? "BAD_OPCODE" : undefined;
}

/** Signature operations counted where they run: in spent outputs and redeem scripts, not in outputs that are made. */
function legacySigopsRun(tx: Transaction, spentOutputs: readonly TxOutput[]): number {
  return tx.inputs.reduce((sum, { scriptSig }, index) => {
    const { scriptPubKey } = spentOutputs[index]!;
    const script = isPayToScriptHash(scriptPubKey) ? lastPushOf(scriptSig) : scriptPubKey;
    return sum + countSigops(scriptSig, true) + (script ? countSigops(script, true) : 0);
  }, 0);
}

/** Witnesses that are larger than their kind needs, or stand where none belongs: anybody can stuff them into a transaction of others. */
export function checkWitnessStandard(tx: Transaction, spentOutputs: readonly TxOutput[]): PolicyReject | undefined {
  const isStandard = tx.inputs.every(
    (input, index) => input.witness.length === 0 || hasStandardWitness(input, spentOutputs[index]!),
  );
  return isStandard ? undefined : policyReject("witness-mutated", "bad-witness-nonstandard");
}

function hasStandardWitness(input: TxInput, { scriptPubKey }: TxOutput): boolean {
  if (isPayToAnchor(scriptPubKey)) return false;
  const program = programOf(input, scriptPubKey);
  if (program === undefined) return false;
  if (program.program.length !== PROGRAM_SIZE) return true;
  if (program.version === 0) return hasStandardScriptWitness(input.witness);
  // BIP341: within a redeem script version 1 has no meaning yet.
  return program.version !== 1 || isPayToScriptHash(scriptPubKey) || hasStandardTaprootWitness(input.witness);
}

function programOf(input: TxInput, scriptPubKey: Uint8Array): WitnessProgram | undefined {
  if (!isPayToScriptHash(scriptPubKey)) return witnessProgramOf(scriptPubKey);
  const redeemScript = lastPushOf(input.scriptSig);
  return redeemScript && witnessProgramOf(redeemScript);
}

/** BIP141: the witness of a pay-to-witness-script-hash output. */
function hasStandardScriptWitness(witness: readonly Uint8Array[]): boolean {
  const items = witness.slice(0, -1);
  return (
    witness.at(-1)!.length <= WITNESS_SCRIPT_SIZE_MAX &&
    items.length <= WITNESS_ITEMS_MAX &&
    items.every(({ length }) => length <= WITNESS_ITEM_SIZE_MAX)
  );
}

/** BIP341, 342: no annex, since it has no meaning yet; small items for tapscripts. */
function hasStandardTaprootWitness(witness: readonly Uint8Array[]): boolean {
  if (witness.length < 2) return true;
  const first = witness.at(-1)![0];
  if (first === undefined || first === ANNEX_TAG) return false;
  if ((first & LEAF_VERSION_MASK) !== TAPSCRIPT_LEAF_VERSION) return true;
  return witness.slice(0, -2).every(({ length }) => length <= WITNESS_ITEM_SIZE_MAX);
}

/** Whether a witness is missed: an output that is spent is a witness program, plain or wrapped, other than an anchor. */
export function spendsWitnessProgram(tx: Transaction, spentOutputs: readonly TxOutput[]): boolean {
  return tx.inputs.some((input, index) => {
    const { scriptPubKey } = spentOutputs[index]!;
    return !isPayToAnchor(scriptPubKey) && programOf(input, scriptPubKey) !== undefined;
  });
}
