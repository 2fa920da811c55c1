import { concatBytes, equalBytes, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { hmacSha512 } from "@bitfleet/protocol/crypto/hmac-sha512.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { tapTweakHash } from "@bitfleet/protocol/script/taproot.ts";
import { deriveStep, type ExtendedKey, fingerprintOf } from "../keys/keys.ts";
import { musigExtendedKey } from "../keys/musig.ts";
import type { MusigTweak } from "./musig-session.ts";
import type { TaprootSignatureData } from "./signature-data.ts";
import type { SchnorrPurpose } from "./signature-maker.ts";

/** The key that participants sign by, and what turns their aggregate key into it. */
export interface MusigSigningKey {
  /** Compressed: BIP373 names nonces and partial signatures by it. */
  readonly signingKey: Uint8Array;
  readonly tweaks: readonly MusigTweak[];
}

/**
 * What a signature by the key with this x takes of those who aggregated `aggregateKey`: the steps of BIP328 that lead to it,
 * as far as `taproot` tells where it comes from, then BIP341's tweak. `undefined` where it does not come from that key.
 */
export function musigSigningKey(
  x: Uint8Array,
  purpose: SchnorrPurpose,
  aggregateKey: Uint8Array,
  taproot: Pick<TaprootSignatureData, "keys">,
  secp256k1: Secp256k1,
): MusigSigningKey | undefined {
  const derived = derivedKey(x, aggregateKey, taproot, secp256k1);
  if (derived === undefined || purpose.path !== "internal-key") return derived;
  const tweak = tapTweakHash(x, purpose.merkleRoot);
  const output = secp256k1.tweakXOnly(x, tweak);
  return (
    output && {
      signingKey: Uint8Array.of(2 + output.parity, ...output.x),
      tweaks: [...derived.tweaks, { tweak, xOnly: true }],
    }
  );
}

function derivedKey(
  x: Uint8Array,
  aggregateKey: Uint8Array,
  { keys }: Pick<TaprootSignatureData, "keys">,
  secp256k1: Secp256k1,
): MusigSigningKey | undefined {
  if (equalBytes(aggregateKey.subarray(1), x)) return { signingKey: aggregateKey, tweaks: [] };
  const origin = keys.get(toHex(x))?.origin;
  if (origin === undefined || !equalBytes(origin.fingerprint, fingerprintOf(aggregateKey))) return undefined;
  const tweaks: MusigTweak[] = [];
  let key: ExtendedKey | undefined = musigExtendedKey(aggregateKey);
  for (const step of origin.path) {
    const child: ExtendedKey | undefined = deriveStep(key, step, secp256k1);
    if (child === undefined) return undefined;
    tweaks.push({ tweak: stepTweak(key, step), xOnly: false });
    key = child;
  }
  return equalBytes(key.publicKey.subarray(1), x) ? { signingKey: key.publicKey, tweaks } : undefined;
}

/** BIP32: what a step that is not hardened adds. */
function stepTweak({ chainCode, publicKey }: ExtendedKey, step: number): Uint8Array {
  const index = Uint8Array.of(step >>> 24, step >>> 16, step >>> 8, step);
  return hmacSha512(chainCode, concatBytes(publicKey, index)).subarray(0, 32);
}
