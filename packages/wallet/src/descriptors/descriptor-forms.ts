import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { type AddressPrefixes, encodeWif } from "@bitfleet/protocol/script/address.ts";
import { HDKey } from "@scure/bip32";
import { extendedKeyVersions, fingerprintOf, formatKeyPath, isHardened, keyIdOf } from "../keys/keys.ts";
import type { SigningMaterial } from "../signing/signing-material.ts";
import { type Descriptor, descriptorText, keysOf } from "./descriptor.ts";
import { type DerivedKey, type KeyExpression, keyText } from "./key-expression.ts";

/** Other texts of a descriptor: with private keys, and in the form that needs none. */

/** What writing these forms uses. */
export interface FormContext {
  readonly secrets: Pick<SigningMaterial, "privateKeys" | "privateKeyOfXOnly">;
  readonly prefixes: AddressPrefixes;
}

/**
 * The descriptor with every hardened step in the origin of the key behind it, so that whoever has no private key finds its scripts:
 * `wpkh([d34db33f/84h/1h/0h]tpub…/0/*)`. As it is where the last step is hardened for each index. `undefined` where a private key that
 * a hardened step takes is not at hand.
 */
export function normalizedText(descriptor: Descriptor, context: FormContext): string | undefined {
  let isWhole = true;
  const text = descriptorText(descriptor, (key) => {
    const normalized = normalizedKey(key, context);
    if (normalized === undefined) isWhole = false;
    return normalized ?? "";
  });
  return isWhole ? text : undefined;
}

/** The descriptor with the private keys that are at hand in place of public ones; `undefined` where there is none. */
export function privateText(descriptor: Descriptor, context: FormContext): string | undefined {
  let hasAny = false;
  const text = descriptorText(descriptor, (key) => {
    const secret = privateKeyText(key, context);
    hasAny ||= secret !== undefined;
    return secret ?? keyText(key);
  });
  return hasAny ? text : undefined;
}

/** An extended key with its private half, as text, where that is at hand. `publicText`: of this network. */
export function privateExtendedText(publicText: string, { secrets, prefixes }: FormContext): string | undefined {
  const versions = extendedKeyVersions(prefixes);
  const { publicKey, depth, index, parentFingerprint, chainCode } = HDKey.fromExtendedKey(publicText, versions);
  const known = secrets.privateKeys.get(keyIdOf(publicKey!));
  if (known === undefined) return undefined;
  const { privateKey } = known;
  const key = new HDKey({ versions, depth, index, parentFingerprint, chainCode: chainCode!, privateKey });
  return key.privateExtendedKey;
}

/** Whether the scripts of its indexes can be found with the public keys in its text alone. */
export function isSelfExpanding(descriptor: Descriptor): boolean {
  return hardenedKeysOf(descriptor).length === 0;
}

/** The keys of a descriptor that take a private key to derive, in the order of the text. */
export function hardenedKeysOf(descriptor: Descriptor): readonly DerivedKey[] {
  return keysOf(descriptor).flatMap(hardenedKeys);
}

function hardenedKeys(key: KeyExpression): readonly DerivedKey[] {
  switch (key.kind) {
    case "constant":
      return [];
    case "derived":
      return key.range === "hardened" || key.path.some(isHardened) ? [key] : [];
    case "origin":
      return hardenedKeys(key.key);
    case "musig":
      return key.participants.flatMap(hardenedKeys);
  }
}

/** Names ({@link keyIdOf}) of the keys whose private halves a descriptor is signed with: of extended keys the roots. */
export function rootKeyIdsOf(descriptor: Descriptor): readonly string[] {
  return keysOf(descriptor).flatMap(rootKeyIds);
}

/** The extended keys that a descriptor's keys are derived from, as text. */
export function extendedRootsOf(descriptor: Descriptor): readonly string[] {
  return keysOf(descriptor).flatMap(extendedRoots);
}

function rootKeyIds(key: KeyExpression): readonly string[] {
  switch (key.kind) {
    case "constant":
      return key.xOnly ? [2, 3].map((first) => keyIdOf(withParity(key.publicKey, first))) : [keyIdOf(key.publicKey)];
    case "derived":
      return [keyIdOf(key.root.publicKey)];
    case "origin":
      return rootKeyIds(key.key);
    case "musig":
      return key.participants.flatMap(rootKeyIds);
  }
}

const withParity = (publicKey: Uint8Array, first: number) => Uint8Array.of(first, ...publicKey.subarray(1));

function extendedRoots(key: KeyExpression): readonly string[] {
  switch (key.kind) {
    case "constant":
      return [];
    case "derived":
      return [key.rootText];
    case "origin":
      return extendedRoots(key.key);
    case "musig":
      return key.participants.flatMap(extendedRoots);
  }
}

function normalizedKey(key: KeyExpression, context: FormContext): string | undefined {
  switch (key.kind) {
    case "constant":
      return keyText(key);
    case "derived":
      return normalizedDerivedKey(key, context);
    case "origin": {
      const inner = normalizedKey(key.key, context);
      if (inner === undefined) return undefined;
      // An origin of the inner key's own continues the path; its fingerprint is that of a key on the way.
      const [, path = "", rest = inner] = /^\[[0-9a-f]{8}([^\]]*)\](.*)$/.exec(inner) ?? [];
      const head = keyText({ ...key, apostrophe: false });
      return `${head.slice(0, head.indexOf("]"))}${path}]${rest}`;
    }
    case "musig": {
      const participants = key.participants.map((participant) => normalizedKey(participant, context));
      if (participants.includes(undefined)) return undefined;
      const end = key.range === "none" ? "" : "/*";
      return `musig(${participants.join(",")})${formatKeyPath(key.path)}${end}`;
    }
  }
}

function normalizedDerivedKey(key: DerivedKey, context: FormContext): string | undefined {
  const hardenedCount = key.path.findLastIndex(isHardened) + 1;
  if (key.range === "hardened" || hardenedCount === 0) return keyText({ ...key, apostrophe: false });
  const root = privateRoot(key, context);
  if (root === undefined) return undefined;
  const [hardened, rest] = [key.path.slice(0, hardenedCount), key.path.slice(hardenedCount)];
  const origin = toHex(fingerprintOf(key.root.publicKey)) + formatKeyPath(hardened);
  const parent = root.derive(`m${formatKeyPath(hardened, true)}`).publicExtendedKey;
  return `[${origin}]${parent}${formatKeyPath(rest)}${key.range === "plain" ? "/*" : ""}`;
}

/** With the private half, which its text lacks. */
function privateRoot(key: DerivedKey, { secrets, prefixes }: FormContext): HDKey | undefined {
  const known = secrets.privateKeys.get(keyIdOf(key.root.publicKey));
  if (known === undefined) return undefined;
  const versions = extendedKeyVersions(prefixes);
  const { depth, index, parentFingerprint, chainCode } = HDKey.fromExtendedKey(key.rootText, versions);
  const { privateKey } = known;
  return new HDKey({ versions, depth, index, parentFingerprint, chainCode: chainCode!, privateKey });
}

function privateKeyText(key: KeyExpression, context: FormContext): string | undefined {
  switch (key.kind) {
    case "constant": {
      const { secrets, prefixes } = context;
      const known = key.xOnly
        ? secrets.privateKeyOfXOnly(key.publicKey.subarray(1))
        : secrets.privateKeys.get(keyIdOf(key.publicKey));
      return known && encodeWif(known, prefixes);
    }
    case "derived": {
      const root = privateRoot(key, context);
      return root && keyText({ ...key, rootText: root.privateExtendedKey });
    }
    case "origin": {
      const inner = privateKeyText(key.key, context);
      const head = keyText(key);
      return inner && head.slice(0, head.indexOf("]") + 1) + inner;
    }
    case "musig": {
      const inner = key.participants.map((participant) => privateKeyText(participant, context));
      if (inner.every((text) => text === undefined)) return undefined;
      const texts = key.participants.map((participant, index) => inner[index] ?? keyText(participant));
      const end = key.range === "none" ? "" : "/*";
      return `musig(${texts.join(",")})${formatKeyPath(key.path)}${end}`;
    }
  }
}
