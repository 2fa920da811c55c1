import { compareBytes, concatBytes, equalBytes, fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { taggedHash } from "@bitfleet/protocol/crypto/hash.ts";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import type { ExtendedKey } from "./keys.ts";

const { Point } = secp256k1;

/** BIP328: the chain code of every aggregate key. */
const MUSIG_CHAIN_CODE = fromHex("868087ca02a6f974c4598924c36b57762d32cb45717167e300622c7167e38965");

/** BIP327: compressed keys in the order in which descriptors aggregate them (BIP390), whatever theirs is. */
export function sortedParticipants(publicKeys: readonly Uint8Array[]): readonly Uint8Array[] {
  return [...publicKeys].sort(compareBytes);
}

/**
 * BIP327: the compressed public key that all `participants` (compressed, in this order) together stand for. `undefined` where
 * one is no key, or they sum up to no point. Addresses are derived with it by the thousand, and nothing here is secret: the
 * library of the signatures takes the slow way that hides its numbers, which is two and a half times as long.
 */
export function aggregatePublicKey(participants: readonly Uint8Array[]): Uint8Array | undefined {
  const second = participants.find((key) => !equalBytes(key, participants[0]!));
  const list = taggedHash("KeyAgg list", concatBytes(...participants));
  let sum = Point.ZERO;
  for (const key of participants) {
    const point = pointOf(key);
    if (point === undefined) return undefined;
    const isSecond = second !== undefined && equalBytes(key, second);
    const factor = Point.Fn.create(BigInt(`0x${toHex(taggedHash("KeyAgg coefficient", list, key))}`));
    sum = sum.add(isSecond ? point : point.multiplyUnsafe(factor));
  }
  return sum.is0() ? undefined : sum.toBytes(true);
}

function pointOf(key: Uint8Array): InstanceType<typeof Point> | undefined {
  try {
    return Point.fromBytes(key);
  } catch {
    // The library tells that it is none by throwing.
    return undefined;
  }
}

/** BIP328: the extended key from which keys of an aggregate key are derived. It is never written as text. */
export function musigExtendedKey(aggregateKey: Uint8Array): ExtendedKey {
  return { publicKey: aggregateKey, chainCode: MUSIG_CHAIN_CODE, depth: 0 };
}
