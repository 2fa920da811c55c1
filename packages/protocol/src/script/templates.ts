import { Op, smallNumberOf } from "./opcodes.ts";
import {
  ANCHOR_PROGRAM,
  isMinimalPush,
  isPayToAnchor,
  isPayToScriptHash,
  isPushOnly,
  MULTISIG_KEYS_MAX,
  ScriptBuilder,
  ScriptCursor,
  witnessProgramOf,
} from "./script.ts";
import { decodeScriptNumber } from "./script-number.ts";
import { hasPublicKeySize } from "./signature-encoding.ts";

/** What kind of output a script is, by the names that the RPC interface uses, with what tells it from its kin. */
export type OutputTemplate =
  | { readonly type: "pubkey"; readonly publicKey: Uint8Array }
  | { readonly type: "pubkeyhash"; readonly hash: Uint8Array }
  | { readonly type: "scripthash"; readonly hash: Uint8Array }
  | { readonly type: "multisig"; readonly required: number; readonly publicKeys: readonly Uint8Array[] }
  | { readonly type: "nulldata" }
  | { readonly type: "anchor" }
  | { readonly type: "witness_v0_keyhash"; readonly hash: Uint8Array }
  | { readonly type: "witness_v0_scripthash"; readonly hash: Uint8Array }
  | { readonly type: "witness_v1_taproot"; readonly outputKey: Uint8Array }
  | { readonly type: "witness_unknown"; readonly version: number; readonly program: Uint8Array }
  | { readonly type: "nonstandard" };

export type OutputType = OutputTemplate["type"];

const NONSTANDARD: OutputTemplate = { type: "nonstandard" };

/** The kind of a script. Byte strings in the result are views of it. */
export function templateOf(script: Uint8Array): OutputTemplate {
  if (isPayToScriptHash(script)) return { type: "scripthash", hash: script.subarray(2, 22) };
  if (isPayToAnchor(script)) return { type: "anchor" };
  const witness = witnessProgramOf(script);
  if (witness !== undefined) return witnessTemplate(witness.version, witness.program);
  if (script[0] === Op.RETURN && isPushOnly(script, 1)) return { type: "nulldata" };
  return publicKeyTemplate(script) ?? publicKeyHashTemplate(script) ?? multisigTemplate(script) ?? NONSTANDARD;
}

/** The name of {@link templateOf}. */
export function outputTypeOf(script: Uint8Array): OutputType {
  return templateOf(script).type;
}

function witnessTemplate(version: number, program: Uint8Array): OutputTemplate {
  if (version === 0) {
    if (program.length === 20) return { type: "witness_v0_keyhash", hash: program };
    return program.length === 32 ? { type: "witness_v0_scripthash", hash: program } : NONSTANDARD;
  }
  if (version === 1 && program.length === 32) return { type: "witness_v1_taproot", outputKey: program };
  return { type: "witness_unknown", version, program };
}

function publicKeyTemplate(script: Uint8Array): OutputTemplate | undefined {
  const size = script.length - 2;
  if ((size !== 33 && size !== 65) || script[0] !== size || script.at(-1) !== Op.CHECKSIG) return undefined;
  const publicKey = script.subarray(1, 1 + size);
  return hasPublicKeySize(publicKey) ? { type: "pubkey", publicKey } : undefined;
}

function publicKeyHashTemplate(script: Uint8Array): OutputTemplate | undefined {
  const matches =
    script.length === 25 &&
    script[0] === Op.DUP &&
    script[1] === Op.HASH160 &&
    script[2] === 20 &&
    script[23] === Op.EQUALVERIFY &&
    script[24] === Op.CHECKSIG;
  return matches ? { type: "pubkeyhash", hash: script.subarray(3, 23) } : undefined;
}

/** `m <key>… n CHECKMULTISIG` with 1 ≤ m ≤ n ≤ 20, the numbers in their shortest form. */
function multisigTemplate(script: Uint8Array): OutputTemplate | undefined {
  if (script.at(-1) !== Op.CHECKMULTISIG) return undefined;
  const cursor = new ScriptCursor(script);
  if (!cursor.next()) return undefined;
  const required = countPushedBy(cursor);
  if (required === undefined || required < 1) return undefined;
  const publicKeys: Uint8Array[] = [];
  while (cursor.next() && hasPublicKeySize(cursor.data)) publicKeys.push(cursor.data);
  const count = countPushedBy(cursor);
  if (count !== publicKeys.length || count < required || cursor.offset !== script.length - 1) return undefined;
  return { type: "multisig", required, publicKeys };
}

/** A number from 0 to 20 in its shortest form; `undefined` where the instruction pushes none. */
function countPushedBy(cursor: ScriptCursor): number | undefined {
  const { opcode, script, dataStart, dataEnd } = cursor;
  const small = opcode === Op.ZERO ? undefined : smallNumberOf(opcode);
  if (small !== undefined) return small;
  if (opcode > Op.PUSHDATA4 || !isMinimalPush(opcode, script, dataStart, dataEnd)) return undefined;
  const number = decodeScriptNumber(cursor.data, true);
  return number !== undefined && number >= 0 && number <= MULTISIG_KEYS_MAX ? number : undefined;
}

/** `<key> CHECKSIG` */
export function payToPublicKey(publicKey: Uint8Array): Uint8Array {
  return new ScriptBuilder().push(publicKey).op(Op.CHECKSIG).bytes();
}

/** `DUP HASH160 <hash160 of the key> EQUALVERIFY CHECKSIG` */
export function payToPublicKeyHash(keyHash: Uint8Array): Uint8Array {
  const script = new Uint8Array(keyHash.length + 5);
  script[0] = Op.DUP;
  script[1] = Op.HASH160;
  script[2] = keyHash.length;
  script.set(keyHash, 3);
  script[script.length - 2] = Op.EQUALVERIFY;
  script[script.length - 1] = Op.CHECKSIG;
  return script;
}

/** BIP16: `HASH160 <hash160 of the redeem script> EQUAL` */
export function payToScriptHash(scriptHash: Uint8Array): Uint8Array {
  return new ScriptBuilder().op(Op.HASH160).push(scriptHash).op(Op.EQUAL).bytes();
}

/** BIP141: `version <program>` */
export function payToWitnessProgram(version: number, program: Uint8Array): Uint8Array {
  return new ScriptBuilder().number(version).push(program).bytes();
}

/** BIP141: `0 <hash160 of the key>` */
export function payToWitnessPublicKeyHash(keyHash: Uint8Array): Uint8Array {
  return payToWitnessProgram(0, keyHash);
}

/** BIP141: `0 <SHA-256 of the script>` */
export function payToWitnessScriptHash(scriptHash: Uint8Array): Uint8Array {
  return payToWitnessProgram(0, scriptHash);
}

/** BIP341: `1 <output key>` */
export function payToTaproot(outputKey: Uint8Array): Uint8Array {
  return payToWitnessProgram(1, outputKey);
}

/** `1 <4e73>` */
export function payToAnchor(): Uint8Array {
  return payToWitnessProgram(1, ANCHOR_PROGRAM);
}

/** `m <key>… n CHECKMULTISIG`: `required` of up to 20 keys sign, in the keys' order. */
export function payToMultisig(required: number, publicKeys: readonly Uint8Array[]): Uint8Array {
  const builder = new ScriptBuilder().number(required);
  for (const publicKey of publicKeys) builder.push(publicKey);
  return builder.number(publicKeys.length).op(Op.CHECKMULTISIG).bytes();
}

/** `RETURN <data>`: carries data, spendable by nobody. */
export function dataOutput(data: Uint8Array): Uint8Array {
  return new ScriptBuilder().op(Op.RETURN).push(data).bytes();
}
