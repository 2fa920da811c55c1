import * as tiny from "tiny-secp256k1";
import {
  CURVE_ORDER,
  compareScalar,
  isZeroScalar,
  MESSAGE_HASH_SIZE,
  PRIVATE_KEY_SIZE,
  requireArgument,
  SIGNATURE_SIZE,
} from "./secp256k1.ts";

/** ECDSA signatures from which the public key can be computed, as signed messages carry them. */

export type RecoveryId = 0 | 1 | 2 | 3;

/** r‖s with a low s and the nonce of RFC 6979, and which of the possible keys is the signer's. */
export function signRecoverable(
  messageHash: Uint8Array,
  privateKey: Uint8Array,
): { readonly signature: Uint8Array; readonly recoveryId: RecoveryId } {
  requireArgument(messageHash.length === MESSAGE_HASH_SIZE, "a message hash of 32 bytes");
  requireArgument(privateKey.length === PRIVATE_KEY_SIZE && tiny.isPrivate(privateKey), "a private key");
  return tiny.signRecoverable(messageHash, privateKey);
}

/** The key (33 bytes where `compressed`, else 65) that made a signature r‖s; `undefined` where no key can have. */
export function recoverPublicKey(
  messageHash: Uint8Array,
  signature: Uint8Array,
  recoveryId: number,
  compressed: boolean,
): Uint8Array | undefined {
  if (messageHash.length !== MESSAGE_HASH_SIZE || signature.length !== SIGNATURE_SIZE) return undefined;
  for (const offset of [0, 32]) {
    if (compareScalar(signature, offset, CURVE_ORDER) >= 0 || isZeroScalar(signature, offset)) return undefined;
  }
  if (recoveryId < 0 || recoveryId > 3) return undefined;
  try {
    return tiny.recover(messageHash, signature, recoveryId as RecoveryId, compressed) ?? undefined;
  } catch {
    // An r that is no point's x: the library throws before its WebAssembly runs, whose stack so stays whole.
    return undefined;
  }
}
