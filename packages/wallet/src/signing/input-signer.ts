import { concatBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { NO_CODE_SEPARATOR, type SignatureChecker } from "@bitfleet/protocol/script/machine.ts";
import { type SighashCache, SighashType } from "@bitfleet/protocol/script/sighash.ts";
import { taprootSighash } from "@bitfleet/protocol/script/sighash-taproot.ts";
import { tapTweakHash } from "@bitfleet/protocol/script/taproot.ts";
import { TransactionChecker } from "@bitfleet/protocol/script/transaction-checker.ts";
import { keyIdOf } from "../keys/keys.ts";
import { signLowR } from "./ecdsa.ts";
import type { EcdsaVersion, SchnorrPurpose, SignatureMaker } from "./signature-maker.ts";
import type { SigningMaterial } from "./signing-material.ts";

/** BIP340 signs without randomness, as Core does: the same input gives the same signature. */
const NO_AUXILIARY = new Uint8Array(32);

/** Signs one input of a transaction with the keys at hand. */
export class InputSigner implements SignatureMaker {
  readonly checker: SignatureChecker;
  readonly #cache: SighashCache;
  readonly #inputIndex: number;
  readonly #hashType: number;
  readonly #material: SigningMaterial;
  readonly #secp256k1: Secp256k1;

  /** `hashType` is {@link SighashType.DEFAULT} for ALL, written where a signature has to name its type. */
  constructor(
    options: { readonly inputIndex: number; readonly hashType: number },
    deps: { readonly cache: SighashCache; readonly material: SigningMaterial; readonly secp256k1: Secp256k1 },
  ) {
    this.checker = new TransactionChecker(deps.cache.tx, options.inputIndex, deps.cache, deps.secp256k1);
    this.#cache = deps.cache;
    this.#inputIndex = options.inputIndex;
    this.#hashType = options.hashType;
    this.#material = deps.material;
    this.#secp256k1 = deps.secp256k1;
  }

  signEcdsa(publicKey: Uint8Array, scriptCode: Uint8Array, sigVersion: EcdsaVersion): Uint8Array | undefined {
    const key = this.#material.privateKeys.get(keyIdOf(publicKey));
    if (key === undefined || (sigVersion === "witness-v0" && !key.compressed)) return undefined;
    const hashType = this.#hashType === SighashType.DEFAULT ? SighashType.ALL : this.#hashType;
    const hash =
      sigVersion === "base"
        ? this.#cache.legacySighash(this.#inputIndex, scriptCode, hashType)
        : this.#cache.witnessV0Sighash(this.#inputIndex, scriptCode, hashType);
    return concatBytes(signLowR(hash, key.privateKey, this.#secp256k1), Uint8Array.of(hashType));
  }

  signSchnorr(key: Uint8Array, purpose: SchnorrPurpose): Uint8Array | undefined {
    const known = this.#material.privateKeyOfXOnly(key);
    const privateKey =
      known && purpose.path === "internal-key"
        ? this.#secp256k1.tweakPrivateKey(known.privateKey, tapTweakHash(key, purpose.merkleRoot))
        : known?.privateKey;
    const hash = privateKey && this.schnorrHash(purpose.path === "script" ? purpose.leafHash : undefined);
    if (hash === undefined) return undefined;
    return typedSignature(this.#secp256k1.signSchnorr(hash, privateKey!, NO_AUXILIARY), this.#hashType);
  }

  /** What a BIP340 signature signs, of a leaf or of the key path; `undefined` where not all spent outputs are known. */
  schnorrHash(leafHash: Uint8Array | undefined): Uint8Array | undefined {
    return taprootSighash(this.#cache, this.#inputIndex, this.#hashType, {
      annexHash: undefined,
      leafHash,
      codeSeparatorPosition: NO_CODE_SEPARATOR,
    });
  }
}

/** A BIP340 signature as it stands in a witness: with its hash type, where that is not DEFAULT. */
export function typedSignature(signature: Uint8Array, hashType: number): Uint8Array {
  return hashType === SighashType.DEFAULT ? signature : concatBytes(signature, Uint8Array.of(hashType));
}
