import { describe, expect, test } from "vitest";
import { portableSecp256k1 } from "./portable-secp256k1.ts";

const PRIVATE_KEY = new Uint8Array(32).fill(7);
const HASH = new Uint8Array(32).fill(9);
const KEY = portableSecp256k1.publicKeyOf(PRIVATE_KEY, true);
const X_ONLY = KEY.subarray(1);
const SIGNATURE = portableSecp256k1.signEcdsa(HASH, PRIVATE_KEY);
const SCHNORR = portableSecp256k1.signSchnorr(HASH, PRIVATE_KEY, new Uint8Array(32));
/** Beyond the field's size, so no coordinate. */
const NO_X = new Uint8Array(32).fill(0xff);
const NO_KEY = Uint8Array.from([2, ...NO_X]);

describe("invalid points", () => {
  // Each would leak a piece of the library's one-megabyte stack if the library met it.
  const ATTEMPTS = 10_000;

  test.each<[string, () => unknown]>([
    ["verifyEcdsa", () => portableSecp256k1.verifyEcdsa(SIGNATURE, HASH, NO_KEY)],
    ["verifySchnorr", () => portableSecp256k1.verifySchnorr(SCHNORR, HASH, NO_X)],
    ["verifyXOnlyTweak, internal key", () => portableSecp256k1.verifyXOnlyTweak(X_ONLY, 0, NO_X, HASH)],
    ["tweakXOnly", () => portableSecp256k1.tweakXOnly(NO_X, HASH)],
    ["isPublicKey", () => portableSecp256k1.isPublicKey(NO_KEY)],
  ])("%s answers no however often it is asked, and goes on working", (_, ask) => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) if (ask()) throw new Error("accepted");
    expect(portableSecp256k1.verifyEcdsa(SIGNATURE, HASH, KEY)).toBe(true);
    expect(portableSecp256k1.verifySchnorr(SCHNORR, HASH, X_ONLY)).toBe(true);
  });

  test("an output that is no point is no tweak's result", () => {
    expect(portableSecp256k1.verifyXOnlyTweak(NO_X, 0, X_ONLY, HASH)).toBe(false);
  });
});
