import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { ripemd160 } from "@bitfleet/protocol/crypto/hash.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { type AddressPrefixes, encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { Op } from "@bitfleet/protocol/script/opcodes.ts";
import { templateOf } from "@bitfleet/protocol/script/templates.ts";
import { keyIdOf } from "../keys/keys.ts";
import { decodeMiniscript } from "../miniscript/decode.ts";
import type { MiniscriptContext } from "../miniscript/expression.ts";
import { isSane } from "../miniscript/sanity.ts";
import { multiAOf } from "../signing/multi-a.ts";
import { SigningMaterial } from "../signing/signing-material.ts";
import { mapTree, sortedTree } from "../signing/taproot-tree.ts";
import { type Descriptor, descriptorText } from "./descriptor.ts";
import type { KeyExpression } from "./key-expression.ts";

/** What tells how scripts look on a network. */
export interface ScriptContext {
  readonly prefixes: AddressPrefixes;
  readonly secp256k1: Pick<Secp256k1, "isPublicKey">;
}

/** Nothing is known. */
const NO_MATERIAL = new SigningMaterial();

/**
 * A descriptor of an output script that says as much as `material` allows, as text with its checksum: by its keys where
 * they are known, else by address, else by the script itself.
 */
export function inferDescriptor(script: Uint8Array, context: ScriptContext, material = NO_MATERIAL): string {
  return descriptorText(inferredDescriptor(script, context, material));
}

/** {@link inferDescriptor}, not as text. */
export function inferredDescriptor(script: Uint8Array, context: ScriptContext, material: SigningMaterial): Descriptor {
  const inferred = inferScript(script, "top", context, material);
  if (inferred !== undefined) return inferred;
  const address = templateOf(script).type === "pubkey" ? undefined : encodeAddress(script, context.prefixes);
  return address === undefined ? { kind: "raw", script } : { kind: "addr", script, address };
}

type Place = "top" | "sh" | "wsh";

function inferScript(
  script: Uint8Array,
  place: Place,
  context: ScriptContext,
  material: SigningMaterial,
): Descriptor | undefined {
  const inferred = inferTemplate(script, place, context, material);
  return inferred ?? (place === "wsh" ? inferMiniscript(script, "wsh", material) : undefined);
}

function inferTemplate(
  script: Uint8Array,
  place: Place,
  context: ScriptContext,
  material: SigningMaterial,
): Descriptor | undefined {
  const template = templateOf(script);
  switch (template.type) {
    case "pubkey": {
      const key = inferKey(template.publicKey, place, material);
      return key && { kind: "pk", key, xOnly: false };
    }
    case "pubkeyhash": {
      const key = keyOfHash(template.hash, place, material);
      return key && { kind: "pkh", key };
    }
    case "witness_v0_keyhash": {
      const key = place === "wsh" ? undefined : keyOfHash(template.hash, "wsh", material);
      return key && { kind: "wpkh", key };
    }
    case "multisig": {
      const keys = template.publicKeys.map((key) => inferKey(key, place, material));
      const known = keys.filter((key) => key !== undefined);
      return known.length === keys.length ? { kind: "multi", required: template.required, keys: known } : undefined;
    }
    case "scripthash":
      return place === "top" ? inferWrapped("sh", template.hash, context, material) : undefined;
    case "witness_v0_scripthash":
      return place === "wsh" ? undefined : inferWrapped("wsh", ripemd160(template.hash), context, material);
    case "witness_v1_taproot":
      return place === "top" ? inferTaproot(template.outputKey, context, material) : undefined;
    default:
      return undefined;
  }
}

function inferWrapped(
  kind: "sh" | "wsh",
  scriptHash: Uint8Array,
  context: ScriptContext,
  material: SigningMaterial,
): Descriptor | undefined {
  if (material.scripts.size === 0) return undefined;
  const script = material.scripts.get(toHex(scriptHash));
  const inner = script && inferScript(script, kind, context, material);
  return inner && { kind, inner };
}

/** The key, with where it comes from; `undefined` where a key of that form may not stand there. */
function inferKey(publicKey: Uint8Array, place: Place, material: SigningMaterial): KeyExpression | undefined {
  const form = publicKey[0];
  if (form !== 2 && form !== 3 && !(form === 4 && place !== "wsh")) return undefined;
  const origin = material.origins.size === 0 ? undefined : material.origins.get(keyIdOf(publicKey));
  const key: KeyExpression = { kind: "constant", publicKey, xOnly: false };
  return origin === undefined ? key : { kind: "origin", origin, key, apostrophe: false };
}

function keyOfHash(keyHash: Uint8Array, place: Place, material: SigningMaterial): KeyExpression | undefined {
  if (material.publicKeys.size === 0) return undefined;
  const publicKey = material.publicKeys.get(toHex(keyHash));
  return publicKey && inferKey(publicKey, place, material);
}

function inferXOnlyKey(x: Uint8Array, material: SigningMaterial): KeyExpression {
  const origin = material.origins.size === 0 ? undefined : material.originOfXOnly(x);
  const key: KeyExpression = { kind: "constant", publicKey: Uint8Array.of(2, ...x), xOnly: true };
  return origin === undefined ? key : { kind: "origin", origin, key, apostrophe: false };
}

function inferTaproot(
  outputKey: Uint8Array,
  context: ScriptContext,
  material: SigningMaterial,
): Descriptor | undefined {
  const output = material.taprootOutputs.size === 0 ? undefined : material.taprootOutputs.get(toHex(outputKey));
  if (output !== undefined) {
    const tree = output.tree && mapTree(sortedTree(output.tree), (script) => inferTapscript(script, material));
    if (tree !== undefined || output.tree === undefined) {
      return { kind: "tr", key: inferXOnlyKey(output.internalKey, material), tree };
    }
  }
  if (!context.secp256k1.isPublicKey(Uint8Array.of(2, ...outputKey))) return undefined;
  return { kind: "rawtr", key: inferXOnlyKey(outputKey, material) };
}

function inferTapscript(script: Uint8Array, material: SigningMaterial): Descriptor | undefined {
  if (script.length === 34 && script[0] === 32 && script[33] === Op.CHECKSIG) {
    return { kind: "pk", key: inferXOnlyKey(script.subarray(1, 33), material), xOnly: true };
  }
  const multi = multiAOf(script);
  if (multi === undefined) return inferMiniscript(script, "tapscript", material);
  return { kind: "multi_a", required: multi.required, keys: multi.keys.map((key) => inferXOnlyKey(key, material)) };
}

/** The miniscript that the script was made of, where a wallet may pay to it. */
function inferMiniscript(
  script: Uint8Array,
  context: MiniscriptContext,
  material: SigningMaterial,
): Descriptor | undefined {
  const keys: KeyExpression[] = [];
  const names: string[] = [];
  const add = (publicKey: Uint8Array, key: KeyExpression | undefined) => {
    if (key === undefined) return undefined;
    names.push(toHex(publicKey));
    return keys.push(key) - 1;
  };
  const node = decodeMiniscript(script, context, {
    keyOf(bytes) {
      const isX = bytes.length === 32;
      if (isX !== (context === "tapscript")) return undefined;
      return add(bytes, isX ? inferXOnlyKey(bytes, material) : inferKey(bytes, "wsh", material));
    },
    keyOfHash(hash) {
      const publicKey = material.publicKeys.get(toHex(hash));
      return publicKey && add(publicKey, inferKey(publicKey, "wsh", material));
    },
  });
  return node && isSane(node, (index) => names[index]!) ? { kind: "miniscript", node, keys } : undefined;
}
