import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { describe, expect, test } from "vitest";
import { EMPTY_BYTES, fromHex, toHex } from "../bytes/bytes.ts";
import { hkdfExpand, hkdfExtract } from "./hkdf.ts";
import { seededBytes } from "./test-kit.ts";

describe("RFC 5869", () => {
  test("A.1: salt and info", () => {
    const key = hkdfExtract(fromHex("000102030405060708090a0b0c"), new Uint8Array(22).fill(0x0b));
    expect(toHex(key)).toBe("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
    expect(toHex(hkdfExpand(key, fromHex("f0f1f2f3f4f5f6f7f8f9"), 42))).toBe(
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    );
  });

  test("A.3: neither salt nor info", () => {
    const key = hkdfExtract(EMPTY_BYTES, new Uint8Array(22).fill(0x0b));
    expect(toHex(key)).toBe("19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04");
    expect(toHex(hkdfExpand(key, EMPTY_BYTES, 42))).toBe(
      "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    );
  });
});

test.each([0, 1, 31, 32, 33, 64, 8159, 8160])("%i bytes, against another implementation", (size) => {
  const random = seededBytes(size);
  const [salt, material, info] = [random(20), random(32), random(50)];
  expect(hkdfExpand(hkdfExtract(salt, material), info, size)).toEqual(hkdf(sha256, material, salt, info, size));
});

test("more than 255 blocks are refused", () => {
  expect(() => hkdfExpand(new Uint8Array(32), EMPTY_BYTES, 8161)).toThrow(RangeError);
});
