import { secp256k1 } from "@noble/curves/secp256k1.js";
import {
  CURVE_ORDER,
  compareScalar,
  isZeroScalar,
  MESSAGE_HASH_SIZE,
  PRIVATE_KEY_SIZE,
  requireArgument,
  SIGNATURE_SIZE,
} from "./secp256k1.ts";

/**
 * ECDSA signatures from which the public key can be computed, as signed messages carry them. In plain JavaScript, so that pages whose policy
 * forbids WebAssembly sign messages too; nobody makes or checks many of these.
 */

export type RecoveryId = 0 | 1 | 2 | 3;

/** r‖s with a low s and the nonce of RFC 6979, and which of the possible keys is the signer's. */
export function signRecoverable(
  messageHash: Uint8Array,
  privateKey: Uint8Array,
): { readonly signature: Uint8Array; readonly recoveryId: RecoveryId } {
  requireArgument(messageHash.length === MESSAGE_HASH_SIZE, "a message hash of 32 bytes");
  requireArgument(privateKey.length === PRIVATE_KEY_SIZE && isScalar(privateKey, 0), "a private key");
  const made = secp256k1.sign(messageHash, privateKey, { prehash: false, lowS: true, format: "recovered" });
  return { signature: made.slice(1), recoveryId: made[0] as RecoveryId };
}

/** The key (33 bytes where `compressed`, else 65) that made a signature r‖s; `undefined` where no key can have. */
export function recoverPublicKey(
  messageHash: Uint8Array,
  signature: Uint8Array,
  recoveryId: number,
  compressed: boolean,
): Uint8Array | undefined {
  if (messageHash.length !== MESSAGE_HASH_SIZE || signature.length !== SIGNATURE_SIZE) return undefined;
  if (!isScalar(signature, 0) || !isScalar(signature, 32)) return undefined;
  if (!Number.isInteger(recoveryId) || recoveryId < 0 || recoveryId > 3) return undefined;
  try {
    const parsed = secp256k1.Signature.fromBytes(signature, "compact").addRecoveryBit(recoveryId);
    return parsed.recoverPublicKey(messageHash).toBytes(compressed);
  } catch {
    // An r that is no point's x, or a key that would be no point.
    return undefined;
  }
}

/** From one to the order of the curve less one. */
function isScalar(bytes: Uint8Array, offset: number): boolean {
  return compareScalar(bytes, offset, CURVE_ORDER) < 0 && !isZeroScalar(bytes, offset);
}
