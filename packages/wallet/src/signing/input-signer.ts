import { concatBytes, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import type { SignatureChecker } from "@bitfleet/protocol/script/machine.ts";
import { Op } from "@bitfleet/protocol/script/opcodes.ts";
import { type SighashCache, SighashType } from "@bitfleet/protocol/script/sighash.ts";
import { taprootSighash } from "@bitfleet/protocol/script/sighash-taproot.ts";
import { tapTweakHash } from "@bitfleet/protocol/script/taproot.ts";
import { TransactionChecker } from "@bitfleet/protocol/script/transaction-checker.ts";
import { keyIdOf } from "../keys/keys.ts";
import { signLowR } from "./ecdsa.ts";
import { multiAOf } from "./multi-a.ts";
import type { SignatureMaker } from "./produce-signature.ts";
import type { SigningMaterial } from "./signing-material.ts";
import type { TaprootLeaf } from "./taproot-tree.ts";

/** BIP342: what a signature commits to where no CODESEPARATOR ran. */
const NO_CODE_SEPARATOR = 0xffffffff;

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

  signEcdsa(publicKey: Uint8Array, scriptCode: Uint8Array, sigVersion: "base" | "witness-v0"): Uint8Array | undefined {
    const key = this.#material.privateKeys.get(keyIdOf(publicKey));
    if (key === undefined || (sigVersion === "witness-v0" && !key.compressed)) return undefined;
    const hashType = this.#hashType === SighashType.DEFAULT ? SighashType.ALL : this.#hashType;
    const hash =
      sigVersion === "base"
        ? this.#cache.legacySighash(this.#inputIndex, scriptCode, hashType)
        : this.#cache.witnessV0Sighash(this.#inputIndex, scriptCode, hashType);
    return concatBytes(signLowR(hash, key.privateKey, this.#secp256k1), Uint8Array.of(hashType));
  }

  /** By the internal key, else by the output key as it is, else by the script that takes the smallest witness. */
  signTaproot(outputKey: Uint8Array): readonly Uint8Array[] | undefined {
    const output = this.#material.taprootOutputs.get(toHex(outputKey));
    const signature =
      (output && this.#signKeyPath(output.internalKey, tapTweakHash(output.internalKey, output.merkleRoot))) ??
      this.#signKeyPath(outputKey, undefined);
    if (signature !== undefined) return [signature];
    const witnesses = (output?.leaves ?? []).map((leaf) => this.#signLeaf(leaf)).filter((one) => one !== undefined);
    return witnesses.reduce<readonly Uint8Array[] | undefined>(
      (best, one) => (best === undefined || sizeOf(one) < sizeOf(best) ? one : best),
      undefined,
    );
  }

  #signKeyPath(x: Uint8Array, tweak: Uint8Array | undefined): Uint8Array | undefined {
    const key = this.#material.privateKeyOfXOnly(x);
    const privateKey = key && (tweak ? this.#secp256k1.tweakPrivateKey(key.privateKey, tweak) : key.privateKey);
    return privateKey && this.#signSchnorr(privateKey, undefined);
  }

  #signSchnorr(privateKey: Uint8Array, leafHash: Uint8Array | undefined): Uint8Array | undefined {
    const hash = taprootSighash(this.#cache, this.#inputIndex, this.#hashType, {
      annexHash: undefined,
      leafHash,
      codeSeparatorPosition: NO_CODE_SEPARATOR,
    });
    if (hash === undefined) return undefined;
    const signature = this.#secp256k1.signSchnorr(hash, privateKey, NO_AUXILIARY);
    return this.#hashType === SighashType.DEFAULT ? signature : concatBytes(signature, Uint8Array.of(this.#hashType));
  }

  #signLeaf(leaf: TaprootLeaf): readonly Uint8Array[] | undefined {
    const signatures = this.#signTapscript(leaf);
    return signatures && [...signatures, leaf.script, leaf.controlBlock];
  }

  /** What satisfies `<key> CHECKSIG` or BIP387's multisig; the first key's signature is the last item. */
  #signTapscript({ script, leafHash }: TaprootLeaf): readonly Uint8Array[] | undefined {
    const isSingle = script.length === 34 && script[0] === 32 && script[33] === Op.CHECKSIG;
    const multi = isSingle ? { required: 1, keys: [script.subarray(1, 33)] } : multiAOf(script);
    if (multi === undefined) return undefined;
    let wanted = multi.required;
    const items = multi.keys.toReversed().map((x) => {
      const key = wanted > 0 ? this.#material.privateKeyOfXOnly(x) : undefined;
      const signature = key && this.#signSchnorr(key.privateKey, leafHash);
      if (signature !== undefined) wanted--;
      return signature ?? new Uint8Array(0);
    });
    return wanted === 0 ? items : undefined;
  }
}

const sizeOf = (witness: readonly Uint8Array[]) => witness.reduce((sum, { length }) => sum + length + 1, 0);
