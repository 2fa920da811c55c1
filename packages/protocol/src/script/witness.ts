import { EMPTY_BYTES, equalBytes } from "../bytes/bytes.ts";
import { compactSizeLength, Writer } from "../bytes/cursor.ts";
import { sha256 } from "../crypto/hash.ts";
import { ScriptFlag, type ScriptFlags } from "./flags.ts";
import { runScript, STACK_ITEMS_MAX } from "./interpreter.ts";
import {
  type MachineOptions,
  NO_CODE_SEPARATOR,
  type ScriptTracer,
  type SignatureChecker,
  type TaprootContext,
} from "./machine.ts";
import { isOpSuccess } from "./opcodes.ts";
import { ANCHOR_PROGRAM, ScriptCursor, STACK_ITEM_SIZE_MAX, type WitnessProgram } from "./script.ts";
import type { ScriptError } from "./script-error.ts";
import { isTruthy } from "./script-number.ts";
import {
  ANNEX_TAG,
  isControlBlockSize,
  LEAF_VERSION_MASK,
  TAPSCRIPT_LEAF_VERSION,
  tapLeafHash,
  taprootMerkleRoot,
  tapTweakHash,
} from "./taproot.ts";
import { payToPublicKeyHash } from "./templates.ts";

/** BIP141 programs of version 0. */
const KEY_HASH_SIZE = 20;
const SCRIPT_HASH_SIZE = 32;
/** BIP341 program of version 1. */
const TAPROOT_KEY_SIZE = 32;

/** BIP342: weight for signature checks that every tapscript input has before its witness counts: one check is free. */
const VALIDATION_WEIGHT_OFFSET = 50;

/** What witness scripts run under. */
export interface WitnessRules {
  readonly flags: ScriptFlags;
  readonly checker: SignatureChecker;
  readonly tracer?: ScriptTracer | undefined;
}

/**
 * BIP141: does the witness satisfy the program? `isNested` where the program stands in a BIP16 redeem script. Versions
 * without a meaning yet succeed, so that later soft forks may give them one.
 */
export function verifyWitnessProgram(
  witness: readonly Uint8Array[],
  { version, program }: WitnessProgram,
  isNested: boolean,
  rules: WitnessRules,
): ScriptError | undefined {
  if (version === 0) return verifyVersion0(witness, program, rules);
  if (version === 1 && program.length === TAPROOT_KEY_SIZE && !isNested) {
    return (rules.flags & ScriptFlag.TAPROOT) === 0 ? undefined : verifyTaproot(witness, program, rules);
  }
  if (!isNested && version === 1 && equalBytes(program, ANCHOR_PROGRAM)) return undefined;
  return (rules.flags & ScriptFlag.DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM) === 0
    ? undefined
    : "DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM";
}

/** BIP141: a program of 20 bytes is a key hash, one of 32 the hash of the script that stands last in the witness. */
function verifyVersion0(
  witness: readonly Uint8Array[],
  program: Uint8Array,
  rules: WitnessRules,
): ScriptError | undefined {
  if (program.length === KEY_HASH_SIZE) {
    if (witness.length !== 2) return "WITNESS_PROGRAM_MISMATCH";
    return runWitnessScript(payToPublicKeyHash(program), witness.slice(), rules, undefined);
  }
  if (program.length !== SCRIPT_HASH_SIZE) return "WITNESS_PROGRAM_WRONG_LENGTH";
  const script = witness.at(-1);
  if (script === undefined) return "WITNESS_PROGRAM_WITNESS_EMPTY";
  if (!equalBytes(sha256(script), program)) return "WITNESS_PROGRAM_MISMATCH";
  return runWitnessScript(script, witness.slice(0, -1), rules, undefined);
}

/** BIP341: spending by key, where one item is left beside the annex, or by a script of the tree. */
function verifyTaproot(
  witness: readonly Uint8Array[],
  outputKey: Uint8Array,
  rules: WitnessRules,
): ScriptError | undefined {
  const { checker, flags } = rules;
  const stack = witness.slice();
  if (stack.length === 0) return "WITNESS_PROGRAM_WITNESS_EMPTY";
  const annex = stack.length >= 2 && stack.at(-1)![0] === ANNEX_TAG ? stack.pop()! : undefined;
  const annexHash = annex === undefined ? undefined : lengthPrefixedHash(annex);

  if (stack.length === 1) {
    rules.tracer?.begin?.("keyPath", EMPTY_BYTES, stack);
    return checker.checkSchnorr(stack[0]!, outputKey, taprootContext(annexHash, undefined, 0));
  }

  const controlBlock = stack.pop()!;
  const script = stack.pop()!;
  if (!isControlBlockSize(controlBlock.length)) return "TAPROOT_WRONG_CONTROL_SIZE";
  const leafVersion = controlBlock[0]! & LEAF_VERSION_MASK;
  const leafHash = tapLeafHash(leafVersion, script);
  const internalKey = controlBlock.subarray(1, 33);
  const tweak = tapTweakHash(internalKey, taprootMerkleRoot(controlBlock, leafHash));
  const parity = (controlBlock[0]! & 1) as 0 | 1;
  if (!checker.checkTaprootTweak(outputKey, parity, internalKey, tweak)) return "WITNESS_PROGRAM_MISMATCH";

  if (leafVersion !== TAPSCRIPT_LEAF_VERSION) {
    const discouraged = (flags & ScriptFlag.DISCOURAGE_UPGRADABLE_TAPROOT_VERSION) !== 0;
    return discouraged ? "DISCOURAGE_UPGRADABLE_TAPROOT_VERSION" : undefined;
  }
  const validationWeight = witnessSize(witness) + VALIDATION_WEIGHT_OFFSET;
  return runTapscript(script, stack, rules, taprootContext(annexHash, leafHash, validationWeight));
}

function taprootContext(
  annexHash: Uint8Array | undefined,
  leafHash: Uint8Array | undefined,
  validationWeightLeft: number,
): TaprootContext {
  return { annexHash, leafHash, codeSeparatorPosition: NO_CODE_SEPARATOR, validationWeightLeft };
}

/** BIP342: an OP_SUCCESSx that can be reached by reading makes the script succeed, whatever else is wrong with it. */
function runTapscript(
  script: Uint8Array,
  stack: Uint8Array[],
  rules: WitnessRules,
  context: TaprootContext,
): ScriptError | undefined {
  const cursor = new ScriptCursor(script);
  while (cursor.next()) {
    if (!isOpSuccess(cursor.opcode)) continue;
    return (rules.flags & ScriptFlag.DISCOURAGE_OP_SUCCESS) === 0 ? undefined : "DISCOURAGE_OP_SUCCESS";
  }
  if (cursor.broken) return "BAD_OPCODE";
  if (stack.length > STACK_ITEMS_MAX) return "STACK_SIZE";
  return runWitnessScript(script, stack, rules, context);
}

/** Runs a witness script, which must leave exactly one item, and that truthy. */
function runWitnessScript(
  script: Uint8Array,
  stack: Uint8Array[],
  { flags, checker, tracer }: WitnessRules,
  taproot: TaprootContext | undefined,
): ScriptError | undefined {
  for (const item of stack) if (item.length > STACK_ITEM_SIZE_MAX) return "PUSH_SIZE";
  const form: Pick<MachineOptions, "sigVersion" | "phase"> =
    taproot === undefined
      ? { sigVersion: "witness-v0", phase: "witnessScript" }
      : { sigVersion: "tapscript", phase: "tapscript" };
  const error = runScript({ script, stack, flags, checker, tracer, taproot, ...form });
  if (error !== undefined) return error;
  if (stack.length !== 1) return "CLEANSTACK";
  return isTruthy(stack[0]!) ? undefined : "EVAL_FALSE";
}

/** Bytes that the witness takes in a transaction, the count of items included. */
function witnessSize(witness: readonly Uint8Array[]): number {
  let size = compactSizeLength(witness.length);
  for (const item of witness) size += compactSizeLength(item.length) + item.length;
  return size;
}

function lengthPrefixedHash(bytes: Uint8Array): Uint8Array {
  return sha256(new Writer(bytes.length + 9).compactBytes(bytes).finish());
}
