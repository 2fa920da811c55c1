import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { ConfigError } from "./config/settings.ts";
import { type ChosenSecp256k1, chooseSecp256k1, type Secp256k1Preference } from "./crypto/choose-backend.ts";

/**
 * The signature library, chosen on first use: loading the native one and proving it takes as long as all the rest of a
 * start, and no signature is checked before the node answers. Only where the operator insists on the native one is it
 * loaded at once. Throws `ConfigError` then, where it cannot be had.
 */
export class SignatureBackend {
  readonly #preference: Secp256k1Preference;
  #chosen: ChosenSecp256k1 | undefined;

  constructor(preference: Secp256k1Preference) {
    this.#preference = preference;
    if (preference !== "native") return;
    try {
      this.choose();
    } catch (error) {
      throw new ConfigError(`-secp256k1=native is not possible: ${(error as Error).message}.`);
    }
  }

  /** Which one it is, chosen now at the latest. */
  choose(): ChosenSecp256k1 {
    this.#chosen ??= chooseSecp256k1(this.#preference);
    return this.#chosen;
  }

  /** The library for whoever checks or signs. */
  readonly backend: Secp256k1 = lazyBackend(() => this.choose().backend);
}

/** Asks `choose` for the backend with every call. */
function lazyBackend(choose: () => Secp256k1): Secp256k1 {
  return {
    get name() {
      return choose().name;
    },
    verifyEcdsa: (signature, messageHash, publicKey) => choose().verifyEcdsa(signature, messageHash, publicKey),
    verifySchnorr: (signature, messageHash, key) => choose().verifySchnorr(signature, messageHash, key),
    verifyXOnlyTweak: (outputX, parity, internalX, tweak) =>
      choose().verifyXOnlyTweak(outputX, parity, internalX, tweak),
    isPublicKey: (publicKey) => choose().isPublicKey(publicKey),
    isPrivateKey: (key) => choose().isPrivateKey(key),
    publicKeyOf: (privateKey, compressed) => choose().publicKeyOf(privateKey, compressed),
    signEcdsa: (messageHash, privateKey, extra) => choose().signEcdsa(messageHash, privateKey, extra),
    signSchnorr: (messageHash, privateKey, auxiliary) => choose().signSchnorr(messageHash, privateKey, auxiliary),
    tweakXOnly: (internalX, tweak) => choose().tweakXOnly(internalX, tweak),
    tweakPublicKey: (publicKey, tweak) => choose().tweakPublicKey(publicKey, tweak),
    tweakPrivateKey: (privateKey, tweak) => choose().tweakPrivateKey(privateKey, tweak),
  };
}
