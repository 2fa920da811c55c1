import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import type { RpcValue } from "@bitfleet/api/json.ts";
import { toHex, tryFromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { hash160, sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { decodeAddress, encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { disassembleScript } from "@bitfleet/protocol/script/disassemble.ts";
import { isOpSuccess, Op } from "@bitfleet/protocol/script/opcodes.ts";
import { hasValidOpcodes, isUnspendable, ScriptCursor } from "@bitfleet/protocol/script/script.ts";
import {
  type OutputTemplate,
  payToScriptHash,
  payToWitnessProgram,
  payToWitnessPublicKeyHash,
  templateOf,
} from "@bitfleet/protocol/script/templates.ts";
import { inferDescriptor, type ScriptContext } from "@bitfleet/wallet/descriptors/infer-descriptor.ts";
import { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import { addressOf, outputScriptJson, transactionJson } from "../transaction-json.ts";
import { decodeTransactionText } from "./decode-transaction.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";

const COMPRESSED_KEY_SIZE = 33;

/** Calls that explain transactions, scripts and addresses without looking at the chain. */
export function scriptHandlers(deps: Pick<RpcDependencies, "chain" | "secp256k1">) {
  const { addressPrefixes } = deps.chain.network;
  const scripts: ScriptContext = { prefixes: addressPrefixes, secp256k1: deps.secp256k1 };

  return {
    decoderawtransaction: ({ hexstring, iswitness }) => {
      const form = iswitness === undefined ? "either" : iswitness ? "witness" : "plain";
      const tx = decodeTransactionText(hexstring, form);
      if (tx === undefined) throw new RpcError(RpcErrorCode.DESERIALIZATION_ERROR, "TX decode failed");
      return transactionJson(tx, scripts);
    },

    decodescript: ({ hexstring }) => {
      const script = tryFromHex(hexstring);
      if (script === undefined) {
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, `argument must be hexadecimal string (not '${hexstring}')`);
      }
      return decodedScriptJson(script, scripts);
    },

    validateaddress: ({ address }) => {
      const decoded = decodeAddress(address, addressPrefixes);
      if ("error" in decoded) {
        return { isvalid: false, error_locations: decoded.errorPositions, error: decoded.error };
      }
      return {
        isvalid: true,
        address: encodeAddress(decoded.script, addressPrefixes),
        scriptPubKey: toHex(decoded.script),
        ...addressDetails(templateOf(decoded.script)),
      };
    },
  } satisfies Partial<RpcHandlers>;
}

/** What an address says of the script behind it. */
export function addressDetails(template: OutputTemplate): Record<string, RpcValue> {
  const witness = (version: number, program: Uint8Array) => ({
    iswitness: true,
    witness_version: version,
    witness_program: toHex(program),
  });
  switch (template.type) {
    case "pubkeyhash":
      return { isscript: false, iswitness: false };
    case "scripthash":
      return { isscript: true, iswitness: false };
    case "witness_v0_keyhash":
      return { isscript: false, ...witness(0, template.hash) };
    case "witness_v0_scripthash":
      return { isscript: true, ...witness(0, template.hash) };
    case "witness_v1_taproot":
      return { isscript: true, ...witness(1, template.outputKey) };
    case "anchor":
      return { isscript: true, iswitness: true };
    case "witness_unknown":
      return witness(template.version, template.program);
    default:
      return {};
  }
}

function decodedScriptJson(script: Uint8Array, context: ScriptContext): Record<string, RpcValue> {
  const template = templateOf(script);
  const canWrap = mayBeWrapped(script, template);
  return {
    asm: disassembleScript(script),
    desc: inferDescriptor(script, context),
    address: addressOf(script, context),
    type: template.type,
    p2sh: canWrap ? scriptHashAddress(script, context) : undefined,
    segwit: canWrap && mayBeWitnessScript(template) ? witnessFormJson(script, template, context) : undefined,
  };
}

const scriptHashAddress = (script: Uint8Array, context: ScriptContext) =>
  encodeAddress(payToScriptHash(hash160(script)), context.prefixes);

const WRAPPED_TYPES: readonly OutputTemplate["type"][] = [
  "multisig",
  "nonstandard",
  "pubkey",
  "pubkeyhash",
  "witness_v0_keyhash",
  "witness_v0_scripthash",
];

/** Whether the script can be the inside of a P2SH output that somebody can spend. */
function mayBeWrapped(script: Uint8Array, template: OutputTemplate): boolean {
  if (!WRAPPED_TYPES.includes(template.type)) return false;
  if (!hasValidOpcodes(script) || isUnspendable(script)) return false;
  const cursor = new ScriptCursor(script);
  while (cursor.next()) {
    if (cursor.opcode === Op.CHECKSIGADD || isOpSuccess(cursor.opcode)) return false;
  }
  return true;
}

/** Whether it can be the inside of a P2WSH output: no witness program itself, and no key that BIP143 forbids. */
function mayBeWitnessScript(template: OutputTemplate): boolean {
  switch (template.type) {
    case "pubkey":
      return template.publicKey.length === COMPRESSED_KEY_SIZE;
    case "multisig":
      return template.publicKeys.every((key) => key.length === COMPRESSED_KEY_SIZE);
    case "nonstandard":
    case "pubkeyhash":
      return true;
    default:
      return false;
  }
}

function witnessFormJson(
  script: Uint8Array,
  template: OutputTemplate,
  context: ScriptContext,
): Record<string, RpcValue> {
  const keyHash =
    template.type === "pubkey"
      ? hash160(template.publicKey)
      : template.type === "pubkeyhash"
        ? template.hash
        : undefined;
  const output = keyHash ? payToWitnessPublicKeyHash(keyHash) : payToWitnessProgram(0, sha256(script));
  const material = new SigningMaterial();
  material.addScript(script);
  return { ...outputScriptJson(output, context, material), "p2sh-segwit": scriptHashAddress(output, context) };
}
