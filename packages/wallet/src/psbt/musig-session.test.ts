import { concatBytes, equalBytes, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { sha256, taggedHash } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { describeVectors, seededRandom } from "@bitfleet/protocol/script/test-kit.ts";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { describe, expect, test } from "vitest";
import { aggregatePublicKey } from "../keys/musig.ts";
import { psbtFromBase64 } from "./codec.ts";
import { extractTransaction, finalizePsbt } from "./finalize.ts";
import { aggregateSignature, type MusigSession, type MusigTweak } from "./musig-session.ts";
import { withInput } from "./psbt.ts";

const { Point } = secp256k1;
const { Fn } = Point;

const secret = (...seed: readonly number[]) => Fn.create(numberOf(sha256(Uint8Array.from(seed))));
const numberOf = (bytes: Uint8Array) => BigInt(`0x${toHex(bytes)}`);
const even = (point: InstanceType<typeof Point>) => point.toBytes(true)[0] === 2;

/** A signing session of that many people, done step by step as BIP327 has it for one who signs. */
function session(count: number, tweaks: readonly MusigTweak[], seed: number) {
  const secrets = Array.from({ length: count }, (_, index) => secret(seed, index));
  const keyed = secrets
    .map((key) => ({ key, publicKey: Point.BASE.multiply(key).toBytes(true) }))
    .sort((a, b) => (toHex(a.publicKey) < toHex(b.publicKey) ? -1 : 1));
  const participants = keyed.map(({ publicKey }) => publicKey);
  const aggregateKey = aggregatePublicKey(participants)!;
  let point = Point.fromBytes(aggregateKey);
  let sign = 1n;
  for (const { tweak, xOnly } of tweaks) {
    if (xOnly && !even(point)) {
      point = point.negate();
      sign = Fn.neg(sign);
    }
    point = point.add(Point.BASE.multiply(numberOf(tweak)));
  }
  const nonces = keyed.map((_, index) => [secret(seed, index, 1), secret(seed, index, 2)] as const);
  const publicNonces = nonces.map((pair) => concatBytes(...pair.map((one) => Point.BASE.multiply(one).toBytes(true))));
  const sums = [0, 1].map((half) => nonces.reduce((sum, pair) => Fn.add(sum, pair[half]!), 0n));
  const sumBytes = sums.map((sum) => Point.BASE.multiply(sum).toBytes(true));
  const message = sha256(Uint8Array.of(seed, 9));
  const x = point.toBytes(true).subarray(1);
  const b = Fn.create(numberOf(taggedHash("MuSig/noncecoef", ...sumBytes, x, message)));
  const nonce = Point.BASE.multiply(Fn.add(sums[0]!, Fn.mul(b, sums[1]!)));
  const e = Fn.create(numberOf(taggedHash("BIP0340/challenge", nonce.toBytes(true).subarray(1), x, message)));
  const list = taggedHash("KeyAgg list", concatBytes(...participants));
  const second = participants.find((key) => !equalBytes(key, participants[0]!));
  const partialSignatures = keyed.map(({ key, publicKey }, index) => {
    const isSecond = second !== undefined && equalBytes(publicKey, second);
    const a = isSecond ? 1n : Fn.create(numberOf(taggedHash("KeyAgg coefficient", list, publicKey)));
    const d = Fn.mul(Fn.mul(even(point) ? 1n : Fn.neg(1n), sign), key);
    const [k1, k2] = nonces[index]!.map((one) => (even(nonce) ? one : Fn.neg(one))) as [bigint, bigint];
    return Fn.toBytes(Fn.add(Fn.add(k1, Fn.mul(b, k2)), Fn.mul(Fn.mul(e, a), d)));
  });
  const made: MusigSession = { participants, aggregateKey, tweaks, publicNonces, partialSignatures, message };
  return { made, x };
}

const isValid = ({ message }: MusigSession, x: Uint8Array, signature: Uint8Array | undefined) =>
  signature !== undefined && portableSecp256k1.verifySchnorr(signature, message, x);

describe("BIP327: signatures of several people", () => {
  test("are valid by the tweaked key, and not when a part is another one", () => {
    const pick = seededRandom(1);
    for (let round = 0; round < 20; round++) {
      const tweaks = Array.from({ length: pick(4) }, (_, index) => ({
        tweak: sha256(Uint8Array.of(round, index)),
        xOnly: pick(2) === 0,
      }));
      const { made, x } = session(1 + pick(3), tweaks, round);
      expect(isValid(made, x, aggregateSignature(made))).toBe(true);
      const other = made.partialSignatures.with(0, sha256(Uint8Array.of(round)));
      expect(isValid(made, x, aggregateSignature({ ...made, partialSignatures: other }))).toBe(false);
    }
  });

  test("what is no part of one", () => {
    const { made } = session(2, [], 1);
    const beyond = new Uint8Array(32).fill(0xff);
    const none = new Uint8Array(66);
    expect(aggregateSignature(made)).toHaveLength(64);
    for (const slip of [
      { partialSignatures: made.partialSignatures.with(0, beyond) },
      { publicNonces: made.publicNonces.with(1, none) },
      { publicNonces: made.publicNonces.with(1, none.subarray(1)) },
      { participants: made.participants.toReversed() },
      { tweaks: [{ tweak: beyond, xOnly: false }] },
    ]) {
      expect(aggregateSignature({ ...made, ...slip })).toBeUndefined();
    }
  });
});

describeVectors<{ readonly valid: readonly string[] }>(
  "core/rpc_psbt.json",
  () => "core/rpc_psbt.json: signatures of several people (BIP373)",
  ({ valid }) => {
    const signed = valid
      .map((text) => psbtFromBase64(text, portableSecp256k1))
      .filter(({ inputs }) => inputs.length > 0)
      .filter(({ inputs: [input] }) => {
        const isSigned = input!.taprootKeySignature !== undefined || input!.taprootScriptSignatures.size > 0;
        return input!.musigPartialSignatures.size > 0 && !isSigned;
      });

    test("are put together by the finalizer where all parts are there", () => {
      expect(signed.length).toBeGreaterThan(0);
      const whole = signed.filter((psbt) => finalizePsbt(psbt, portableSecp256k1).complete);
      expect(whole.length).toBeGreaterThan(0);
      for (const psbt of whole) {
        expect(extractTransaction(psbt, portableSecp256k1)!.inputs[0]!.witness.length).toBeGreaterThan(0);
        const [[name]] = [...psbt.inputs[0]!.musigPartialSignatures] as [[string, unknown]];
        const fewer = new Map(psbt.inputs[0]!.musigPartialSignatures);
        fewer.delete(name);
        const input = { ...psbt.inputs[0]!, musigPartialSignatures: fewer };
        expect(finalizePsbt(withInput(psbt, 0, input), portableSecp256k1).complete).toBe(false);
      }
    });
  },
);
