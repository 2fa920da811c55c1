import { equalBytes } from "../bytes/bytes.ts";
import type { Secp256k1 } from "../crypto/secp256k1.ts";
import type { TransactionFields } from "../primitives/transaction.ts";
import { ScriptFlag, type ScriptFlags } from "./flags.ts";
import { runScript } from "./interpreter.ts";
import type { ScriptPhase, ScriptTracer, SignatureChecker } from "./machine.ts";
import { isPayToScriptHash, isPushOnly, pushData, witnessProgramOf } from "./script.ts";
import type { ScriptError } from "./script-error.ts";
import { isTruthy } from "./script-number.ts";
import type { SighashCache } from "./sighash.ts";
import { TransactionChecker } from "./transaction-checker.ts";
import { verifyWitnessProgram } from "./witness.ts";

/**
 * Why input `inputIndex` may not spend its output; nothing where it may. `cache` is shared by the transaction's inputs
 * and knows what they spend. Throws only on flags that make no sense together, and what `tracer` throws.
 */
export function verifyInput(
  tx: TransactionFields,
  inputIndex: number,
  cache: SighashCache,
  flags: ScriptFlags,
  secp256k1: Secp256k1,
  tracer?: ScriptTracer,
): ScriptError | undefined {
  const input = tx.inputs[inputIndex]!;
  const spent = cache.spentOutputs[inputIndex];
  if (spent === undefined) throw new Error(`the output that input ${inputIndex} spends is not known`);
  const checker = new TransactionChecker(tx, inputIndex, cache, secp256k1);
  return verifyScript(input.scriptSig, spent.scriptPubKey, input.witness, flags, checker, tracer);
}

/**
 * Why `scriptSig` and `witness` do not satisfy `scriptPubKey`; nothing where they do. Flags build on one another:
 * CLEANSTACK needs WITNESS, WITNESS needs P2SH; else throws `RangeError`.
 */
export function verifyScript(
  scriptSig: Uint8Array,
  scriptPubKey: Uint8Array,
  witness: readonly Uint8Array[],
  flags: ScriptFlags,
  checker: SignatureChecker,
  tracer?: ScriptTracer,
): ScriptError | undefined {
  assertFlags(flags);
  const has = (flag: ScriptFlags) => (flags & flag) !== 0;
  const run = (phase: ScriptPhase, script: Uint8Array, stack: Uint8Array[]) =>
    runScript({ script, stack, flags, sigVersion: "base", checker, phase, tracer });

  if (has(ScriptFlag.SIGPUSHONLY) && !isPushOnly(scriptSig)) return "SIG_PUSHONLY";

  // CVE-2010-5141: one after the other on one stack, never joined into one script.
  const stack: Uint8Array[] = [];
  let error = run("scriptSig", scriptSig, stack);
  if (error !== undefined) return error;
  const isP2sh = has(ScriptFlag.P2SH) && isPayToScriptHash(scriptPubKey);
  const redeemStack = isP2sh ? stack.slice() : [];
  error = run("scriptPubKey", scriptPubKey, stack) ?? topError(stack);
  if (error !== undefined) return error;

  const program = has(ScriptFlag.WITNESS) ? witnessProgramOf(scriptPubKey) : undefined;
  if (program !== undefined) {
    if (scriptSig.length !== 0) return "WITNESS_MALLEATED";
    return verifyWitnessProgram(witness, program, false, { flags, checker, tracer });
  }
  if (!isP2sh) return checkEnd(stack, witness, flags);

  // BIP16: the output's hash was met; now the script behind the hash runs on what else the scriptSig pushed.
  if (!isPushOnly(scriptSig)) return "SIG_PUSHONLY";
  const redeemScript = redeemStack.pop()!;
  error = run("redeemScript", redeemScript, redeemStack) ?? topError(redeemStack);
  if (error !== undefined) return error;
  const nested = has(ScriptFlag.WITNESS) ? witnessProgramOf(redeemScript) : undefined;
  if (nested !== undefined) {
    if (!equalBytes(scriptSig, pushData(redeemScript))) return "WITNESS_MALLEATED_P2SH";
    return verifyWitnessProgram(witness, nested, true, { flags, checker, tracer });
  }
  return checkEnd(redeemStack, witness, flags);
}

function topError(stack: readonly Uint8Array[]): ScriptError | undefined {
  return stack.length > 0 && isTruthy(stack.at(-1)!) ? undefined : "EVAL_FALSE";
}

/** What is asked at the end of an input that spends no witness program. */
function checkEnd(
  stack: readonly Uint8Array[],
  witness: readonly Uint8Array[],
  flags: ScriptFlags,
): ScriptError | undefined {
  if ((flags & ScriptFlag.CLEANSTACK) !== 0 && stack.length !== 1) return "CLEANSTACK";
  if ((flags & ScriptFlag.WITNESS) !== 0 && witness.length > 0) return "WITNESS_UNEXPECTED";
  return undefined;
}

/** Otherwise adding a flag could make a refused script valid, and a soft fork would be none. */
function assertFlags(flags: ScriptFlags): void {
  const { P2SH, WITNESS, CLEANSTACK } = ScriptFlag;
  if ((flags & WITNESS) !== 0 && (flags & P2SH) === 0) throw new RangeError("script flag WITNESS needs P2SH");
  if ((flags & CLEANSTACK) !== 0 && (flags & WITNESS) === 0)
    throw new RangeError("script flag CLEANSTACK needs WITNESS");
}
