import { describe, expect, test } from "vitest";
import {
  isAddrV1Compatible,
  isBindAny,
  isHurricaneElectric,
  isInternal,
  isLocal,
  isPrivacyNetwork,
  isRelayable,
  isRfc1918,
  isRfc2544,
  isRfc3849,
  isRfc3927,
  isRfc3964,
  isRfc4193,
  isRfc4380,
  isRfc4843,
  isRfc4862,
  isRfc5737,
  isRfc6052,
  isRfc6145,
  isRfc6598,
  isRfc7343,
  isRoutable,
  isValid,
  linkedIpv4,
  networkClassOf,
  networkOf,
  Reachability,
  reachabilityFrom,
} from "./address-class.ts";
import { parseAddress } from "./address-text.ts";
import { internalAddress, ipv6AsCjdns, type NetworkAddress } from "./network-address.ts";

const TOR = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion";
const I2P = "ukeu3k5oycgaauneqgtnvselmt4yemvoilkln7jpvamvfx7dnkdq.b32.i2p";
const CJDNS = "fc00:1:2:3:4:5:6:7";

const address = (text: string) => parseAddress(text)!;
const cjdns = ipv6AsCjdns(address(CJDNS));

/** First and last address of each range, and the ones just outside. */
const RANGES: readonly [name: string, (one: NetworkAddress) => boolean, inside: string[], outside: string[]][] = [
  [
    "RFC1918",
    isRfc1918,
    ["10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255"],
    ["9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0"],
  ],
  ["RFC2544", isRfc2544, ["198.18.0.0", "198.19.255.255"], ["198.17.255.255", "198.20.0.0"]],
  ["RFC3927", isRfc3927, ["169.254.0.0", "169.254.255.255"], ["169.253.255.255", "169.255.0.0"]],
  ["RFC6598", isRfc6598, ["100.64.0.0", "100.127.255.255"], ["100.63.255.255", "100.128.0.0"]],
  [
    "RFC5737",
    isRfc5737,
    ["192.0.2.0", "192.0.2.255", "198.51.100.0", "203.0.113.255"],
    ["192.0.1.255", "192.0.3.0", "198.51.101.0", "203.0.112.0"],
  ],
  ["RFC3849", isRfc3849, ["2001:db8::", "2001:db8:ffff::"], ["2001:db7:ffff::", "2001:db9::"]],
  ["RFC3964", isRfc3964, ["2002::1", "2002:ffff::"], ["2001:ffff::", "2003::"]],
  ["RFC4193", isRfc4193, ["fc00::", "fdff::"], ["fbff::", "fe00::"]],
  ["RFC4380", isRfc4380, ["2001::2", "2001:0:ffff::"], ["2001:1::", "2000:ffff::"]],
  ["RFC4843", isRfc4843, ["2001:10::", "2001:1f:ffff::"], ["2001:f::", "2001:20::"]],
  ["RFC7343", isRfc7343, ["2001:20::", "2001:2f:ffff::"], ["2001:1f::", "2001:30::"]],
  ["RFC4862", isRfc4862, ["fe80::", "fe80::ffff:0:0:1"], ["fe80:0:0:1::", "fe81::"]],
  ["RFC6052", isRfc6052, ["64:ff9b::", "64:ff9b::ffff:ffff"], ["64:ff9b::1:0:0", "64:ff9c::"]],
  ["RFC6145", isRfc6145, ["::ffff:0:0:0", "::ffff:0:ffff:ffff"], ["::ffff:1:0:0", "::fffe:0:0:0"]],
  ["Hurricane Electric", isHurricaneElectric, ["2001:470::", "2001:470:ffff::"], ["2001:46f::", "2001:471::"]],
  [
    "local",
    isLocal,
    ["127.0.0.0", "127.255.255.255", "0.0.0.0", "0.1.2.3", "::1"],
    ["126.255.255.255", "128.0.0.0", "1.0.0.0", "::", "::2"],
  ],
  ["bind any", isBindAny, ["0.0.0.0", "::"], ["0.0.0.1", "::1"]],
];

describe.each(RANGES)("%s", (_, isIn, inside, outside) => {
  test.each(inside)("has %s", (text) => expect(isIn(address(text))).toBe(true));
  test.each(outside)("has not %s", (text) => expect(isIn(address(text))).toBe(false));
  test("is of IP alone", () => {
    for (const other of [address(TOR), address(I2P), internalAddress("x")]) expect(isIn(other)).toBe(false);
    expect(isIn({ network: "cjdns", bytes: address(inside[0]!).bytes })).toBe(false);
  });
});

describe("valid", () => {
  test.each(["1.2.3.4", "127.0.0.1", "10.0.0.1", "255.255.255.254", "0.0.0.1", "::1", "fe80::1%32", TOR, I2P])(
    "%s",
    (text) => {
      expect(isValid(address(text))).toBe(true);
    },
  );
  test.each(["0.0.0.0", "255.255.255.255", "::", "2001:db8::1"])("%s is not", (text) => {
    expect(isValid(address(text))).toBe(false);
  });
  test("CJDNS with its prefix, internal never", () => {
    expect(isValid(cjdns)).toBe(true);
    expect(isValid({ network: "cjdns", bytes: address("aa00::1").bytes })).toBe(false);
    expect(isValid(internalAddress("x"))).toBe(false);
  });
});

describe("routable", () => {
  test.each(["8.8.8.8", "2001::1", "2002:a00:1::", "64:ff9b::a00:1", TOR, I2P])("%s", (text) => {
    expect(isRoutable(address(text))).toBe(true);
  });
  test.each([
    "127.0.0.1",
    "10.0.0.1",
    "198.18.0.1",
    "169.254.1.1",
    "100.64.0.1",
    "192.0.2.1",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
  ])("%s is not", (text) => {
    expect(isRoutable(address(text))).toBe(false);
    expect(networkOf(address(text))).toBe("not_publicly_routable");
  });
  test("CJDNS is, although as IPv6 it would not be", () => expect(isRoutable(cjdns)).toBe(true));
});

test("networks", () => {
  expect(["8.8.8.8", "2001::8888", TOR, I2P].map((text) => networkOf(address(text)))).toEqual([
    "ipv4",
    "ipv6",
    "onion",
    "i2p",
  ]);
  expect([networkOf(cjdns), networkOf(internalAddress("foo.com"))]).toEqual(["cjdns", "internal"]);
  const some = [address("8.8.8.8"), address("2a00::1"), address(TOR), address(I2P), cjdns, internalAddress("x")];
  expect(some.map(isInternal)).toEqual([false, false, false, false, false, true]);
  expect(some.map(isRelayable)).toEqual([true, true, true, true, true, false]);
  expect(some.map(isPrivacyNetwork)).toEqual([false, false, true, true, false, false]);
  expect(some.map(isAddrV1Compatible)).toEqual([true, true, false, false, false, true]);
});

describe("the IPv4 address inside", () => {
  test.each([
    ["1.2.3.4"],
    ["::ffff:0:102:304"],
    ["64:ff9b::102:304"],
    ["2002:102:304:9999:9999:9999:9999:9999"],
    ["2001:0:9999:9999:9999:9999:fefd:fcfb"],
  ])("%s", (text) => {
    expect([...linkedIpv4(address(text))!]).toEqual([1, 2, 3, 4]);
    expect(networkClassOf(address(text))).toBe("ipv4");
  });

  test("is missing elsewhere", () => {
    for (const other of [address("2a00::1"), address("10.0.0.1"), address(TOR), cjdns])
      expect(linkedIpv4(other)).toBeUndefined();
    expect(networkClassOf(address("2a00::1"))).toBe("ipv6");
    expect(networkClassOf(address("10.0.0.1"))).toBe("not_publicly_routable");
    expect(networkClassOf(internalAddress("x"))).toBe("internal");
  });
});

describe("how well a peer reaches an address of ours", () => {
  const PRIVATE_ADDRESS = address("10.0.0.1");
  const NET: Readonly<Record<string, NetworkAddress>> = {
    ipv4: address("8.8.8.8"),
    ipv6: address("2a00::1"),
    tunnel: address("2002:808:808::1"),
    teredo: address("2001::1"),
    onion: address(TOR),
    i2p: address(I2P),
    cjdns,
    private: PRIVATE_ADDRESS,
  };
  const { UNREACHABLE, DEFAULT, TEREDO, IPV6_WEAK, IPV4, IPV6_STRONG, PRIVATE } = Reachability;

  test.each([
    // their network, then ours: ipv4, ipv6, tunnel, teredo, onion, i2p, cjdns
    ["ipv4", [IPV4, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT]],
    ["ipv6", [IPV4, IPV6_STRONG, IPV6_WEAK, TEREDO, DEFAULT, DEFAULT, DEFAULT]],
    ["teredo", [IPV4, IPV6_WEAK, IPV6_WEAK, TEREDO, DEFAULT, DEFAULT, DEFAULT]],
    ["onion", [IPV4, DEFAULT, DEFAULT, DEFAULT, PRIVATE, DEFAULT, DEFAULT]],
    ["i2p", [DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, PRIVATE, DEFAULT]],
    ["cjdns", [DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, PRIVATE]],
    ["private", [IPV4, IPV6_WEAK, IPV6_WEAK, TEREDO, PRIVATE, DEFAULT, DEFAULT]],
  ] as const)("from %s", (their, scores) => {
    const ours = ["ipv4", "ipv6", "tunnel", "teredo", "onion", "i2p", "cjdns"];
    expect(ours.map((our) => reachabilityFrom(NET[our]!, NET[their]!))).toEqual(scores);
    expect(reachabilityFrom(PRIVATE_ADDRESS, NET[their]!)).toBe(UNREACHABLE);
    expect(reachabilityFrom(internalAddress("x"), NET[their]!)).toBe(UNREACHABLE);
  });
});
