import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { type JsonNumber, JsonObject, type JsonValue } from "@bitfleet/api/json.ts";
import { amountOf, integerOf } from "@bitfleet/api/rpc/rpc-params.ts";
import { equalBytes, toHex, tryFromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { hash160, sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import type { TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import { type OutPointKey, outPointKey, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { disassembleScript } from "@bitfleet/protocol/script/disassemble.ts";
import { payToScriptHash, payToWitnessScriptHash, templateOf } from "@bitfleet/protocol/script/templates.ts";
import { UNKNOWN_AMOUNT } from "@bitfleet/wallet/signing/signer.ts";
import type { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import { parseHashParam } from "../chain-json.ts";
import { checkMembers } from "./object-params.ts";

const INT32_MAX = 2 ** 31 - 1;

const invalid = (message: string) => new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
const malformed = (message: string) => new RpcError(RpcErrorCode.DESERIALIZATION_ERROR, message);

/**
 * Takes the outputs that a caller describes (`prevtxs`) into `coins`, and the scripts behind their hashes into `material`,
 * where that is given.
 * Throws `RpcError` in Core's words, also where the chain says otherwise of an output's script.
 */
export function takePreviousOutputs(
  described: readonly JsonValue[],
  coins: Map<OutPointKey, TxOutput>,
  material?: SigningMaterial,
): void {
  for (const one of described) {
    if (!(one instanceof JsonObject)) throw malformed(`expected object with {"txid'","vout","scriptPubKey"}`);
    const types = { scriptPubKey: "string", txid: "string", vout: "number" } as const;
    checkMembers(one, types, { mayLack: false, mayHaveOthers: true });
    const txid = parseHashParam<Txid>(one.get("txid") as string, "txid");
    const index = integerOf(one.get("vout") as JsonNumber, -INT32_MAX - 1, INT32_MAX);
    if (index < 0) throw malformed("vout cannot be negative");
    const scriptPubKey = hexMember(one, "scriptPubKey");
    const key = outPointKey({ txid, index });
    const known = coins.get(key);
    if (known !== undefined && !equalBytes(known.scriptPubKey, scriptPubKey)) {
      const [chain, given] = [known.scriptPubKey, scriptPubKey].map((script) => disassembleScript(script));
      throw malformed(`Previous output scriptPubKey mismatch:\n${chain}\nvs:\n${given}`);
    }
    const amount = one.get("amount");
    coins.set(key, { scriptPubKey, value: amount === undefined ? UNKNOWN_AMOUNT : amountOf(amount) });
    if (material !== undefined) takeScripts(one, scriptPubKey, material);
  }
}

/** The hex of a member, in Core's words where it is none. */
function hexMember(object: JsonObject, name: string): Uint8Array {
  const text = object.get(name) as string;
  const bytes = text === "" ? undefined : tryFromHex(text);
  if (bytes === undefined) throw invalid(`${name} must be hexadecimal string (not '${text}')`);
  return bytes;
}

/** The script behind a P2SH or P2WSH output. Either name may hold a witness script, as it could before there were two. */
function takeScripts(object: JsonObject, scriptPubKey: Uint8Array, material: SigningMaterial): void {
  const { type } = templateOf(scriptPubKey);
  if (type !== "scripthash" && type !== "witness_v0_scripthash") return;
  const types = { redeemScript: "string", witnessScript: "string" } as const;
  checkMembers(object, types, { mayLack: true, mayHaveOthers: true });
  const redeem = object.get("redeemScript") ?? null;
  const witness = object.get("witnessScript") ?? null;
  if (redeem === null && witness === null) throw invalid("Missing redeemScript/witnessScript");
  const script = hexMember(object, witness === null ? "redeemScript" : "witnessScript");
  material.addScript(script);
  const witnessOutput = payToWitnessScriptHash(sha256(script));
  material.addScript(witnessOutput);
  const areBoth = redeem !== null && witness !== null && redeem !== witness;
  if (areBoth && !equalBytes(hexMember(object, "redeemScript"), witnessOutput)) {
    throw invalid("redeemScript does not correspond to witnessScript");
  }
  const possible =
    type === "scripthash" ? [script, witnessOutput].map((one) => payToScriptHash(hash160(one))) : [witnessOutput];
  if (!possible.some((output) => equalBytes(output, scriptPubKey))) {
    throw invalid("redeemScript/witnessScript does not match scriptPubKey");
  }
}

/** An output as Core shows it in messages. */
export function outputText({ value, scriptPubKey }: TxOutput): string {
  const fraction = (value % 100_000_000n).toString().padStart(8, "0");
  return `CTxOut(nValue=${value / 100_000_000n}.${fraction}, scriptPubKey=${toHex(scriptPubKey).slice(0, 30)})`;
}
