import { littleEndianFromBigInt } from "@bitfleet/protocol/bytes/bytes.ts";
import { encodeDer } from "@bitfleet/protocol/crypto/der.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";

/**
 * A DER signature of at most 70 bytes, without hash type: nonces are tried, in the order that Core tries them, until r
 * needs no leading zero. So everybody who signs this hash with this key gets the same bytes.
 */
export function signLowR(
  messageHash: Uint8Array,
  privateKey: Uint8Array,
  secp256k1: Pick<Secp256k1, "signEcdsa">,
): Uint8Array {
  let signature = secp256k1.signEcdsa(messageHash, privateKey);
  for (let attempt = 1n; signature[0]! >= 0x80; attempt++) {
    signature = secp256k1.signEcdsa(messageHash, privateKey, littleEndianFromBigInt(attempt, 32));
  }
  return encodeDer(signature);
}
