import { createHash } from "node:crypto";
import { parseAddress } from "@bitfleet/protocol/wire/address-text.ts";
import { internalAddress, ipv6AsCjdns } from "@bitfleet/protocol/wire/network-address.ts";
import { describe, expect, test } from "vitest";
import { Asmap, systemOf } from "./asmap.ts";
import { bytesOfBits, defaultBits, encodeAsmap, forkBits, jumpBits, matchBits, returnBits } from "./asmap-test-kit.ts";

const at = (text: string) => parseAddress(text)!;
const mapOf = (bits: string) => new Asmap(bytesOfBits(bits));

describe("which autonomous system an address is of", () => {
  const asmap = new Asmap(
    encodeAsmap([
      ["8.0.0.0/8", 1],
      ["9.9.0.0/17", 2],
      ["9.9.128.0/17", 3],
      ["45.1.2.3", 4_294_967],
      ["2a00::/16", 5],
      ["2a02:1234::/33", 6],
    ]),
  );

  test.each([
    ["7.255.255.255", 0],
    ["8.0.0.0", 1],
    ["8.255.255.255", 1],
    ["9.8.255.255", 0],
    ["9.9.127.255", 2],
    ["9.9.128.0", 3],
    ["45.1.2.2", 0],
    ["45.1.2.3", 4_294_967],
    ["2a00:ffff::1", 5],
    ["2a01::1", 0],
    ["2a02:1234:7fff::", 6],
    ["2a02:1234:8000::", 0],
  ])("%s: %d", (text, system) => {
    expect(asmap.systemOf(at(text))).toBe(system);
  });

  test.each([
    ["6to4", "2002:909:8001::1", 3],
    ["NAT64", "64:ff9b::909:1", 2],
    ["Teredo", "2001:0:1:2:3:4:f6f6:7ffe", 3],
  ])("IPv6 that carries IPv4 is of the system of that: %s", (_, text, system) => {
    expect(asmap.systemOf(at(text))).toBe(system);
  });

  test("no system for what is not on the internet, whatever the map says of its bytes", () => {
    const everything = mapOf(returnBits(7));
    expect(everything.systemOf(at("1.2.3.4"))).toBe(7);
    const others = ["10.0.0.1", "127.0.0.1", "::1", "fe80::1", "fc00::1"].map(at);
    const onion = at("pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion");
    for (const address of [...others, ipv6AsCjdns(at("fc00::1")), onion, internalAddress("seed")])
      expect(everything.systemOf(address)).toBe(0);
  });

  test("without a map there is none", () => {
    expect(systemOf(undefined, at("8.8.8.8"))).toBe(0);
    expect(systemOf(asmap, at("8.8.8.8"))).toBe(1);
  });

  test("a failed match falls back to the last default before it", () => {
    const map = mapOf(defaultBits(10) + matchBits("00101010") + defaultBits(11) + matchBits("0000") + returnBits(12));
    expect(["2b00::", "2af0::", "2a00::"].map((text) => map.systemOf(at(text)))).toEqual([10, 11, 12]);
  });

  // The first and the last number of some classes of the encoding.
  test.each([1, 2 ** 15, 2 ** 15 + 1, 2 ** 15 + 2 ** 16, 2 ** 15 + 2 ** 16 + 1, 33_521_664])("system %d", (system) => {
    expect(mapOf(returnBits(system)).systemOf(at("1.2.3.4"))).toBe(system);
  });

  test("a jump over parts of every size", () => {
    for (let depth = 1; depth <= 16; depth++) {
      let zero = returnBits(1);
      for (let level = 1; level < depth; level++) zero = forkBits(zero, returnBits(level + 1));
      const map = mapOf(forkBits(zero, returnBits(99)));
      expect([map.systemOf(at("8000::1")), map.systemOf(at("1.2.3.4"))]).toEqual([99, 1]);
    }
  });
});

describe("what is no map", () => {
  const bits32 = "0".repeat(7);
  const deep = (bits: number) => {
    const full = matchBits("10101010").repeat(bits >> 3);
    return full + (bits & 7 ? matchBits("1".repeat(bits & 7)) : "");
  };

  test.each([
    ["nothing", ""],
    ["ends within a code word", "1"],
    ["ends within a number", returnBits(5).slice(0, 8)],
    ["no end", matchBits("11111111")],
    ["a whole byte of padding", returnBits(1) + bits32 + "0".repeat(8)],
    ["padding that is not zero", `${returnBits(1)}0000001`],
    ["a default before an end", defaultBits(1) + returnBits(2)],
    ["a default before a default", defaultBits(1) + defaultBits(2) + matchBits("1") + returnBits(2)],
    ["two short matches in a row", matchBits("1111111") + matchBits("1111111") + returnBits(1)],
    ["a match beyond the last bit", deep(128) + matchBits("1") + returnBits(1)],
    ["a fork beyond the last bit", deep(128) + forkBits(returnBits(1), returnBits(2))],
    ["a jump too short", jumpBits(17) + returnBits(2 ** 16) + returnBits(2)],
    ["a jump too long", jumpBits(18) + returnBits(1) + returnBits(2) + returnBits(3)],
    ["a jump to the end", jumpBits(17) + returnBits(1)],
    ["a jump beyond the end", jumpBits(1000) + returnBits(1) + returnBits(2)],
  ])("%s", (_, bits) => {
    expect(() => mapOf(bits)).toThrow(/ \(at byte \d+\)$/);
  });

  test.each([
    ["seven bits of padding", `${returnBits(1)}${bits32}`],
    ["a short match between full ones", matchBits("1") + matchBits("11111111").repeat(2) + returnBits(1)],
    ["short matches with a full one between", matchBits("1") + matchBits("11111111") + matchBits("1") + returnBits(1)],
    ["short matches with a default between", matchBits("1") + defaultBits(1) + matchBits("1") + returnBits(2)],
    [
      "a default at the beginning of a branch",
      forkBits(defaultBits(1) + matchBits("1") + returnBits(2), returnBits(3)),
    ],
    ["a match of the last bit", deep(127) + defaultBits(9) + matchBits("1") + returnBits(1)],
    ["a fork at the last bit", deep(127) + forkBits(returnBits(1), returnBits(2))],
    ["a fork within a fork", forkBits(forkBits(returnBits(1), returnBits(2)), returnBits(3))],
  ])("is one: %s", (_, bits) => {
    expect(() => mapOf(bits)).not.toThrow();
  });
});

test("the version is the double SHA-256 of the bytes alone", () => {
  const bytes = encodeAsmap([["8.0.0.0/8", 1]]);
  const once = createHash("sha256").update(bytes).digest();
  expect(Buffer.from(new Asmap(bytes).version)).toEqual(createHash("sha256").update(once).digest());
});
