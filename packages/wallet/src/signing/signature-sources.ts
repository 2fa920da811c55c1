import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { hash160 } from "@bitfleet/protocol/crypto/hash.ts";
import { keyIdOf } from "../keys/keys.ts";
import { addLeafKey, leafKeyIdOf, type SignatureData } from "./signature-data.ts";
import type { EcdsaVersion, SignatureMaker } from "./signature-maker.ts";
import type { SigningMaterial } from "./signing-material.ts";

/** Where the signatures and keys of one input come from: what others left, what is known of keys and scripts, who signs. */
export interface SignatureSources {
  readonly data: SignatureData;
  readonly material: SigningMaterial;
  readonly maker: SignatureMaker;
}

/** The ECDSA signature that is there, else a new one, which is kept; what cannot be had is noted as missing. */
export function ecdsaSignatureOf(
  publicKey: Uint8Array,
  scriptCode: Uint8Array,
  sigVersion: EcdsaVersion,
  { data, material, maker }: SignatureSources,
): Uint8Array | undefined {
  const id = keyIdOf(publicKey);
  const known = data.signatures.get(id);
  if (known !== undefined) return known.signature;
  const origin = material.origins.get(id);
  if (origin !== undefined && !data.keys.has(id)) data.keys.set(id, { publicKey, origin });
  const signature = maker.signEcdsa(publicKey, scriptCode, sigVersion);
  if (signature !== undefined) data.signatures.set(id, { publicKey, signature });
  else data.missing.signatures.push(id);
  return signature;
}

/** The signature by the key with this x in a tapscript: the one that is there, else a new one, which is kept. */
export function leafSignatureOf(
  key: Uint8Array,
  leafHash: Uint8Array,
  { data: { taproot }, material, maker }: SignatureSources,
): Uint8Array | undefined {
  const origin = material.originOfXOnly(key);
  if (origin !== undefined) addLeafKey(taproot, key, origin, leafHash);
  const id = leafKeyIdOf(key, leafHash);
  const known = taproot.scriptSignatures.get(id);
  if (known !== undefined) return known.signature;
  const signature = maker.signSchnorr(key, { path: "script", leafHash });
  if (signature !== undefined) taproot.scriptSignatures.set(id, { key, leafHash, signature });
  return signature;
}

/**
 * The public key with this HASH160, in hex, as a compressed or uncompressed key (of a hash of x alone: the point with the
 * even y). What is not known is noted as missing.
 */
export function publicKeyOfHash(id: string, { data, material }: SignatureSources): Uint8Array | undefined {
  const known =
    data.signatures.get(id)?.publicKey ??
    data.keys.get(id)?.publicKey ??
    evenKeyOfXHash(id, data) ??
    material.publicKeys.get(id);
  if (known === undefined) data.missing.publicKeys.push(id);
  return known;
}

function evenKeyOfXHash(id: string, { taproot }: SignatureData): Uint8Array | undefined {
  for (const { key } of taproot.keys.values()) if (toHex(hash160(key)) === id) return Uint8Array.of(2, ...key);
  return undefined;
}
