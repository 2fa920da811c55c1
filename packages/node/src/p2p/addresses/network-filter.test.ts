import { parseAddress } from "@bitfleet/protocol/wire/address-text.ts";
import { describe, expect, test } from "vitest";
import { NetworkFilter, type NetworkFilterOptions } from "./network-filter.ts";

const filterOf = (options: Partial<NetworkFilterOptions> = {}) =>
  new NetworkFilter({ onlyNetworks: [], isCjdnsReachable: false, hasOnionProxy: false, ...options });

describe("networks within reach", () => {
  test.each<[string, Partial<NetworkFilterOptions>, readonly string[]]>([
    ["the internet", {}, ["ipv4", "ipv6"]],
    ["Tor with a proxy", { hasOnionProxy: true }, ["ipv4", "ipv6", "onion"]],
    ["CJDNS where it is set up", { isCjdnsReachable: true }, ["ipv4", "ipv6", "cjdns"]],
    ["-onlynet=ipv4", { onlyNetworks: ["ipv4"], hasOnionProxy: true, isCjdnsReachable: true }, ["ipv4"]],
    ["-onlynet=onion -onlynet=ipv6", { onlyNetworks: ["onion", "ipv6"], hasOnionProxy: true }, ["ipv6", "onion"]],
    ["-onlynet=onion without a proxy", { onlyNetworks: ["onion"] }, []],
    ["-onlynet=cjdns where it is not set up", { onlyNetworks: ["cjdns"] }, []],
    ["-onlynet=i2p, which is not supported", { onlyNetworks: ["i2p"] }, []],
  ])("%s", (_, options, expected) => {
    const filter = filterOf(options);
    expect(filter.reachable).toEqual(expected);
    for (const network of ["ipv4", "ipv6", "onion", "i2p", "cjdns", "internal"] as const)
      expect(filter.isReachable(network)).toBe(expected.includes(network));
  });
});

describe("fc00::/8 is of CJDNS", () => {
  const networkOf = (text: string, options: Partial<NetworkFilterOptions>) =>
    filterOf(options).withCjdns(parseAddress(text)!).network;

  test("where CJDNS is within reach", () => {
    expect(networkOf("fc00::1", { isCjdnsReachable: true })).toBe("cjdns");
    expect(networkOf("fcff:ffff::1", { isCjdnsReachable: true })).toBe("cjdns");
    expect(networkOf("fbff::1", { isCjdnsReachable: true })).toBe("ipv6");
    expect(networkOf("fd00::1", { isCjdnsReachable: true })).toBe("ipv6");
    expect(networkOf("252.0.0.1", { isCjdnsReachable: true })).toBe("ipv4");
  });

  test("nowhere else", () => {
    expect(networkOf("fc00::1", {})).toBe("ipv6");
    expect(networkOf("fc00::1", { isCjdnsReachable: true, onlyNetworks: ["ipv6"] })).toBe("ipv6");
  });
});
