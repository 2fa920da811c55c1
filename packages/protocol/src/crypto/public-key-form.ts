import { isPoint, pointCompress } from "tiny-secp256k1";

/** The 65-byte form of the public key `compressed` (33 bytes), or `undefined` where its x is on no point of the curve. */
export function uncompressPublicKey(compressed: Uint8Array): Uint8Array | undefined {
  return isPoint(compressed) ? pointCompress(compressed, false) : undefined;
}

/** True where the 65 bytes `uncompressed`, which begin with 4, are a point of the curve. */
export function isUncompressedPoint(uncompressed: Uint8Array): boolean {
  return isPoint(uncompressed);
}
