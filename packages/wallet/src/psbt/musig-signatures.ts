import { concatBytes, equalBytes, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { hmacSha512 } from "@bitfleet/protocol/crypto/hmac-sha512.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { NO_CODE_SEPARATOR } from "@bitfleet/protocol/script/machine.ts";
import { type SighashCache, SighashType } from "@bitfleet/protocol/script/sighash.ts";
import { taprootSighash } from "@bitfleet/protocol/script/sighash-taproot.ts";
import { tapTweakHash } from "@bitfleet/protocol/script/taproot.ts";
import { deriveStep, type ExtendedKey, fingerprintOf } from "../keys/keys.ts";
import { musigExtendedKey } from "../keys/musig.ts";
import { leafKeyIdOf, type SignatureData } from "../signing/signature-data.ts";
import { aggregateSignature, type MusigTweak } from "./musig-session.ts";
import type { MusigParticipants, MusigShare, PsbtInput } from "./psbt.ts";

/** Signatures of aggregate keys (BIP327) put together of the parts that an input holds (BIP373). */

export interface MusigContext {
  readonly cache: SighashCache;
  readonly inputIndex: number;
  readonly hashType: number;
  readonly outputKey: Uint8Array;
  readonly secp256k1: Secp256k1;
}

/** Adds to `data` every signature of which the input has the parts of all participants. */
export function addMusigSignatures(data: SignatureData, input: PsbtInput, context: MusigContext): void {
  const signed = new Map<string, MusigShare>();
  for (const share of input.musigPartialSignatures.values()) {
    signed.set(toHex(concatBytes(share.aggregateKey, share.leafHash ?? NO_LEAF)), share);
  }
  for (const { aggregateKey: signingKey, leafHash } of signed.values()) {
    for (const participants of input.musigParticipants.values()) {
      const signature = signatureOf(signingKey, leafHash, participants, { data, input, ...context });
      if (signature === undefined) continue;
      const x = signingKey.subarray(1);
      if (leafHash === undefined) data.taproot.keySignature ??= signature;
      else data.taproot.scriptSignatures.set(leafKeyIdOf(x, leafHash), { key: x, leafHash, signature });
    }
  }
}

const NO_LEAF = new Uint8Array(32);

interface Sources extends MusigContext {
  readonly data: SignatureData;
  readonly input: PsbtInput;
}

/** By `signingKey`, which is the participants' aggregate key or made of it. */
function signatureOf(
  signingKey: Uint8Array,
  leafHash: Uint8Array | undefined,
  { aggregateKey, participants }: MusigParticipants,
  sources: Sources,
): Uint8Array | undefined {
  const { input, cache, inputIndex, hashType, secp256k1 } = sources;
  const publicNonces = partsOf(input.musigNonces, signingKey, leafHash, participants);
  const partialSignatures = partsOf(input.musigPartialSignatures, signingKey, leafHash, participants);
  const tweaks = tweaksTo(signingKey, leafHash, aggregateKey, sources);
  const leaf = { annexHash: undefined, leafHash, codeSeparatorPosition: NO_CODE_SEPARATOR };
  const message = taprootSighash(cache, inputIndex, hashType, leaf);
  if (!publicNonces || !partialSignatures || !tweaks || !message) return undefined;
  const session = { participants, aggregateKey, tweaks, publicNonces, partialSignatures, message };
  const signature = aggregateSignature(session);
  if (signature === undefined || !secp256k1.verifySchnorr(signature, message, signingKey.subarray(1))) return undefined;
  return hashType === SighashType.DEFAULT ? signature : concatBytes(signature, Uint8Array.of(hashType));
}

/** One of each participant and no others; `undefined` where one is wanting. */
function partsOf(
  shares: PsbtInput["musigNonces"],
  signingKey: Uint8Array,
  leafHash: Uint8Array | undefined,
  participants: readonly Uint8Array[],
): readonly Uint8Array[] | undefined {
  const fitting = [...shares.values()].filter(
    (share) => equalBytes(share.aggregateKey, signingKey) && equalBytes(share.leafHash ?? NO_LEAF, leafHash ?? NO_LEAF),
  );
  const parts = participants.map((key) => fitting.find(({ participant }) => equalBytes(participant, key))?.value);
  const known = parts.filter((part) => part !== undefined);
  return known.length === participants.length && fitting.length === participants.length ? known : undefined;
}

/** What turns the aggregate key into the one that signs: BIP328's derivation, then BIP341's tweak. */
function tweaksTo(
  signingKey: Uint8Array,
  leafHash: Uint8Array | undefined,
  aggregateKey: Uint8Array,
  sources: Sources,
): readonly MusigTweak[] | undefined {
  const { data, outputKey, secp256k1 } = sources;
  const { internalKey, merkleRoot } = data.taproot;
  const x = signingKey.subarray(1);
  if (leafHash !== undefined) return derivationTweaks(x, aggregateKey, sources);
  const output = internalKey && secp256k1.tweakXOnly(internalKey, tapTweakHash(internalKey, merkleRoot));
  if (internalKey && output && equalBytes(output.x, x)) {
    const tweaks = derivationTweaks(internalKey, aggregateKey, sources);
    return tweaks && [...tweaks, { tweak: tapTweakHash(internalKey, merkleRoot), xOnly: true }];
  }
  return equalBytes(outputKey, x) ? derivationTweaks(outputKey, aggregateKey, sources) : undefined;
}

/** The tweaks of each step from the aggregate key to the key with this x; `undefined` where it is not derived of it. */
function derivationTweaks(
  x: Uint8Array,
  aggregateKey: Uint8Array,
  { data, secp256k1 }: Sources,
): readonly MusigTweak[] | undefined {
  if (equalBytes(aggregateKey.subarray(1), x)) return [];
  const origin = data.taproot.keys.get(toHex(x))?.origin;
  if (origin === undefined || !equalBytes(origin.fingerprint, fingerprintOf(aggregateKey))) return undefined;
  const tweaks: MusigTweak[] = [];
  let key: ExtendedKey | undefined = musigExtendedKey(aggregateKey);
  for (const step of origin.path) {
    const child: ExtendedKey | undefined = deriveStep(key, step, secp256k1);
    if (child === undefined) return undefined;
    tweaks.push({ tweak: stepTweak(key, step), xOnly: false });
    key = child;
  }
  return equalBytes(key.publicKey.subarray(1), x) ? tweaks : undefined;
}

/** BIP32: what a step that is not hardened adds. */
function stepTweak({ chainCode, publicKey }: ExtendedKey, step: number): Uint8Array {
  const index = Uint8Array.of(step >>> 24, step >>> 16, step >>> 8, step);
  return hmacSha512(chainCode, concatBytes(publicKey, index)).subarray(0, 32);
}
