import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { hash160 } from "@bitfleet/protocol/crypto/hash.ts";
import type { AddressPrefixes } from "@bitfleet/protocol/script/address.ts";
import { HARDENED_OFFSET, HDKey } from "@scure/bip32";

/** Keys as descriptors and signers name them. Private keys in wallet import format: `decodeWif` of the addresses. */

/** BIP32: an extended key, private or public. */
export type ExtendedKey = HDKey;

/** BIP32: steps of a derivation; those from {@link HARDENED_OFFSET} on are hardened. */
export type KeyPath = readonly number[];

/** BIP32: first of the indexes that only the private key can derive. */
export { HARDENED_OFFSET };

const FINGERPRINT_SIZE = 4;

/** Which key a key was derived from, and how (BIP380). */
export interface KeyOrigin {
  /** First four bytes of the hash of the public key that the path begins at. */
  readonly fingerprint: Uint8Array;
  readonly path: KeyPath;
}

/** Names a public key in maps: its hash160 in hex. Other forms of the same point have other names. */
export function keyIdOf(publicKey: Uint8Array): string {
  return toHex(hash160(publicKey));
}

/** BIP32: the first bytes of a public key's hash. */
export function fingerprintOf(publicKey: Uint8Array): Uint8Array {
  return hash160(publicKey).subarray(0, FINGERPRINT_SIZE);
}

/** `/44h/0h/0`, or with apostrophes. Empty for no steps. */
export function formatKeyPath(path: KeyPath, apostrophe = false): string {
  const mark = apostrophe ? "'" : "h";
  return path.map((step) => (isHardened(step) ? `/${step - HARDENED_OFFSET}${mark}` : `/${step}`)).join("");
}

export function isHardened(step: number): boolean {
  return step >= HARDENED_OFFSET;
}

/** BIP32: the extended key that a text (`xpub…`, `tprv…`) encodes for this network; `undefined` where it is none. */
export function decodeExtendedKey(text: string, prefixes: AddressPrefixes): ExtendedKey | undefined {
  try {
    return HDKey.fromExtendedKey(text, extendedKeyVersions(prefixes));
  } catch {
    // The library tells a wrong checksum, version, key or depth by throwing.
    return undefined;
  }
}

export function extendedKeyVersions(prefixes: AddressPrefixes): { readonly private: number; readonly public: number } {
  return { private: prefixes.extPrivateKey, public: prefixes.extPublicKey };
}

/** The same key without what it can sign with. */
export function publicExtendedKey(key: ExtendedKey): ExtendedKey {
  return new HDKey({ ...publicFields(key), publicKey: key.publicKey! });
}

/** The private form of a public extended key whose private key is known. */
export function privateExtendedKey(key: ExtendedKey, privateKey: Uint8Array): ExtendedKey {
  return new HDKey({ ...publicFields(key), privateKey });
}

function publicFields(key: ExtendedKey) {
  const { versions, depth, index, parentFingerprint } = key;
  return { versions, depth, index, parentFingerprint, chainCode: key.chainCode! };
}

/** BIP32: the key behind one step; `undefined` at the greatest depth, for a hardened step without private key, or (once in 2¹²⁷) for a step that leads to no key. */
export function deriveStep(key: ExtendedKey, step: number): ExtendedKey | undefined {
  try {
    return key.deriveChild(step);
  } catch {
    return undefined;
  }
}

/** {@link deriveStep} for each step of a path. */
export function derivePath(key: ExtendedKey, path: KeyPath): ExtendedKey | undefined {
  let derived: ExtendedKey | undefined = key;
  for (const step of path) derived = derived && deriveStep(derived, step);
  return derived;
}
