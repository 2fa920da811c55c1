import { NETWORK_NAMES, networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import { isRoutable } from "@bitfleet/protocol/wire/address-class.ts";
import { formatEndpoint, parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { ipv6AsCjdns, type NetworkKind } from "@bitfleet/protocol/wire/network-address.ts";
import { describe, expect, test } from "vitest";
import { FIXED_SEEDS } from "./fixed-seeds.ts";

/** Addresses of fc00::/8 stand for CJDNS here. */
function parse(text: string) {
  const { address, port } = parseEndpoint(text, 0)!;
  return { address: ipv6AsCjdns(address), port };
}

describe("the list of public nodes", () => {
  test.each(NETWORK_NAMES)("of %s: each is an address, written as we write it, that leads somewhere", (name) => {
    for (const text of FIXED_SEEDS[name]) {
      const endpoint = parse(text);
      expect(formatEndpoint(endpoint)).toBe(text);
      expect(isRoutable(endpoint.address), text).toBe(true);
    }
    expect(new Set(FIXED_SEEDS[name]).size).toBe(FIXED_SEEDS[name].length);
  });

  test("is empty where the network is private", () => {
    expect(FIXED_SEEDS.regtest).toEqual([]);
  });

  test.each(["main", "test", "testnet4", "signet"] as const)(
    "of %s has the port of the network for the most part",
    (name) => {
      const { p2pPort } = networkByName(name)!;
      const others = FIXED_SEEDS[name].map(parse).filter(({ address }) => address.network !== "i2p");
      const usualCount = others.filter(({ port }) => port === p2pPort).length;
      expect(usualCount / others.length).toBeGreaterThan(0.9);
      // I2P has no ports (SAM 3.1).
      for (const { address, port } of FIXED_SEEDS[name].map(parse)) if (address.network === "i2p") expect(port).toBe(0);
    },
  );

  test("of the main network has nodes of every network", () => {
    const networks = new Set<NetworkKind>(FIXED_SEEDS.main.map((text) => parse(text).address.network));
    expect([...networks].sort()).toEqual(["cjdns", "i2p", "ipv4", "ipv6", "onion"]);
  });
});
