import { compareBytes, concatBytes, equalBytes, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { taggedHash } from "@bitfleet/protocol/crypto/hash.ts";
import { secp256k1 } from "@noble/curves/secp256k1.js";

const { Point } = secp256k1;
const { Fn } = Point;
type CurvePoint = InstanceType<typeof Point>;

const COMPRESSED_SIZE = 33;

/** BIP327: a number added to the aggregate key, to the point itself or to the one of even y with the same x. */
export interface MusigTweak {
  readonly tweak: Uint8Array;
  readonly xOnly: boolean;
}

/** What the participants made together. */
export interface MusigSession {
  /** Compressed, in the order in which they were aggregated. */
  readonly participants: readonly Uint8Array[];
  readonly aggregateKey: Uint8Array;
  readonly tweaks: readonly MusigTweak[];
  /** 66 bytes of each participant, in their order. */
  readonly publicNonces: readonly Uint8Array[];
  /** 32 bytes of each participant, in their order. */
  readonly partialSignatures: readonly Uint8Array[];
  /** The hash that is signed. */
  readonly message: Uint8Array;
}

/**
 * BIP327: the one signature (64 bytes) of all participants by the tweaked key; `undefined` where a part is malformed or the
 * aggregate key is not theirs. Whether the parts are right shows when the signature is verified.
 */
export function aggregateSignature(session: MusigSession): Uint8Array | undefined {
  const { message } = session;
  const key = tweakedKey(session);
  const [first, second] = [nonceSum(session.publicNonces, 0), nonceSum(session.publicNonces, 1)];
  if (key === undefined || first === undefined || second === undefined) return undefined;
  const x = xOf(key.point);
  const coefficient = scalarOf(taggedHash("MuSig/noncecoef", extendedBytes(first), extendedBytes(second), x, message));
  const sum = first.add(timesPoint(second, coefficient));
  const nonce = sum.is0() ? Point.BASE : sum;
  const challenge = scalarOf(taggedHash("BIP0340/challenge", xOf(nonce), x, message));
  let s = Fn.mul(challenge, hasEvenY(key.point) ? key.tweakSum : Fn.neg(key.tweakSum));
  for (const part of session.partialSignatures) {
    const value = numberOf(part);
    if (value >= Fn.ORDER) return undefined;
    s = Fn.add(s, value);
  }
  return concatBytes(xOf(nonce), Fn.toBytes(s));
}

/** The aggregate key after all tweaks, and what they add up to. */
function tweakedKey({ participants, aggregateKey, tweaks }: MusigSession) {
  let point = aggregatePoint(participants);
  if (point === undefined || !equalBytes(point.toBytes(true), aggregateKey)) return undefined;
  let tweakSum = Fn.ZERO;
  for (const { tweak, xOnly } of tweaks) {
    const value = numberOf(tweak);
    if (value >= Fn.ORDER) return undefined;
    if (xOnly && !hasEvenY(point)) {
      point = point.negate();
      tweakSum = Fn.neg(tweakSum);
    }
    point = point.add(timesPoint(Point.BASE, value));
    tweakSum = Fn.add(tweakSum, value);
    if (point.is0()) return undefined;
  }
  return { point, tweakSum };
}

/** BIP327: the sum of the keys, each but the second distinct one multiplied by a hash of all. */
function aggregatePoint(keys: readonly Uint8Array[]): CurvePoint | undefined {
  const list = taggedHash("KeyAgg list", concatBytes(...keys));
  const second = keys.find((key) => compareBytes(key, keys[0]!) !== 0);
  let sum = Point.ZERO;
  for (const key of keys) {
    const point = pointOf(key);
    if (point === undefined) return undefined;
    const isSecond = second !== undefined && equalBytes(key, second);
    sum = sum.add(isSecond ? point : timesPoint(point, scalarOf(taggedHash("KeyAgg coefficient", list, key))));
  }
  return sum.is0() ? undefined : sum;
}

/** The sum of the first or second points of all public nonces. */
function nonceSum(nonces: readonly Uint8Array[], half: 0 | 1): CurvePoint | undefined {
  let sum = Point.ZERO;
  for (const nonce of nonces) {
    const point = pointOf(nonce.subarray(half * COMPRESSED_SIZE, (half + 1) * COMPRESSED_SIZE));
    if (point === undefined) return undefined;
    sum = sum.add(point);
  }
  return sum;
}

function pointOf(bytes: Uint8Array): CurvePoint | undefined {
  if (bytes.length !== COMPRESSED_SIZE) return undefined;
  try {
    return Point.fromBytes(bytes);
  } catch {
    // The library tells that it is no point by throwing.
    return undefined;
  }
}

/** Nothing here is secret, so it may take the quick way. The library takes no zero. */
const timesPoint = (point: CurvePoint, factor: bigint) => (factor === 0n ? Point.ZERO : point.multiplyUnsafe(factor));

const numberOf = (bytes: Uint8Array) => BigInt(`0x${toHex(bytes)}`);
const scalarOf = (hash: Uint8Array) => Fn.create(numberOf(hash));
const xOf = (point: CurvePoint) => point.toBytes(true).subarray(1);
const hasEvenY = (point: CurvePoint) => point.toBytes(true)[0] === 2;
const extendedBytes = (point: CurvePoint) => (point.is0() ? new Uint8Array(COMPRESSED_SIZE) : point.toBytes(true));
