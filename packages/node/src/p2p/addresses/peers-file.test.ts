import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { formatEndpoint, parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { ipv6AsCjdns } from "@bitfleet/protocol/wire/network-address.ts";
import { ServiceFlag } from "@bitfleet/protocol/wire/services.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemRandom } from "../../clock.ts";
import { TestClock, TestLog } from "../test-kit.ts";
import type { AddressManager } from "./address-manager.ts";
import type { TableName } from "./address-tables.ts";
import { Asmap } from "./asmap.ts";
import { encodeAsmap } from "./asmap-test-kit.ts";
import { CheckedFileError, seal } from "./checked-file.ts";
import { loadPeers, savePeers } from "./peers-file.ts";

const MAGIC = Uint8Array.of(0xfa, 0xbf, 0xb5, 0xda);
const OTHER_MAGIC = Uint8Array.of(0x0a, 0x03, 0xcf, 0x40);
const NEW_BUCKETS = 1024;
const NEW_COUNT_MAX = NEW_BUCKETS * 64;
const TRIED_COUNT_MAX = 256 * 64;
const KEY = Uint8Array.of(1, ...new Uint8Array(31));

let folder: string;
let path: string;
let log: TestLog;
const clock = new TestClock();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bitfleet-test-"));
  path = join(folder, "peers.dat");
  log = new TestLog();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const load = (hasKnownKey = false, asmap?: Asmap) =>
  loadPeers({ path, magic: MAGIC, hasKnownKey }, { clock, random: systemRandom, log, asmap });

const placesOf = (manager: AddressManager, table: TableName) =>
  [...manager.entries(table)]
    .map(({ bucket, position, entry }) => `${formatEndpoint(entry.endpoint)} ${bucket}/${position}`)
    .sort();

/** Takes up an address that told of itself, and says where it came to be: `<bucket>/<position>`. */
function addressAt(manager: AddressManager, text: string, table: TableName): string | undefined {
  const { address, port } = parseEndpoint(text, 8333)!;
  const endpoint = { address: ipv6AsCjdns(address), port };
  const nowSeconds = Math.floor(clock.nowMs() / 1000);
  manager.add([{ ...endpoint, services: ServiceFlag.NETWORK, timeSeconds: nowSeconds }], endpoint.address);
  if (table === "tried") manager.good(endpoint, nowSeconds);
  const entry = manager.find(endpoint);
  const place = [...manager.entries(table)].find((one) => one.entry === entry);
  return place && `${place.bucket}/${place.position}`;
}

/** Empty tables as the first format has them, with one thing or another that is wrong. */
function emptyTables({ compatibility = 36, key = KEY, newCount = 0, triedCount = 0 } = {}): Uint8Array {
  const writer = new Writer(8192);
  writer.uint8(1).uint8(compatibility).bytes(key).int32(newCount).int32(triedCount);
  writer.int32(NEW_BUCKETS ^ (1 << 30));
  for (let bucket = 0; bucket < NEW_BUCKETS; bucket++) writer.int32(0);
  return writer.toBytes();
}

/** Tables of the first format that hold 1.2.3.4 so often, which nobody says worked. */
function oneAddress({ newCount = 0, triedCount = 0 }): Uint8Array {
  const ipv4 = (bytes: readonly number[]) => Uint8Array.of(...new Uint8Array(10), 0xff, 0xff, ...bytes);
  const writer = new Writer(8192);
  writer.uint8(1).uint8(36).bytes(KEY).int32(newCount).int32(triedCount);
  writer.int32(NEW_BUCKETS ^ (1 << 30));
  for (let index = 0; index < newCount + triedCount; index++) {
    writer
      .uint32(0)
      .uint32(1)
      .uint64(1n)
      .bytes(ipv4([1, 2, 3, 4]))
      .uint16BigEndian(8333);
    writer
      .bytes(ipv4([9, 9, 9, 9]))
      .int64(0n)
      .int32(0);
  }
  for (let bucket = 0; bucket < NEW_BUCKETS; bucket++) writer.int32(0);
  return writer.toBytes();
}

describe("where addresses go, with the secret of tests", () => {
  // Places that Bitcoin Core's rpc_net.py expects of the same secret.
  test.each([
    ["2.0.0.0:8333", "new", "82/8"],
    ["[fc00:1:2:3:4:5:6:7]:8333", "new", "336/24"],
    ["c4gfnttsuwqomiygupdqqqyy5y5emnk5c73hrfvatri67prd7vyq.b32.i2p:8333", "new", "963/46"],
    ["[2803:0:1234:abcd::1]:45324", "new", "613/6"],
    ["1.2.3.4:8333", "tried", "6/33"],
    ["[1233:3432:2434:2343:3234:2345:6546:4534]:8333", "tried", "197/34"],
    ["pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:8333", "tried", "72/61"],
    ["nrfj6inpyf73gpkyool35hcmne5zwfmse3jl3aw23vk7chdemalyaqad.onion:45324", "tried", "139/46"],
  ] as const)("%s: %s %s", async (text, table, place) => {
    expect(addressAt(await load(true), text, table)).toBe(place);
  });

  test("otherwise the secret is a new one each time", async () => {
    const places = new Set<string | undefined>();
    for (let run = 0; run < 5; run++) {
      rmSync(path, { force: true });
      places.add(addressAt(await load(), "2.0.0.0:8333", "new"));
    }
    expect(places.size).toBeGreaterThan(1);
  });
});

describe("what was written is read again", () => {
  test("addresses of every network, in their places", async () => {
    const manager = await load();
    expect(log.with(`Creating peers.dat because the file was not found ("${path}")`)).toHaveLength(1);
    for (const text of ["1.0.0.1:8333", "[2a00::1]:1", "[fc00::9]:8333"]) addressAt(manager, text, "new");
    addressAt(manager, "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:8333", "tried");
    await savePeers({ path, magic: MAGIC }, manager);
    const again = await load();
    expect(log.with("Loaded 4 addresses from peers.dat")).toHaveLength(1);
    for (const table of ["new", "tried"] as const) expect(placesOf(again, table)).toEqual(placesOf(manager, table));
    expect(again.size()).toBe(4);
  });

  test("tables of Core's first format", async () => {
    writeFileSync(path, seal(MAGIC, emptyTables()));
    expect((await load()).size()).toBe(0);
  });

  test("of a newer program: put aside, and begun anew", async () => {
    const bytes = seal(MAGIC, emptyTables({ compatibility: 37 }));
    writeFileSync(path, bytes);
    expect((await load()).size()).toBe(0);
    const message = `Creating new peers.dat because the file version was not compatible ("${path}"). Original backed up to peers.dat.bak`;
    expect(log.with(message)).toHaveLength(1);
    expect(new Uint8Array(readFileSync(`${path}.bak`))).toEqual(bytes);
    expect(existsSync(path)).toBe(true);
  });
});

describe("a map of autonomous systems", () => {
  const MAP = new Asmap(
    encodeAsmap([
      ["1.0.0.0/8", 1],
      ["2.0.0.0/7", 2],
    ]),
  );
  const OTHER_MAP = new Asmap(encodeAsmap([["1.0.0.0/8", 1]]));
  const REBUCKETED = "[addrman] Bucketing method was updated, re-bucketing addrman entries from disk";

  /** Writes a file under one map: some addresses of both tables, one in two places. */
  async function written(asmap?: Asmap): Promise<AddressManager> {
    const manager = await load(true, asmap);
    for (let index = 1; index <= 6; index++) addressAt(manager, `${index}.1.2.3:8333`, index > 3 ? "new" : "tried");
    const { address, port } = parseEndpoint("4.1.2.3:8333", 0)!;
    for (let ahead = 1; manager.find({ address, port })!.referenceCount < 2; ahead++) {
      const timeSeconds = Math.floor(clock.nowMs() / 1000) + ahead;
      manager.add([{ address, port, services: 1n, timeSeconds }], parseEndpoint("9.9.9.9:1", 0)!.address);
    }
    await savePeers({ path, magic: MAGIC }, manager);
    log.lines.length = 0;
    return manager;
  }

  test.each([
    ["none", undefined],
    ["one", MAP],
  ])("that is the same, %s: all stays in its places", async (_, asmap) => {
    const before = await written(asmap);
    const after = await load(false, asmap);
    expect(log.with(REBUCKETED)).toEqual([]);
    for (const table of ["new", "tried"] as const) expect(placesOf(after, table)).toEqual(placesOf(before, table));
  });

  test.each([
    ["begins", undefined, MAP],
    ["ends", MAP, undefined],
    ["is another", MAP, OTHER_MAP],
  ])("that %s: all gets the place that it has by it, one each", async (_, first, second) => {
    await written(first);
    const after = await load(false, second);
    expect(log.with(REBUCKETED)).toHaveLength(1);
    rmSync(path);
    const anew = await load(true, second);
    for (let index = 1; index <= 6; index++) addressAt(anew, `${index}.1.2.3:8333`, index > 3 ? "new" : "tried");
    for (const table of ["new", "tried"] as const) expect(placesOf(after, table)).toEqual(placesOf(anew, table));
    expect(after.find(parseEndpoint("4.1.2.3:8333", 0)!)!.referenceCount).toBe(1);
  });
});

describe("-checkaddrman", () => {
  test.each([
    [0, 0],
    [1, 2],
  ])("%d: %d checks of an operation, with a new file and with one that is there", async (checkRatio, count) => {
    const open = () => loadPeers({ path, magic: MAGIC, checkRatio }, { clock, random: systemRandom, log });
    for (const manager of [await open(), await open()]) {
      log.lines.length = 0;
      manager.getAddresses({ countMax: 0, percentMax: 0 });
      expect(log.with("CheckAddrman: completed")).toHaveLength(count);
    }
  });
});

describe("a damaged file", () => {
  const tooMany = (name: string, count: number, max: number) =>
    `Corrupt AddrMan serialization: ${name}=${count}, should be in [0, ${max}]:`;

  test.each([
    ["of another network", seal(OTHER_MAGIC, emptyTables()), "Invalid network magic number"],
    ["cut short", seal(MAGIC, emptyTables()).slice(0, -1), "AutoFile::read: end of file"],
    ["with another checksum", seal(MAGIC, emptyTables()).fill(0, -1), "Checksum mismatch, data corrupted"],
    ["of no format", seal(MAGIC, emptyTables({ compatibility: 31 })), "The compat value (31) is lower than the"],
    ["with a negative count", seal(MAGIC, emptyTables({ triedCount: -1 })), tooMany("nTried", -1, TRIED_COUNT_MAX)],
    [
      "with too many that worked",
      seal(MAGIC, emptyTables({ triedCount: TRIED_COUNT_MAX + 1 })),
      tooMany("nTried", TRIED_COUNT_MAX + 1, TRIED_COUNT_MAX),
    ],
    [
      "with too many others",
      seal(MAGIC, emptyTables({ newCount: NEW_COUNT_MAX + 1 })),
      tooMany("nNew", NEW_COUNT_MAX + 1, NEW_COUNT_MAX),
    ],
    ["as many as may be, but not there", seal(MAGIC, emptyTables({ newCount: NEW_COUNT_MAX })), "end of file"],
    [
      "with an address twice",
      seal(MAGIC, oneAddress({ newCount: 2 })),
      "Corrupt data. Consistency check failed with code -5:",
    ],
    [
      "with an address that worked, it does not say when",
      seal(MAGIC, oneAddress({ triedCount: 1 })),
      "Corrupt data. Consistency check failed with code -1:",
    ],
    [
      "with more than it should hold",
      seal(MAGIC, Uint8Array.of(...emptyTables(), 0)),
      "Checksum mismatch, data corrupted",
    ],
    [
      "without a secret",
      seal(MAGIC, emptyTables({ key: new Uint8Array(32) })),
      "Corrupt data. Consistency check failed with code -16:",
    ],
  ])("%s is not touched, and the operator told what to do", async (_, bytes, why) => {
    writeFileSync(path, bytes);
    const error = await load().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(CheckedFileError);
    const { message } = error as CheckedFileError;
    expect(message).toContain("Invalid or corrupt peers.dat (");
    expect(message).toContain(why);
    expect(message).toContain(`you can move the file ("${path}") out of the way`);
    expect(new Uint8Array(readFileSync(path))).toEqual(bytes);
  });
});
