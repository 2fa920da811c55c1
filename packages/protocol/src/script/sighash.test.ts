import { describe, expect, test } from "vitest";
import { EMPTY_BYTES, fromHex, toHex } from "../bytes/bytes.ts";
import { Reader } from "../bytes/cursor.ts";
import { decodeTransaction, Transaction } from "../primitives/transaction.ts";
import { displayHash } from "../primitives/types.ts";
import { SighashCache, SighashType } from "./sighash.ts";
import { describeVectors, outPoint } from "./test-kit.ts";

type Case = readonly [tx: string, script: string, inputIndex: number, hashType: number, hash: string];

describeVectors<readonly (Case | readonly [string])[]>(
  "core/sighash.json",
  (all) => `sighash.json: ${all.filter((one) => one.length > 1).length} legacy signature hashes`,
  (all) => {
    const cases = all.filter((one): one is Case => one.length > 1);

    test("no case is lost", () => {
      expect(cases.length).toBe(500);
    });

    test("each hash is the expected one", () => {
      const wrong = cases.filter(([hex, scriptHex, inputIndex, hashType, expected]) => {
        const cache = new SighashCache(decodeTransaction(new Reader(fromHex(hex))), []);
        return displayHash(cache.legacySighash(inputIndex, fromHex(scriptHex), hashType)) !== expected;
      });
      expect(wrong).toEqual([]);
    });

    test("hashes of one transaction do not depend on which was asked before", () => {
      for (const [hex, scriptHex, inputIndex, hashType, expected] of cases.slice(0, 100)) {
        const cache = new SighashCache(decodeTransaction(new Reader(fromHex(hex))), []);
        for (const type of [0, 1, 2, 3, 0x81, 0x82, 0x83]) cache.legacySighash(0, fromHex("51ab"), type);
        expect(displayHash(cache.legacySighash(inputIndex, fromHex(scriptHex), hashType))).toBe(expected);
      }
    });
  },
);

describe("SIGHASH_SINGLE without an output at the input's index", () => {
  const inputs = [0, 1].map((index) => ({
    previousOutput: outPoint("11".repeat(32), index),
    scriptSig: EMPTY_BYTES,
    sequence: 0xffffffff,
    witness: [],
  }));
  const spent = { value: 5n, scriptPubKey: EMPTY_BYTES };
  const tx = new Transaction({ version: 2, inputs, outputs: [spent], lockTime: 0 });
  const cache = new SighashCache(tx, [spent, spent]);

  test("signs the number one before segwit, which anybody may have signed", () => {
    const one = "0".repeat(63);
    expect(displayHash(cache.legacySighash(1, EMPTY_BYTES, SighashType.SINGLE))).toBe(`${one}1`);
    expect(displayHash(cache.legacySighash(1, EMPTY_BYTES, SighashType.SINGLE | SighashType.ANYONECANPAY))).toBe(
      `${one}1`,
    );
    expect(displayHash(cache.legacySighash(0, EMPTY_BYTES, SighashType.SINGLE))).not.toBe(`${one}1`);
  });

  test("signs no output in BIP143, but still the rest", () => {
    const first = cache.witnessV0Sighash(1, EMPTY_BYTES, SighashType.SINGLE);
    const none = cache.witnessV0Sighash(1, EMPTY_BYTES, SighashType.NONE);
    expect(toHex(first)).not.toBe(toHex(none));
    expect(toHex(first)).not.toBe(toHex(cache.witnessV0Sighash(1, fromHex("51"), SighashType.SINGLE)));
  });
});

describe("legacy script code", () => {
  const previousOutput = outPoint("22".repeat(32), 0);
  const input = { previousOutput, scriptSig: EMPTY_BYTES, sequence: 1, witness: [] };
  const tx = new Transaction({ version: 1, inputs: [input], outputs: [], lockTime: 0 });
  const hash = (hex: string) => toHex(new SighashCache(tx, []).legacySighash(0, fromHex(hex), SighashType.ALL));

  test("loses its OP_CODESEPARATORs, but not the same byte in a push", () => {
    expect(hash("ab51abab52ab")).toBe(hash("5152"));
    expect(hash("01ab")).not.toBe(hash("01"));
    expect(hash("01ab")).not.toBe(hash("51"));
  });

  test("of a script that breaks is hashed up to the break, behind its full length", () => {
    expect(hash("514c05aabb")).toBe(hash("514c05ccdd"));
    expect(hash("514c05aabb")).not.toBe(hash("514c05aa"));
    expect(hash("514c05aabb")).not.toBe(hash("514c06aabb"));
    expect(hash("5105aabb")).toBe(hash("5105abab"));
    expect(hash("5102aabb")).not.toBe(hash("5102abab"));
  });
});
