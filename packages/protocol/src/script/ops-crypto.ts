import { hash160, ripemd160, sha1, sha256, sha256d } from "../crypto/hash.ts";
import { ScriptFlag } from "./flags.ts";
import { effect, type Machine, type Operation, type OperationTable, operation } from "./machine.ts";
import { Op } from "./opcodes.ts";
import { findAndDelete, MULTISIG_KEYS_MAX, pushData } from "./script.ts";
import type { ScriptError } from "./script-error.ts";
import { checkPublicKeyEncoding, checkSignatureEncoding } from "./signature-encoding.ts";

/** Instructions other than pushes that a script outside tapscript may have, CHECKMULTISIG counting its keys as well. */
export const OPS_MAX = 201;

/** BIP342: what each signature check uses up of the weight that the witness brings. */
const VALIDATION_WEIGHT_PER_SIGNATURE = 50;

/** a → hash of a */
function hashing(hash: (bytes: Uint8Array) => Uint8Array): Operation {
  return effect(1, (machine) => {
    machine.push(hash(machine.pop()));
  });
}

/** Hashes and signatures. */
export const CRYPTO_OPERATIONS: OperationTable = {
  [Op.RIPEMD160]: hashing(ripemd160),
  [Op.SHA1]: hashing(sha1),
  [Op.SHA256]: hashing(sha256),
  [Op.HASH160]: hashing(hash160),
  [Op.HASH256]: hashing(sha256d),

  // Signatures behind it sign the script from here on
  [Op.CODESEPARATOR]: effect(0, (machine) => {
    machine.signedFrom = machine.cursor.offset;
    if (machine.taproot !== undefined) machine.taproot.codeSeparatorPosition = machine.position;
  }),

  // signature key → whether it is a signature by the key
  [Op.CHECKSIG]: operation(2, (machine) => {
    const valid = checkSignature(machine, machine.peek(1), machine.peek(0));
    if (typeof valid === "string") return valid;
    machine.drop(2);
    machine.pushBoolean(valid);
    return undefined;
  }),
  // signature key →
  [Op.CHECKSIGVERIFY]: operation(2, (machine) => {
    const valid = checkSignature(machine, machine.peek(1), machine.peek(0));
    if (typeof valid === "string") return valid;
    machine.drop(2);
    return valid ? undefined : "CHECKSIGVERIFY";
  }),
  // BIP342: signature n key → n, or n+1 where it is a signature by the key
  [Op.CHECKSIGADD]: operation(0, (machine) => {
    if (machine.sigVersion !== "tapscript") return "BAD_OPCODE";
    if (machine.stack.length < 3) return "INVALID_STACK_OPERATION";
    const count = machine.peekNumber(1);
    if (count === undefined) return "SCRIPTNUM";
    const valid = checkSignature(machine, machine.peek(2), machine.peek(0));
    if (typeof valid === "string") return valid;
    machine.drop(3);
    machine.pushNumber(count + (valid ? 1 : 0));
    return undefined;
  }),

  // dummy signature… m key… n → whether the m signatures are by m of the n keys, in their order
  [Op.CHECKMULTISIG]: operation(0, (machine) => {
    const valid = checkMultisig(machine);
    if (typeof valid === "string") return valid;
    machine.pushBoolean(valid);
    return undefined;
  }),
  // dummy signature… m key… n →
  [Op.CHECKMULTISIGVERIFY]: operation(0, (machine) => {
    const valid = checkMultisig(machine);
    if (typeof valid === "string") return valid;
    return valid ? undefined : "CHECKMULTISIGVERIFY";
  }),
};

/** Whether the signature is valid, or why the script fails on it whatever comes next. */
function checkSignature(machine: Machine, signature: Uint8Array, publicKey: Uint8Array): boolean | ScriptError {
  if (machine.sigVersion === "tapscript") return checkTapscriptSignature(machine, signature, publicKey);
  const scriptCode = signedScript(machine, [signature]);
  if (typeof scriptCode === "string") return scriptCode;
  const malformed = checkEncodings(machine, signature, publicKey);
  if (malformed) return malformed;
  const valid = machine.checker.checkEcdsa(signature, publicKey, scriptCode, machine.sigVersion);
  if (!valid && signature.length > 0 && machine.has(ScriptFlag.NULLFAIL)) return "NULLFAIL";
  return valid;
}

/**
 * BIP342. The order matters: weight is used up also by keys of unknown type, whose checks otherwise succeed, so that a
 * soft fork may give them a meaning; an empty signature fails without ending the script, any other invalid one ends it.
 */
function checkTapscriptSignature(
  machine: Machine,
  signature: Uint8Array,
  publicKey: Uint8Array,
): boolean | ScriptError {
  const context = machine.taproot!;
  const isGiven = signature.length > 0;
  if (isGiven) {
    context.validationWeightLeft -= VALIDATION_WEIGHT_PER_SIGNATURE;
    if (context.validationWeightLeft < 0) return "TAPSCRIPT_VALIDATION_WEIGHT";
  }
  if (publicKey.length === 0) return "TAPSCRIPT_EMPTY_PUBKEY";
  if (publicKey.length !== 32) {
    return machine.has(ScriptFlag.DISCOURAGE_UPGRADABLE_PUBKEYTYPE) ? "DISCOURAGE_UPGRADABLE_PUBKEYTYPE" : isGiven;
  }
  if (!isGiven) return false;
  return machine.checker.checkSchnorr(signature, publicKey, context) ?? true;
}

/** Takes all operands off the stack where it returns whether the signatures are valid. */
function checkMultisig(machine: Machine): boolean | ScriptError {
  if (machine.sigVersion === "tapscript") return "TAPSCRIPT_CHECKMULTISIG";
  const { stack } = machine;
  if (stack.length < 1) return "INVALID_STACK_OPERATION";

  const keyCount = machine.peekNumber(0);
  if (keyCount === undefined) return "SCRIPTNUM";
  if (keyCount < 0 || keyCount > MULTISIG_KEYS_MAX) return "PUBKEY_COUNT";
  machine.opCount += keyCount;
  if (machine.opCount > OPS_MAX) return "OP_COUNT";
  const belowKeys = 1 + keyCount;
  if (stack.length < belowKeys + 1) return "INVALID_STACK_OPERATION";

  const signatureCount = machine.peekNumber(belowKeys);
  if (signatureCount === undefined) return "SCRIPTNUM";
  if (signatureCount < 0 || signatureCount > keyCount) return "SIG_COUNT";
  const belowSignatures = belowKeys + 1 + signatureCount;
  if (stack.length < belowSignatures + 1) return "INVALID_STACK_OPERATION";

  // Top of the stack first: the last signature must be by the last of the keys that fits.
  const top = stack.length - 1;
  const keys = stack.slice(top - keyCount, top).reverse();
  const signatures = stack.slice(top - belowKeys - signatureCount, top - belowKeys).reverse();
  const valid = matchSignatures(machine, signatures, keys);
  if (typeof valid === "string") return valid;

  if (!valid && machine.has(ScriptFlag.NULLFAIL) && signatures.some((one) => one.length > 0)) return "NULLFAIL";
  // The first implementation took one item too many off the stack; that is law, and the item should at least be empty.
  const dummy = machine.peek(belowSignatures);
  if (dummy.length > 0 && machine.has(ScriptFlag.NULLDUMMY)) return "SIG_NULLDUMMY";
  machine.drop(belowSignatures + 1);
  return valid;
}

/** Walks both lists once, so that keys and signatures must stand in the same order. */
function matchSignatures(
  machine: Machine,
  signatures: readonly Uint8Array[],
  keys: readonly Uint8Array[],
): boolean | ScriptError {
  const scriptCode = signedScript(machine, signatures);
  if (typeof scriptCode === "string") return scriptCode;
  let matched = 0;
  for (let tried = 0; matched < signatures.length; tried++) {
    if (signatures.length - matched > keys.length - tried) return false;
    const signature = signatures[matched]!;
    const key = keys[tried]!;
    const malformed = checkEncodings(machine, signature, key);
    if (malformed) return malformed;
    if (machine.checker.checkEcdsa(signature, key, scriptCode, machine.sigVersion)) matched += 1;
  }
  return true;
}

function checkEncodings(machine: Machine, signature: Uint8Array, publicKey: Uint8Array): ScriptError | undefined {
  return (
    checkSignatureEncoding(signature, machine.flags) ??
    checkPublicKeyEncoding(publicKey, machine.flags, machine.sigVersion)
  );
}

/** The script from the last OP_CODESEPARATOR on; outside the witness, without the signatures, should they stand in it. */
function signedScript(machine: Machine, signatures: readonly Uint8Array[]): Uint8Array | ScriptError {
  const script = machine.signedFrom === 0 ? machine.script : machine.script.subarray(machine.signedFrom);
  if (machine.sigVersion !== "base") return script;
  let scriptCode = script;
  for (const signature of signatures) {
    // A push is longer than what it pushes: most signatures are longer than the script and need no search.
    if (signature.length >= scriptCode.length) continue;
    const rest = findAndDelete(scriptCode, pushData(signature));
    if (rest !== scriptCode && machine.has(ScriptFlag.CONST_SCRIPTCODE)) return "SIG_FINDANDDELETE";
    scriptCode = rest;
  }
  return scriptCode;
}
