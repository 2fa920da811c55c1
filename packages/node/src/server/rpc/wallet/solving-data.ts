import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import type { JsonObject, JsonValue } from "@bitfleet/api/json.ts";
import { notOfType } from "@bitfleet/api/rpc/rpc-params.ts";
import { tryFromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { hash160 } from "@bitfleet/protocol/crypto/hash.ts";
import { payToWitnessPublicKeyHash } from "@bitfleet/protocol/script/templates.ts";
import { expandDescriptor } from "@bitfleet/wallet/descriptors/descriptor.ts";
import { keyIdOf } from "@bitfleet/wallet/keys/keys.ts";
import { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import { type DescriptorContext, publicKeyParam, readDescriptor } from "../descriptor-params.ts";
import { invalid } from "./spending-params.ts";

/** What a caller tells of how outputs of others are spent (`solving_data`): keys, scripts, descriptors. */
export function solvingDataParam(data: JsonObject, context: DescriptorContext): SigningMaterial {
  const material = new SigningMaterial();
  for (const text of textsOf(data, "pubkeys")) {
    const key = publicKeyParam(text, context);
    material.publicKeys.set(keyIdOf(key), key);
    material.addScript(payToWitnessPublicKeyHash(hash160(key)));
  }
  for (const text of textsOf(data, "scripts")) {
    const script = text === "" ? undefined : tryFromHex(text);
    if (script === undefined) throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, `'${text}' is not hex`);
    material.addScript(script);
  }
  for (const text of textsOf(data, "descriptors")) {
    const parsed = readDescriptor(text, context, true);
    if ("error" in parsed) throw invalid(`Unable to parse descriptor '${text}': ${parsed.error}`);
    const { descriptors, secrets } = parsed;
    for (const descriptor of descriptors) {
      const expansion = expandDescriptor(descriptor, 0, { secp256k1: context.secp256k1, secrets });
      if (expansion !== undefined) material.merge(expansion.material);
    }
  }
  return material;
}

function textsOf(data: JsonObject, name: string): readonly string[] {
  const list = (data.get(name) ?? []) as JsonValue;
  if (!Array.isArray(list)) throw new RpcError(RpcErrorCode.TYPE_ERROR, notOfType(list, "array"));
  return (list as readonly JsonValue[]).map((text) => {
    if (typeof text !== "string") throw new RpcError(RpcErrorCode.TYPE_ERROR, notOfType(text, "string"));
    return text;
  });
}
