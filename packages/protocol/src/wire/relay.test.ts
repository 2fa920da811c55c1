import { describe, expect, test } from "vitest";
import { concatBytes, fromHex, toHex } from "../bytes/bytes.ts";
import { DecodeError, Writer } from "../bytes/cursor.ts";
import { type BlockHash, ZERO_HASH } from "../primitives/types.ts";
import { TooManyItemsError } from "./codec.ts";
import { decodeMessage, encodeMessage, type MessageOf } from "./message.ts";
import {
  formatInventoryItem,
  HEADERS_MAX,
  hashKindOf,
  INVENTORY_MAX,
  InventoryType,
  isBlockItem,
  isTransactionItem,
  LOCATOR_MAX,
} from "./relay.ts";

/** A list of zeros: its count, then `count` items of `itemSize` bytes. */
function list(count: number, itemSize: number): Uint8Array {
  return concatBytes(new Writer().compactSize(count).toBytes(), new Uint8Array(count * itemSize));
}

function tooMany(type: string, payload: Uint8Array): TooManyItemsError | undefined {
  try {
    decodeMessage(type, payload);
  } catch (error) {
    if (error instanceof TooManyItemsError) return error;
    if (!(error instanceof DecodeError)) throw error;
  }
  return undefined;
}

const hashOf = (byte: number) => new Uint8Array(32).fill(byte) as BlockHash;

describe.each(["inv", "getdata"] as const)("%s", (type) => {
  test("kind and hash, little-endian", () => {
    const items = [{ kind: InventoryType.WITNESS_BLOCK, hash: hashOf(0xab) }];
    const hex = `0102000040${"ab".repeat(32)}`;
    expect(toHex(encodeMessage({ type, items }).payload)).toBe(hex);
    expect(decodeMessage(type, fromHex(hex))).toEqual({ type, items });
  });

  test(`takes ${INVENTORY_MAX} items`, () => {
    const message = decodeMessage(type, list(INVENTORY_MAX, 36)) as MessageOf<"inv">;
    expect(message.items).toHaveLength(INVENTORY_MAX);
  });

  test("says how many there were, in Core's words", () => {
    const error = tooMany(type, list(INVENTORY_MAX + 1, 36))!;
    expect(error).toMatchObject({ messageType: type, count: 50001, consequence: "misbehaving" });
    expect(error.reason).toBe(`${type} message size = 50001`);
  });

  test("more announced than there are is bad bytes and no more", () => {
    const payload = list(INVENTORY_MAX + 1, 36);
    expect(tooMany(type, payload.subarray(0, -1))).toBeUndefined();
    expect(() => decodeMessage(type, payload.subarray(0, -1))).toThrow("end of data");
  });
});

test("notfound has no limit of its own", () => {
  const message = decodeMessage("notfound", list(INVENTORY_MAX + 1, 36)) as MessageOf<"notfound">;
  expect(message.items).toHaveLength(INVENTORY_MAX + 1);
});

describe("headers", () => {
  test(`takes ${HEADERS_MAX}`, () => {
    const message = decodeMessage("headers", list(HEADERS_MAX, 81)) as MessageOf<"headers">;
    expect(message.headers).toHaveLength(HEADERS_MAX);
  });

  test("judges the count before anything else is read", () => {
    const error = tooMany("headers", fromHex("fdd107"))!;
    expect(error).toMatchObject({ messageType: "headers", count: 2001, consequence: "misbehaving" });
    expect(error.reason).toBe("headers message size = 2001");
  });

  test("ignores the count of transactions, which must be one", () => {
    const header = new Uint8Array(80);
    const message = decodeMessage("headers", concatBytes(fromHex("01"), header, fromHex("05"))) as MessageOf<"headers">;
    expect(message.headers).toHaveLength(1);
    expect(toHex(encodeMessage(message).payload.subarray(-1))).toBe("00");
    expect(() => decodeMessage("headers", concatBytes(fromHex("01"), header, fromHex("fd0100")))).toThrow(
      "non-canonical",
    );
    expect(() => decodeMessage("headers", concatBytes(fromHex("01"), header))).toThrow("end of data");
  });
});

describe.each(["getheaders", "getblocks"] as const)("%s", (type) => {
  const locatorOf = (count: number) => concatBytes(fromHex("80110100"), list(count, 32), new Uint8Array(32));

  test("version, hashes, stop", () => {
    const message = { type, locator: [hashOf(2), hashOf(3)], stop: ZERO_HASH as BlockHash };
    const hex = `8011010002${"02".repeat(32)}${"03".repeat(32)}${"00".repeat(32)}`;
    expect(toHex(encodeMessage(message).payload)).toBe(hex);
    expect(decodeMessage(type, fromHex(hex))).toEqual(message);
    expect(decodeMessage(type, fromHex(`ffffffff${hex.slice(8)}`))).toEqual(message);
  });

  test(`takes ${LOCATOR_MAX} hashes; more end the connection, unpunished`, () => {
    const message = decodeMessage(type, locatorOf(LOCATOR_MAX)) as MessageOf<typeof type>;
    expect(message.locator).toHaveLength(LOCATOR_MAX);
    const error = tooMany(type, locatorOf(LOCATOR_MAX + 1))!;
    expect(error).toMatchObject({ messageType: type, count: 102, consequence: "disconnect" });
    expect(error.reason).toBe(`${type} locator size 102 > 101`);
    expect(tooMany(type, locatorOf(LOCATOR_MAX + 1).subarray(0, -1))).toBeUndefined();
  });
});

describe("kinds of inventory", () => {
  test.each([
    [InventoryType.TX, "tx", "txid"],
    [InventoryType.WITNESS_TX, "witness-tx", "txid"],
    [InventoryType.WTX, "wtx", "wtxid"],
    [InventoryType.BLOCK, "block", "block"],
    [InventoryType.WITNESS_BLOCK, "witness-block", "block"],
    [InventoryType.FILTERED_BLOCK, "merkleblock", "block"],
    [InventoryType.COMPACT_BLOCK, "cmpctblock", "block"],
    [0, "0x00000000", "other"],
    [6, "0x00000006", "other"],
    [0x80000001, "0x80000001", "other"],
    [0x40000006, "0x40000006", "other"],
  ])("%i is %s", (kind, name, what) => {
    expect(isTransactionItem(kind)).toBe(what === "txid" || what === "wtxid");
    expect(isBlockItem(kind)).toBe(what === "block");
    expect(hashKindOf(kind)).toBe(isTransactionItem(kind) ? what : undefined);
    expect(formatInventoryItem({ kind, hash: Uint8Array.from({ length: 32 }, (_, index) => index) })).toBe(
      `${name} 1f1e1d1c1b1a191817161514131211100f0e0d0c0b0a09080706050403020100`,
    );
  });
});
