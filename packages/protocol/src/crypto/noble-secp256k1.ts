import { schnorr, secp256k1 } from "@noble/curves/secp256k1.js";
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

const { Point } = secp256k1;
const CURVE_ORDER_NUMBER = Point.Fn.ORDER;
/** What consensus has: the hash as it is, high s allowed. */
const VERIFYING = { prehash: false, lowS: false } as const;
const HYBRID_EVEN = 6;
const UNCOMPRESSED = 4;

/**
 * The curve in plain JavaScript (@noble/curves), for pages that hold keys: their policy (Content-Security-Policy) then allows no code but that of
 * their own files, WebAssembly included, which a policy allows either from everywhere or not at all. A tenth of the speed of
 * `portableSecp256k1`, which is enough for one wallet: some thousand keys derived or some hundred signatures a second.
 */
export const nobleSecp256k1: Secp256k1 = {
  name: "portable (JavaScript)",

  verifyEcdsa(signature, messageHash, publicKey) {
    if (signature.length !== SIGNATURE_SIZE || messageHash.length !== MESSAGE_HASH_SIZE) return false;
    if (!isScalar(signature, 0) || !isScalar(signature, 32)) return false;
    const key = plainKey(publicKey);
    return key !== undefined && answered(() => secp256k1.verify(signature, messageHash, key, VERIFYING)) === true;
  },

  verifySchnorr(signature, messageHash, xOnlyPublicKey) {
    if (signature.length !== SIGNATURE_SIZE || messageHash.length !== MESSAGE_HASH_SIZE) return false;
    if (xOnlyPublicKey.length !== X_ONLY_KEY_SIZE) return false;
    return answered(() => schnorr.verify(signature, messageHash, xOnlyPublicKey)) === true;
  },

  verifyXOnlyTweak(outputX, outputParity, internalX, tweak) {
    const output = nobleSecp256k1.tweakXOnly(internalX, tweak);
    return output !== undefined && output.parity === outputParity && equalBytes(output.x, outputX);
  },

  isPublicKey(publicKey) {
    const key = plainKey(publicKey);
    return key !== undefined && pointOf(key) !== undefined;
  },

  isPrivateKey(key) {
    return key.length === PRIVATE_KEY_SIZE && isScalar(key, 0);
  },

  publicKeyOf(privateKey, compressed) {
    requirePrivateKey(privateKey);
    return secp256k1.getPublicKey(privateKey, compressed);
  },

  signEcdsa(messageHash, privateKey, extraEntropy) {
    requireArgument(messageHash.length === MESSAGE_HASH_SIZE, "a message hash of 32 bytes");
    requireArgument((extraEntropy?.length ?? 32) === 32, "32 bytes of extra entropy");
    requirePrivateKey(privateKey);
    const entropy = extraEntropy === undefined ? {} : { extraEntropy };
    return secp256k1.sign(messageHash, privateKey, { prehash: false, lowS: true, ...entropy });
  },

  signSchnorr(messageHash, privateKey, auxiliary) {
    requireArgument(messageHash.length === MESSAGE_HASH_SIZE, "a message hash of 32 bytes");
    requireArgument(auxiliary.length === 32, "32 bytes of auxiliary randomness");
    requirePrivateKey(privateKey);
    return schnorr.sign(messageHash, privateKey, auxiliary);
  },

  tweakXOnly(internalX, tweak) {
    if (internalX.length !== X_ONLY_KEY_SIZE) return undefined;
    const tweaked = tweakedPoint(Uint8Array.of(2, ...internalX), tweak);
    return tweaked && { x: tweaked.subarray(1), parity: tweaked[0] === 3 ? 1 : 0 };
  },

  tweakPublicKey(publicKey, tweak) {
    return publicKey.length === COMPRESSED_KEY_SIZE ? tweakedPoint(publicKey, tweak) : undefined;
  },

  tweakPrivateKey(privateKey, tweak) {
    requirePrivateKey(privateKey);
    if (!isTweak(tweak)) return undefined;
    const key = numberOf(privateKey);
    const hasOddY = secp256k1.getPublicKey(privateKey, true)[0] === 3;
    const tweaked = ((hasOddY ? CURVE_ORDER_NUMBER - key : key) + numberOf(tweak)) % CURVE_ORDER_NUMBER;
    return tweaked === 0n ? undefined : Point.Fn.toBytes(tweaked);
  },
};

/** A compressed point plus tweak times the generator. */
function tweakedPoint(publicKey: Uint8Array, tweak: Uint8Array): Uint8Array | undefined {
  const point = isTweak(tweak) ? pointOf(publicKey) : undefined;
  if (point === undefined) return undefined;
  const factor = numberOf(tweak);
  // Tweaks of public keys are public: what the faster multiplication shows of them is known.
  const sum = factor === 0n ? point : point.add(Point.BASE.multiplyUnsafe(factor));
  return sum.is0() ? undefined : sum.toBytes(true);
}

/** The key in a form that the library takes: a hybrid one (X9.62) says in its first byte whether y is odd, and must say so rightly. */
function plainKey(publicKey: Uint8Array): Uint8Array | undefined {
  const [first, size] = [publicKey[0]!, publicKey.length];
  if (size === COMPRESSED_KEY_SIZE) return first === 2 || first === 3 ? publicKey : undefined;
  if (size !== UNCOMPRESSED_KEY_SIZE) return undefined;
  if (first === UNCOMPRESSED) return publicKey;
  if (first !== HYBRID_EVEN + (publicKey[size - 1]! & 1)) return undefined;
  return Uint8Array.of(UNCOMPRESSED, ...publicKey.subarray(1));
}

function pointOf(publicKey: Uint8Array) {
  return answered(() => Point.fromBytes(publicKey));
}

/** The library tells what is no point or signature by throwing. */
function answered<Answer>(ask: () => Answer): Answer | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
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

function numberOf(bytes: Uint8Array): bigint {
  let text = "0x";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return BigInt(text);
}
