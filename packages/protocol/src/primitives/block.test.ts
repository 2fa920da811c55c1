import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes, fromHex, toHex } from "../bytes/bytes.ts";
import { DecodeError, Reader } from "../bytes/cursor.ts";
import { sha256d } from "../crypto/hash.ts";
import { Block, BlockHeader, decodeBlock, decodeBlockHeader, encodeBlockHeader, readBlock } from "./block.ts";
import { headers, transactions } from "./test-kit.ts";
import { displayHash } from "./types.ts";

const MAINNET_GENESIS_HEADER =
  "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a" +
  "51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c";

const blocks = fc
  .tuple(headers, fc.array(transactions, { maxLength: 3 }))
  .map(([header, list]) => new Block(header, list));

describe("header", () => {
  test("mainnet's first", () => {
    const header = decodeBlockHeader(new Reader(fromHex(MAINNET_GENESIS_HEADER)));
    expect(displayHash(header.hash)).toBe("000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f");
    expect([header.version, header.time, header.bits, header.nonce]).toEqual([1, 1231006505, 0x1d00ffff, 2083236893]);
  });

  test("decoding is the inverse of encoding, and keeps nothing of the message", () => {
    fc.assert(
      fc.property(headers, (header) => {
        const bytes = encodeBlockHeader(header);
        expect(bytes.length).toBe(80);
        expect(header.hash).toEqual(sha256d(bytes));
        const decoded = decodeBlockHeader(new Reader(bytes));
        const kept = toHex(bytes);
        bytes.fill(0);
        expect(toHex(encodeBlockHeader(decoded))).toBe(kept);
        expect(decoded.hash).toEqual(header.hash);
        expect(new BlockHeader(decoded).hash).toEqual(header.hash);
      }),
    );
  });

  test("every truncation is a DecodeError", () => {
    const bytes = fromHex(MAINNET_GENESIS_HEADER);
    for (let size = 0; size < 80; size++) {
      expect(() => decodeBlockHeader(new Reader(bytes.subarray(0, size)))).toThrow(DecodeError);
    }
  });
});

describe("block", () => {
  test("decoding is the inverse of encoding", () => {
    fc.assert(
      fc.property(blocks, (block) => {
        const decoded = decodeBlock(block.bytes);
        expect(decoded.hash).toEqual(block.hash);
        expect(decoded.transactions.map((tx) => toHex(tx.wtxid))).toEqual(
          block.transactions.map((tx) => toHex(tx.wtxid)),
        );
        expect(new Block(decoded.header, decoded.transactions).bytes).toEqual(block.bytes);
        expect(decoded.size).toBe(block.bytes.length);
        const stripped = new Block(
          block.header,
          block.transactions.map((tx) => decodeStripped(tx.strippedBytes)),
        );
        expect(block.strippedSize).toBe(stripped.bytes.length);
        expect(block.weight).toBe(3 * stripped.bytes.length + block.bytes.length);
      }),
      { numRuns: 50 },
    );
  });

  test("the reader stands behind the block", () => {
    fc.assert(
      fc.property(blocks, blocks, (first, second) => {
        const reader = new Reader(concatBytes(first.bytes, second.bytes));
        expect(readBlock(reader).bytes).toEqual(first.bytes);
        expect(readBlock(reader).bytes).toEqual(second.bytes);
        reader.end();
      }),
      { numRuns: 20 },
    );
  });

  test("every truncation is a DecodeError, and so is anything added", () => {
    fc.assert(
      fc.property(blocks, ({ bytes }) => {
        for (let size = 0; size < bytes.length; size += 1 + (size % 7)) {
          expect(() => decodeBlock(bytes.subarray(0, size))).toThrow(DecodeError);
        }
        expect(() => decodeBlock(concatBytes(bytes, Uint8Array.of(0)))).toThrow("unexpected bytes");
      }),
      { numRuns: 15 },
    );
  });

  test("random bytes are a DecodeError or a block", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        for (const candidate of [bytes, concatBytes(fromHex(MAINNET_GENESIS_HEADER), bytes)]) {
          try {
            decodeBlock(candidate);
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test("a count of transactions that the data does not back", () => {
    const announced = (count: string) => fromHex(`${MAINNET_GENESIS_HEADER}${count}${"00".repeat(19)}`);
    expect(() => decodeBlock(announced("fe00000002"))).toThrow("items announced");
    expect(() => decodeBlock(announced("02"))).toThrow("2 items announced");
    expect(() => decodeBlock(announced("01"))).toThrow("unexpected bytes");
  });
});

function decodeStripped(bytes: Uint8Array) {
  return decodeBlock(concatBytes(fromHex(`${MAINNET_GENESIS_HEADER}01`), bytes)).transactions[0]!;
}
