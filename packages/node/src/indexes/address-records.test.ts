import { DecodeError } from "@bitfleet/protocol/bytes/cursor.ts";
import { type BlockHash, type HashKey, hashKey } from "@bitfleet/protocol/primitives/types.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addressCoinKey,
  addressCoinsOf,
  addressHistoryKey,
  addressRecordKey,
  heightOfAddressRecordKey,
  placeOfAddressCoinKey,
} from "../storage/keyspace.ts";
import {
  addTouch,
  decodeBlockRecord,
  decodeHeight,
  decodeHistory,
  decodeScriptCoin,
  decodeTotals,
  encodeBlockRecord,
  encodeHeight,
  encodeHistory,
  encodeScriptCoin,
  encodeTotals,
  NO_TOTALS,
} from "./address-records.ts";

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const key = hash.map((bytes): HashKey => hashKey(bytes));
const amount = fc.bigInt({ min: 0n, max: (1n << 63n) - 1n });
const number = fc.integer({ min: 0, max: 0xffffffff });
const height = fc.integer({ min: 0, max: 0x7fffffff });
const coin = fc.record({ script: key, txid: key, index: number, value: amount, height, isCoinbase: fc.boolean() });
const output = fc.record({ script: key, value: amount, isCoin: fc.boolean() });

describe("what is encoded is decoded", () => {
  test("totals", () => {
    const totals = fc.record({
      transactionCount: number,
      outputCount: number,
      received: amount,
      inputCount: number,
      sent: amount,
      coinCount: number,
      balance: amount,
    });
    fc.assert(fc.property(totals, (value) => void expect(decodeTotals(encodeTotals(value))).toEqual(value)));
  });

  test("a transaction of a history, with its fee unless it is a coinbase", () => {
    const fields = { height, txid: key, received: amount, sent: amount };
    const paid = fc.record({ ...fields, position: fc.integer({ min: 1, max: 0xffffffff }), fee: amount });
    const coinbase = fc.record({ ...fields, position: fc.constant(0), fee: fc.constant(undefined) });
    fc.assert(
      fc.property(fc.oneof(paid, coinbase), (value) => void expect(decodeHistory(encodeHistory(value))).toEqual(value)),
    );
  });

  test("a coin, its place, and the height", () => {
    fc.assert(
      fc.property(coin, (made) => {
        const { script, height: at, txid, index, value, isCoinbase } = made;
        expect(decodeScriptCoin(encodeScriptCoin(made))).toEqual({ value, isCoinbase });
        expect(placeOfAddressCoinKey(addressCoinKey(script, made))).toEqual({ height: at, txid, index });
        expect(decodeHeight(encodeHeight(at))).toBe(at);
        expect(heightOfAddressRecordKey(addressRecordKey(at))).toBe(at);
      }),
    );
  });

  test("what takes a block back", () => {
    const effects = fc.array(
      fc.record({
        txid: key,
        isCoinbase: fc.boolean(),
        outputs: fc.array(output),
        spent: fc.array(coin),
        overwritten: fc.array(coin),
      }),
    );
    fc.assert(
      fc.property(hash, effects, (previous, made) => {
        const record = { previousHash: Uint8Array.from(previous) as BlockHash, effects: made };
        const decoded = decodeBlockRecord(encodeBlockRecord(record));
        expect(hashKey(decoded.previousHash)).toBe(hashKey(record.previousHash));
        expect(decoded.effects).toEqual(made);
      }),
    );
  });
});

test.each([
  ["totals", decodeTotals, encodeTotals(NO_TOTALS)],
  ["a coin", decodeScriptCoin, encodeScriptCoin({ value: 5n, isCoinbase: true })],
  ["a height", decodeHeight, encodeHeight(300)],
  ["a record", decodeBlockRecord, encodeBlockRecord({ previousHash: new Uint8Array(32) as BlockHash, effects: [] })],
  [
    "a history",
    decodeHistory,
    encodeHistory({ height: 1, position: 1, txid: hashKey(new Uint8Array(32)), received: 1n, sent: 0n, fee: 1n }),
  ],
] as const)("bytes that are not %s: one too few, one too many", (_name, decode, bytes) => {
  expect(() => decode(bytes)).not.toThrow();
  expect(() => decode(bytes.subarray(0, -1))).toThrow(DecodeError);
  expect(() => decode(Uint8Array.of(...bytes, 0))).toThrow(DecodeError);
});

test("keys of one script lie together, in the order of numbers and heights", () => {
  const script = hashKey(new Uint8Array(32).fill(0xff));
  const bytes = (value: Uint8Array) => Buffer.from(value).toString("hex");
  const history = [0, 1, 255, 256, 65_536, 0xffffffff].map((count) => bytes(addressHistoryKey(script, count)));
  expect([...history].sort()).toEqual(history);
  const txid = hashKey(new Uint8Array(32).fill(0xff));
  const coins = [0, 255, 256, 0x7fffffff].map((at) => bytes(addressCoinKey(script, { height: at, txid, index: 3 })));
  expect([...coins].sort()).toEqual(coins);
  const { from, to } = addressCoinsOf(script);
  expect(coins.every((text) => text >= bytes(from) && text < bytes(to))).toBe(true);
});

test("a transaction that is added and taken away leaves totals as they were", () => {
  const totals = { ...NO_TOTALS };
  const touch = { outputCount: 3, received: 70n, inputCount: 2, sent: 50n, coinCount: 1, balance: 20n };
  addTouch(totals, touch, 1);
  expect(totals).toEqual({
    transactionCount: 1,
    outputCount: 3,
    received: 70n,
    inputCount: 2,
    sent: 50n,
    coinCount: 1,
    balance: 20n,
  });
  addTouch(totals, touch, -1);
  expect(totals).toEqual(NO_TOTALS);
});
