import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAddress } from "@bitfleet/protocol/wire/address-text.ts";
import { ipv6AsCjdns } from "@bitfleet/protocol/wire/network-address.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestLog } from "../test-kit.ts";
import { loadBans, saveBans } from "./ban-list-file.ts";
import { formatSubnet, parseSubnet, subnetOf } from "./subnet.ts";

let folder: string;
let path: string;
let log: TestLog;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bitfleet-test-"));
  path = join(folder, "banlist.json");
  log = new TestLog();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const GOOD = { version: 1, ban_created: 5, banned_until: 7, address: "1.2.3.0/24" };
const write = (entries: readonly unknown[]) => writeFileSync(path, JSON.stringify({ banned_nets: entries }));
const addressesOf = async () => (await loadBans(path, log))?.map(({ subnet }) => formatSubnet(subnet));

test("what was written is read again, of every network", async () => {
  const onion = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion";
  const subnets = ["1.2.3.0/24", "::1", "fc00::/8", onion].map((text) => parseSubnet(text)!);
  subnets.push(subnetOf(ipv6AsCjdns(parseAddress("fc00::1")!)));
  const bans = subnets.map((subnet, index) => ({
    subnet,
    createdSeconds: index,
    untilSeconds: 2n ** 63n - 1n - BigInt(index),
  }));
  await saveBans(path, bans);
  expect(await loadBans(path, log)).toEqual(bans);
  expect(readdirSync(folder)).toEqual(["banlist.json"]);
  expect(log.lines).toEqual([]);
});

test("the form is Core's", async () => {
  await saveBans(path, [{ subnet: parseSubnet("1.2.3.0/24")!, createdSeconds: 5, untilSeconds: 7n }]);
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({ banned_nets: [GOOD] });
});

test("no file, no list", async () => {
  expect(await loadBans(path, log)).toBeUndefined();
  expect(log.lines).toEqual([]);
});

test("an empty list is one", async () => {
  write([]);
  expect(await loadBans(path, log)).toEqual([]);
  await saveBans(path, []);
  expect(await loadBans(path, log)).toEqual([]);
});

describe("an entry that is left out, while the others hold", () => {
  test.each([
    [{ ...GOOD, version: 2 }, "Dropping entry with unknown version (2) from ban list"],
    [{ version: 0 }, "Dropping entry with unknown version (0) from ban list"],
    [{ ...GOOD, address: "aaaaaaaaa" }, "Dropping entry with unparseable address or subnet (aaaaaaaaa) from ban list"],
    [
      { ...GOOD, address: "1.2.3.4/33" },
      "Dropping entry with unparseable address or subnet (1.2.3.4/33) from ban list",
    ],
  ])("%j", async (entry, message) => {
    write([entry, GOOD]);
    expect(await addressesOf()).toEqual(["1.2.3.0/24"]);
    expect(log.lines).toEqual([message]);
  });
});

describe("a list that cannot be read as a whole", () => {
  test.each([
    ["cut short", JSON.stringify({ banned_nets: [GOOD] }).slice(0, -3), /^Cannot load banlist .* valid JSON/],
    ["empty", "", /^Cannot load banlist .* valid JSON/],
    ["a list", "[]", /^Cannot load banlist .*: Found non-object value \[\] in settings file/],
    ["null", "null", /^Cannot load banlist .*: Found non-object value null in settings file/],
    ["without bans", "{}", /^Cannot parse banlist /],
    ["with something else for bans", '{"banned_nets":{}}', /^Cannot parse banlist /],
    ["with an entry that is none", '{"banned_nets":[1]}', /^Cannot parse banlist /],
    ["without a version", JSON.stringify({ banned_nets: [GOOD, { address: "1.1.1.1" }] }), /^Cannot parse banlist /],
    ["without an address", JSON.stringify({ banned_nets: [{ ...GOOD, address: 1 }] }), /^Cannot parse banlist /],
    ["with a time that is none", JSON.stringify({ banned_nets: [{ ...GOOD, banned_until: "7" }] }), /^Cannot parse /],
    [
      "with a time beyond 64 bits",
      `{"banned_nets":[{"version":1,"ban_created":1,"banned_until":${2n ** 63n},"address":"1.1.1.1"}]}`,
      /^Cannot parse /,
    ],
    ["with a version as text", JSON.stringify({ banned_nets: [{ ...GOOD, version: "1" }] }), /^Cannot parse banlist /],
  ])("%s", async (_, text, message) => {
    writeFileSync(path, text);
    expect(await loadBans(path, log)).toBeUndefined();
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toMatch(message);
    expect(readFileSync(path, "utf8")).toBe(text);
  });
});
