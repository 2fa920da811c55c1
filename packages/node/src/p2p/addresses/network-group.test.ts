import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { parseAddress } from "@bitfleet/protocol/wire/address-text.ts";
import { internalAddress, ipv6AsCjdns } from "@bitfleet/protocol/wire/network-address.ts";
import { describe, expect, test } from "vitest";
import { Asmap } from "./asmap.ts";
import { encodeAsmap } from "./asmap-test-kit.ts";
import { networkGroup } from "./network-group.ts";

const at = (text: string) => parseAddress(text)!;
const groupOf = (text: string) => toHex(networkGroup(at(text)));

describe("network groups", () => {
  test.each([
    ["IPv4: /16", "1.2.3.4", "010102"],
    ["IPv6: /32", "2a00:1234:5678::1", "022a001234"],
    ["Hurricane Electric: /36, the rest of the last byte ones", "2001:470:abcd::1", "0220010470af"],
    ["next to Hurricane Electric", "2001:471:abcd::1", "0220010471"],
    ["6to4", "2002:102:304::1", "010102"],
    ["NAT64", "64:ff9b::102:304", "010102"],
    ["translated", "::ffff:0:102:304", "010102"],
    ["Teredo", "2001:0:9999:9999:9999:9999:fefd:fcfb", "010102"],
    ["Tor: 4 bits", "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion", "037f"],
    ["I2P: 4 bits", "c4gfnttsuwqomiygupdqqqyy5y5emnk5c73hrfvatri67prd7vyq.b32.i2p", "041f"],
    ["private networks: one", "10.1.2.3", "00"],
    ["loopback: one", "127.0.0.1", "00"],
    ["loopback of IPv6: one", "::1", "00"],
    ["link-local: one", "fe80::1", "00"],
  ])("%s", (_, text, group) => {
    expect(groupOf(text)).toBe(group);
  });

  test("CJDNS: 4 bits behind the byte that all have", () => {
    expect(toHex(networkGroup(ipv6AsCjdns(at("fc12:3456::1"))))).toBe("05fc1f");
    expect(toHex(networkGroup(ipv6AsCjdns(at("fc22:3456::1"))))).toBe("05fc2f");
  });

  test("names that stand for addresses: each for itself", () => {
    const address = internalAddress("seed.example");
    expect(toHex(networkGroup(address))).toBe(`06${toHex(address.bytes)}`);
  });

  test.each([
    ["1.2.0.0", "1.2.255.255", true],
    ["1.2.255.255", "1.3.0.0", false],
    ["2a00:1234::", "2a00:1234:ffff::", true],
    ["2a00:1234::", "2a00:1235::", false],
    ["2001:470:a000::", "2001:470:afff::", true],
    ["2001:470:a000::", "2001:470:b000::", false],
  ])("%s and %s share one: %s", (a, b, isShared) => {
    expect(groupOf(a) === groupOf(b)).toBe(isShared);
  });
});

describe("with a map of autonomous systems", () => {
  const asmap = new Asmap(
    encodeAsmap([
      ["1.0.0.0/8", 0x010203],
      ["2a00::/16", 0x010203],
      ["10.0.0.0/8", 9],
    ]),
  );
  const mappedGroupOf = (text: string) => toHex(networkGroup(at(text), asmap));

  test("the group is the system, of IPv4 and IPv6 alike", () => {
    expect(mappedGroupOf("1.2.3.4")).toBe("0203020100");
    expect(mappedGroupOf("1.99.3.4")).toBe("0203020100");
    expect(mappedGroupOf("2a00:1234::1")).toBe("0203020100");
  });

  test("what it does not know is grouped as without it", () => {
    expect(mappedGroupOf("2.2.3.4")).toBe(groupOf("2.2.3.4"));
    expect(mappedGroupOf("2a01:1234::1")).toBe(groupOf("2a01:1234::1"));
    expect(mappedGroupOf("10.0.0.1")).toBe("00");
  });
});
