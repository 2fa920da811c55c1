import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bigIntFromLittleEndian, concatBytes, fromHex, toHex } from "../bytes/bytes.ts";
import { DecodeError, Reader, Writer } from "../bytes/cursor.ts";
import { sha256 } from "../crypto/hash.ts";
import { sipHash24 } from "../crypto/siphash.ts";
import { Block, decodeBlockHeader, encodeBlockHeader } from "../primitives/block.ts";
import { headers, transactions } from "../primitives/test-kit.ts";
import { type BlockHash, parseDisplayHash, type Wtxid } from "../primitives/types.ts";
import { makeCompactBlock, shortId, shortIdKeys } from "./compact-blocks.ts";
import { decodeMessage, encodeMessage, type MessageOf } from "./message.ts";
import { uint64s } from "./test-kit.ts";

const GENESIS_HEADER =
  "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c";
const genesisHeader = decodeBlockHeader(new Reader(fromHex(GENESIS_HEADER)));
const GENESIS_TX = parseDisplayHash<Wtxid>("4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b")!;
const NONCE = 0x0123456789abcdefn;

const hash = (byte: number) => new Uint8Array(32).fill(byte) as BlockHash;

describe("short ids", () => {
  test("of the first block's coinbase", () => {
    const keys = shortIdKeys(genesisHeader, NONCE);
    expect(keys).toEqual({ k0: 0x52f1458bc3816130n, k1: 0xd82182c249af75c6n });
    expect(shortId(keys, GENESIS_TX)).toBe(0xd97c3183bddd);
  });

  test("are as BIP152 says", () => {
    fc.assert(
      fc.property(headers, uint64s, transactions, (header, nonce, tx) => {
        const seed = sha256(concatBytes(encodeBlockHeader(header), new Writer().uint64(nonce).toBytes()));
        const key = { k0: bigIntFromLittleEndian(seed.slice(0, 8)), k1: bigIntFromLittleEndian(seed.slice(8, 16)) };
        expect(shortIdKeys(header, nonce)).toEqual(key);
        expect(BigInt(shortId(key, tx.wtxid))).toBe(sipHash24(key, tx.wtxid) & 0xffffffffffffn);
      }),
    );
  });
});

describe("cmpctblock", () => {
  test("header, nonce, six bytes for each short id", () => {
    const shortIds = [0x010203040506, 0xffffffffffff];
    const hex = `${GENESIS_HEADER}efcdab896745230102060504030201ffffffffffff00`;
    const message = { type: "cmpctblock", header: genesisHeader, nonce: NONCE, shortIds, prefilled: [] } as const;
    expect(toHex(encodeMessage(message).payload)).toBe(hex);
    expect(decodeMessage("cmpctblock", fromHex(hex))).toMatchObject({ nonce: NONCE, shortIds, prefilled: [] });
  });

  /** A transaction without inputs and outputs, the shortest there is. */
  const emptyTx = "01000000000000000000";
  const compact = (shortIdCount: number, ...prefilled: string[]) =>
    concatBytes(
      fromHex(GENESIS_HEADER),
      new Writer().uint64(0n).compactSize(shortIdCount).toBytes(),
      new Uint8Array(6 * shortIdCount),
      new Writer().compactSize(prefilled.length).toBytes(),
      ...prefilled.map((each) => fromHex(each + emptyTx)),
    );
  const decode = (payload: Uint8Array) => decodeMessage("cmpctblock", payload) as MessageOf<"cmpctblock">;

  test("places are distances on the wire", () => {
    const places = decode(compact(0, "00", "00", "05", "fdffff")).prefilled.map(({ index }) => index);
    expect(places).toEqual([0, 1, 7, 65543]);
  });

  test("a distance has 16 bits", () => {
    expect(decode(compact(0, "fdffff")).prefilled[0]!.index).toBe(65535);
    expect(() => decode(compact(0, "fe00000100"))).toThrow("CompactSize exceeds limit of type");
  });

  test("65,535 transactions, and no more", () => {
    expect(decode(compact(65535)).shortIds).toHaveLength(65535);
    expect(decode(compact(65534, "00")).prefilled).toHaveLength(1);
    expect(() => decode(compact(65536))).toThrow("indexes overflowed 16 bits");
    expect(() => decode(compact(65535, "00"))).toThrow(DecodeError);
  });

  test("more short ids announced than there are", () => {
    const cut = concatBytes(fromHex(GENESIS_HEADER), fromHex("0000000000000000fe00000002"));
    expect(() => decode(cut)).toThrow("end of data");
  });

  test("prefilled places that do not ascend cannot be sent", () => {
    const tx = decode(compact(0, "00")).prefilled[0]!.tx;
    const message = decode(compact(0));
    for (const places of [[1, 1], [2, 1], [65536]]) {
      const prefilled = places.map((index) => ({ index, tx }));
      expect(() => encodeMessage({ ...message, prefilled })).toThrow(RangeError);
    }
  });
});

describe("getblocktxn", () => {
  const decode = (hex: string) =>
    decodeMessage("getblocktxn", fromHex("00".repeat(32) + hex)) as MessageOf<"getblocktxn">;

  test("places are distances on the wire", () => {
    const indexes = [0, 1, 3, 4, 300, 65535];
    const hex = "0600000100fd2701fdd2fe";
    expect(decode(hex).indexes).toEqual(indexes);
    const { payload } = encodeMessage({ type: "getblocktxn", blockHash: hash(0), indexes });
    expect(toHex(payload)).toBe("00".repeat(32) + hex);
  });

  test("places end at 65535", () => {
    expect(decode("01fdffff").indexes).toEqual([65535]);
    expect(() => decode("01fe00000100")).toThrow("differential value overflow");
    expect(decode("02fd0070fdfe8f").indexes).toEqual([0x7000, 0xffff]);
    expect(() => decode("02fd0070fdff8f")).toThrow("differential value overflow");
    expect(() => decode("03fd0070fdfe8f00")).toThrow("differential value overflow");
    expect(() => decode("02fdffff00")).toThrow(DecodeError);
  });

  test("every place at once", () => {
    const indexes = Array.from({ length: 65536 }, (_, index) => index);
    const { payload } = encodeMessage({ type: "getblocktxn", blockHash: hash(1), indexes });
    expect((decodeMessage("getblocktxn", payload) as MessageOf<"getblocktxn">).indexes).toEqual(indexes);
  });

  test("places that do not ascend cannot be sent", () => {
    for (const indexes of [[1, 1], [2, 1], [65536]]) {
      expect(() => encodeMessage({ type: "getblocktxn", blockHash: hash(0), indexes })).toThrow(RangeError);
    }
  });
});

describe("making a compact block", () => {
  const blocks = fc
    .tuple(headers, fc.array(transactions, { minLength: 1, maxLength: 6 }))
    .map(([header, list]) => new Block(header, list));

  test("the coinbase is sent along, the others by short id in order", () => {
    fc.assert(
      fc.property(blocks, uint64s, (block, nonce) => {
        const message = makeCompactBlock(block, nonce);
        const keys = shortIdKeys(block.header, nonce);
        expect(message.prefilled).toEqual([{ index: 0, tx: block.transactions[0] }]);
        expect(message.shortIds).toEqual(block.transactions.slice(1).map((tx) => shortId(keys, tx.wtxid)));
      }),
    );
  });

  test("so are others on demand, once", () => {
    fc.assert(
      fc.property(blocks, uint64s, (block, nonce) => {
        const last = block.transactions.length - 1;
        const message = makeCompactBlock(block, nonce, [last, last, 0]);
        expect(message.prefilled.map(({ index }) => index)).toEqual(last === 0 ? [0] : [0, last]);
        expect(message.shortIds).toHaveLength(Math.max(0, last - 1));
      }),
    );
  });
});
