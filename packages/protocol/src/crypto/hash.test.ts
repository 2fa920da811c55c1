import { hmac } from "@noble/hashes/hmac.js";
import { ripemd160 as nobleRipemd160 } from "@noble/hashes/legacy.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { concatBytes, toHex } from "../bytes/bytes.ts";
import {
  HOST_SHA256_SIZE_MIN,
  hasHashKernel,
  hash160,
  hmacSha256,
  ripemd160,
  sha1,
  sha256,
  sha256d,
  sha256dOfPairs,
  sha256dOfParts,
  taggedHash,
  useHostSha256,
} from "./hash.ts";
import { portableSha256dOfPairs } from "./portable-hash.ts";
import { INPUT_SIZE_MAX } from "./wasm/layout.ts";

const ascii = (text: string) => new TextEncoder().encode(text);
const patterned = (size: number) => Uint8Array.from({ length: size }, (_, index) => (index * 31 + size) & 0xff);
const nobleSha256d = (bytes: Uint8Array) => nobleSha256(nobleSha256(bytes));

/** Around every edge of the padding, and of the pieces that go through the kernel's memory. */
const SIZES = [
  ...[0, 1, 31, 32, 33, 54, 55, 56, 57, 63, 64, 65, 111, 119, 120, 127, 128, 129, 511, 512, 513, 1000],
  ...[INPUT_SIZE_MAX - 64, INPUT_SIZE_MAX - 9, INPUT_SIZE_MAX - 1, INPUT_SIZE_MAX, INPUT_SIZE_MAX + 1],
  ...[2 * INPUT_SIZE_MAX - 1, 2 * INPUT_SIZE_MAX, 2 * INPUT_SIZE_MAX + 65],
];

afterEach(() => useHostSha256(undefined));

test("the WebAssembly kernel is at work", () => {
  expect(hasHashKernel()).toBe(true);
});

describe("published vectors", () => {
  test.each([
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    [
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    ],
    ["a".repeat(1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"],
  ])("SHA-256 (FIPS 180) %#", (message, expected) => {
    expect(toHex(sha256(ascii(message)))).toBe(expected);
  });

  test.each([
    ["", "9c1185a5c5e9fc54612808977ee8f548b2258d31"],
    ["a", "0bdc9d2d256b3ee9daae347be6f4dc835a467ffe"],
    ["abc", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"],
    ["message digest", "5d0689ef49d2fae572b881b123a85ffa21595f36"],
    ["abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "12a053384a9c0c88e405a06c27dcf49ada62eb2b"],
    ["1234567890".repeat(8), "9b752e45573d4b39f4dbd3323cab82bf63326bfb"],
    ["a".repeat(1_000_000), "52783243c1697bdbe16d37f97f68f08325dc1528"],
  ])("RIPEMD-160 (its authors' page) %#", (message, expected) => {
    expect(toHex(ripemd160(ascii(message)))).toBe(expected);
  });

  test("SHA-1 (FIPS 180)", () => {
    expect(toHex(sha1(ascii("abc")))).toBe("a9993e364706816aba3e25717850c26c9cd0d89d");
  });

  test("HMAC-SHA-256 (RFC 4231, case 2)", () => {
    const mac = hmacSha256(ascii("Jefe"), ascii("what do ya want for nothing?"));
    expect(toHex(mac)).toBe("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  });
});

describe("agreement with an independent implementation", () => {
  test.each(SIZES)("%i bytes", (size) => {
    const bytes = patterned(size);
    expect(toHex(sha256(bytes))).toBe(toHex(nobleSha256(bytes)));
    expect(toHex(sha256d(bytes))).toBe(toHex(nobleSha256d(bytes)));
    expect(toHex(ripemd160(bytes))).toBe(toHex(nobleRipemd160(bytes)));
    expect(toHex(hash160(bytes))).toBe(toHex(nobleRipemd160(nobleSha256(bytes))));
    const tagHash = nobleSha256(ascii("TapLeaf"));
    expect(toHex(taggedHash("TapLeaf", bytes))).toBe(toHex(nobleSha256(concatBytes(tagHash, tagHash, bytes))));
  });

  test("any bytes, also as a view into a larger array", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), fc.nat(64), (bytes, start) => {
        const view = bytes.subarray(Math.min(start, bytes.length));
        expect(sha256(view)).toEqual(nobleSha256(view));
        expect(sha256d(view)).toEqual(nobleSha256d(view));
        expect(hash160(view)).toEqual(nobleRipemd160(nobleSha256(view)));
        expect(hmacSha256(bytes, view)).toEqual(hmac(nobleSha256, bytes, view));
      }),
    );
  });

  test.each([0, 1, 2, 3, 4, 5, 7, 8, 9, 1023, 1024, 1025, 1029, 2050])("sha256d of %i pairs", (count) => {
    const pairs = patterned(64 * count);
    expect(toHex(sha256dOfPairs(pairs))).toBe(toHex(portableSha256dOfPairs(pairs)));
  });

  test.each([0, 1, 3, 55, 500, 512, 70_000])("sha256d of parts that make %i bytes is that of all of them", (size) => {
    const bytes = patterned(size);
    const cut = Math.floor(size / 3);
    const parts = [bytes.subarray(0, cut), new Uint8Array(0), bytes.subarray(cut, 2 * cut), bytes.subarray(2 * cut)];
    expect(sha256dOfParts(parts)).toEqual(sha256d(bytes));
  });

  test("part of a pair is refused", () => {
    expect(() => sha256dOfPairs(new Uint8Array(65))).toThrow(RangeError);
  });
});

describe("tagged hashes", () => {
  test("the parts are hashed joined, whatever tag came before", () => {
    const parts = [patterned(3), patterned(70), new Uint8Array(0), patterned(32)];
    for (const tag of ["TapSighash", "BIP0340/challenge", "TapSighash"]) {
      const tagHash = nobleSha256(ascii(tag));
      expect(taggedHash(tag, ...parts)).toEqual(nobleSha256(concatBytes(tagHash, tagHash, ...parts)));
    }
    expect(taggedHash("TapTweak")).not.toEqual(taggedHash("TapBranch"));
  });

  test("more tags than are kept", () => {
    for (let index = 0; index < 200; index++) {
      const tagHash = nobleSha256(ascii(`tag ${index}`));
      expect(taggedHash(`tag ${index}`, tagHash)).toEqual(nobleSha256(concatBytes(tagHash, tagHash, tagHash)));
    }
  });
});

test("a digest is not changed by later calls", () => {
  const first = sha256(ascii("abc"));
  const kept = toHex(first);
  sha256d(patterned(80));
  expect(toHex(first)).toBe(kept);
});

describe("a host's SHA-256", () => {
  test("is asked from its size on, and only then", () => {
    const sizes: number[] = [];
    useHostSha256((bytes) => {
      sizes.push(bytes.length);
      return nobleSha256(bytes);
    });
    sizes.length = 0;
    for (const size of [HOST_SHA256_SIZE_MIN - 1, HOST_SHA256_SIZE_MIN]) {
      expect(sha256(patterned(size))).toEqual(nobleSha256(patterned(size)));
      expect(sha256d(patterned(size))).toEqual(nobleSha256d(patterned(size)));
      expect(hash160(patterned(size))).toEqual(nobleRipemd160(nobleSha256(patterned(size))));
    }
    expect(sizes).toEqual([HOST_SHA256_SIZE_MIN, HOST_SHA256_SIZE_MIN, HOST_SHA256_SIZE_MIN]);
  });

  test("is refused where it answers wrongly", () => {
    expect(() => useHostSha256(() => new Uint8Array(32))).toThrow("wrong answers");
    expect(sha256(patterned(600))).toEqual(nobleSha256(patterned(600)));
  });
});
