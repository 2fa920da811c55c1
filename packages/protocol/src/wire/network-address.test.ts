import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../bytes/bytes.ts";
import { DecodeError, Reader, Writer } from "../bytes/cursor.ts";
import { formatAddress, parseAddress } from "./address-text.ts";
import {
  type AddressEncoding,
  addressKey,
  compareAddresses,
  endpointKey,
  equalAddresses,
  equalEndpoints,
  internalAddress,
  ipv6AsCjdns,
  type NetworkAddress,
  readAddress,
  readEndpoint,
  readGossipAddress,
  UNSPECIFIED_ADDRESS,
  writeAddress,
  writeEndpoint,
  writeGossipAddress,
} from "./network-address.ts";
import { gossipAddresses, networkAddresses } from "./test-kit.ts";

const TOR = "kpgvmscirrdqpekbqjsvw5teanhatztpp2gl6eee4zkowvwfxwenqaid.onion";

function encoded(address: NetworkAddress, encoding: AddressEncoding): string {
  const writer = new Writer();
  writeAddress(writer, address, encoding);
  return toHex(writer.toBytes());
}

/** Text of the address that all of the bytes encode. */
function decoded(hex: string, encoding: AddressEncoding): string | undefined {
  const reader = new Reader(fromHex(hex));
  const address = readAddress(reader, encoding);
  reader.end();
  return address && formatAddress(address);
}

const parsed = (text: string) => parseAddress(text)!;

describe("the 16 bytes of addr and version", () => {
  test.each([
    ["::", "00000000000000000000000000000000"],
    ["1.2.3.4", "00000000000000000000ffff01020304"],
    ["1a1b:2a2b:3a3b:4a4b:5a5b:6a6b:7a7b:8a8b", "1a1b2a2b3a3b4a4b5a5b6a6b7a7b8a8b"],
  ])("%s", (text, hex) => {
    expect(encoded(parsed(text), "v1")).toBe(hex);
    expect(decoded(hex, "v1")).toBe(text);
  });

  test("an internal address is wrapped", () => {
    expect(encoded(internalAddress("a"), "v1")).toBe("fd6b88c08724ca978112ca1bbdcafac2");
    expect(decoded("fd6b88c08724ca978112ca1bbdcafac2", "v1")).toBe("zklycewkdo64v6wc.internal");
  });

  test("Tor v3 has no form, Tor v2 no meaning", () => {
    expect(encoded(parsed(TOR), "v1")).toBe("00".repeat(16));
    expect(decoded("fd87d87eeb430102030405060708090a", "v1")).toBeUndefined();
    expect(decoded("fd87d87eeb420102030405060708090a", "v1")).toBe("fd87:d87e:eb42:102:304:506:708:90a");
  });
});

describe("BIP155", () => {
  test.each([
    ["1.2.3.4", "010401020304"],
    ["102:304:506:708:90a:b0c:d0e:f10", "02100102030405060708090a0b0c0d0e0f10"],
    [TOR, "042053cd5648488c4707914182655b7664034e09e66f7e8cbf1084e654eb56c5bd88"],
    [
      "ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p",
      "0520a2894dabaec08c0051a481a6dac88b64f98232ae42d4b6fd2fa81952dfe36a87",
    ],
  ])("%s", (text, hex) => {
    expect(encoded(parsed(text), "v2")).toBe(hex);
    expect(decoded(hex, "v2")).toBe(text);
  });

  test("CJDNS, which has IPv6 addresses", () => {
    const hex = "0610fc000001000200030004000500060007";
    expect(decoded(hex, "v2")).toBe("fc00:1:2:3:4:5:6:7");
    expect(encoded(ipv6AsCjdns(parsed("fc00:1:2:3:4:5:6:7")), "v2")).toBe(hex);
    expect(ipv6AsCjdns(parsed("fd00::1")).network).toBe("ipv6");
    expect(ipv6AsCjdns(parsed("252.0.0.1")).network).toBe("ipv4");
  });

  test("an internal address is wrapped in IPv6", () => {
    expect(encoded(internalAddress("a"), "v2")).toBe("0210fd6b88c08724ca978112ca1bbdcafac2");
    expect(decoded("0210fd6b88c08724ca978112ca1bbdcafac2", "v2")).toBe("zklycewkdo64v6wc.internal");
  });

  test.each([
    ["IPv6 that wraps IPv4", "021000000000000000000000ffff01020304"],
    ["IPv6 that wraps Tor v2", "0210fd87d87eeb430102030405060708090a"],
    ["Tor v2", "030af1f2f3f4f5f6f7f8f9fa"],
    ["a network to come", "aa0401020304"],
    ["a network to come, without bytes", "aa00"],
    ["a network to come, as long as may be", `aafd0002${"ab".repeat(512)}`],
  ])("%s is passed over", (_, hex) => {
    expect(decoded(hex, "v2")).toBeUndefined();
  });

  test.each([
    ["010501020304", "BIP155 IPv4 address with length 5 (should be 4)"],
    ["020400", "BIP155 IPv6 address with length 4 (should be 16)"],
    ["040000", "BIP155 TORv3 address with length 0 (should be 32)"],
    ["050300", "BIP155 I2P address with length 3 (should be 32)"],
    ["060100", "BIP155 CJDNS address with length 1 (should be 16)"],
    ["01fd010201020304", "Address too long: 513 > 512"],
    ["aafe0000000201020304050607", "Address too long: 33554432 > 512"],
    ["01040102", "end of data"],
    ["aa0401", "end of data"],
  ])("%s: %s", (hex, message) => {
    expect(() => decoded(hex, "v2")).toThrow(DecodeError);
    expect(() => decoded(hex, "v2")).toThrow(message);
  });
});

test("every address reads back from BIP155, and from 16 bytes where it has that form", () => {
  fc.assert(
    fc.property(networkAddresses, (address) => {
      expect(readAddress(new Reader(fromHex(encoded(address, "v2"))), "v2")).toEqual(address);
      const isWrapped = address.network === "ipv4" || address.network === "ipv6" || address.network === "internal";
      const back = readAddress(new Reader(fromHex(encoded(address, "v1"))), "v1");
      expect(back).toEqual(isWrapped ? address : UNSPECIFIED_ADDRESS);
    }),
  );
});

test("gossip entries read back", () => {
  fc.assert(
    fc.property(gossipAddresses, (entry) => {
      const writer = new Writer();
      writeGossipAddress(writer, entry, "v2");
      expect(readGossipAddress(new Reader(writer.toBytes()), "v2")).toEqual(entry);
    }),
  );
});

test("gossip of internal addresses is passed over", () => {
  for (const encoding of ["v1", "v2"] as const) {
    const writer = new Writer();
    writeGossipAddress(writer, { address: internalAddress("seed"), port: 1, services: 0n, timeSeconds: 0 }, encoding);
    const reader = new Reader(writer.toBytes());
    expect(readGossipAddress(reader, encoding)).toBeUndefined();
    expect(reader.remaining).toBe(0);
  }
});

test("ports are big-endian; what is no address comes as ::", () => {
  const writer = new Writer();
  writeEndpoint(writer, { address: parsed("1.2.3.4"), port: 8333 }, "v1");
  expect(toHex(writer.toBytes())).toBe("00000000000000000000ffff01020304208d");
  const tor2 = readEndpoint(new Reader(fromHex("fd87d87eeb430102030405060708090a208d")), "v1");
  expect(tor2).toEqual({ address: UNSPECIFIED_ADDRESS, port: 8333 });
});

test("an address does not hold on to the message it came in", () => {
  const message = fromHex("010401020304");
  const address = readAddress(new Reader(message), "v2")!;
  message.fill(0xff);
  expect(formatAddress(address)).toBe("1.2.3.4");
});

describe("keys and order", () => {
  const some = fc.record({ address: networkAddresses, port: fc.integer({ min: 0, max: 0xffff }) });

  test("are equal for equal endpoints alone", () => {
    fc.assert(
      fc.property(some, some, (a, b) => {
        expect(endpointKey(a) === endpointKey(b)).toBe(equalEndpoints(a, b));
        expect(compareAddresses(a.address, b.address) === 0).toBe(equalAddresses(a.address, b.address));
        expect(endpointKey({ address: { ...a.address, bytes: a.address.bytes.slice() }, port: a.port })).toBe(
          endpointKey(a),
        );
      }),
    );
  });

  test("tell networks and ports apart, not zones", () => {
    const bytes = fromHex("fc000000000000000000000000000001");
    expect(addressKey({ network: "ipv6", bytes })).not.toBe(addressKey({ network: "cjdns", bytes }));
    expect(endpointKey({ address: parsed("::1"), port: 1 })).not.toBe(endpointKey({ address: parsed("::1"), port: 2 }));
    expect(addressKey(parsed("fe80::1%3"))).toBe(addressKey(parsed("fe80::1")));
    expect(equalAddresses(parsed("fe80::1%3"), parsed("fe80::1"))).toBe(true);
  });
});
