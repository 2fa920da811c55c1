import { describe, expect, test } from "vitest";
import { concatBytes, EMPTY_BYTES, fromHex, toHex } from "../bytes/bytes.ts";
import { decodeV2Contents, encodeV2MessageType, V2_MESSAGE_TYPES } from "./v2-message-ids.ts";

const long = (type: string) => fromHex(`00${Buffer.from(type, "latin1").toString("hex").padEnd(24, "0")}`);

describe("types in v2 packets", () => {
  test.each([
    ["addr", 1],
    ["block", 2],
    ["cmpctblock", 4],
    ["filterload", 8],
    ["getheaders", 12],
    ["merkleblock", 16],
    ["pong", 19],
    ["sendcmpct", 20],
    ["tx", 21],
    ["getcfheaders", 24],
    ["cfcheckpt", 27],
    ["addrv2", 28],
    ["feature", 37],
  ])("BIP324, BIP434: %s is %i", (type, id) => {
    expect(encodeV2MessageType(type)).toEqual(Uint8Array.of(id));
    expect(decodeV2Contents(Uint8Array.of(id, 9))).toEqual({ type, payload: Uint8Array.of(9) });
  });

  test("each of the 29 numbered types has one byte, and is taken in its long form too", () => {
    const named = V2_MESSAGE_TYPES.filter((type) => type !== "");
    expect(named).toHaveLength(29);
    expect(new Set(named).size).toBe(29);
    for (const type of named) {
      expect(decodeV2Contents(encodeV2MessageType(type))).toEqual({ type, payload: EMPTY_BYTES });
      expect(decodeV2Contents(concatBytes(long(type), Uint8Array.of(5)))).toEqual({ type, payload: Uint8Array.of(5) });
    }
  });

  test.each(["version", "verack", "sendaddrv2", "wtxidrelay", "twelve chars"])("%s has its name in full", (type) => {
    expect(toHex(encodeV2MessageType(type))).toBe(toHex(long(type)));
    expect(decodeV2Contents(long(type))).toEqual({ type, payload: EMPTY_BYTES });
  });

  test.each([29, 36])("number %i is given away: a type that nobody knows", (id) => {
    expect(decodeV2Contents(Uint8Array.of(id, 1))).toEqual({ type: "", payload: Uint8Array.of(1) });
  });

  test.each([38, 99, 255])("number %i is no type", (id) => {
    expect(decodeV2Contents(Uint8Array.of(id, 1))).toBeUndefined();
  });

  test("contents may be too short for a type", () => {
    expect(decodeV2Contents(EMPTY_BYTES)).toBeUndefined();
    expect(decodeV2Contents(long("version").subarray(0, 12))).toBeUndefined();
    expect(decodeV2Contents(long("version").subarray(0, 13))).toBeDefined();
  });

  test("names: what v1 takes and one character more", () => {
    expect(decodeV2Contents(long("a\x7f"))?.type).toBe("a\x7f");
    expect(decodeV2Contents(long(" "))?.type).toBe(" ");
    for (const wrong of ["a\x1f", "a\x80", "a\xff", "a\0b", `${"a".padEnd(11, "\0")}b`]) {
      expect(decodeV2Contents(long(wrong)), JSON.stringify(wrong)).toBeUndefined();
    }
  });

  test("a name that is none is our own mistake", () => {
    expect(() => encodeV2MessageType("thirteenchars")).toThrow(RangeError);
    expect(() => encodeV2MessageType("a\x7f")).toThrow(RangeError);
  });
});
