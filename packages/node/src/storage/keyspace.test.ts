import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { DecodeError } from "@bitfleet/protocol/bytes/cursor.ts";
import { type BlockHash, outPointKey, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { blockFileKey, blockIndexKey, coinKey, flagKey, OBFUSCATION_KEY, outPointOfCoinKey } from "./keyspace.ts";

const hash = Uint8Array.from({ length: 32 }, (_, index) => index);

test("keys as Bitcoin Core has them", () => {
  const coin = outPointKey({ txid: hash as Txid, index: 128 });
  expect(toHex(coinKey(coin))).toBe(`43${toHex(hash)}8000`);
  expect(toHex(blockIndexKey(hash as BlockHash))).toBe(`62${toHex(hash)}`);
  expect(toHex(blockFileKey(258))).toBe("6602010000");
  expect(toHex(flagKey("txindex"))).toBe("46077478696e646578");
  expect(toHex(OBFUSCATION_KEY)).toBe("0e006f62667573636174655f6b6579");
});

test("a coin's key leads back to its outpoint", () => {
  const outPoints = fc.record({
    txid: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    index: fc.integer({ min: 0, max: 0xffffffff }),
  });
  fc.assert(
    fc.property(outPoints, ({ txid, index }) => {
      const key = outPointKey({ txid: txid as Txid, index });
      expect(outPointOfCoinKey(coinKey(key))).toBe(key);
    }),
  );
});

test("bytes that are no coin's key", () => {
  const key = coinKey(outPointKey({ txid: hash as Txid, index: 3 }));
  expect(() => outPointOfCoinKey(key.subarray(0, 33))).toThrow(DecodeError);
  expect(() => outPointOfCoinKey(Uint8Array.of(...key, 0))).toThrow(DecodeError);
  expect(() => outPointOfCoinKey(Uint8Array.of(0x42, ...key.subarray(1)))).toThrow(DecodeError);
});
