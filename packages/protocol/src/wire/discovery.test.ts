import { describe, expect, test } from "vitest";
import { concatBytes, fromHex, toHex } from "../bytes/bytes.ts";
import { Writer } from "../bytes/cursor.ts";
import { formatEndpoint, parseAddress } from "./address-text.ts";
import { TooManyItemsError } from "./codec.ts";
import { ADDRESSES_MAX } from "./discovery.ts";
import { decodeMessage, encodeMessage, type MessageOf } from "./message.ts";

const LOOPBACK = `${"00".repeat(15)}01`;
const TOR = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion";

const decode = (type: "addr" | "addrv2", hex: string) => decodeMessage(type, fromHex(hex)) as MessageOf<"addr">;
const endpoints = (message: MessageOf<"addr">) => message.addresses.map(formatEndpoint);

/** Three entries at the edges of time, services and port, as both messages have them. */
const ENTRIES = [
  { address: parseAddress("::1")!, port: 0, services: 0n, timeSeconds: 0x4966bc61 },
  { address: parseAddress("::1")!, port: 0x00f1, services: 1n, timeSeconds: 0x83766279 },
  { address: parseAddress("::1")!, port: 0xf1f2, services: 0x448n, timeSeconds: 0xffffffff },
];

describe("addr", () => {
  const hex =
    `0361bc66490000000000000000${LOOPBACK}0000` +
    `796276830100000000000000${LOOPBACK}00f1` +
    `ffffffff4804000000000000${LOOPBACK}f1f2`;

  test("30 bytes each", () => {
    expect(toHex(encodeMessage({ type: "addr", addresses: ENTRIES, count: 3 }).payload)).toBe(hex);
    expect(decode("addr", hex)).toEqual({ type: "addr", addresses: ENTRIES, count: 3 });
  });

  test("Tor v2 and internal addresses are counted and left out", () => {
    const entry = (address: string) => `61bc66490100000000000000${address}208d`;
    const message = decode(
      "addr",
      `03${entry("fd87d87eeb430102030405060708090a")}${entry("00000000000000000000ffff09090909")}${entry("fd6b88c08724ca978112ca1bbdcafac2")}`,
    );
    expect([endpoints(message), message.count]).toEqual([["9.9.9.9:8333"], 3]);
  });
});

describe("addrv2 (BIP155)", () => {
  const hex = `0361bc6649000210${LOOPBACK}000079627683010210${LOOPBACK}00f1fffffffffd48040210${LOOPBACK}f1f2`;

  test("service bits as CompactSize, then network, size and bytes", () => {
    expect(toHex(encodeMessage({ type: "addrv2", addresses: ENTRIES, count: 3 }).payload)).toBe(hex);
    expect(decode("addrv2", hex)).toEqual({ type: "addrv2", addresses: ENTRIES, count: 3 });
  });

  test("all 64 service bits", () => {
    const entry = { ...ENTRIES[0]!, services: 2n ** 64n - 1n };
    const { payload } = encodeMessage({ type: "addrv2", addresses: [entry], count: 1 });
    expect((decodeMessage("addrv2", payload) as MessageOf<"addrv2">).addresses).toEqual([entry]);
  });

  test("a network to come does not hide what stands behind it", () => {
    const message = decode("addrv2", "0261bc6649019902abab208d61bc664901010409090909208d");
    expect([endpoints(message), message.count]).toEqual([["9.9.9.9:8333"], 2]);
  });

  test("an empty list, an empty message, an address that is too long", () => {
    expect(decode("addrv2", "00").addresses).toEqual([]);
    expect(() => decode("addrv2", "")).toThrow("end of data");
    expect(() => decode("addrv2", `0161bc66490001fd0102${"ab".repeat(513)}208d`)).toThrow(
      "Address too long: 513 > 512",
    );
  });

  test("Tor addresses, which addr can only send as ::", () => {
    const addresses = [{ ...ENTRIES[0]!, address: parseAddress(TOR)! }];
    const v2 = encodeMessage({ type: "addrv2", addresses, count: 1 }).payload;
    expect(endpoints(decodeMessage("addrv2", v2) as MessageOf<"addr">)).toEqual([`${TOR}:0`]);
    const v1 = encodeMessage({ type: "addr", addresses, count: 1 }).payload;
    expect(endpoints(decodeMessage("addr", v1) as MessageOf<"addr">)).toEqual(["[::]:0"]);
  });
});

describe.each([
  ["addr", `61bc66490000000000000000${LOOPBACK}0000`],
  ["addrv2", "61bc6649000104010203040000"],
])("%s", (type, entry) => {
  const list = (count: number) =>
    concatBytes(new Writer().compactSize(count).toBytes(), ...Array.from({ length: count }, () => fromHex(entry)));

  test(`takes ${ADDRESSES_MAX} entries, and says how many more there were`, () => {
    const message = decodeMessage(type, list(ADDRESSES_MAX)) as MessageOf<"addr">;
    expect([message.addresses.length, message.count]).toEqual([1000, 1000]);
    expect(() => decodeMessage(type, list(ADDRESSES_MAX + 1))).toThrow(TooManyItemsError);
    expect(() => decodeMessage(type, list(ADDRESSES_MAX + 1))).toThrow(`${type} message size = 1001`);
  });
});
