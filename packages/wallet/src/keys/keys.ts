import { concatBytes, littleEndianFromBigInt, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { hash160 } from "@bitfleet/protocol/crypto/hash.ts";
import { hmacSha512 } from "@bitfleet/protocol/crypto/hmac-sha512.ts";
import { CURVE_ORDER, type Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import type { AddressPrefixes } from "@bitfleet/protocol/script/address.ts";
import { HARDENED_OFFSET, HDKey } from "@scure/bip32";

/** Keys as descriptors and signers name them. Private keys in wallet import format: `decodeWif` of the addresses. */

/** BIP32: a key from which others can be derived. */
export interface ExtendedKey {
  /** Compressed. */
  readonly publicKey: Uint8Array;
  /** Absent in a public one. */
  readonly privateKey?: Uint8Array | undefined;
  readonly chainCode: Uint8Array;
  /** Steps from the master key. */
  readonly depth: number;
}

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

/** An extended key with the text of its public half. */
export interface DecodedExtendedKey {
  readonly key: ExtendedKey;
  /** `xpub…`, `tpub…` */
  readonly publicText: string;
}

/** BIP32: the extended key that a text (`xpub…`, `tprv…`) encodes for this network; `undefined` where it is none. */
export function decodeExtendedKey(text: string, prefixes: AddressPrefixes): DecodedExtendedKey | undefined {
  try {
    const decoded = HDKey.fromExtendedKey(text, extendedKeyVersions(prefixes));
    const { depth, publicExtendedKey: publicText } = decoded;
    const privateKey = decoded.privateKey ?? undefined;
    return { key: { publicKey: decoded.publicKey!, privateKey, chainCode: decoded.chainCode!, depth }, publicText };
  } catch {
    // The library tells a wrong checksum, version, key or depth by throwing.
    return undefined;
  }
}

export function extendedKeyVersions(prefixes: AddressPrefixes): { readonly private: number; readonly public: number } {
  return { private: prefixes.extPrivateKey, public: prefixes.extPublicKey };
}

/** The curve operations that deriving takes. */
export type DerivationCurve = Pick<Secp256k1, "tweakPublicKey" | "publicKeyOf">;

const DEPTH_MAX = 255;
const ORDER = bigIntOf(CURVE_ORDER);

/**
 * BIP32: the key behind one step, private where `key` is. `undefined` at the greatest depth, for a hardened step of a
 * public key, and, once in 2¹²⁷, where a step leads to no key. On the backend of signatures, since a search by descriptor
 * derives thousands of keys and the library that reads them takes six times as long for each, or more.
 */
export function deriveStep(key: ExtendedKey, step: number, curve: DerivationCurve): ExtendedKey | undefined {
  const { privateKey, publicKey, chainCode, depth } = key;
  if (depth === DEPTH_MAX || (isHardened(step) && privateKey === undefined)) return undefined;
  const parent = isHardened(step) ? concatBytes(Uint8Array.of(0), privateKey!) : publicKey;
  const derived = hmacSha512(chainCode, concatBytes(parent, bigEndian(BigInt(step), 4)));
  const tweak = derived.subarray(0, 32);
  const fields = { chainCode: derived.subarray(32), depth: depth + 1 };
  if (privateKey === undefined) {
    const child = curve.tweakPublicKey(publicKey, tweak);
    return child && { ...fields, publicKey: child };
  }
  const child = bigEndian((bigIntOf(tweak) + bigIntOf(privateKey)) % ORDER, 32);
  if (bigIntOf(tweak) >= ORDER || bigIntOf(child) === 0n) return undefined;
  return { ...fields, privateKey: child, publicKey: curve.publicKeyOf(child, true) };
}

/** {@link deriveStep} for each step of a path. */
export function derivePath(key: ExtendedKey, path: KeyPath, curve: DerivationCurve): ExtendedKey | undefined {
  let derived: ExtendedKey | undefined = key;
  for (const step of path) derived = derived && deriveStep(derived, step, curve);
  return derived;
}

function bigIntOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`);
}

function bigEndian(value: bigint, size: number): Uint8Array {
  return littleEndianFromBigInt(value, size).reverse();
}
