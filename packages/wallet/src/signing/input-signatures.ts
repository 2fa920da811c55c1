import type { TxInput } from "@bitfleet/protocol/primitives/transaction.ts";
import { ScriptFlag, STANDARD_SCRIPT_FLAGS } from "@bitfleet/protocol/script/flags.ts";
import { runScript } from "@bitfleet/protocol/script/interpreter.ts";
import type { SignatureChecker, SigVersion } from "@bitfleet/protocol/script/machine.ts";
import { templateOf } from "@bitfleet/protocol/script/templates.ts";
import { verifyScript } from "@bitfleet/protocol/script/verify.ts";
import { keyIdOf } from "../keys/keys.ts";
import { emptySignatureData, type SignatureData } from "./signature-data.ts";

/** What an input already says: nothing more where it is valid, else the scripts and the valid signatures that it holds. */
export function signatureDataOf(
  input: Pick<TxInput, "scriptSig" | "witness">,
  scriptPubKey: Uint8Array,
  checker: SignatureChecker,
): SignatureData {
  const data = { ...emptySignatureData(), scriptSig: input.scriptSig, witness: input.witness };
  const collector = new SignatureCollector(checker, data);
  const error = verifyScript(input.scriptSig, scriptPubKey, input.witness, STANDARD_SCRIPT_FLAGS, collector);
  data.isComplete = error === undefined;
  if (!data.isComplete) readPartial(data, scriptPubKey, collector);
  return data;
}

/** Looks for scripts, and in multisig scripts for the signatures of single keys. */
function readPartial(data: SignatureData, scriptPubKey: Uint8Array, collector: SignatureCollector): void {
  let stack = pushedBy(data.scriptSig, collector);
  let script = scriptPubKey;
  let sigVersion: SigVersion = "base";
  if (templateOf(script).type === "scripthash" && (stack.at(-1)?.length ?? 0) > 0) {
    script = stack.pop()!;
    data.redeemScript = script;
  }
  if (templateOf(script).type === "witness_v0_scripthash" && (data.witness.at(-1)?.length ?? 0) > 0) {
    stack = [...data.witness];
    script = stack.pop()!;
    data.witnessScript = script;
    sigVersion = "witness-v0";
  }
  const template = templateOf(script);
  if (template.type !== "multisig") return;
  let nextKey = 0;
  for (const signature of stack) {
    // Signatures are in the order of their keys.
    const found = template.publicKeys.findIndex(
      (key, index) =>
        index >= nextKey &&
        (data.signatures.has(keyIdOf(key)) || collector.checkEcdsa(signature, key, script, sigVersion)),
    );
    if (found >= 0) nextKey = found + 1;
  }
}

/** The stack that a scriptSig leaves, as far as it runs. */
function pushedBy(scriptSig: Uint8Array, checker: SignatureChecker): Uint8Array[] {
  const stack: Uint8Array[] = [];
  const flags = ScriptFlag.STRICTENC;
  runScript({ script: scriptSig, stack, flags, sigVersion: "base", checker, phase: "scriptSig", tracer: undefined });
  return stack;
}

/** Keeps every ECDSA signature that another checker finds valid. */
class SignatureCollector implements SignatureChecker {
  readonly #checker: SignatureChecker;
  readonly #data: SignatureData;

  constructor(checker: SignatureChecker, data: SignatureData) {
    this.#checker = checker;
    this.#data = data;
  }

  checkEcdsa(signature: Uint8Array, publicKey: Uint8Array, scriptCode: Uint8Array, sigVersion: SigVersion): boolean {
    if (!this.#checker.checkEcdsa(signature, publicKey, scriptCode, sigVersion)) return false;
    const id = keyIdOf(publicKey);
    if (!this.#data.signatures.has(id)) this.#data.signatures.set(id, { publicKey, signature });
    return true;
  }

  checkSchnorr(...given: Parameters<SignatureChecker["checkSchnorr"]>) {
    return this.#checker.checkSchnorr(...given);
  }

  checkTaprootTweak(...given: Parameters<SignatureChecker["checkTaprootTweak"]>) {
    return this.#checker.checkTaprootTweak(...given);
  }

  checkLockTime(lockTime: number): boolean {
    return this.#checker.checkLockTime(lockTime);
  }

  checkSequence(sequence: number): boolean {
    return this.#checker.checkSequence(sequence);
  }
}
