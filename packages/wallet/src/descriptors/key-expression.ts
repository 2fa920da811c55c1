import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import {
  type DerivationCurve,
  derivePath,
  type ExtendedKey,
  fingerprintOf,
  formatKeyPath,
  HARDENED_OFFSET,
  isHardened,
  type KeyOrigin,
  type KeyPath,
  keyIdOf,
} from "../keys/keys.ts";
import { aggregatePublicKey, musigExtendedKey, sortedParticipants } from "../keys/musig.ts";
import type { SigningMaterial } from "../signing/signing-material.ts";

/** KEY expressions of output descriptors (BIP380, BIP389, BIP390): what they say, and the keys they stand for. */

/** Whether an expression ends in `/*`, which stands for any index, or in its hardened form. */
export type KeyRange = "none" | "plain" | "hardened";

interface ConstantKey {
  readonly kind: "constant";
  /** 33 or 65 bytes. */
  readonly publicKey: Uint8Array;
  /** Written as its x alone (BIP386). */
  readonly xOnly: boolean;
}

export interface DerivedKey {
  readonly kind: "derived";
  /** Public: private keys are kept apart. */
  readonly root: ExtendedKey;
  /** The root as it is written. */
  readonly rootText: string;
  readonly path: KeyPath;
  readonly range: KeyRange;
  /** Hardened steps are written with an apostrophe. */
  readonly apostrophe: boolean;
}

interface KeyWithOrigin {
  readonly kind: "origin";
  readonly origin: KeyOrigin;
  readonly key: KeyExpression;
  readonly apostrophe: boolean;
}

interface MusigKey {
  readonly kind: "musig";
  readonly participants: readonly KeyExpression[];
  readonly path: KeyPath;
  readonly range: Exclude<KeyRange, "hardened">;
}

export type KeyExpression = ConstantKey | DerivedKey | KeyWithOrigin | MusigKey;

/** Whether the expression stands for a key of each index, not for one key. */
export function isRangedKey(key: KeyExpression): boolean {
  switch (key.kind) {
    case "constant":
      return false;
    case "derived":
      return key.range !== "none";
    case "origin":
      return isRangedKey(key.key);
    case "musig":
      return key.range !== "none" || key.participants.some(isRangedKey);
  }
}

/** Whether it is an extended key, from which others can be derived. */
export function isExtendedKey(key: KeyExpression): boolean {
  switch (key.kind) {
    case "constant":
      return false;
    case "derived":
      return true;
    case "origin":
      return isExtendedKey(key.key);
    case "musig":
      return key.participants.every(isExtendedKey);
  }
}

/** Bytes of its public keys. */
export function keySize(key: KeyExpression): number {
  switch (key.kind) {
    case "constant":
      return key.publicKey.length;
    case "derived":
      return 33;
    case "origin":
      return keySize(key.key);
    case "musig":
      return 32;
  }
}

/** The expression as text, without private keys. */
export function keyText(key: KeyExpression): string {
  switch (key.kind) {
    case "constant":
      return toHex(key.xOnly ? key.publicKey.subarray(1) : key.publicKey);
    case "derived":
      return key.rootText + formatKeyPath(key.path, key.apostrophe) + rangeText(key);
    case "origin": {
      const { fingerprint, path } = key.origin;
      return `[${toHex(fingerprint)}${formatKeyPath(path, key.apostrophe)}]${keyText(key.key)}`;
    }
    case "musig": {
      const end = key.range === "none" ? "" : "/*";
      return `musig(${key.participants.map(keyText).join(",")})${formatKeyPath(key.path)}${end}`;
    }
  }
}

function rangeText({ range, apostrophe }: DerivedKey): string {
  if (range === "none") return "";
  return range === "plain" ? "/*" : apostrophe ? "/*'" : "/*h";
}

/** What deriving keys uses. */
export interface DerivationContext {
  readonly secp256k1: DerivationCurve;
  /** Private keys, for hardened steps. */
  readonly secrets: SigningMaterial;
  /** Asked before a key is derived, and told of each that was. */
  readonly known?: KnownKeys | undefined;
}

/** Public keys that were derived before: those behind hardened steps cannot be found again without the private keys. */
export interface KnownKeys {
  get(key: DerivedKey, index: number): Uint8Array | undefined;
  note(key: DerivedKey, index: number, publicKey: Uint8Array): void;
}

/**
 * The public key at an index (which counts for ranged expressions only): 33 or 65 bytes. `undefined` where a hardened step
 * asks for a private key that is not at hand. The key and where it comes from are added to `found`.
 */
export function publicKeyAt(
  key: KeyExpression,
  index: number,
  context: DerivationContext,
  found: SigningMaterial,
): Uint8Array | undefined {
  switch (key.kind) {
    case "constant":
      return note(key.publicKey, { fingerprint: fingerprintOf(key.publicKey), path: [] }, found);
    case "derived": {
      const known = context.known?.get(key, index);
      const publicKey = known ?? derivedKeyAt(key, index, context)?.publicKey;
      if (!publicKey) return undefined;
      if (known === undefined) context.known?.note(key, index, publicKey);
      const path = [...key.path, ...lastStep(key.range, index)];
      return note(publicKey, { fingerprint: fingerprintOf(key.root.publicKey), path }, found);
    }
    case "origin": {
      const publicKey = publicKeyAt(key.key, index, context, found);
      if (publicKey === undefined) return undefined;
      const id = keyIdOf(publicKey);
      const path = [...key.origin.path, ...found.origins.get(id)!.path];
      found.origins.set(id, { fingerprint: key.origin.fingerprint, path });
      return publicKey;
    }
    case "musig":
      return musigKeyAt(key, index, context, found);
  }
}

function note(publicKey: Uint8Array, origin: KeyOrigin, found: SigningMaterial): Uint8Array {
  const id = keyIdOf(publicKey);
  if (!found.publicKeys.has(id)) found.publicKeys.set(id, publicKey);
  if (!found.origins.has(id)) found.origins.set(id, origin);
  return publicKey;
}

function lastStep(range: KeyRange, index: number): readonly number[] {
  if (range === "none") return [];
  return [range === "plain" ? index : index + HARDENED_OFFSET];
}

/** The key behind an expression's path, of which ranged expressions derive thousands. Public halves alone: private ones are not kept. */
const parents = new WeakMap<DerivedKey, ExtendedKey>();

function parentOf(key: DerivedKey, context: DerivationContext): ExtendedKey | undefined {
  const known = parents.get(key);
  if (known !== undefined) return known;
  const needsPrivate = key.range === "hardened" || key.path.some(isHardened);
  const parent = needsPrivate
    ? privateParentOf(key, context.secrets, context.secp256k1)
    : derivePath(key.root, key.path, context.secp256k1);
  if (parent !== undefined && key.range !== "hardened") parents.set(key, { ...parent, privateKey: undefined });
  return parent;
}

/** The private key behind an expression's path: kept with what it is derived from, and wiped with it. */
function privateParentOf(key: DerivedKey, secrets: SigningMaterial, curve: DerivationCurve): ExtendedKey | undefined {
  const root = privateRootOf(key, secrets);
  if (root === undefined || key.path.length === 0) return root;
  return secrets.parentOf(key, () => derivePath(root, key.path, curve));
}

function derivedKeyAt(key: DerivedKey, index: number, context: DerivationContext): ExtendedKey | undefined {
  const parent = parentOf(key, context);
  return parent && derivePath(parent, lastStep(key.range, index), context.secp256k1);
}

function privateRootOf(key: DerivedKey, secrets: SigningMaterial): ExtendedKey | undefined {
  const known = secrets.privateKeys.get(keyIdOf(key.root.publicKey));
  return known && { ...key.root, privateKey: known.privateKey };
}

/** The aggregate keys of expressions whose participants are the same at each index. */
const aggregates = new WeakMap<MusigKey, Uint8Array>();

function musigKeyAt(
  key: MusigKey,
  index: number,
  context: DerivationContext,
  found: SigningMaterial,
): Uint8Array | undefined {
  const keys: Uint8Array[] = [];
  for (const participant of key.participants) {
    const publicKey = publicKeyAt(participant, index, context, found);
    if (publicKey === undefined) return undefined;
    keys.push(publicKey);
  }
  const sorted = sortedParticipants(keys);
  const aggregate = aggregates.get(key) ?? aggregatePublicKey(sorted);
  if (aggregate === undefined) return undefined;
  if (!key.participants.some(isRangedKey)) aggregates.set(key, aggregate);
  found.musigParticipants.set(toHex(aggregate), sorted);
  const path = [...key.path, ...lastStep(key.range, index)];
  const publicKey =
    path.length === 0 ? aggregate : derivePath(musigExtendedKey(aggregate), path, context.secp256k1)?.publicKey;
  return publicKey && note(publicKey, { fingerprint: fingerprintOf(aggregate), path }, found);
}

/** Adds the private key at an index to `found`, where it is at hand, or what it is derived from is. */
export function addPrivateKeyAt(
  key: KeyExpression,
  index: number,
  context: DerivationContext,
  found: SigningMaterial,
): void {
  const { secrets } = context;
  switch (key.kind) {
    case "constant": {
      const known = key.xOnly
        ? secrets.privateKeyOfXOnly(key.publicKey.subarray(1))
        : secrets.privateKeys.get(keyIdOf(key.publicKey));
      // A copy: who was given it may wipe it.
      if (known !== undefined)
        found.addPrivateKey({ ...known, privateKey: known.privateKey.slice() }, context.secp256k1);
      return;
    }
    case "derived": {
      const parent = privateParentOf(key, secrets, context.secp256k1);
      const derived = parent && derivePath(parent, lastStep(key.range, index), context.secp256k1);
      if (derived?.privateKey === undefined) return;
      // A copy where it is the parent itself: who was given it may wipe it.
      const privateKey = derived === parent ? derived.privateKey.slice() : derived.privateKey;
      found.addKeyPair(derived.publicKey, { privateKey, compressed: true });
      return;
    }
    case "origin":
      addPrivateKeyAt(key.key, index, context, found);
      return;
    case "musig":
      for (const participant of key.participants) addPrivateKeyAt(participant, index, context, found);
  }
}
