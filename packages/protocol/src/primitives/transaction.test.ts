import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes, fromHex, toHex } from "../bytes/bytes.ts";
import { DecodeError, Reader, Writer } from "../bytes/cursor.ts";
import { sha256d } from "../crypto/hash.ts";
import { transactions } from "./test-kit.ts";
import {
  decodeTransaction,
  decodeTxOutput,
  isCoinbase,
  Transaction,
  txOutputSize,
  writeTxOutput,
} from "./transaction.ts";
import { displayHash, type Txid } from "./types.ts";

/** The transaction of block 170, the first between two people. */
const FIRST_PAYMENT =
  "0100000001c997a5e56e104102fa209c6a852dd90660a20b2d9c352423edce25857fcd3704000000004847304402204e45e16932b8af514961a1" +
  "d3a1a25fdf3f4f7732e9d624c6c61548ab5fb8cd410220181522ec8eca07de4860a4acdd12909d831cc56cbbac4622082221a8768d1d0901ffff" +
  "ffff0200ca9a3b00000000434104ae1a62fe09c5f51b13905f07f06b99a2f7159b2225f374cd378d71302fa28414e7aab37397f554a7df5f142c" +
  "21c1b7303b8a0626f1baded5c72a704f7e6cd84cac00286bee0000000043410411db93e1dcdb8a016b49840f8c53bc1eb68a382e97b1482ecad7" +
  "b148a6909a5cb2e0eaddfb84ccf9744464f82e160bfa9b8b64f9d4c03f999b8643f656b412a3ac00000000";

const fieldsOf = ({ version, inputs, outputs, lockTime }: Transaction) => ({ version, inputs, outputs, lockTime });
const decode = (bytes: Uint8Array, witness: "allowed" | "forbidden" = "allowed") => {
  const reader = new Reader(bytes);
  const tx = decodeTransaction(reader, witness);
  reader.end();
  return tx;
};

test("a known transaction", () => {
  const tx = decode(fromHex(FIRST_PAYMENT));
  expect(displayHash(tx.txid)).toBe("f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16");
  expect(toHex(tx.wtxid)).toBe(toHex(tx.txid));
  expect(tx.outputs.map((output) => output.value)).toEqual([1_000_000_000n, 4_000_000_000n]);
  expect([tx.size, tx.weight, tx.virtualSize]).toEqual([275, 1100, 275]);
});

test("decoding is the inverse of encoding, for fields, bytes and hashes", () => {
  fc.assert(
    fc.property(transactions, (tx) => {
      const decoded = decode(tx.bytes);
      expect(fieldsOf(decoded)).toEqual(fieldsOf(tx));
      expect(decoded.bytes).toEqual(tx.bytes);
      expect(decoded.strippedBytes).toEqual(tx.strippedBytes);
      expect(new Transaction(fieldsOf(decoded)).bytes).toEqual(tx.bytes);
      expect(tx.txid).toEqual(sha256d(tx.strippedBytes));
      expect(tx.wtxid).toEqual(sha256d(tx.bytes));
      expect(tx.hasWitness).toBe(tx.bytes.length !== tx.strippedBytes.length);
      expect(tx.weight).toBe(3 * tx.strippedBytes.length + tx.bytes.length);
      expect(decode(tx.strippedBytes).txid).toEqual(tx.txid);
    }),
  );
});

test("every truncation is a DecodeError, and so is anything added", () => {
  fc.assert(
    fc.property(transactions, (tx) => {
      const { bytes } = tx;
      for (let size = 0; size < bytes.length; size++) {
        expect(() => decode(bytes.subarray(0, size))).toThrow(DecodeError);
      }
      expect(() => decode(concatBytes(bytes, Uint8Array.of(0)))).toThrow(DecodeError);
    }),
    { numRuns: 15 },
  );
});

test("random and damaged bytes decode or are a DecodeError; what decodes encodes to itself", () => {
  const damaged = fc.tuple(transactions, fc.nat(), fc.nat(255)).map(([tx, position, byte]) => {
    const bytes = Uint8Array.from(tx.bytes);
    bytes[position % bytes.length] = byte;
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
      let tx: Transaction;
      try {
        tx = decode(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError);
        return;
      }
      // Zero inputs are the exception: their two readings share an encoding.
      if (tx.inputs.length > 0) expect(new Transaction(fieldsOf(tx)).bytes).toEqual(bytes);
    }),
    { numRuns: 1000 },
  );
});

describe("announced counts that the data does not back fail before anything is allocated", () => {
  test.each([
    ["inputs", "01000000 fe00000002"],
    ["outputs", `01000000 01 ${"00".repeat(36)} 00 ffffffff fe00000002`],
    ["witness items", `01000000 0001 01 ${"00".repeat(36)} 00 ffffffff 01 ${"00".repeat(8)} 00 fe00000002`],
    ["script bytes", `01000000 01 ${"00".repeat(36)} fe00000002`],
    ["inputs, beyond any size", "01000000 ffffffffffffffffff"],
  ])("%s", (_, hex) => {
    expect(() => decode(fromHex(hex.replaceAll(" ", "")))).toThrow(DecodeError);
  });
});

describe("BIP144", () => {
  const INPUT = `${"11".repeat(36)} 00 ffffffff`;
  const OUTPUT = "0100000000000000 00";
  const fromText = (text: string, witness?: "forbidden") => decode(fromHex(text.replaceAll(" ", "")), witness);

  test("a witness is read, and is no part of the txid", () => {
    const tx = fromText(`02000000 00 01 01 ${INPUT} 01 ${OUTPUT} 02 01aa 00 05000000`);
    expect(tx.inputs[0]!.witness.map(toHex)).toEqual(["aa", ""]);
    expect(toHex(tx.strippedBytes)).toBe(`02000000 01 ${INPUT} 01 ${OUTPUT} 05000000`.replaceAll(" ", ""));
    expect(tx.wtxid).not.toEqual(tx.txid);
  });

  test("a witness for one of two inputs is enough", () => {
    expect(fromText(`02000000 00 01 02 ${INPUT} ${INPUT} 00 00 0100 00000000`).hasWitness).toBe(true);
  });

  test("a witness of nothing but empty stacks is superfluous", () => {
    expect(() => fromText(`02000000 00 01 01 ${INPUT} 01 ${OUTPUT} 00 00000000`)).toThrow("superfluous witness");
    expect(() => fromText("02000000 00 01 00 00 00000000")).toThrow("superfluous witness");
  });

  test.each(["02", "03", "80", "ff"])("flags %s are unknown", (flags) => {
    const witness = Number.parseInt(flags, 16) & 1 ? "0100" : "";
    const text = `02000000 00 ${flags} 01 ${INPUT} 01 ${OUTPUT} ${witness} 00000000`;
    expect(() => fromText(text)).toThrow("unknown transaction optional data");
  });

  test("zero inputs and zero outputs", () => {
    expect(fieldsOf(fromText("02000000 00 00 07000000"))).toEqual({
      version: 2,
      inputs: [],
      outputs: [],
      lockTime: 7,
    });
  });

  test("zero inputs and one output: only where the witness form is forbidden", () => {
    const text = `02000000 00 01 ${OUTPUT} 00000000`;
    expect(fromText(text, "forbidden").outputs).toHaveLength(1);
    expect(() => fromText(text)).toThrow(DecodeError);
  });

  test("the version is unsigned", () => {
    expect(fromText(`ffffffff 01 ${INPUT} 00 00000000`).version).toBe(0xffffffff);
  });
});

describe("a coinbase", () => {
  const withOutPoint = (txid: Uint8Array, index: number, count = 1) => ({
    version: 1,
    outputs: [],
    lockTime: 0,
    inputs: Array.from({ length: count }, () => ({
      previousOutput: { txid: txid as Txid, index },
      scriptSig: new Uint8Array(2),
      sequence: 0,
      witness: [],
    })),
  });

  test("spends the null outpoint, and nothing else", () => {
    const zero = new Uint8Array(32);
    expect(isCoinbase(withOutPoint(zero, 0xffffffff))).toBe(true);
    expect(isCoinbase(withOutPoint(zero, 0xfffffffe))).toBe(false);
    expect(isCoinbase(withOutPoint(zero, 0xffffffff, 2))).toBe(false);
    expect(isCoinbase(withOutPoint(zero, 0xffffffff, 0))).toBe(false);
    expect(isCoinbase(withOutPoint(Uint8Array.from(zero).fill(1, 31), 0xffffffff))).toBe(false);
  });
});

test("outputs alone", () => {
  fc.assert(
    fc.property(transactions, (tx) => {
      for (const output of tx.outputs) {
        const bytes = writeTxOutputBytes(output);
        expect(bytes.length).toBe(txOutputSize(output));
        expect(decodeTxOutput(new Reader(bytes))).toEqual(output);
      }
    }),
  );
});

function writeTxOutputBytes(output: Parameters<typeof writeTxOutput>[1]): Uint8Array {
  const writer = new Writer(1);
  writeTxOutput(writer, output);
  return writer.toBytes();
}
