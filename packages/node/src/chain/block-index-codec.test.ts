import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { DecodeError } from "@bitfleet/protocol/bytes/cursor.ts";
import { BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { type BlockHash, displayHash, type MerkleRoot } from "@bitfleet/protocol/primitives/types.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  BlockStatus,
  decodeBlockFileInfo,
  decodeBlockIndexEntry,
  decodeFileNumber,
  decodeFlag,
  encodeBlockFileInfo,
  encodeBlockIndexEntry,
  encodeFileNumber,
  encodeFlag,
  type StoredBlockIndexEntry,
} from "./block-index-codec.ts";

const header = new BlockHeader({
  version: 1,
  previousBlockHash: new Uint8Array(32) as BlockHash,
  merkleRoot: fromHex("3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a") as MerkleRoot,
  time: 1_296_688_602,
  bits: 0x207fffff,
  nonce: 2,
});
const HEADER_HEX =
  "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f61" +
  "7fc81bc3888a51323a9fb8aa4b1e5e4adae5494dffff7f2002000000";

describe("block index entry", () => {
  // The regtest genesis block as Core stores it: version 259900, height, status, transactions, file, offset, header.
  const { VALID_TRANSACTIONS, VALID_SCRIPTS, VALID_TREE, HAVE_DATA, HAVE_UNDO, OPT_WITNESS } = BlockStatus;
  const genesis: StoredBlockIndexEntry = {
    header,
    height: 0,
    status: VALID_SCRIPTS | HAVE_DATA | OPT_WITNESS,
    transactionCount: 1,
    file: 0,
    dataOffset: 8,
    undoOffset: 0,
  };

  test.each<[string, StoredBlockIndexEntry, string]>([
    ["with data", genesis, `8eed3c00800d010008${HEADER_HEX}`],
    [
      "a header alone",
      { ...genesis, status: VALID_TREE, transactionCount: 0, dataOffset: 0 },
      `8eed3c000200${HEADER_HEX}`,
    ],
    [
      "undo data alone",
      { ...genesis, status: VALID_TRANSACTIONS | HAVE_UNDO, file: 3, dataOffset: 0, undoOffset: 200 },
      `8eed3c001301038048${HEADER_HEX}`,
    ],
  ])("%s", (_name, entry, hex) => {
    expect(toHex(encodeBlockIndexEntry(entry))).toBe(hex);
    const decoded = decodeBlockIndexEntry(fromHex(hex));
    expect({ ...decoded, header: displayHash(decoded.header.hash) }).toEqual({
      ...entry,
      header: "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206",
    });
  });

  test("cut off anywhere", () => {
    const bytes = encodeBlockIndexEntry(genesis);
    for (let size = 0; size < bytes.length; size++) {
      expect(() => decodeBlockIndexEntry(bytes.subarray(0, size))).toThrow(DecodeError);
    }
  });
});

test("file statistics round trip, cut off anywhere", () => {
  const uint32 = fc.integer({ min: 0, max: 0xffffffff });
  const infos = fc.record({
    blockCount: uint32,
    sizeBytes: uint32,
    undoSizeBytes: uint32,
    heightFirst: uint32,
    heightLast: uint32,
    timeFirst: fc.maxSafeNat(),
    timeLast: fc.maxSafeNat(),
  });
  fc.assert(
    fc.property(infos, (info) => {
      const bytes = encodeBlockFileInfo(info);
      expect(decodeBlockFileInfo(bytes)).toEqual(info);
      expect(() => decodeBlockFileInfo(bytes.subarray(0, -1))).toThrow(DecodeError);
    }),
  );
});

test("file numbers and flags", () => {
  expect(toHex(encodeFileNumber(258))).toBe("02010000");
  expect(decodeFileNumber(fromHex("02010000"))).toBe(258);
  expect(() => decodeFileNumber(fromHex("0201"))).toThrow(DecodeError);
  expect([toHex(encodeFlag(true)), toHex(encodeFlag(false))]).toEqual(["31", "30"]);
  expect([decodeFlag(fromHex("31")), decodeFlag(fromHex("30")), decodeFlag(fromHex("3131"))]).toEqual([
    true,
    false,
    false,
  ]);
});
