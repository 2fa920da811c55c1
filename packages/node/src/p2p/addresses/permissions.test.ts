import { parseAddress } from "@bitfleet/protocol/wire/address-text.ts";
import { describe, expect, test } from "vitest";
import {
  hasPermission,
  type PermissionFlag,
  parseWhitebind,
  parseWhitelist,
  permissionNames,
  permissionsFor,
  type WhitelistEntry,
} from "./permissions.ts";
import { formatSubnet } from "./subnet.ts";

const ALL = ["bloomfilter", "noban", "forcerelay", "relay", "mempool", "download", "addr"];
const IMPLICIT_DEFAULTS = { whitelistRelay: true, whitelistForceRelay: false };

const entry = (text: string): WhitelistEntry => {
  const parsed = parseWhitelist(text);
  if ("error" in parsed) throw new Error(parsed.error);
  return parsed;
};
/** Permissions that a peer gets by entries of the whitelist. */
const namesFor = (address: string | undefined, texts: readonly string[], implicit = IMPLICIT_DEFAULTS) =>
  permissionNames(permissionsFor((address && parseAddress(address)) || undefined, texts.map(entry), 0, implicit));

describe("-whitelist", () => {
  test.each([
    ["bloomfilter", ["bloomfilter"]],
    ["bloom", ["bloomfilter"]],
    ["noban", ["noban", "download"]],
    ["forcerelay", ["forcerelay", "relay"]],
    ["relay", ["relay"]],
    ["mempool", ["mempool"]],
    ["download", ["download"]],
    ["addr", ["addr"]],
    ["all", ALL],
    ["relay,mempool", ["relay", "mempool"]],
    ["mempool,relay,mempool", ["relay", "mempool"]],
    [",,addr,", ["addr"]],
    ["", []],
    [",", []],
  ])("%j", (names, expected) => {
    expect(permissionNames(entry(`${names}@1.2.3.4`).permissions)).toEqual(expected);
  });

  test("what includes another is not had through it alone", () => {
    const { permissions: download } = entry("download@1.2.3.4");
    const { permissions: relay } = entry("relay@1.2.3.4");
    const has = (flags: number, flag: PermissionFlag) => hasPermission(flags, flag);
    expect([has(download, "download"), has(download, "noban")]).toEqual([true, false]);
    expect([has(relay, "relay"), has(relay, "forcerelay")]).toEqual([true, false]);
    const { permissions: noban } = entry("noban@1.2.3.4");
    expect([has(noban, "download"), has(noban, "mempool")]).toEqual([true, false]);
  });

  test.each([
    ["1.2.3.4", "in"],
    ["relay@1.2.3.4", "in"],
    ["in,relay@1.2.3.4", "in"],
    ["out,relay@1.2.3.4", "out"],
    ["in,relay,out@1.2.3.4", "both"],
  ] as const)("%s holds for %s", (text, direction) => {
    expect(entry(text).direction).toBe(direction);
  });

  test.each([
    ["1.2.3.4", "1.2.3.4/32"],
    ["noban@10.0.0.0/8", "10.0.0.0/8"],
    ["noban@10.1.1.1/255.0.0.0", "10.0.0.0/8"],
    ["noban@[fd00::]/8", "fd00::/8"],
  ])("the range of %s", (text, range) => {
    expect(formatSubnet(entry(text).subnet)).toBe(range);
  });

  test.each([
    ["oopsie@1.2.3.4", "Invalid P2P permission: 'oopsie'"],
    ["noban,oopsie,other@1.2.3.4", "Invalid P2P permission: 'oopsie'"],
    ["NoBan@1.2.3.4", "Invalid P2P permission: 'NoBan'"],
    [" noban@1.2.3.4", "Invalid P2P permission: ' noban'"],
    ["constructor@1.2.3.4", "Invalid P2P permission: 'constructor'"],
    ["in@1.2.3.4", "Only direction was set, no permissions: 'in@1.2.3.4'"],
    ["out,in@1.2.3.4", "Only direction was set, no permissions: 'out,in@1.2.3.4'"],
    ["", "Invalid netmask specified in -whitelist: ''"],
    ["noban@", "Invalid netmask specified in -whitelist: ''"],
    ["noban@1.2.3.4:32", "Invalid netmask specified in -whitelist: '1.2.3.4:32'"],
    ["noban@1.2.3.4/33", "Invalid netmask specified in -whitelist: '1.2.3.4/33'"],
    ["noban@noban@1.2.3.4", "Invalid netmask specified in -whitelist: 'noban@1.2.3.4'"],
  ])("%j is refused", (text, error) => {
    expect(parseWhitelist(text)).toEqual({ error });
  });
});

describe("-whitebind", () => {
  test("an address with its port, and permissions", () => {
    const parsed = parseWhitebind("bloom,forcerelay@[::1]:8333");
    expect(parsed).toMatchObject({ endpoint: { port: 8333, address: { network: "ipv6" } } });
    expect("permissions" in parsed && permissionNames(parsed.permissions)).toEqual([
      "bloomfilter",
      "forcerelay",
      "relay",
    ]);
    expect(parseWhitebind("in,noban@1.2.3.4:1")).toMatchObject({ endpoint: { port: 1 } });
  });

  test.each([
    ["1.2.3.4:32,noban", "Cannot resolve -whitebind address: '1.2.3.4:32,noban'"],
    ["", "Cannot resolve -whitebind address: ''"],
    ["noban@name.example:1", "Cannot resolve -whitebind address: 'name.example:1'"],
    ["noban@1.2.3.4", "Need to specify a port with -whitebind: '1.2.3.4'"],
    ["noban@1.2.3.4:0", "Need to specify a port with -whitebind: '1.2.3.4:0'"],
    ["oopsie@1.2.3.4:32", "Invalid P2P permission: 'oopsie'"],
    ["oopsie,out@1.2.3.4:32", "Invalid P2P permission: 'oopsie'"],
    ["in@1.2.3.4:32", "Only direction was set, no permissions: 'in@1.2.3.4:32'"],
    ["out@1.2.3.4:32", 'whitebind may only be used for incoming connections ("out" was passed)'],
    ["noban,out@1.2.3.4:32", 'whitebind may only be used for incoming connections ("out" was passed)'],
    ["out,oopsie@1.2.3.4:32", 'whitebind may only be used for incoming connections ("out" was passed)'],
  ])("%j is refused", (text, error) => {
    expect(parseWhitebind(text)).toEqual({ error });
  });
});

describe("permissions of a connection", () => {
  test("of every entry that its address is in, together", () => {
    const whitelist = ["addr@1.2.0.0/16", "mempool@1.2.3.4", "all@9.9.9.9"];
    expect(namesFor("1.2.3.4", whitelist)).toEqual(["mempool", "addr"]);
    expect(namesFor("1.2.3.5", whitelist)).toEqual(["addr"]);
    expect(namesFor("1.3.0.0", whitelist)).toEqual([]);
    expect(namesFor(undefined, ["all@0.0.0.0/0"])).toEqual([]);
  });

  test("where none is named: noban, mempool and what relaying options say", () => {
    const usual = ["noban", "mempool", "download"];
    const names = (whitelistRelay: boolean, whitelistForceRelay: boolean) =>
      namesFor("1.2.3.4", ["1.2.3.4"], { whitelistRelay, whitelistForceRelay });
    expect([...names(false, false)].sort()).toEqual([...usual].sort());
    expect(names(true, false)).toEqual(["noban", "relay", "mempool", "download"]);
    expect(names(false, true)).toEqual(["noban", "forcerelay", "relay", "mempool", "download"]);
    expect(names(true, true)).toEqual(["noban", "forcerelay", "relay", "mempool", "download"]);
  });

  test("where an empty list is named: none", () => {
    expect(namesFor("1.2.3.4", ["@1.2.3.4"])).toEqual([]);
  });

  test("those of the address that it came in on are kept", () => {
    const bound = parseWhitebind("addr@1.1.1.1:1");
    const given = "permissions" in bound ? bound.permissions : 0;
    const flags = permissionsFor(parseAddress("2.2.2.2"), [entry("mempool@2.2.2.2")], given, IMPLICIT_DEFAULTS);
    expect(permissionNames(flags)).toEqual(["mempool", "addr"]);
  });
});
