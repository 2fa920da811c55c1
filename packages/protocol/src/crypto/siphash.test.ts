import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SipHasher, sipHash24 } from "./siphash.ts";

/** The key 00 01 … 0f and the messages 00 01 02 … of the algorithm's reference implementation, by message size. */
const KEY = { k0: 0x0706050403020100n, k1: 0x0f0e0d0c0b0a0908n };
const VECTORS: readonly (readonly [size: number, hash: bigint])[] = [
  [0, 0x726fdb47dd0e0e31n],
  [1, 0x74f839c593dc67fdn],
  [2, 0x0d6c8009d9a94f5an],
  [3, 0x85676696d7fb7e2dn],
  [4, 0xcf2794e0277187b7n],
  [5, 0x18765564cd99a68dn],
  [6, 0xcbc9466e58fee3cen],
  [7, 0xab0200f58b01d137n],
  [8, 0x93f5f5799a932462n],
  [9, 0x9e0082df0ba9e4b0n],
  [15, 0xa129ca6149be45e5n],
  [16, 0x3f2acc7f57c29bdbn],
  [31, 0x32d892fad841c342n],
  [32, 0x7127512f72f27ccen],
  [40, 0x0e3ea96b5304a7d0n],
  [63, 0x958a324ceb064572n],
];

const messageOf = (size: number) => Uint8Array.from({ length: size }, (_, index) => index);

describe("SipHash-2-4", () => {
  test.each(VECTORS)("message of %i bytes", (size, expected) => {
    expect(sipHash24(KEY, messageOf(size))).toBe(expected);
  });

  test("a length above 255 counts modulo 256", () => {
    const hashes = [0, 256, 512].map((size) => sipHash24(KEY, new Uint8Array(size)));
    expect(new Set(hashes).size).toBe(3);
    expect(hashes).toEqual([0, 256, 512].map((size) => sipHash24Slow(KEY.k0, KEY.k1, new Uint8Array(size))));
  });

  test("agrees with the definition in 64-bit numbers", () => {
    const word = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(word, word, fc.uint8Array({ maxLength: 80 }), (k0, k1, bytes) => {
        const hasher = new SipHasher({ k0, k1 });
        const expected = sipHash24Slow(k0, k1, bytes);
        expect(hasher.hash(bytes)).toBe(expected);
        expect(hasher.hashLow48(bytes)).toBe(Number(expected & 0xffffffffffffn));
      }),
    );
  });
});

/** The algorithm as its paper writes it, on BigInt. */
function sipHash24Slow(k0: bigint, k1: bigint, bytes: Uint8Array): bigint {
  const mask = (value: bigint) => BigInt.asUintN(64, value);
  const rotate = (value: bigint, bits: bigint) => mask(value << bits) | (value >> (64n - bits));
  let v0 = k0 ^ 0x736f6d6570736575n;
  let v1 = k1 ^ 0x646f72616e646f6dn;
  let v2 = k0 ^ 0x6c7967656e657261n;
  let v3 = k1 ^ 0x7465646279746573n;
  const round = () => {
    v0 = mask(v0 + v1);
    v1 = rotate(v1, 13n) ^ v0;
    v0 = rotate(v0, 32n);
    v2 = mask(v2 + v3);
    v3 = rotate(v3, 16n) ^ v2;
    v0 = mask(v0 + v3);
    v3 = rotate(v3, 21n) ^ v0;
    v2 = mask(v2 + v1);
    v1 = rotate(v1, 17n) ^ v2;
    v2 = rotate(v2, 32n);
  };
  const padded = new Uint8Array(bytes.length - (bytes.length % 8) + 8);
  padded.set(bytes);
  padded[padded.length - 1] = bytes.length;
  const view = new DataView(padded.buffer);
  for (let offset = 0; offset < padded.length; offset += 8) {
    const word = view.getBigUint64(offset, true);
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
  v2 ^= 0xffn;
  for (let count = 0; count < 4; count++) round();
  return v0 ^ v1 ^ v2 ^ v3;
}
