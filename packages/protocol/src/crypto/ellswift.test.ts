import { secp256k1 } from "@noble/curves/secp256k1.js";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../bytes/bytes.ts";
import {
  ellSwiftDecode,
  ellSwiftEcdh,
  ellSwiftEncode,
  ellSwiftPublicKey,
  ellSwiftSharedX,
  randomPrivateKey,
  xSwiftEc,
  xSwiftEcInverse,
} from "./ellswift.ts";
import { CURVE_ORDER } from "./secp256k1.ts";
import { describeCsvVectors, seededBytes } from "./test-kit.ts";

const fieldOrder = secp256k1.Point.Fp.ORDER;
const number = (hex: string) => BigInt(`0x${hex}`);
const hex = (value: bigint) => value.toString(16).padStart(64, "0");
const publicX = (privateKey: Uint8Array) => secp256k1.getPublicKey(privateKey, true).slice(1);

describeCsvVectors("bips/bip-0324/ellswift_decode_test_vectors.csv", (rows) => {
  test.each(rows)("$ellswift ($comment)", ({ ellswift, x }) => {
    expect(toHex(ellSwiftDecode(fromHex(ellswift!)))).toBe(x);
  });
});

describeCsvVectors("bips/bip-0324/xswiftec_inv_test_vectors.csv", (rows) => {
  test.each(rows)("u=$u x=$x ($comment)", (row) => {
    const [u, x] = [number(row.u!), number(row.x!)];
    for (let caseNumber = 0; caseNumber < 8; caseNumber++) {
      const t = xSwiftEcInverse(x, u, caseNumber);
      expect(t === undefined ? "" : hex(t), `case ${caseNumber}`).toBe(row[`case${caseNumber}_t`]);
      if (t !== undefined) expect(xSwiftEc(u, t)).toBe(x);
    }
  });
});

describeCsvVectors("bips/bip-0324/packet_encoding_test_vectors.csv", (rows) => {
  test.each(rows)("key agreement of packet $in_idx", (row) => {
    const [key, ours, theirs] = [row.in_priv_ours, row.in_ellswift_ours, row.in_ellswift_theirs].map((text) =>
      fromHex(text!),
    );
    const isInitiator = row.in_initiating === "1";
    expect(toHex(ellSwiftDecode(ours!))).toBe(row.mid_x_ours);
    expect(toHex(publicX(key!))).toBe(row.mid_x_ours);
    expect(toHex(ellSwiftDecode(theirs!))).toBe(row.mid_x_theirs);
    expect(toHex(ellSwiftSharedX(key!, theirs!))).toBe(row.mid_x_shared);
    expect(toHex(ellSwiftEcdh(key!, theirs!, ours!, isInitiator))).toBe(row.mid_shared_secret);
    expect(toHex(ellSwiftEcdh(key!, theirs!, ours!, !isInitiator))).not.toBe(row.mid_shared_secret);
  });
});

describe("encoding", () => {
  test("decodes to the key it was made from, and is another one each time", () => {
    const random = seededBytes(1);
    for (let round = 0; round < 20; round++) {
      const privateKey = randomPrivateKey(random);
      const [first, second] = [ellSwiftPublicKey(privateKey, random), ellSwiftPublicKey(privateKey, random)];
      expect(ellSwiftDecode(first)).toEqual(publicX(privateKey));
      expect(ellSwiftDecode(second)).toEqual(publicX(privateKey));
      expect(second).not.toEqual(first);
    }
  });

  test("is the same for the same randomness", () => {
    const key = seededBytes(2)(32);
    expect(ellSwiftPublicKey(key, seededBytes(3))).toEqual(ellSwiftPublicKey(key, seededBytes(3)));
  });

  test("uses every case that there is", () => {
    const x = publicX(seededBytes(4)(32));
    const random = seededBytes(5);
    const seen = new Set<number>();
    const recorded = (size: number) => {
      const drawn = random(size);
      last = drawn[32]! & 7;
      return drawn;
    };
    let last = 0;
    for (let round = 0; round < 100; round++) {
      ellSwiftEncode(x, recorded);
      seen.add(last);
    }
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test("passes over numbers for u that are zero or no field element", () => {
    const x = publicX(seededBytes(6)(32));
    const random = seededBytes(7);
    const unusable = [new Uint8Array(33), fromHex(`${hex(fieldOrder)}00`), new Uint8Array(33).fill(0xff)];
    const encoded = ellSwiftEncode(x, (size) => unusable.pop() ?? random(size));
    expect(unusable).toEqual([]);
    expect(ellSwiftDecode(encoded)).toEqual(x);
    const u = number(toHex(encoded.subarray(0, 32)));
    expect(u > 0n && u < fieldOrder).toBe(true);
  });

  test("refuses an x that no point has", () => {
    // 5³ + 7 is no square.
    expect(() => ellSwiftEncode(fromHex(hex(5n)), seededBytes(8))).toThrow(RangeError);
    expect(() => ellSwiftEncode(fromHex(hex(fieldOrder)), seededBytes(8))).toThrow(RangeError);
    expect(() => ellSwiftDecode(new Uint8Array(63))).toThrow(RangeError);
  });
});

describe("private keys", () => {
  test("zero and the curve's order are drawn again", () => {
    const one = fromHex(hex(1n));
    const draws = [one, CURVE_ORDER, new Uint8Array(32)];
    expect(randomPrivateKey(() => draws.pop()!)).toEqual(one);
    expect(() => ellSwiftSharedX(new Uint8Array(32), new Uint8Array(64))).toThrow(RangeError);
  });

  test("both sides share a secret, and a third does not", () => {
    const random = seededBytes(9);
    const [alice, bob, eve] = [randomPrivateKey(random), randomPrivateKey(random), randomPrivateKey(random)];
    const [aliceKey, bobKey] = [ellSwiftPublicKey(alice, random), ellSwiftPublicKey(bob, random)];
    const secret = ellSwiftEcdh(alice, bobKey, aliceKey, true);
    expect(ellSwiftEcdh(bob, aliceKey, bobKey, false)).toEqual(secret);
    expect(ellSwiftEcdh(eve, aliceKey, bobKey, false)).not.toEqual(secret);
    const oracle = secp256k1.getSharedSecret(alice, secp256k1.getPublicKey(bob)).slice(1);
    expect(ellSwiftSharedX(alice, bobKey)).toEqual(oracle);
  });
});
