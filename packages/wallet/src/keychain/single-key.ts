import { hash160 } from "@bitfleet/protocol/crypto/hash.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import {
  payToPublicKey,
  payToPublicKeyHash,
  payToScriptHash,
  payToTaproot,
  payToWitnessPublicKeyHash,
} from "@bitfleet/protocol/script/templates.ts";
import type { Descriptor } from "../descriptors/descriptor.ts";
import type { KeyExpression } from "../descriptors/key-expression.ts";
import { taprootOutput } from "../signing/taproot-tree.ts";

/** Descriptors whose scripts follow from one key: of a key, their index is found without deriving those of all the others. */

const COMPRESSED_KEY_SIZE = 33;

/** Whether each script of a descriptor is among the {@link scriptsOfKey} of the only public key at its index. */
export function isOfSingleKey(descriptor: Descriptor): boolean {
  switch (descriptor.kind) {
    case "pk":
    case "pkh":
    case "wpkh":
    case "combo":
    case "rawtr":
      return isPlain(descriptor.key);
    case "tr":
      return descriptor.tree === undefined && isPlain(descriptor.key);
    case "sh":
      return descriptor.inner.kind === "wpkh" && isPlain(descriptor.inner.key);
    case "addr":
    case "raw":
      // There is no key in them.
      return true;
    default:
      return false;
  }
}

/** Not an aggregate, which has its participants' keys beside its own. */
function isPlain(key: KeyExpression): boolean {
  return key.kind === "origin" ? isPlain(key.key) : key.kind !== "musig";
}

/** The scripts of the kinds of descriptors that have one key, with that key. */
export function scriptsOfKey(publicKey: Uint8Array, secp256k1: Pick<Secp256k1, "tweakXOnly">): readonly Uint8Array[] {
  const keyHash = hash160(publicKey);
  const scripts = [payToPublicKey(publicKey), payToPublicKeyHash(keyHash)];
  if (publicKey.length !== COMPRESSED_KEY_SIZE) return scripts;
  const witness = payToWitnessPublicKeyHash(keyHash);
  const x = publicKey.subarray(1);
  const output = taprootOutput(x, undefined, secp256k1);
  if (output !== undefined) scripts.push(payToTaproot(output.outputKey));
  return [...scripts, witness, payToScriptHash(hash160(witness)), payToTaproot(x)];
}
