import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBytewords, encodeBytewords } from "./bytewords.ts";

/** The vector of BCR-2020-012. */
const BYTES = "d99d6ca20150c7098580125e2ab0981253468b2dbc5202c11947da";
const TEXT = "tantjzoeadgdstaslplabghydrpfmkbggufgludprfgmaosecffltnsoaawkbd";

test("bytes are written with their checksum, and read in letters of any case", () => {
  expect(encodeBytewords(fromHex(BYTES))).toBe(TEXT);
  expect(toHex(decodeBytewords(TEXT)!)).toBe(BYTES);
  expect(toHex(decodeBytewords(TEXT.toUpperCase())!)).toBe(BYTES);
  expect(encodeBytewords(new Uint8Array())).toBe("aeaeaeae");
  expect(decodeBytewords("aeaeaeae")).toEqual(new Uint8Array());
});

describe("nothing is read", () => {
  test.each([
    ["of nothing", ""],
    ["of less than a checksum", "aeaeae"],
    ["of half a byte", TEXT.slice(0, -1)],
    ["where a word is missing", TEXT.slice(2)],
    ["where two are exchanged", `${TEXT.slice(2, 4)}${TEXT.slice(0, 2)}${TEXT.slice(4)}`],
    ["of letters that no word has", `xx${TEXT.slice(2)}`],
    ["of what is no letter", `ä${TEXT.slice(2)}9`],
    ["where the checksum is another", `${TEXT.slice(0, -2)}ae`],
  ])("%s", (_name, text) => {
    expect(decodeBytewords(text)).toBeUndefined();
  });
});

test("any bytes come back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(decodeBytewords(encodeBytewords(bytes))).toEqual(bytes);
    }),
  );
});
