import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { describe, expect, test } from "vitest";
import { formatSubnet } from "../p2p/addresses/subnet.ts";
import { rpcConfigOf } from "./rpc.ts";
import { newSettingSources, parseCommandLine } from "./settings.ts";

function rpcOf(...args: string[]) {
  const sources = newSettingSources();
  sources.network = "regtest";
  parseCommandLine(sources, args);
  return rpcConfigOf(sources, regtestNetwork(), "/data", [])!;
}

const allowed = (...args: string[]) => rpcOf(...args).allow.map(formatSubnet);

describe("-rpcallowip", () => {
  test.each([
    [[], []],
    [
      ["-rpcallowip=10.0.0.0/255.0.0.0", "-rpcallowip=::1"],
      ["10.0.0.0/8", "::1/128"],
    ],
    [["-rpcallowip=fc00:db8::/80"], ["fc00:db8::/80"]],
    [["-rpcallowip=fd00:db8::/80", "-cjdnsreachable"], ["fd00:db8::/80"]],
    [["-rpcallowip=fc00:db8::/80", "-cjdnsreachable", "-onlynet=ipv4"], ["fc00:db8::/80"]],
  ])("%j", (args, expected) => {
    expect(allowed(...args)).toEqual(expected);
  });

  test.each([[["-rpcallowip=foo"]], [["-rpcallowip=10.0.0.0/33"]], [["-rpcallowip=fc00:db8::/80", "-cjdnsreachable"]]])(
    "%j is refused",
    (args) => {
      const text = args[0]!.slice("-rpcallowip=".length);
      expect(() => allowed(...args)).toThrow(
        `Invalid -rpcallowip subnet specification: ${text}. Valid values are a single IP (e.g. 1.2.3.4), a network/netmask (e.g. 1.2.3.4/255.255.255.0), a network/CIDR (e.g. 1.2.3.4/24), all ipv4 (0.0.0.0/0), or all ipv6 (::/0). RFC4193 is allowed only if -cjdnsreachable=0.`,
      );
    },
  );
});

test("names what is to be answered as before", () => {
  expect(rpcOf("-deprecatedrpc=fullrbf", "-deprecatedrpc=bip125").deprecated).toEqual(["fullrbf", "bip125"]);
  expect(rpcOf().deprecated).toEqual([]);
});
