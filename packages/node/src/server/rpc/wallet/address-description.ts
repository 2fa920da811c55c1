import type { RpcValue } from "@bitfleet/api/json.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { ripemd160 } from "@bitfleet/protocol/crypto/hash.ts";
import { type OutputTemplate, templateOf } from "@bitfleet/protocol/script/templates.ts";
import type { ScriptContext } from "@bitfleet/wallet/descriptors/infer-descriptor.ts";
import type { KeyOrigin } from "@bitfleet/wallet/keys/keys.ts";
import type { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import { addressOf } from "../../transaction-json.ts";
import { addressDetails } from "../rpc-scripts.ts";

/** What a wallet says of the scripts and keys behind an address. */

type JsonMembers = Record<string, RpcValue>;
const COMPRESSED_KEY_SIZE = 33;

/** What the address says of its script and, where `material` knows what is behind it, of that. */
export function addressDescription(
  script: Uint8Array,
  material: SigningMaterial | undefined,
  context: ScriptContext,
): JsonMembers {
  const template = templateOf(script);
  return { ...addressDetails(template), ...(material && knownDetails(template, material, context)) };
}

/** Where the key of an address that stands for one key comes from. */
export function originOfAddress(script: Uint8Array, material: SigningMaterial): KeyOrigin | undefined {
  const template = templateOf(script);
  switch (template.type) {
    case "pubkeyhash":
    case "witness_v0_keyhash":
      return material.origins.get(toHex(template.hash));
    case "scripthash": {
      const inner = material.scripts.get(toHex(template.hash));
      const isKey = inner !== undefined && templateOf(inner).type === "witness_v0_keyhash";
      return isKey ? originOfAddress(inner, material) : undefined;
    }
    case "witness_v1_taproot": {
      const output = material.taprootOutputs.get(toHex(template.outputKey));
      return output?.tree === undefined ? output && material.originOfXOnly(output.internalKey) : undefined;
    }
    default:
      return undefined;
  }
}

function knownDetails(template: OutputTemplate, material: SigningMaterial, context: ScriptContext): JsonMembers {
  switch (template.type) {
    case "pubkeyhash": {
      const key = material.publicKeys.get(toHex(template.hash));
      return key === undefined ? {} : { pubkey: toHex(key), iscompressed: key.length === COMPRESSED_KEY_SIZE };
    }
    case "witness_v0_keyhash": {
      const key = material.publicKeys.get(toHex(template.hash));
      return key === undefined ? {} : { pubkey: toHex(key) };
    }
    case "scripthash":
      return innerDetails(material.scripts.get(toHex(template.hash)), material, context);
    case "witness_v0_scripthash":
      return innerDetails(material.scripts.get(toHex(ripemd160(template.hash))), material, context);
    default:
      return {};
  }
}

function innerDetails(script: Uint8Array | undefined, material: SigningMaterial, context: ScriptContext): JsonMembers {
  if (script === undefined) return {};
  const template = templateOf(script);
  const head = { script: template.type, hex: toHex(script) };
  const address = addressOf(script, context);
  if (address !== undefined) {
    const embedded: JsonMembers = {
      ...addressDescription(script, material, context),
      address,
      scriptPubKey: toHex(script),
    };
    // The key of an address is told at the top, however it is wrapped.
    return { ...head, ...(embedded.pubkey !== undefined && { pubkey: embedded.pubkey }), embedded };
  }
  if (template.type !== "multisig") return head;
  return { ...head, sigsrequired: template.required, pubkeys: template.publicKeys.map(toHex) };
}
