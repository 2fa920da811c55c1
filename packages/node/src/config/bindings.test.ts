import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readConfig } from "./config.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "bitfleet-bindings-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function read(...args: string[]) {
  const places = { defaultDataDir: dir, workingDir: dir };
  const outcome = readConfig(["-regtest", `-datadir=${dir}`, ...args], places, "9.9.9");
  if (outcome.action !== "run") throw new Error(outcome.text);
  return outcome.config.p2p;
}

const bound = (...args: string[]) =>
  read(...args).listen.map(({ endpoint, isOnion }) => `${formatEndpoint(endpoint)}${isOnion ? "=onion" : ""}`);

const refusal = (address: string) =>
  `Duplicate binding configuration for address ${address}. Please check your -bind, -bind=...=onion and -whitebind settings.`;

const ADDRESS = "127.0.0.1:11012";
const WAYS = [`-bind=${ADDRESS}`, `-bind=${ADDRESS}=onion`, `-whitebind=noban@${ADDRESS}`];

describe("one address", () => {
  test.each(WAYS.flatMap((first) => WAYS.map((second) => [first, second])))(
    "is not bound twice: %s %s",
    (first, second) => {
      expect(() => read(first!, second!)).toThrow(refusal(ADDRESS));
    },
  );

  test.each([
    ["the default port", ["-bind=127.0.0.1", "-bind=127.0.0.1:18444"], "127.0.0.1:18444"],
    ["-port", ["-port=7777", "-bind=127.0.0.1", "-whitebind=127.0.0.1:7777"], "127.0.0.1:7777"],
    ["the port behind it, of Tor", ["-port=7777", "-bind=127.0.0.1=onion", "-bind=127.0.0.1:7778"], "127.0.0.1:7778"],
    ["another writing", ["-bind=[::1]:7", "-bind=[0:0:0:0:0:0:0:1]:7"], "[::1]:7"],
    ["the form of IPv4 in IPv6", ["-bind=127.0.0.1:7", "-bind=[::ffff:127.0.0.1]:7"], "127.0.0.1:7"],
  ])("nor by %s", (_what, args, address) => {
    expect(() => read(...args)).toThrow(refusal(address));
  });

  test("is named, of two the one that Core finds first", () => {
    const bind = ["-bind=127.0.0.1:1", "-bind=127.0.0.1:1"];
    const white = ["-whitebind=127.0.0.1:2", "-whitebind=127.0.0.1:2"];
    const onion = ["-bind=127.0.0.1:3=onion", "-bind=127.0.0.1:3=onion"];
    expect(() => read(...onion, ...bind, ...white)).toThrow(refusal("127.0.0.1:2"));
    expect(() => read(...onion, ...bind)).toThrow(refusal("127.0.0.1:1"));
  });
});

test("addresses that differ in port or host are bound side by side", () => {
  expect(bound("-bind=127.0.0.1:1", "-bind=127.0.0.1:2", "-bind=127.0.0.2:1", "-bind=127.0.0.1=onion")).toEqual([
    "127.0.0.1:1",
    "127.0.0.1:2",
    "127.0.0.2:1",
    "127.0.0.1:18445=onion",
  ]);
  expect(bound("-port=7777", "-bind=127.0.0.1=onion", "-whitebind=127.0.0.1:7777")).toEqual([
    "127.0.0.1:7778=onion",
    "127.0.0.1:7777",
  ]);
});

test.each([
  ["-cjdnsreachable", "cjdns", undefined],
  ["-nocjdnsreachable", "ipv6", 128],
])("with %s a whitelisted address that begins with fc is of %s", (option, network, prefixBits) => {
  const { incoming } = read(option, "-whitelist=noban@fc00::1", "-whitelist=noban@2a00::/16").whitelist;
  expect(incoming.map(({ subnet }) => [subnet.address.network, subnet.prefixBits])).toEqual([
    [network, prefixBits],
    ["ipv6", 16],
  ]);
});
