import { reversedBytes, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { CURVE_ORDER, type Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";

const PRIVATE_KEY = Uint8Array.from({ length: 32 }, (_, index) => 7 * index + 1);
const MESSAGE_HASH = Uint8Array.from({ length: 32 }, (_, index) => 255 - 3 * index);
const AUXILIARY = new Uint8Array(32).fill(5);
const TWEAK = new Uint8Array(32).fill(9);
const OVERFLOW = new Uint8Array(32).fill(0xff);

/** Answers of a backend as text, so that any two compare. */
type Answer = Uint8Array | boolean | undefined | { readonly x: Uint8Array; readonly parity: 0 | 1 };

/**
 * Asks both backends the same: signatures good, altered, with high s, zero and overflowing; keys of every form and of no
 * point; Schnorr; tweaks. Returns the name of the first case whose answers differ, or `undefined`.
 */
export function disagreementWithPortable(backend: Secp256k1): string | undefined {
  for (const [label, ask] of cases()) {
    if (answerText(ask, backend) !== answerText(ask, portableSecp256k1)) return label;
  }
  return undefined;
}

function cases(): [string, (curve: Secp256k1) => Answer][] {
  const compressed = portableSecp256k1.publicKeyOf(PRIVATE_KEY, true);
  const uncompressed = portableSecp256k1.publicKeyOf(PRIVATE_KEY, false);
  const x = compressed.subarray(1);
  const parity = uncompressed[64]! & 1;
  const withFirstByte = (key: Uint8Array, first: number) => Uint8Array.from([first, ...key.subarray(1)]);
  const hybrid = withFirstByte(uncompressed, 6 + parity);
  const signature = portableSecp256k1.signEcdsa(MESSAGE_HASH, PRIVATE_KEY);
  const r = signature.subarray(0, 32);
  const highS = Uint8Array.from([...r, ...negated(signature.subarray(32))]);
  const schnorr = portableSecp256k1.signSchnorr(MESSAGE_HASH, PRIVATE_KEY, AUXILIARY);
  const altered = (bytes: Uint8Array) => bytes.map((byte, index) => (index === 40 ? byte ^ 1 : byte));
  const tweaked = portableSecp256k1.tweakXOnly(x, TWEAK)!;

  const verify = (given: Uint8Array, key: Uint8Array) => (curve: Secp256k1) =>
    curve.verifyEcdsa(given, MESSAGE_HASH, key);
  const isKey = (key: Uint8Array) => (curve: Secp256k1) => curve.isPublicKey(key);
  return [
    ["ECDSA, compressed key", verify(signature, compressed)],
    ["ECDSA, uncompressed key", verify(signature, uncompressed)],
    ["ECDSA, hybrid key", verify(signature, hybrid)],
    ["ECDSA, hybrid key of the wrong parity", verify(signature, withFirstByte(hybrid, hybrid[0]! ^ 1))],
    ["ECDSA, high s", verify(highS, compressed)],
    ["ECDSA, altered", verify(altered(signature), compressed)],
    ["ECDSA, zero r", verify(Uint8Array.from([...new Uint8Array(32), ...signature.subarray(32)]), compressed)],
    ["ECDSA, zero s", verify(Uint8Array.from([...r, ...new Uint8Array(32)]), compressed)],
    ["ECDSA, s beyond the order", verify(Uint8Array.from([...r, ...CURVE_ORDER]), compressed)],
    ["ECDSA, r beyond the order", verify(Uint8Array.from([...OVERFLOW, ...r]), compressed)],
    ["ECDSA, short signature", verify(signature.subarray(1), compressed)],
    ["ECDSA, key of no point", verify(signature, Uint8Array.from([2, ...OVERFLOW]))],
    ["signing ECDSA", (curve) => curve.signEcdsa(MESSAGE_HASH, PRIVATE_KEY)],
    ["signing ECDSA, another nonce", (curve) => curve.signEcdsa(MESSAGE_HASH, PRIVATE_KEY, AUXILIARY)],
    ["key, compressed", isKey(compressed)],
    ["key, uncompressed", isKey(uncompressed)],
    ["key, hybrid", isKey(hybrid)],
    ["key, first byte 5", isKey(withFirstByte(compressed, 5))],
    ["key, uncompressed, first byte 2", isKey(withFirstByte(uncompressed, 2))],
    ["key, uncompressed, off the curve", isKey(altered(uncompressed))],
    ["key, empty", isKey(new Uint8Array(0))],
    ["private key zero", (curve) => curve.isPrivateKey(new Uint8Array(32))],
    ["private key of the order", (curve) => curve.isPrivateKey(CURVE_ORDER)],
    ["public key, compressed", (curve) => curve.publicKeyOf(PRIVATE_KEY, true)],
    ["public key, uncompressed", (curve) => curve.publicKeyOf(PRIVATE_KEY, false)],
    ["Schnorr", (curve) => curve.verifySchnorr(schnorr, MESSAGE_HASH, x)],
    ["Schnorr, altered", (curve) => curve.verifySchnorr(altered(schnorr), MESSAGE_HASH, x)],
    ["Schnorr, key of no point", (curve) => curve.verifySchnorr(schnorr, MESSAGE_HASH, OVERFLOW)],
    ["signing Schnorr", (curve) => curve.signSchnorr(MESSAGE_HASH, PRIVATE_KEY, AUXILIARY)],
    ["tweak", (curve) => curve.tweakXOnly(x, TWEAK)],
    ["tweak beyond the order", (curve) => curve.tweakXOnly(x, OVERFLOW)],
    ["tweak of no point", (curve) => curve.tweakXOnly(OVERFLOW, TWEAK)],
    ["tweak, checked", (curve) => curve.verifyXOnlyTweak(tweaked.x, tweaked.parity, x, TWEAK)],
    ["tweak, wrong parity", (curve) => curve.verifyXOnlyTweak(tweaked.x, tweaked.parity === 0 ? 1 : 0, x, TWEAK)],
    ["tweak, other output", (curve) => curve.verifyXOnlyTweak(x, tweaked.parity, x, TWEAK)],
    ["public key, tweaked", (curve) => curve.tweakPublicKey(compressed, TWEAK)],
    ["public key, tweaked beyond the order", (curve) => curve.tweakPublicKey(compressed, OVERFLOW)],
    ["public key, tweaked by zero", (curve) => curve.tweakPublicKey(compressed, new Uint8Array(32))],
    ["public key, tweaked to nothing", (curve) => curve.tweakPublicKey(compressed, negated(PRIVATE_KEY))],
    ["public key of no point, tweaked", (curve) => curve.tweakPublicKey(Uint8Array.of(2, ...OVERFLOW), TWEAK)],
    ["public key, not compressed, tweaked", (curve) => curve.tweakPublicKey(uncompressed, TWEAK)],
    ["private key, tweaked", (curve) => curve.tweakPrivateKey(PRIVATE_KEY, TWEAK)],
    ["private key, tweaked beyond the order", (curve) => curve.tweakPrivateKey(PRIVATE_KEY, OVERFLOW)],
  ];
}

function answerText(ask: (curve: Secp256k1) => Answer, curve: Secp256k1): string {
  const answer = ask(curve);
  if (answer instanceof Uint8Array) return toHex(answer);
  return typeof answer === "object" ? `${toHex(answer.x)} ${answer.parity}` : String(answer);
}

/** The order of the curve less a big-endian scalar. */
function negated(scalar: Uint8Array): Uint8Array {
  const order = reversedBytes(CURVE_ORDER);
  const value = reversedBytes(scalar);
  let borrow = 0;
  const difference = order.map((digit, index) => {
    const rest = digit - value[index]! - borrow;
    borrow = rest < 0 ? 1 : 0;
    return rest;
  });
  return difference.reverse();
}
