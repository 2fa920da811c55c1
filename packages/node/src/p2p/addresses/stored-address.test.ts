import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { formatEndpoint, parseAddress, parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { ipv6AsCjdns, type NetworkEndpoint } from "@bitfleet/protocol/wire/network-address.ts";
import { describe, expect, test } from "vitest";
import { readStoredAddress, writeStoredAddress } from "./stored-address.ts";

const at = (text: string) => parseEndpoint(text, 8333)!;
const read = (hex: string) => readStoredAddress(new Reader(fromHex(hex)));
function written(endpoint: NetworkEndpoint, services = 0x409n, timeSeconds = 0x01020304): string {
  const writer = new Writer();
  writeStoredAddress(writer, { ...endpoint, services, timeSeconds });
  return toHex(writer.toBytes());
}
const V1_ADDRESS = `${"00".repeat(10)}ffff01020304208d`;

describe("an address in a file", () => {
  test("is in BIP155's form: mark, time, services, network, bytes, port", () => {
    expect(written(at("1.2.3.4"))).toBe("605b03200403020" + "1fd09040104010203042" + "08d");
  });

  test.each([
    at("1.2.3.4:1"),
    at("[2a00::1]:65535"),
    at("pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:8333"),
    at("c4gfnttsuwqomiygupdqqqyy5y5emnk5c73hrfvatri67prd7vyq.b32.i2p:0"),
    { address: ipv6AsCjdns(parseAddress("fc00::1")!), port: 8333 },
  ])("of every network is read again: %#", (endpoint) => {
    expect(read(written(endpoint, 2n ** 64n - 1n, 0xffffffff))).toEqual({
      ...endpoint,
      services: 2n ** 64n - 1n,
      timeSeconds: 0xffffffff,
    });
  });

  test.each([
    ["of the old form", `00000000${"04030201"}0904000000000000${V1_ADDRESS}`],
    ["of the old form, with the number of a program", `605b0300${"04030201"}0904000000000000${V1_ADDRESS}`],
    ["of the new form, without one", `00000020${"04030201"}fd0904010401020304208d`],
    ["of the new form, with all bits that are ignored", `ffff0720${"04030201"}fd0904010401020304208d`],
  ])("%s is read", (_, hex) => {
    const { services, timeSeconds, ...endpoint } = read(hex);
    expect([formatEndpoint(endpoint), services, timeSeconds]).toEqual(["1.2.3.4:8333", 0x409n, 0x01020304]);
  });

  test.each(["00000040", "00000060", "00000080", "00000820"])("of the unknown form %s is refused", (version) => {
    expect(() => read(`${version}04030201fd0904010401020304208d`)).toThrow("Unsupported CAddress disk format version");
  });

  test("of a network that we do not know is none", () => {
    const { address, port } = read("00000020040302010163020102208d");
    expect(address).toEqual({ network: "ipv6", bytes: new Uint8Array(16) });
    expect(port).toBe(8333);
  });

  test("that ends too early is refused at every length", () => {
    const hex = written(at("1.2.3.4"));
    for (let size = 0; size < hex.length / 2; size++)
      expect(() => read(hex.slice(0, 2 * size))).toThrow("unexpected end");
  });
});
