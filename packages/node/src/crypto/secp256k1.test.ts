import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { equalBytes, fromHex, littleEndianFromBigInt, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { encodeDer, parseLaxDer } from "@bitfleet/protocol/crypto/der.ts";
import { sha256, useHostSha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { schnorr, secp256k1 } from "@noble/curves/secp256k1.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chooseSecp256k1 } from "./choose-backend.ts";
import { installHostSha256 } from "./host-hash.ts";
import { loadNativeSecp256k1 } from "./native-secp256k1.ts";
import { disagreementWithPortable } from "./self-test.ts";
import { availableBackends, everyBackend } from "./test-kit.ts";

const ORDER = secp256k1.Point.Fn.ORDER;
const FIELD = secp256k1.Point.Fp.ORDER;
const scalarBytes = (value: bigint) => littleEndianFromBigInt(value, 32).reverse();
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const privateKeys = fc.bigInt({ min: 1n, max: ORDER - 1n }).map(scalarBytes);
const numberOf = (bytes: Uint8Array) => BigInt(`0x${toHex(bytes)}`);
const OPTIONS = { prehash: false, lowS: false } as const;

const backends = availableBackends();
const hasNative = backends.length > 1;

describe.each(everyBackend())("$name", (curve) => {
  test("signs and verifies as noble curves does", () => {
    fc.assert(
      fc.property(privateKeys, bytes32, bytes32, (key, hash, auxiliary) => {
        const compressed = curve.publicKeyOf(key, true);
        const uncompressed = curve.publicKeyOf(key, false);
        expect(toHex(compressed)).toBe(toHex(secp256k1.getPublicKey(key, true)));
        expect(toHex(uncompressed)).toBe(toHex(secp256k1.getPublicKey(key, false)));
        const signature = curve.signEcdsa(hash, key);
        expect(toHex(signature)).toBe(toHex(secp256k1.sign(hash, key, { prehash: false, lowS: true })));
        const highS = Uint8Array.from(signature);
        highS.set(scalarBytes(ORDER - numberOf(signature.subarray(32))), 32);
        for (const publicKey of [compressed, uncompressed, hybridOf(uncompressed)]) {
          expect(curve.verifyEcdsa(signature, hash, publicKey)).toBe(true);
          expect(curve.verifyEcdsa(highS, hash, publicKey)).toBe(true);
          expect(curve.verifyEcdsa(signature, auxiliary, publicKey)).toBe(equalBytes(hash, auxiliary));
        }
        const schnorrSignature = curve.signSchnorr(hash, key, auxiliary);
        expect(toHex(schnorrSignature)).toBe(toHex(schnorr.sign(hash, key, auxiliary)));
        expect(curve.verifySchnorr(schnorrSignature, hash, compressed.subarray(1))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test("answers to altered signatures, messages and keys as noble curves does", () => {
    fc.assert(
      fc.property(privateKeys, bytes32, fc.nat(128), fc.nat(7), (key, hash, position, bit) => {
        const publicKey = curve.publicKeyOf(key, true);
        const ecdsa = concat(curve.signEcdsa(hash, key), hash, publicKey);
        ecdsa[position]! ^= 1 << bit;
        const [signature, message, asKey] = [ecdsa.subarray(0, 64), ecdsa.subarray(64, 96), ecdsa.subarray(96)];
        const expected = quietly(() => secp256k1.verify(signature, message, asKey, OPTIONS));
        expect(curve.verifyEcdsa(signature, message, asKey)).toBe(expected);
        const other = concat(curve.signSchnorr(hash, key, hash), hash, publicKey.subarray(1));
        other[position % 128]! ^= 1 << bit;
        expect(curve.verifySchnorr(other.subarray(0, 64), other.subarray(64, 96), other.subarray(96))).toBe(
          quietly(() => schnorr.verify(other.subarray(0, 64), other.subarray(64, 96), other.subarray(96))),
        );
      }),
      { numRuns: 40 },
    );
  });

  test("tweaks keys as BIP341 does, private and public alike", () => {
    fc.assert(
      fc.property(privateKeys, bytes32, (key, tweak) => {
        fc.pre(numberOf(tweak) < ORDER);
        const internal = curve.publicKeyOf(key, true).subarray(1);
        const point = secp256k1.Point.fromHex(`02${toHex(internal)}`);
        const expected = point.add(secp256k1.Point.BASE.multiplyUnsafe(numberOf(tweak))).toBytes(true);
        const tweaked = curve.tweakXOnly(internal, tweak)!;
        expect(toHex(tweaked.x)).toBe(toHex(expected.subarray(1)));
        expect(tweaked.parity).toBe(expected[0]! & 1);
        expect(curve.verifyXOnlyTweak(tweaked.x, tweaked.parity, internal, tweak)).toBe(true);
        expect(curve.verifyXOnlyTweak(tweaked.x, tweaked.parity === 0 ? 1 : 0, internal, tweak)).toBe(false);
        const tweakedKey = curve.tweakPrivateKey(key, tweak)!;
        expect(toHex(curve.publicKeyOf(tweakedKey, true))).toBe(toHex(expected));
      }),
      { numRuns: 20 },
    );
  });

  test("edges of scalars", () => {
    const key = curve.publicKeyOf(scalarBytes(5n), true);
    const hash = new Uint8Array(32).fill(1);
    const signature = curve.signEcdsa(hash, scalarBytes(5n));
    for (const wrong of [0n, ORDER, 2n ** 256n - 1n]) {
      expect(curve.verifyEcdsa(concat(scalarBytes(wrong), signature.subarray(32)), hash, key)).toBe(false);
      expect(curve.verifyEcdsa(concat(signature.subarray(0, 32), scalarBytes(wrong)), hash, key)).toBe(false);
      expect(curve.verifyEcdsa(concat(scalarBytes(wrong), scalarBytes(wrong)), hash, key)).toBe(false);
      expect(curve.isPrivateKey(scalarBytes(wrong))).toBe(false);
      expect(() => curve.publicKeyOf(scalarBytes(wrong), true)).toThrow(RangeError);
      expect(() => curve.signEcdsa(hash, scalarBytes(wrong))).toThrow(RangeError);
    }
    expect([1n, ORDER - 1n].map((value) => curve.isPrivateKey(scalarBytes(value)))).toEqual([true, true]);
    expect(curve.isPrivateKey(new Uint8Array(31).fill(1))).toBe(false);
    const internal = key.subarray(1);
    expect(curve.tweakXOnly(internal, scalarBytes(0n))).toEqual({ x: internal, parity: 0 });
    expect(curve.tweakXOnly(internal, scalarBytes(ORDER - 1n))).toBeDefined();
    expect(curve.tweakXOnly(internal, scalarBytes(ORDER))).toBeUndefined();
    expect(curve.verifyXOnlyTweak(internal, 0, internal, scalarBytes(ORDER))).toBe(false);
    // The key's own negative as tweak leads to infinity.
    const evenKey = key[0] === 2 ? 5n : ORDER - 5n;
    expect(curve.tweakXOnly(internal, scalarBytes(ORDER - evenKey))).toBeUndefined();
    expect(curve.tweakPrivateKey(scalarBytes(5n), scalarBytes(ORDER - evenKey))).toBeUndefined();
  });

  test("forms of public keys", () => {
    const compressed = curve.publicKeyOf(scalarBytes(6n), true);
    const uncompressed = curve.publicKeyOf(scalarBytes(6n), false);
    const hybrid = hybridOf(uncompressed);
    const withFirst = (key: Uint8Array, first: number) => concat(Uint8Array.of(first), key.subarray(1));
    for (const key of [compressed, withFirst(compressed, 5 - compressed[0]!), uncompressed, hybrid]) {
      expect(curve.isPublicKey(key)).toBe(true);
    }
    const offCurve = Uint8Array.from(uncompressed);
    offCurve[64]! ^= 1;
    const wrong: Record<string, Uint8Array> = {
      "no bytes": new Uint8Array(0),
      "x alone": compressed.subarray(1),
      "one byte short": uncompressed.subarray(0, 64),
      "one byte long": concat(compressed, Uint8Array.of(0)),
      "hybrid of the wrong parity": withFirst(hybrid, hybrid[0]! ^ 1),
      "uncompressed as compressed": withFirst(uncompressed, 2),
      "compressed as uncompressed": withFirst(compressed, 4),
      infinity: new Uint8Array(33),
      "off the curve": offCurve,
      "x of the field's size": concat(Uint8Array.of(2), scalarBytes(FIELD)),
      "x on no point": concat(Uint8Array.of(2), scalarBytes(5n)),
    };
    const signature = curve.signEcdsa(compressed.subarray(1), scalarBytes(6n));
    for (const [label, key] of Object.entries(wrong)) {
      expect([label, curve.isPublicKey(key)]).toEqual([label, false]);
      expect([label, curve.verifyEcdsa(signature, compressed.subarray(1), key)]).toEqual([label, false]);
    }
    for (let first = 0; first < 256; first++) {
      expect(curve.isPublicKey(withFirst(compressed, first))).toBe(first === 2 || first === 3);
      expect(curve.isPublicKey(withFirst(uncompressed, first))).toBe(first === 4 || first === hybrid[0]);
    }
  });

  test("nothing that is verified makes it throw", () => {
    const anything = fc.uint8Array({ maxLength: 70 });
    fc.assert(
      fc.property(anything, anything, anything, anything, (a, b, c, d) => {
        expect(curve.verifyEcdsa(a, b, c)).toBe(false);
        expect(curve.verifySchnorr(a, b, c)).toBe(false);
        expect(curve.verifyXOnlyTweak(a, 0, b, c)).toBe(false);
        expect(typeof curve.isPublicKey(d)).toBe("boolean");
        expect(typeof curve.isPrivateKey(d)).toBe("boolean");
        curve.tweakXOnly(a, b);
      }),
    );
  });

  test("the bytes given stay as they are, and the bytes returned too", () => {
    const key = scalarBytes(8n);
    const [hash, tweak] = [new Uint8Array(32).fill(2), new Uint8Array(32).fill(3)];
    const given = [key, hash, tweak].map(toHex);
    const first = curve.signEcdsa(hash, key);
    const kept = toHex(first);
    curve.signSchnorr(hash, key, tweak);
    curve.tweakPrivateKey(key, tweak);
    curve.verifyEcdsa(new Uint8Array(64).fill(1), hash, curve.publicKeyOf(key, true));
    expect([key, hash, tweak].map(toHex)).toEqual(given);
    expect(toHex(first)).toBe(kept);
  });

  test("many keys with one last byte take turns in one place and are still told apart", () => {
    const hash = new Uint8Array(32).fill(4);
    const keys: [Uint8Array, Uint8Array][] = [];
    for (let secret = 1n; keys.length < 5; secret++) {
      const publicKey = curve.publicKeyOf(scalarBytes(secret), true);
      if (publicKey[32] === 0x98 || keys.length > 0) keys.push([scalarBytes(secret), publicKey]);
      if (keys.length > 0 && publicKey[32] !== 0x98) keys.pop();
    }
    const signatures = keys.map(([secret]) => curve.signEcdsa(hash, secret));
    for (let turn = 0; turn < 3; turn++) {
      keys.forEach(([, publicKey], keyIndex) => {
        signatures.forEach((signature, index) => {
          expect(curve.verifyEcdsa(signature, hash, publicKey)).toBe(index === keyIndex);
        });
        expect(curve.isPublicKey(concat(Uint8Array.of(9), publicKey.subarray(1)))).toBe(false);
      });
    }
  });

  test("a signature read from overlong DER verifies", () => {
    const hash = new Uint8Array(32).fill(4);
    const der = encodeDer(curve.signEcdsa(hash, scalarBytes(3n)));
    const padded = concat(der, fromHex("00ff"));
    expect(curve.verifyEcdsa(parseLaxDer(padded)!, hash, curve.publicKeyOf(scalarBytes(3n), true))).toBe(true);
    expect(curve.verifyEcdsa(new Uint8Array(64), hash, curve.publicKeyOf(scalarBytes(3n), true))).toBe(false);
  });
});

describe("finding the native library", () => {
  test("an absent library is a reason and a hint", () => {
    const result = loadNativeSecp256k1({ libraryNames: ["libsecp256k1-absent.so.99"] });
    expect(result).toMatchObject({ reason: expect.stringContaining("absent.so.99"), hint: expect.any(String) });
  });

  test("an absent koffi is a reason and a hint", () => {
    const importKoffi = () => {
      throw new Error("Cannot find module 'koffi'\nRequire stack:");
    };
    expect(loadNativeSecp256k1({ importKoffi })).toEqual({
      reason: "koffi cannot be loaded: Cannot find module 'koffi'",
      hint: expect.stringContaining("npm install koffi"),
    });
  });

  test.runIf(hasNative && process.platform === "linux")("a library without the functions is refused", () => {
    expect(loadNativeSecp256k1({ libraryNames: ["libc.so.6"] })).toMatchObject({
      reason: expect.stringContaining("libc.so.6 cannot be used"),
    });
  });

  test("a backend that lies fails the self-test", () => {
    const lies: Partial<Secp256k1>[] = [
      { verifyEcdsa: () => true },
      { verifySchnorr: () => true },
      { isPublicKey: (key) => key[0]! < 5 && portableSecp256k1.isPublicKey(key) },
      { verifyXOnlyTweak: () => true },
      { tweakXOnly: () => undefined },
    ];
    for (const lie of lies) expect(disagreementWithPortable({ ...portableSecp256k1, ...lie })).toBeTypeOf("string");
    expect(disagreementWithPortable(portableSecp256k1)).toBeUndefined();
  });

  test("the choice", () => {
    const libraryNames = ["libsecp256k1-absent.so.99"];
    expect(chooseSecp256k1("portable")).toEqual({ backend: portableSecp256k1, description: portableSecp256k1.name });
    const fallback = chooseSecp256k1("auto", { libraryNames });
    expect(fallback.backend).toBe(portableSecp256k1);
    expect(fallback.hint).toBeTypeOf("string");
    expect(() => chooseSecp256k1("native", { libraryNames })).toThrow("not installed");
    expect(chooseSecp256k1("auto").backend.name).toBe(backends.at(-1)!.name);
  });
});

test("works in worker threads", async () => {
  const require = createRequire(import.meta.url);
  const loader = new URL("./dist/esm/api/index.mjs", pathToFileURL(require.resolve("tsx/package.json"))).href;
  const subject = new URL("./choose-backend.ts", import.meta.url).href;
  const source = `
    import { parentPort } from "node:worker_threads";
    const { tsImport } = await import("${loader}");
    const { chooseSecp256k1 } = await tsImport("${subject}", "${subject}");
    const { backend } = chooseSecp256k1("auto");
    const key = new Uint8Array(32).fill(5);
    const valid = backend.verifyEcdsa(backend.signEcdsa(key, key), key, backend.publicKeyOf(key, true));
    parentPort.postMessage([backend.name, valid]);
  `;
  const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
  const answers = [1, 2].map(
    () =>
      new Promise((resolve, reject) => {
        const worker = new Worker(url);
        worker.once("message", resolve);
        worker.once("error", reject);
      }),
  );
  const expected = [backends.at(-1)!.name, true];
  expect(await Promise.all(answers)).toEqual([expected, expected]);
});

test("Node's SHA-256 takes large input over", () => {
  const large = new Uint8Array(5000).fill(7);
  const before = sha256(large);
  try {
    installHostSha256();
    expect(sha256(large)).toEqual(before);
  } finally {
    useHostSha256(undefined);
  }
});

function hybridOf(uncompressed: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(6 | (uncompressed[64]! & 1)), uncompressed.subarray(1));
}

function concat(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function quietly(verify: () => boolean): boolean {
  try {
    return verify();
  } catch {
    return false;
  }
}
