import { compareBytes, concatBytes, equalBytes, fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { taggedHash } from "@bitfleet/protocol/crypto/hash.ts";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import type { ExtendedKey } from "./keys.ts";

const { Point } = secp256k1;

/** BIP328: the chain code of every aggregate key. */
const MUSIG_CHAIN_CODE = fromHex("868087ca02a6f974c4598924c36b57762d32cb45717167e300622c7167e38965");

/**
 * BIP327: the compressed public key that all `publicKeys` (compressed, valid) together stand for. They are sorted first
 * (BIP390). `undefined` where they sum up to no point.
 */
export function aggregatePublicKey(publicKeys: readonly Uint8Array[]): Uint8Array | undefined {
  const sorted = [...publicKeys].sort(compareBytes);
  const second = sorted.find((key) => !equalBytes(key, sorted[0]!));
  const list = taggedHash("KeyAgg list", concatBytes(...sorted));
  const sum = sorted.reduce((total, key) => {
    const point = Point.fromHex(toHex(key));
    const coefficient = Point.Fn.create(BigInt(`0x${toHex(taggedHash("KeyAgg coefficient", list, key))}`));
    return total.add(second !== undefined && equalBytes(key, second) ? point : point.multiplyUnsafe(coefficient));
  }, Point.ZERO);
  return sum.is0() ? undefined : sum.toBytes(true);
}

/** BIP328: the extended key from which keys of an aggregate key are derived. It is never written as text. */
export function musigExtendedKey(aggregateKey: Uint8Array): ExtendedKey {
  return { publicKey: aggregateKey, chainCode: MUSIG_CHAIN_CODE, depth: 0 };
}
