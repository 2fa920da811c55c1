import * as tiny from "tiny-secp256k1";
import { equalBytes } from "../bytes/bytes.ts";
import {
  COMPRESSED_KEY_SIZE,
  CURVE_ORDER,
  compareScalar,
  isZeroScalar,
  MESSAGE_HASH_SIZE,
  PRIVATE_KEY_SIZE,
  requireArgument,
  type Secp256k1,
  SIGNATURE_SIZE,
  UNCOMPRESSED_KEY_SIZE,
  X_ONLY_KEY_SIZE,
} from "./secp256k1.ts";

/**
 * The curve as WebAssembly (tiny-secp256k1, which is libsecp256k1 compiled), for browsers and where no native library is.
 *
 * Everything is validated before the library sees it. Where it meets an invalid point it throws out of running
 * WebAssembly, which leaves its stack where it stood: after some 3,400 invalid keys, which anybody can send, every
 * later verification would fail. So each point goes through `isPoint` first, which answers without throwing; for
 * a compressed key this costs a tenth of a verification.
 */
export const portableSecp256k1: Secp256k1 = {
  name: "portable (WebAssembly)",

  verifyEcdsa(signature, messageHash, publicKey) {
    if (signature.length !== SIGNATURE_SIZE || messageHash.length !== MESSAGE_HASH_SIZE) return false;
    if (!isScalar(signature, 0) || !isScalar(signature, 32) || !isPoint(publicKey)) return false;
    return tiny.verify(messageHash, publicKey, signature);
  },

  verifySchnorr(signature, messageHash, xOnlyPublicKey) {
    if (signature.length !== SIGNATURE_SIZE || messageHash.length !== MESSAGE_HASH_SIZE) return false;
    // BIP340 allows R.x up to the field's size, the library up to the order: a difference nobody can compute a case of.
    if (compareScalar(signature, 0, CURVE_ORDER) >= 0 || compareScalar(signature, 32, CURVE_ORDER) >= 0) return false;
    return isXOnlyPoint(xOnlyPublicKey) && tiny.verifySchnorr(messageHash, xOnlyPublicKey, signature);
  },

  verifyXOnlyTweak(outputX, outputParity, internalX, tweak) {
    const output = portableSecp256k1.tweakXOnly(internalX, tweak);
    return output !== undefined && output.parity === outputParity && equalBytes(output.x, outputX);
  },

  isPublicKey(publicKey) {
    return isPoint(publicKey);
  },

  isPrivateKey(key) {
    return key.length === PRIVATE_KEY_SIZE && isScalar(key, 0);
  },

  publicKeyOf(privateKey, compressed) {
    requirePrivateKey(privateKey);
    return known(tiny.pointFromScalar(privateKey, compressed));
  },

  signEcdsa(messageHash, privateKey, extraEntropy) {
    requireArgument(messageHash.length === MESSAGE_HASH_SIZE, "a message hash of 32 bytes");
    requireArgument((extraEntropy?.length ?? 32) === 32, "32 bytes of extra entropy");
    requirePrivateKey(privateKey);
    return tiny.sign(messageHash, privateKey, extraEntropy);
  },

  signSchnorr(messageHash, privateKey, auxiliary) {
    requireArgument(messageHash.length === MESSAGE_HASH_SIZE, "a message hash of 32 bytes");
    requireArgument(auxiliary.length === 32, "32 bytes of auxiliary randomness");
    requirePrivateKey(privateKey);
    return tiny.signSchnorr(messageHash, privateKey, auxiliary);
  },

  tweakXOnly(internalX, tweak) {
    if (!isTweak(tweak) || !isXOnlyPoint(internalX)) return undefined;
    const tweaked = tiny.xOnlyPointAddTweak(internalX, tweak);
    return tweaked === null ? undefined : { x: tweaked.xOnlyPubkey, parity: tweaked.parity };
  },

  tweakPublicKey(publicKey, tweak) {
    if (publicKey.length !== COMPRESSED_KEY_SIZE || !isPoint(publicKey) || !isTweak(tweak)) return undefined;
    return tiny.pointAddScalar(publicKey, tweak, true) ?? undefined;
  },

  tweakPrivateKey(privateKey, tweak) {
    requirePrivateKey(privateKey);
    if (!isTweak(tweak)) return undefined;
    const hasOddY = known(tiny.pointFromScalar(privateKey, true))[0] === 3;
    return tiny.privateAdd(hasOddY ? tiny.privateNegate(privateKey) : privateKey, tweak) ?? undefined;
  },
};

function isPoint(publicKey: Uint8Array): boolean {
  const size = publicKey.length;
  return (size === COMPRESSED_KEY_SIZE || size === UNCOMPRESSED_KEY_SIZE) && tiny.isPoint(publicKey);
}

function isXOnlyPoint(x: Uint8Array): boolean {
  return x.length === X_ONLY_KEY_SIZE && tiny.isXOnlyPoint(x);
}

/** From one to the order of the curve less one. */
function isScalar(bytes: Uint8Array, offset: number): boolean {
  return compareScalar(bytes, offset, CURVE_ORDER) < 0 && !isZeroScalar(bytes, offset);
}

/** A tweak may be zero. */
function isTweak(tweak: Uint8Array): boolean {
  return tweak.length === 32 && compareScalar(tweak, 0, CURVE_ORDER) < 0;
}

function requirePrivateKey(key: Uint8Array): void {
  requireArgument(key.length === PRIVATE_KEY_SIZE && isScalar(key, 0), "a private key");
}

function known(point: Uint8Array | null): Uint8Array {
  requireArgument(point !== null, "a point");
  return point;
}
