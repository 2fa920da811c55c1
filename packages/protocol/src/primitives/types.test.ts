import fc from "fast-check";
import { expect, test } from "vitest";
import { toHex } from "../bytes/bytes.ts";
import {
  displayHash,
  hashFromKey,
  hashKey,
  outPointFromKey,
  outPointKey,
  outPointKeyOf,
  parseDisplayHash,
  type Txid,
} from "./types.ts";

const hashes = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => bytes as Txid);
const indexes = fc.oneof(fc.integer({ min: 0, max: 0xffffffff }), fc.constantFrom(0, 0xffff, 0x10000, 0xffffffff));

test("keys carry their hash and outpoint, and differ where those do", () => {
  fc.assert(
    fc.property(hashes, hashes, indexes, indexes, (txid, other, index, otherIndex) => {
      expect(hashFromKey(hashKey(txid))).toEqual(txid);
      expect(outPointFromKey(outPointKey({ txid, index }))).toEqual({ txid, index });
      expect(outPointKeyOf(hashKey(txid), index)).toBe(outPointKey({ txid, index }));
      const same = toHex(txid) === toHex(other) && index === otherIndex;
      expect(outPointKey({ txid, index }) === outPointKey({ txid: other, index: otherIndex })).toBe(same);
    }),
  );
});

test("a hash is shown last byte first, and read back", () => {
  const hash = Uint8Array.from({ length: 32 }, (_, index) => index);
  expect(displayHash(hash)).toBe("1f1e1d1c1b1a191817161514131211100f0e0d0c0b0a09080706050403020100");
  fc.assert(
    fc.property(hashes, (each) => {
      expect(parseDisplayHash(displayHash(each))).toEqual(each);
    }),
  );
});

test.each(["", "00", "0".repeat(63), "0".repeat(65), "0".repeat(66), `${"0".repeat(63)}g`])("%j is no hash", (text) => {
  expect(parseDisplayHash(text)).toBeUndefined();
});
