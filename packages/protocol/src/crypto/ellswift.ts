import { secp256k1 } from "@noble/curves/secp256k1.js";
import * as tiny from "tiny-secp256k1";
import { concatBytes, toHex } from "../bytes/bytes.ts";
import { taggedHash } from "./hash.ts";
import { portableSecp256k1 } from "./portable-secp256k1.ts";
import { COMPRESSED_KEY_SIZE, requireArgument, X_ONLY_KEY_SIZE } from "./secp256k1.ts";

/**
 * ElligatorSwift (BIP324): public keys as 64 bytes that look random. An encoding is a pair of field elements (u, t), and
 * any 64 bytes are one: each decodes to the x coordinate of a point. Numbers are big-endian.
 */

/** An encoded public key: u and t, 32 bytes each. */
export const ELLSWIFT_SIZE = 64;

const FIELD_SIZE = 32;
/** Which of the preimages for one u is meant (BIP324's "case"): three bits. */
const CASE_MASK = 7;

const Fp = secp256k1.Point.Fp;
const SEVEN = 7n;
const INVERSE_OF_TWO = Fp.inv(2n);
/** Raising to this power is taking the square root, modulo this prime. */
const ROOT_EXPONENT = (Fp.ORDER + 1n) / 4n;
/** The root of -3 that is a square itself. */
const ROOT_OF_MINUS_THREE = squareRoot(Fp.create(-3n))!;

/** Bytes that nobody can foretell; `size` of them, in a buffer of their own. */
export type RandomBytes = (size: number) => Uint8Array;

/** The x coordinate, 32 bytes, that an encoding of {@link ELLSWIFT_SIZE} bytes stands for. There is always one. */
export function ellSwiftDecode(encoded: Uint8Array): Uint8Array {
  requireArgument(encoded.length === ELLSWIFT_SIZE, "an ElligatorSwift encoding of 64 bytes");
  const u = Fp.create(numberOf(encoded.subarray(0, FIELD_SIZE)));
  const t = Fp.create(numberOf(encoded.subarray(FIELD_SIZE)));
  return fieldBytes(xSwiftEc(u, t));
}

/**
 * One of the encodings of an x coordinate (32 bytes, of a point on the curve), uniformly chosen. Draws 33 random bytes for
 * each attempt, of which about four are needed.
 */
export function ellSwiftEncode(xOnly: Uint8Array, random: RandomBytes): Uint8Array {
  const x = numberOf(xOnly);
  requireArgument(xOnly.length === X_ONLY_KEY_SIZE && x < Fp.ORDER && isXOnCurve(x), "the x coordinate of a point");
  for (;;) {
    const drawn = random(FIELD_SIZE + 1);
    const u = numberOf(drawn.subarray(0, FIELD_SIZE));
    if (u === 0n || u >= Fp.ORDER) continue;
    const t = xSwiftEcInverse(x, u, drawn[FIELD_SIZE]! & CASE_MASK);
    if (t !== undefined) return concatBytes(fieldBytes(u), fieldBytes(t));
  }
}

/** An encoding of the public key of `privateKey` (32 bytes). Throws `RangeError` where that is no private key. */
export function ellSwiftPublicKey(privateKey: Uint8Array, random: RandomBytes): Uint8Array {
  return ellSwiftEncode(portableSecp256k1.publicKeyOf(privateKey, true).subarray(1), random);
}

/** A private key, uniformly chosen. */
export function randomPrivateKey(random: RandomBytes): Uint8Array {
  for (;;) {
    const key = random(FIELD_SIZE);
    if (portableSecp256k1.isPrivateKey(key)) return key;
  }
}

/** The x coordinate, 32 bytes, of `privateKey` times the point that `theirs` encodes: the same for both sides. */
export function ellSwiftSharedX(privateKey: Uint8Array, theirs: Uint8Array): Uint8Array {
  requireArgument(portableSecp256k1.isPrivateKey(privateKey), "a private key");
  const point = new Uint8Array(COMPRESSED_KEY_SIZE);
  // Either point with this x will do: the product's x is the same.
  point[0] = 2;
  point.set(ellSwiftDecode(theirs), 1);
  // The point is on the curve and the scalar not zero, so there is a product and nothing throws. The library takes a time
  // that depends on the scalar, which is of use to nobody as the key serves this one connection and is multiplied once.
  return tiny.pointMultiply(point, privateKey, true)!.slice(1);
}

/** BIP324: the secret, 32 bytes, of a connection. The encodings of both keys are hashed in, the initiator's first. */
export function ellSwiftEcdh(
  privateKey: Uint8Array,
  theirs: Uint8Array,
  ours: Uint8Array,
  isInitiator: boolean,
): Uint8Array {
  const keys = isInitiator ? [ours, theirs] : [theirs, ours];
  return taggedHash("bip324_ellswift_xonly_ecdh", ...keys, ellSwiftSharedX(privateKey, theirs));
}

/** BIP324's XSwiftEC: the x coordinate that the field elements `uGiven` and `tGiven` stand for. */
export function xSwiftEc(uGiven: bigint, tGiven: bigint): bigint {
  // A few inputs would lead to the point at infinity; they are taken for others.
  const u = uGiven === 0n ? 1n : uGiven;
  let t = tGiven === 0n ? 1n : tGiven;
  const curveAtU = curveAt(u);
  if (Fp.create(curveAtU + t * t) === 0n) t = Fp.create(2n * t);
  const x = divide(curveAtU - t * t, 2n * t);
  const y = divide(x + t, ROOT_OF_MINUS_THREE * u);
  const first = Fp.create(u + 4n * y * y);
  if (isXOnCurve(first)) return first;
  const quotient = divide(x, y);
  const second = Fp.create((-quotient - u) * INVERSE_OF_TWO);
  return isXOnCurve(second) ? second : Fp.create((quotient - u) * INVERSE_OF_TWO);
}

/** BIP324's XSwiftECInv: the t with which `u` stands for `x`, by `caseNumber` (0 to 7) one of up to eight, if there is that one. */
export function xSwiftEcInverse(x: bigint, u: bigint, caseNumber: number): bigint | undefined {
  const preimage = (caseNumber & 2) === 0 ? preimageBySum(x, u) : preimageByDifference(x, u, caseNumber);
  if (preimage === undefined) return undefined;
  const { s, v } = preimage;
  const w = squareRoot(s);
  if (w === undefined) return undefined;
  const root = (caseNumber & 1) === 0 ? -ROOT_OF_MINUS_THREE : ROOT_OF_MINUS_THREE;
  const magnitude = w * (u * (1n + root) * INVERSE_OF_TWO + v);
  const isNegated = (caseNumber & 5) === 0 || (caseNumber & 5) === 5;
  return Fp.create(isNegated ? -magnitude : magnitude);
}

interface Preimage {
  readonly s: bigint;
  readonly v: bigint;
}

/** For an x that was the second or third candidate of {@link xSwiftEc}. */
function preimageBySum(x: bigint, u: bigint): Preimage | undefined {
  if (isXOnCurve(Fp.create(-x - u))) return undefined;
  return { s: divide(-curveAt(u), u * u + u * x + x * x), v: x };
}

/** For an x that was the first candidate. */
function preimageByDifference(x: bigint, u: bigint, caseNumber: number): Preimage | undefined {
  const s = Fp.create(x - u);
  if (s === 0n) return undefined;
  const r = squareRoot(Fp.create(-s * (4n * curveAt(u) + 3n * u * u * s)));
  if (r === undefined || ((caseNumber & 1) === 1 && r === 0n)) return undefined;
  return { s, v: Fp.create((divide(r, s) - u) * INVERSE_OF_TWO) };
}

/** The square of the y coordinates at `x`, if `x` has any. */
function curveAt(x: bigint): bigint {
  return Fp.create(x * x * x + SEVEN);
}

function isXOnCurve(x: bigint): boolean {
  return squareRoot(curveAt(x)) !== undefined;
}

/** The square root that is a square itself. */
function squareRoot(value: bigint): bigint | undefined {
  const root = Fp.pow(value, ROOT_EXPONENT);
  return Fp.sqr(root) === value ? root : undefined;
}

function divide(dividend: bigint, divisor: bigint): bigint {
  return Fp.mul(Fp.create(dividend), Fp.inv(Fp.create(divisor)));
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`);
}

function fieldBytes(value: bigint): Uint8Array {
  return Fp.toBytes(value);
}
