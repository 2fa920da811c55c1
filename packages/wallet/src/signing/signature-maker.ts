import type { SignatureChecker, SigVersion, TaprootContext } from "@bitfleet/protocol/script/machine.ts";
import { SighashType } from "@bitfleet/protocol/script/sighash.ts";

/** Which hash an ECDSA signature signs: BIP143's in witness scripts. */
export type EcdsaVersion = Extract<SigVersion, "base" | "witness-v0">;

/** What a BIP340 signature is for. */
export type SchnorrPurpose =
  /** Spending by a key as it is. */
  | { readonly path: "key" }
  /** Spending by an internal key: tweaked with the root of its scripts, or without one (BIP341). */
  | { readonly path: "internal-key"; readonly merkleRoot: Uint8Array | undefined }
  /** A signature check in a tapscript. */
  | { readonly path: "script"; readonly leafHash: Uint8Array };

/** Makes the signatures of one input, or none where it does not know how. */
export interface SignatureMaker {
  readonly checker: SignatureChecker;
  /** With the hash type behind it; `undefined` where the key's private half is not known. */
  signEcdsa(publicKey: Uint8Array, scriptCode: Uint8Array, sigVersion: EcdsaVersion): Uint8Array | undefined;
  /** By the key with this x, with the hash type where that is not DEFAULT; `undefined` where no such private key is known. */
  signSchnorr(key: Uint8Array, purpose: SchnorrPurpose): Uint8Array | undefined;
}

/** Takes every signature that is not empty and every lock time: whoever asks what an input will look like. */
const acceptingChecker: SignatureChecker = {
  checkEcdsa: (signature) => signature.length > 0,
  checkSchnorr: (signature: Uint8Array, _: Uint8Array, __: TaprootContext) =>
    signature.length > 0 ? undefined : "SCHNORR_SIG",
  checkTaprootTweak: () => true,
  checkLockTime: () => true,
  checkSequence: () => true,
};

const SCHNORR_SIZE = 64;

/** Makes signatures that sign nothing, in the size of real ones, for any key: to see what an input takes, and its size. */
export function placeholderMaker(size: "usual" | "largest" = "usual"): SignatureMaker {
  const ecdsa = placeholderDer(size === "largest" ? 33 : 32);
  return {
    checker: acceptingChecker,
    signEcdsa: () => ecdsa,
    signSchnorr: () => new Uint8Array(SCHNORR_SIZE),
  };
}

/** A well-formed DER signature, with a hash type, whose r has so many bytes and whose s has 32. */
function placeholderDer(rSize: number): Uint8Array {
  const sSize = 32;
  const r = new Uint8Array(rSize).fill(1, 0, 1);
  const s = new Uint8Array(sSize).fill(1, 0, 1);
  return Uint8Array.of(0x30, 4 + rSize + sSize, 2, rSize, ...r, 2, sSize, ...s, SighashType.ALL);
}
