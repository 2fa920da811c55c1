import { concatBytes, fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { DecodeError } from "@bitfleet/protocol/bytes/cursor.ts";
import type { BlockHash } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import { indexHashKey, indexHeightKey } from "../storage/keyspace.ts";
import {
  decodeFilterPosition,
  decodeFilterRecord,
  decodeFilterRecordAtHeight,
  encodeFilterPosition,
  encodeFilterRecord,
  encodeFilterRecordAtHeight,
} from "./filter-record.ts";

const hash = (byte: number) => new Uint8Array(32).fill(byte);
const RECORD = { filterHash: hash(0xaa), header: hash(0xbb), position: { file: 1, offset: 300 } };
const AT_HEIGHT = { ...RECORD, blockHash: hash(0xcc) as BlockHash };

describe("records of the block filter index", () => {
  test("stand as Bitcoin Core writes them", () => {
    expect(toHex(encodeFilterPosition({ file: 0, offset: 0 }))).toBe("0000");
    expect(toHex(encodeFilterPosition({ file: 1, offset: 300 }))).toBe("01812c");
    expect(toHex(encodeFilterRecord(RECORD))).toBe(`${"aa".repeat(32)}${"bb".repeat(32)}01812c`);
    expect(toHex(encodeFilterRecordAtHeight(AT_HEIGHT))).toBe(
      `${"cc".repeat(32)}${"aa".repeat(32)}${"bb".repeat(32)}01812c`,
    );
    expect(toHex(indexHeightKey(258))).toBe("7400000102");
    expect(toHex(indexHashKey(hash(0xcc) as BlockHash))).toBe(`73${"cc".repeat(32)}`);
  });

  test("are read as they were written", () => {
    const position = { file: 70_000, offset: 16 * 1024 * 1024 };
    expect(decodeFilterPosition(encodeFilterPosition(position))).toEqual(position);
    expect(decodeFilterRecord(encodeFilterRecord({ ...RECORD, position }))).toEqual({ ...RECORD, position });
    expect(decodeFilterRecordAtHeight(encodeFilterRecordAtHeight(AT_HEIGHT))).toEqual(AT_HEIGHT);
  });

  test("that are cut, or go on too long, throw", () => {
    const whole = encodeFilterRecordAtHeight(AT_HEIGHT);
    expect(() => decodeFilterRecordAtHeight(whole.subarray(0, whole.length - 1))).toThrow(DecodeError);
    expect(() => decodeFilterRecordAtHeight(concatBytes(whole, fromHex("00")))).toThrow(DecodeError);
    expect(() => decodeFilterRecord(fromHex("00"))).toThrow(DecodeError);
    expect(() => decodeFilterPosition(fromHex("000000"))).toThrow(DecodeError);
  });
});
