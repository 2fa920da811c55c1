import { parseAddress } from "@bitfleet/protocol/wire/address-text.ts";
import { internalAddress, ipv6AsCjdns } from "@bitfleet/protocol/wire/network-address.ts";
import { describe, expect, test } from "vitest";
import { compareSubnets, formatSubnet, isInSubnet, parseSubnet, subnetKey, subnetOf } from "./subnet.ts";

const ONION = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion";
const OTHER_ONION = "kpgvmscirrdqpekbqjsvw5teanhatztpp2gl6eee4zkowvwfxwenqaid.onion";
const I2P = "c4gfnttsuwqomiygupdqqqyy5y5emnk5c73hrfvatri67prd7vyq.b32.i2p";
const at = (text: string) => parseAddress(text)!;

describe("reading", () => {
  test.each([
    ["1.2.3.4", "1.2.3.4/32"],
    ["1.2.3.4/32", "1.2.3.4/32"],
    ["1.2.3.4/24", "1.2.3.0/24"],
    ["1.2.3.4/08", "1.0.0.0/8"],
    ["255.255.255.255/1", "128.0.0.0/1"],
    ["1.2.3.4/0", "0.0.0.0/0"],
    ["1.2.3.4/255.255.255.255", "1.2.3.4/32"],
    ["1.2.3.4/255.255.240.0", "1.2.0.0/20"],
    ["1.2.3.4/0.0.0.0", "0.0.0.0/0"],
    ["::ffff:1.2.3.4/16", "1.2.0.0/16"],
    ["::1", "::1/128"],
    ["[::1]", "::1/128"],
    ["[fd00::1]/8", "fd00::/8"],
    ["1:2:3:4:5:6:7:8/127", "1:2:3:4:5:6:7:8/127"],
    ["1:2:3:4:5:6:7:9/127", "1:2:3:4:5:6:7:8/127"],
    ["1:2:3:4:5:6:7:8/128", "1:2:3:4:5:6:7:8/128"],
    ["1:2:3:4:5:6:7:8/0", "::/0"],
    ["1:2:3:4:5:6:7:8/ffff:ffff:fff8::", "1:2::/45"],
    [ONION, ONION],
    [I2P, I2P],
  ])("%s is %s", (text, written) => {
    expect(formatSubnet(parseSubnet(text)!)).toBe(written);
  });

  test.each([
    "",
    "/",
    "/8",
    "foo",
    "example.com",
    "example.com/8",
    "1.2.3",
    "1.2.3/24",
    "1.2.3.4/",
    "1.2.3.4/33",
    "1.2.3.4/256",
    "1.2.3.4/-1",
    "1.2.3.4/+8",
    "1.2.3.4/8 ",
    "1.2.3.4/8/8",
    "1.2.3.4/255.0.255.0",
    "1.2.3.4/255.255.255.253",
    "1.2.3.4/255.232.0.0",
    "1.2.3.4/0.255.255.255",
    "1.2.3.4/ffff::",
    "::1/129",
    "::1/255.255.0.0",
    "::1/ffff:0:ffff::",
    `${ONION}/8`,
    `${ONION}/255.0.0.0`,
    `${I2P}/0`,
    "1.2.3.4\0",
  ])("%j is none", (text) => {
    expect(parseSubnet(text)).toBeUndefined();
  });
});

test("fc00::/8 is of CJDNS where that is within reach, and has no ranges then", () => {
  expect(parseSubnet("fc00::1", true)).toEqual(subnetOf(ipv6AsCjdns(at("fc00::1"))));
  for (const text of ["fc00::1/128", "fc00::/8", "fcff::/ffff::"]) expect(parseSubnet(text, true)).toBeUndefined();
  for (const text of ["fd00::/8", "fbff::1", "1.2.3.0/24"]) expect(parseSubnet(text, true)).toEqual(parseSubnet(text));
  expect(formatSubnet(parseSubnet("fc00::1")!)).toBe("fc00::1/128");
  expect(formatSubnet(parseSubnet("fc00::/8")!)).toBe("fc00::/8");
});

describe("what is inside", () => {
  test.each([
    ["1.2.3.4", ["1.2.3.4", "::ffff:1.2.3.4"], ["1.2.3.5", "::1.2.3.4"]],
    ["1.2.3.0/24", ["1.2.3.0", "1.2.3.255"], ["1.2.2.255", "1.2.4.0"]],
    ["1.2.3.0/23", ["1.2.2.0", "1.2.3.255"], ["1.2.1.255", "1.2.4.0"]],
    ["1.2.3.0/25", ["1.2.3.0", "1.2.3.127"], ["1.2.3.128"]],
    ["0.0.0.0/0", ["1.2.3.4", "255.255.255.254"], ["::1", ONION]],
    ["2a00::/12", ["2a00::", "2a0f:ffff::"], ["2a10::", "29ff:ffff::"]],
    ["::/0", ["::1", "fe80::1"], ["1.2.3.4", I2P]],
    [ONION, [ONION], [OTHER_ONION, I2P, "::1"]],
    [I2P, [I2P], [ONION]],
  ])("%s", (text, inside, outside) => {
    const subnet = parseSubnet(text)!;
    for (const one of inside) expect(isInSubnet(subnet, at(one)), one).toBe(true);
    for (const one of outside) expect(isInSubnet(subnet, at(one)), one).toBe(false);
  });

  test("never what is no address of a host", () => {
    const all = { ipv4: parseSubnet("0.0.0.0/0")!, ipv6: parseSubnet("::/0")! };
    for (const text of ["0.0.0.0", "255.255.255.255"]) expect(isInSubnet(all.ipv4, at(text)), text).toBe(false);
    for (const text of ["::", "2001:db8::1"]) expect(isInSubnet(all.ipv6, at(text)), text).toBe(false);
    const internal = internalAddress("seed");
    expect(isInSubnet(subnetOf(internal), internal)).toBe(false);
  });

  test("CJDNS and IPv6 are two networks, even with the same bytes", () => {
    const cjdns = ipv6AsCjdns(at("fc00::1"));
    expect(formatSubnet(subnetOf(cjdns))).toBe("fc00::1");
    expect(isInSubnet(subnetOf(cjdns), cjdns)).toBe(true);
    expect(isInSubnet(subnetOf(cjdns), at("fc00::1"))).toBe(false);
    expect(isInSubnet(parseSubnet("fc00::/8")!, cjdns)).toBe(false);
  });
});

test("a range has one key however it is written", () => {
  const keys = ["10.9.8.7/8", "10.0.0.0/255.0.0.0", "10.0.0.0/8"].map((text) => subnetKey(parseSubnet(text)!));
  expect(new Set(keys).size).toBe(1);
  expect(subnetKey(parseSubnet("10.0.0.0/9")!)).not.toBe(keys[0]);
});

test("order: by network, by address, wider ranges first", () => {
  const ordered = ["1.0.0.0/8", "1.0.0.0/9", "1.0.0.0", "2.0.0.0/7", "127.0.0.1", "::/0", "::1", ONION];
  const subnets = [...ordered].reverse().map((text) => parseSubnet(text)!);
  expect(subnets.sort(compareSubnets).map(formatSubnet)).toEqual(
    ordered.map((text) => formatSubnet(parseSubnet(text)!)),
  );
});
