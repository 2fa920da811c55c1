import { expect, test } from "vitest";
import { portableSecp256k1 } from "./portable-secp256k1.ts";
import { rememberingSignatures } from "./verified-signatures.ts";

const KEY = new Uint8Array(32).fill(7);
const PUBLIC_KEY = portableSecp256k1.publicKeyOf(KEY, true);
const OTHER_KEY = portableSecp256k1.publicKeyOf(new Uint8Array(32).fill(8), true);
const hash = (value: number) => new Uint8Array(32).fill(value);
const signed = (value: number) => portableSecp256k1.signEcdsa(hash(value), KEY);
const schnorr = portableSecp256k1.signSchnorr(hash(1), KEY, hash(0));

function counted(limit: number) {
  const asked = { ecdsa: 0, schnorr: 0 };
  const curve = rememberingSignatures(
    {
      ...portableSecp256k1,
      verifyEcdsa: (...given) => {
        asked.ecdsa++;
        return portableSecp256k1.verifyEcdsa(...given);
      },
      verifySchnorr: (...given) => {
        asked.schnorr++;
        return portableSecp256k1.verifySchnorr(...given);
      },
    },
    limit,
  );
  return { asked, curve };
}

test("a valid signature is looked at once", () => {
  const { asked, curve } = counted(10);
  for (let time = 0; time < 3; time++) {
    expect(curve.verifyEcdsa(signed(1), hash(1), PUBLIC_KEY)).toBe(true);
    expect(curve.verifySchnorr(schnorr, hash(1), PUBLIC_KEY.subarray(1))).toBe(true);
  }
  expect(asked).toEqual({ ecdsa: 1, schnorr: 1 });
});

test("of another hash, by another key, or of the other kind it is another one", () => {
  const { curve } = counted(10);
  expect(curve.verifyEcdsa(signed(1), hash(1), PUBLIC_KEY)).toBe(true);
  expect(curve.verifySchnorr(schnorr, hash(1), PUBLIC_KEY.subarray(1))).toBe(true);
  expect(curve.verifyEcdsa(signed(1), hash(2), PUBLIC_KEY)).toBe(false);
  expect(curve.verifyEcdsa(signed(1), hash(1), OTHER_KEY)).toBe(false);
  expect(curve.verifyEcdsa(signed(2), hash(1), PUBLIC_KEY)).toBe(false);
  expect(curve.verifyEcdsa(schnorr, hash(1), PUBLIC_KEY)).toBe(false);
  expect(curve.verifySchnorr(signed(1), hash(1), PUBLIC_KEY.subarray(1))).toBe(false);
  // The same bytes, divided otherwise.
  expect(curve.verifyEcdsa(signed(1).subarray(0, 63), hash(1), PUBLIC_KEY)).toBe(false);
});

test("one that is not valid is not remembered, and the oldest are forgotten first", () => {
  const { asked, curve } = counted(2);
  for (let time = 0; time < 2; time++) expect(curve.verifyEcdsa(signed(2), hash(1), PUBLIC_KEY)).toBe(false);
  expect(asked.ecdsa).toBe(2);
  for (const value of [1, 2, 3]) expect(curve.verifyEcdsa(signed(value), hash(value), PUBLIC_KEY)).toBe(true);
  expect(asked.ecdsa).toBe(5);
  expect(curve.verifyEcdsa(signed(3), hash(3), PUBLIC_KEY)).toBe(true);
  expect(asked.ecdsa).toBe(5);
  expect(curve.verifyEcdsa(signed(1), hash(1), PUBLIC_KEY)).toBe(true);
  expect(asked.ecdsa).toBe(6);
});
