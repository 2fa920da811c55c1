import { compareBytes, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { hash160, sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import {
  payToMultisig,
  payToPublicKey,
  payToPublicKeyHash,
  payToScriptHash,
  payToTaproot,
  payToWitnessPublicKeyHash,
  payToWitnessScriptHash,
} from "@bitfleet/protocol/script/templates.ts";
import { keyIdOf } from "../keys/keys.ts";
import { compileMiniscript } from "../miniscript/compile.ts";
import { multiAScript } from "../signing/multi-a.ts";
import { SigningMaterial } from "../signing/signing-material.ts";
import { leavesOf, mapTree, type Tree, taprootOutput, treeText } from "../signing/taproot-tree.ts";
import { withChecksum } from "./descriptor-checksum.ts";
import {
  addPrivateKeyAt,
  type DerivationContext,
  isRangedKey,
  type KeyExpression,
  keyText,
  publicKeyAt,
} from "./key-expression.ts";
import { lockTimeWarnings, type MiniscriptDescriptor, miniscriptDescriptorText } from "./miniscript.ts";

/**
 * Output descriptors (BIP379 to BIP387, BIP389, BIP390): what one says, and the scripts it stands for. What it takes to
 * read one is in `descriptor-parser`, to make one of a script in `infer-descriptor`.
 */
export type Descriptor =
  | { readonly kind: "addr"; readonly address: string; readonly script: Uint8Array }
  | { readonly kind: "raw"; readonly script: Uint8Array }
  | { readonly kind: "pk"; readonly key: KeyExpression; readonly xOnly: boolean }
  | { readonly kind: "pkh" | "wpkh" | "combo" | "rawtr" | "unused"; readonly key: KeyExpression }
  | { readonly kind: MultiKind; readonly required: number; readonly keys: readonly KeyExpression[] }
  | { readonly kind: "sh" | "wsh"; readonly inner: Descriptor }
  | { readonly kind: "tr"; readonly key: KeyExpression; readonly tree: Tree<Descriptor> | undefined }
  | MiniscriptDescriptor;

/** `…_a`: of x-only keys, in tapscript (BIP387); `sorted…`: the keys in the order of their bytes (BIP383). */
export type MultiKind = "multi" | "sortedmulti" | "multi_a" | "sortedmulti_a";

/** How a key stands in a text. */
export type KeyWriter = (key: KeyExpression) => string;

/** The descriptor as text, with its checksum: in its usual form, without private keys, unless `writeKey` writes them otherwise. */
export function descriptorText(descriptor: Descriptor, writeKey: KeyWriter = keyText): string {
  return withChecksum(bareText(descriptor, writeKey));
}

function bareText(descriptor: Descriptor, writeKey: KeyWriter): string {
  if (descriptor.kind === "miniscript") return miniscriptDescriptorText(descriptor, writeKey);
  return `${descriptor.kind}(${argumentsText(descriptor, writeKey)})`;
}

function argumentsText(descriptor: Exclude<Descriptor, MiniscriptDescriptor>, writeKey: KeyWriter): string {
  switch (descriptor.kind) {
    case "addr":
      return descriptor.address;
    case "raw":
      return toHex(descriptor.script);
    case "multi":
    case "sortedmulti":
    case "multi_a":
    case "sortedmulti_a":
      return [descriptor.required, ...descriptor.keys.map(writeKey)].join(",");
    case "sh":
    case "wsh":
      return bareText(descriptor.inner, writeKey);
    case "tr": {
      const tree = descriptor.tree && treeText(descriptor.tree, (leaf) => bareText(leaf, writeKey));
      return writeKey(descriptor.key) + (tree === undefined ? "" : `,${tree}`);
    }
    default:
      return writeKey(descriptor.key);
  }
}

/** Every KEY expression of a descriptor, in the order of the text. */
export function keysOf(descriptor: Descriptor): readonly KeyExpression[] {
  return [...ownKeys(descriptor), ...innerOf(descriptor).flatMap(keysOf)];
}

/** The KEY expressions of a descriptor, not those of descriptors within. */
function ownKeys(descriptor: Descriptor): readonly KeyExpression[] {
  if ("key" in descriptor) return [descriptor.key];
  return "keys" in descriptor ? descriptor.keys : [];
}

/** The descriptors that stand directly within one. */
function innerOf(descriptor: Descriptor): readonly Descriptor[] {
  if ("inner" in descriptor) return [descriptor.inner];
  return "tree" in descriptor && descriptor.tree ? leavesOf(descriptor.tree) : [];
}

/** Whether it stands for other scripts at each index. */
export function isRanged(descriptor: Descriptor): boolean {
  return ownKeys(descriptor).some(isRangedKey) || innerOf(descriptor).some(isRanged);
}

/** Whether all is said that it takes to spend its outputs, but for private keys. */
export function isSolvable(descriptor: Descriptor): boolean {
  return descriptor.kind !== "addr" && descriptor.kind !== "raw";
}

/** What a wallet tells who imports it, in Core's words: of lock times that wait for less than they say. */
export function descriptorWarnings(descriptor: Descriptor): readonly string[] {
  if (descriptor.kind === "miniscript") return lockTimeWarnings(descriptor.node);
  return innerOf(descriptor).flatMap(descriptorWarnings);
}

/** What a descriptor stands for at one index. */
export interface Expansion {
  /** The output scripts: up to four for combo, none for unused, else one. */
  readonly scripts: readonly Uint8Array[];
  /** Public keys, scripts and trees that spending them takes. */
  readonly material: SigningMaterial;
}

/** What expanding uses. */
export interface ExpansionContext extends DerivationContext {
  readonly secp256k1: Pick<Secp256k1, "tweakXOnly" | "tweakPublicKey" | "publicKeyOf">;
}

/** The scripts at `index`, which counts for ranged descriptors only; `undefined` where a private key is wanting. */
export function expandDescriptor(
  descriptor: Descriptor,
  index: number,
  context: ExpansionContext,
): Expansion | undefined {
  const material = new SigningMaterial();
  const scripts = scriptsAt(descriptor, index, context, material);
  return scripts && { scripts, material };
}

/** Adds the private keys of the descriptor at `index` that are at hand, or that what is at hand gives, to `found`. */
export function addPrivateKeys(
  descriptor: Descriptor,
  index: number,
  context: DerivationContext,
  found: SigningMaterial,
): void {
  for (const key of ownKeys(descriptor)) addPrivateKeyAt(key, index, context, found);
  for (const inner of innerOf(descriptor)) addPrivateKeys(inner, index, context, found);
}

function scriptsAt(
  descriptor: Descriptor,
  index: number,
  context: ExpansionContext,
  material: SigningMaterial,
): readonly Uint8Array[] | undefined {
  const keys: Uint8Array[] = [];
  for (const expression of ownKeys(descriptor)) {
    const key = publicKeyAt(expression, index, context, material);
    if (key === undefined) return undefined;
    keys.push(key);
  }
  const innerScript = (inner: Descriptor) => scriptsAt(inner, index, context, material)?.[0];
  switch (descriptor.kind) {
    case "addr":
    case "raw":
      return [descriptor.script];
    case "pk":
      return [payToPublicKey(descriptor.xOnly ? xOnly(keys[0]!) : keys[0]!)];
    case "pkh":
      return [payToPublicKeyHash(hash160(keys[0]!))];
    case "wpkh":
      return [payToWitnessPublicKeyHash(hash160(keys[0]!))];
    case "combo":
      return comboScripts(keys[0]!, material);
    case "unused":
      return [];
    case "rawtr":
      return [payToTaproot(xOnly(keys[0]!))];
    case "multi":
      return [payToMultisig(descriptor.required, keys)];
    case "sortedmulti":
      return [payToMultisig(descriptor.required, keys.sort(compareBytes))];
    case "multi_a":
      return [multiAScript({ required: descriptor.required, keys: keys.map(xOnly) })];
    case "sortedmulti_a":
      return [multiAScript({ required: descriptor.required, keys: keys.map(xOnly).sort(compareBytes) })];
    case "miniscript":
      return [miniscriptScript(descriptor, keys, material)];
    case "sh":
    case "wsh":
      return wrapped(innerScript(descriptor.inner), descriptor.kind, material);
    case "tr": {
      const tree = descriptor.tree && mapTree(descriptor.tree, innerScript);
      if (descriptor.tree && !tree) return undefined;
      return taprootScripts(xOnly(keys[0]!), tree, context, material);
    }
  }
}

/** In tapscript a hash of a key is that of its x, by which the key has to be found too. */
function miniscriptScript(
  { node }: MiniscriptDescriptor,
  keys: readonly Uint8Array[],
  material: SigningMaterial,
): Uint8Array {
  if (node.context === "wsh") return compileMiniscript(node, (index) => keys[index]!);
  for (const key of keys) material.publicKeys.set(keyIdOf(xOnly(key)), key);
  return compileMiniscript(node, (index) => xOnly(keys[index]!));
}

const xOnly = (publicKey: Uint8Array) => publicKey.subarray(1, 33);

/** BIP384: P2PK, P2PKH and, for a compressed key, P2WPKH bare and in P2SH. */
function comboScripts(publicKey: Uint8Array, material: SigningMaterial): readonly Uint8Array[] {
  const keyHash = hash160(publicKey);
  const plain = [payToPublicKey(publicKey), payToPublicKeyHash(keyHash)];
  if (publicKey.length !== 33) return plain;
  const witness = payToWitnessPublicKeyHash(keyHash);
  material.addScript(witness);
  return [...plain, witness, payToScriptHash(hash160(witness))];
}

function wrapped(
  script: Uint8Array | undefined,
  kind: "sh" | "wsh",
  material: SigningMaterial,
): readonly Uint8Array[] | undefined {
  if (script === undefined) return undefined;
  material.addScript(script);
  return [kind === "sh" ? payToScriptHash(hash160(script)) : payToWitnessScriptHash(sha256(script))];
}

function taprootScripts(
  internalKey: Uint8Array,
  tree: Tree<Uint8Array> | undefined,
  context: ExpansionContext,
  material: SigningMaterial,
): readonly Uint8Array[] {
  const output = taprootOutput(internalKey, tree, context.secp256k1);
  if (output === undefined) return [];
  material.taprootOutputs.set(toHex(output.outputKey), output);
  return [payToTaproot(output.outputKey)];
}
