import { formatEndpoint, parseAddress, parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import type { GossipAddress, NetworkEndpoint, NetworkKind } from "@bitfleet/protocol/wire/network-address.ts";
import { beforeEach, describe, expect, test } from "vitest";
import { TestClock, TestLog } from "../test-kit.ts";
import { inconsistencyOf } from "./address-check.ts";
import { AddressManager } from "./address-manager.ts";
import { AddressTables, type TableName } from "./address-tables.ts";
import { Asmap } from "./asmap.ts";
import { encodeAsmap } from "./asmap-test-kit.ts";
import { BucketHash } from "./bucket-hash.ts";

const KEY = Uint8Array.of(1, ...new Uint8Array(31));
const hash = new BucketHash(KEY);
const SOURCE = parseAddress("8.8.8.8")!;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let clock: TestClock;
let log: TestLog;
let units: number[];
let manager: AddressManager;

/** What is drawn is what the test put into `units`, else 0. */
const random = { bytes: (size: number) => new Uint8Array(size).fill(1), unit: () => units.shift() ?? 0 };

beforeEach(() => {
  clock = new TestClock();
  log = new TestLog();
  units = [];
  manager = new AddressManager({ clock, random, log }, new AddressTables(KEY, log));
});

const at = (text: string) => parseEndpoint(text, 8333)!;
const now = () => clock.nowMs() / 1000;
const wait = (seconds: number) => clock.advance(seconds * 1000);
const told = (endpoint: NetworkEndpoint, facts: Partial<GossipAddress> = {}): GossipAddress => ({
  ...endpoint,
  services: 1n,
  timeSeconds: now(),
  ...facts,
});
const add = (text: string, facts: Partial<GossipAddress> = {}, source = SOURCE, penaltySeconds = 0) =>
  manager.add([told(at(text), facts)], source, penaltySeconds);
const entryOf = (text: string) => manager.find(at(text));
const sizes = () => ({ new: manager.size({ table: "new" }), tried: manager.size({ table: "tried" }) });

/** Addresses of one /16 that have the same place as 1.2.0.1 has in a table. */
function rivals(table: TableName, count: number): readonly string[] {
  const placeOf = (endpoint: NetworkEndpoint) => {
    const bucket = table === "new" ? hash.newBucket(endpoint, SOURCE) : hash.triedBucket(endpoint);
    return `${bucket}/${hash.position(table, bucket, endpoint)}`;
  };
  const place = placeOf(at("1.2.0.1"));
  const found: string[] = [];
  for (let index = 2; found.length < count; index++) {
    const text = `1.2.${index >> 8}.${index & 0xff}`;
    if (placeOf(at(text)) === place) found.push(text);
  }
  return found;
}

describe("taking up an address", () => {
  test("news are counted, and said so once for all", () => {
    expect(manager.add([told(at("1.2.0.1")), told(at("1.3.0.1")), told(at("10.0.0.1"))], SOURCE)).toBe(true);
    expect(sizes()).toEqual({ new: 2, tried: 0 });
    const { bucket, position } = [...manager.entries("new")].find(({ entry }) => entry === entryOf("1.2.0.1"))!;
    expect(log.with("[addrman] Added 1.2.0.1:8333 to new")).toEqual([
      `[addrman] Added 1.2.0.1:8333 to new[${bucket}][${position}]`,
    ]);
    expect(log.with("Added 2 addresses (of 3) from 8.8.8.8: 0 tried, 2 new")).toHaveLength(1);
    log.lines.length = 0;
    expect(add("1.2.0.1")).toBe(false);
    expect(log.lines).toEqual([]);
  });

  test.each(["10.0.0.1", "127.0.0.1", "0.0.0.0", "fe80::1", "2001:db8::1"])("%s leads nowhere", (text) => {
    expect(add(text)).toBe(false);
    expect(manager.size()).toBe(0);
  });

  test("one port is another address", () => {
    expect([add("1.2.0.1:1"), add("1.2.0.1:2"), add("1.2.0.1:1")]).toEqual([true, true, false]);
  });

  test("a rumour is older than it says, what a node says of itself is not", () => {
    add("1.2.0.1", {}, SOURCE, 7200);
    expect(entryOf("1.2.0.1")!.timeSeconds).toBe(now() - 7200);
    add("1.2.0.2", {}, at("1.2.0.2").address, 7200);
    expect(entryOf("1.2.0.2")!.timeSeconds).toBe(now());
    add("1.2.0.3", { timeSeconds: 7199 }, SOURCE, 7200);
    expect(entryOf("1.2.0.3")!.timeSeconds).toBe(0);
  });

  test("services add up", () => {
    add("1.2.0.1", { services: 1n });
    add("1.2.0.1", { services: 8n });
    expect(entryOf("1.2.0.1")!.services).toBe(9n);
    manager.setServices(at("1.2.0.1"), 4n);
    expect(entryOf("1.2.0.1")!.services).toBe(4n);
  });

  test.each([
    ["online now: an hour newer is not enough", 0, HOUR, false],
    ["online now: more than an hour newer", 0, HOUR + 1, true],
    ["online within a day", DAY - 1, HOUR + 1, true],
    ["not online: more than an hour newer is not enough", DAY, HOUR + 1, false],
    ["not online: a day newer is not enough", DAY, DAY, false],
    ["not online: more than a day newer", DAY, DAY + 1, true],
  ])("its time is taken over: %s", (_, age, newerBy, isTaken) => {
    const timeSeconds = now() - age;
    add("1.2.0.1", { timeSeconds: timeSeconds - newerBy });
    add("1.2.0.1", { timeSeconds });
    expect(entryOf("1.2.0.1")!.timeSeconds).toBe(isTaken ? timeSeconds : timeSeconds - newerBy);
  });

  test("the penalty counts for the time of what is known, too", () => {
    add("1.2.0.1", { timeSeconds: now() - 3 * HOUR });
    add("1.2.0.1", {}, SOURCE, 2 * HOUR);
    expect(entryOf("1.2.0.1")!.timeSeconds).toBe(now() - 3 * HOUR);
    add("1.2.0.1", { timeSeconds: now() + 1 }, SOURCE, 2 * HOUR);
    expect(entryOf("1.2.0.1")!.timeSeconds).toBe(now() + 1 - 2 * HOUR);
  });

  test("who has the place keeps it, unless of no use any more", () => {
    const [rival] = rivals("new", 1);
    add("1.2.0.1");
    expect(add(rival!)).toBe(false);
    expect(entryOf(rival!)).toBeUndefined();
    entryOf("1.2.0.1")!.timeSeconds = now() - 30 * DAY - 1;
    expect(add(rival!)).toBe(true);
    expect(entryOf("1.2.0.1")).toBeUndefined();
    expect(sizes()).toEqual({ new: 1, tried: 0 });
  });

  test("who has several places loses one to an address that has none", () => {
    const [rival] = rivals("new", 1);
    add("1.2.0.1");
    add("1.2.0.1", { timeSeconds: now() + 1 }, parseAddress("9.9.9.9")!);
    expect(entryOf("1.2.0.1")!.referenceCount).toBe(2);
    expect(add(rival!)).toBe(true);
    expect(entryOf("1.2.0.1")!.referenceCount).toBe(1);
    expect(sizes()).toEqual({ new: 2, tried: 0 });
    expect(inconsistencyOf(manager.tables)).toBeUndefined();
  });

  test("a map's systems are named, and told addresses sorted by them", () => {
    const asmap = new Asmap(encodeAsmap([["1.0.0.0/8", 77]]));
    manager = new AddressManager({ clock, random, log, asmap });
    add("1.2.0.1");
    manager.good(at("1.2.0.1"), now());
    expect(manager.tables.asmap).toBe(asmap);
    expect(log.with("Added 1.2.0.1:8333 mapped to AS77 to new[")).toHaveLength(1);
    expect(log.with("Moved 1.2.0.1:8333 mapped to AS77 to tried[")).toHaveLength(1);
    add("2.2.0.1");
    expect(log.with("Added 2.2.0.1:8333 to new[")).toHaveLength(1);
  });
});

describe("places of one address in the new table", () => {
  const sources = Array.from({ length: 40 }, (_, index) => parseAddress(`${20 + index}.1.1.1`)!);
  const isAdded = (index: number, timeSeconds = now() + 1) => add("1.2.0.1", { timeSeconds }, sources[index]);

  test("up to eight, one for each group that tells of it", () => {
    for (const index of sources.keys()) isAdded(index, now() + 1 + index);
    expect(entryOf("1.2.0.1")!.referenceCount).toBe(8);
    expect(sizes()).toEqual({ new: 1, tried: 0 });
    expect([...manager.entries("new")]).toHaveLength(8);
    expect(inconsistencyOf(manager.tables)).toBeUndefined();
  });

  test("each more is half as likely as the one before", () => {
    isAdded(0);
    for (const [index, places] of [1, 2, 3, 4].entries()) {
      units = [0.5 ** places];
      expect(isAdded(index + 1, now() + 2)).toBe(false);
      units = [0.5 ** places - 1e-9];
      expect(isAdded(index + 1, now() + 2)).toBe(true);
      expect(entryOf("1.2.0.1")!.referenceCount).toBe(places + 1);
    }
  });

  test("only where what is told is newer than what is known", () => {
    add("1.2.0.1", {}, sources[0]);
    expect(isAdded(1, now())).toBe(false);
    expect(isAdded(1, now() + 1)).toBe(true);
  });

  test("the same group that tells again adds none", () => {
    isAdded(0);
    expect(isAdded(0, now() + 2)).toBe(false);
    expect(entryOf("1.2.0.1")!.referenceCount).toBe(1);
  });

  test("all are given up when the address moves to the tried table, and none is added then", () => {
    for (const index of [0, 1, 2]) isAdded(index, now() + 1 + index);
    expect(manager.good(at("1.2.0.1"), now())).toBe(true);
    expect([...manager.entries("new")]).toEqual([]);
    expect(sizes()).toEqual({ new: 0, tried: 1 });
    expect(isAdded(5, now() + 10)).toBe(false);
    expect(inconsistencyOf(manager.tables)).toBeUndefined();
  });
});

describe("attempts", () => {
  beforeEach(() => {
    add("1.2.0.1", { timeSeconds: now() - HOUR });
  });

  test("a success moves the address, and clears what failed, but does not tell when", () => {
    const entry = entryOf("1.2.0.1")!;
    manager.attempt(at("1.2.0.1"), true, now());
    expect(manager.good(at("1.2.0.1"), now() + 5)).toBe(true);
    expect(entry).toMatchObject({ attemptCount: 0, lastSuccessSeconds: now() + 5, lastTrySeconds: now() + 5 });
    expect(entry.timeSeconds).toBe(now() - HOUR);
    expect(manager.good(at("1.2.0.1"), now() + 9)).toBe(false);
    expect(entry.lastSuccessSeconds).toBe(now() + 9);
  });

  test("a failure counts once until some address works", () => {
    const entry = entryOf("1.2.0.1")!;
    manager.attempt(at("1.2.0.1"), true, now());
    expect(entry.attemptCount).toBe(1);
    manager.attempt(at("1.2.0.1"), true, now() + 1);
    expect(entry).toMatchObject({ attemptCount: 1, lastTrySeconds: now() + 1, lastCountedTrySeconds: now() });
    manager.good(at("9.9.9.9"), now());
    manager.attempt(at("1.2.0.1"), true, now() + 2);
    expect(entry.attemptCount).toBe(1);
    manager.good(at("9.9.9.9"), now() + 1);
    manager.attempt(at("1.2.0.1"), true, now() + 2);
    expect(entry.attemptCount).toBe(2);
  });

  test("a failure that may be ours does not count", () => {
    manager.attempt(at("1.2.0.1"), false, now());
    expect(entryOf("1.2.0.1")).toMatchObject({ attemptCount: 0, lastTrySeconds: now(), lastCountedTrySeconds: 0 });
  });

  test.each([
    [20 * MINUTE, false],
    [20 * MINUTE + 1, true],
  ])("a connection that ends %d s after what is known makes it newer: %s", (later, isNewer) => {
    const entry = entryOf("1.2.0.1")!;
    const before = entry.timeSeconds;
    manager.connected(at("1.2.0.1"), before + later);
    expect(entry.timeSeconds).toBe(isNewer ? before + later : before);
  });

  test("of an address that is not known are nothing", () => {
    const unknown = at("1.2.0.2");
    manager.attempt(unknown, true, now());
    manager.connected(unknown, now());
    manager.setServices(unknown, 1n);
    expect(manager.good(unknown, now())).toBe(false);
    expect(manager.size()).toBe(1);
  });
});

describe("two addresses for one place of the tried table", () => {
  let holder: string;
  let waiting: string;

  beforeEach(() => {
    holder = "1.2.0.1";
    [waiting = ""] = rivals("tried", 1);
    for (const text of [holder, waiting]) manager.add([told(at(text))], parseAddress(text)!);
    manager.good(at(holder), now());
  });

  const isReplaced = () => {
    manager.resolveCollisions();
    expect(inconsistencyOf(manager.tables)).toBeUndefined();
    expect(sizes()).toEqual({ new: 1, tried: 1 });
    return entryOf(waiting)!.isTried && !entryOf(holder)!.isTried;
  };
  const isSettled = () => manager.selectTriedCollision() === undefined;

  test("who comes second waits; who has the place is to be tested", () => {
    expect(manager.good(at(waiting), now())).toBe(false);
    expect(entryOf(waiting)!.isTried).toBe(false);
    expect(log.with("Collision with")).toEqual([
      `[addrman] Collision with ${holder}:8333 while attempting to move ${waiting}:8333 to tried table. Collisions=1`,
    ]);
    expect(manager.selectTriedCollision()!.endpoint).toEqual(at(holder));
    expect(isReplaced()).toBe(false);
  });

  test("none waits, none is to be tested", () => {
    expect(manager.selectTriedCollision()).toBeUndefined();
  });

  test.each([
    ["within four hours: the place is kept", 4 * HOUR - 1, true, false],
    ["four hours ago: it is not", 4 * HOUR, true, true],
  ])("whose holder worked %s", (_, later, settled, replaced) => {
    manager.good(at(waiting), now());
    wait(later);
    expect(isReplaced()).toBe(replaced);
    expect(isSettled()).toBe(settled);
  });

  test("whose holder was tried without success: a minute later the place is lost", () => {
    wait(5 * HOUR);
    manager.good(at(waiting), now());
    manager.attempt(at(holder), true, now());
    wait(MINUTE);
    expect(isReplaced()).toBe(false);
    expect(isSettled()).toBe(false);
    wait(1);
    expect(isReplaced()).toBe(true);
    expect(isSettled()).toBe(true);
    expect(log.with(`Replacing ${holder}:8333 with ${waiting}:8333 in tried table`)).toHaveLength(1);
    expect(log.with(`Moved ${holder}:8333 from tried[`)).toHaveLength(1);
  });

  test("whose holder was not tried for four hours: forty minutes after the other worked the place is lost", () => {
    wait(5 * HOUR);
    manager.good(at(waiting), now());
    wait(40 * MINUTE);
    expect(isReplaced()).toBe(false);
    expect(isSettled()).toBe(false);
    wait(1);
    expect(isReplaced()).toBe(true);
    expect(
      log.with(`Unable to test; replacing ${holder}:8333 with ${waiting}:8333 in tried table anyway`),
    ).toHaveLength(1);
  });

  test("who gets the place has the success of now", () => {
    manager.good(at(waiting), now());
    wait(4 * HOUR);
    manager.attempt(at(waiting), true, now() - 100);
    manager.resolveCollisions();
    expect(entryOf(waiting)).toMatchObject({ lastSuccessSeconds: now(), lastTrySeconds: now(), attemptCount: 0 });
  });

  test("a holder that works again keeps the place", () => {
    wait(5 * HOUR);
    manager.good(at(waiting), now());
    manager.good(at(holder), now());
    wait(HOUR);
    expect(isReplaced()).toBe(false);
    expect(isSettled()).toBe(true);
  });

  test("at most ten wait", () => {
    const many = rivals("tried", 11);
    for (const text of many) {
      manager.add([told(at(text))], parseAddress(text)!);
      manager.good(at(text), now());
    }
    expect(log.with("Collision with").map((line) => /Collisions=(\d+)/.exec(line)![1])).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10].map(String),
    );
    wait(4 * HOUR);
    manager.resolveCollisions();
    // Each takes the place of the one before, which worked just now: so the first alone gets it.
    expect(many.filter((text) => entryOf(text)?.isTried)).toEqual(many.slice(0, 1));
    expect(isSettled()).toBe(true);
  });

  test("who is forgotten meanwhile waits no more", () => {
    manager.good(at(waiting), now());
    const source = parseAddress(waiting)!;
    const placeOf = (text: string) => {
      const bucket = hash.newBucket(at(text), source);
      return `${bucket}/${hash.position("new", bucket, at(text))}`;
    };
    let rival = "1.2.200.1";
    for (let index = 2; placeOf(rival) !== placeOf(waiting); index++) rival = `1.2.200.${index}`;
    entryOf(waiting)!.timeSeconds = 0;
    wait(2 * MINUTE);
    expect(isSettled()).toBe(false);
    manager.add([told(at(rival))], source);
    expect(entryOf(waiting)).toBeUndefined();
    expect(isSettled()).toBe(true);
    manager.resolveCollisions();
    expect(entryOf(holder)!.isTried).toBe(true);
  });
});

describe("drawing an address", () => {
  const all: readonly NetworkKind[] = ["ipv4", "ipv6", "onion", "i2p", "cjdns"];
  const select = (newOnly = false, networks = all) => {
    const found = manager.select({ newOnly, networks });
    return found && formatEndpoint(found.endpoint);
  };
  /** Draws that lead to the place of an address, of which the last decides whether it is taken. */
  const drawsTo = (text: string, chance: number) => {
    const entry = entryOf(text)!;
    const table: TableName = entry.isTried ? "tried" : "new";
    const { bucket } = [...manager.entries(table)].find((place) => place.entry === entry)!;
    const taken = manager.tables.takenBuckets(table);
    return [(taken.indexOf(bucket) + 0.5) / taken.length, 0, chance];
  };

  test("from empty tables: none", () => {
    expect(select()).toBeUndefined();
  });

  test("of the new table alone", () => {
    add("1.2.0.1");
    manager.good(at("1.2.0.1"), now());
    expect(select(true)).toBeUndefined();
    units = drawsTo("1.2.0.1", 0);
    expect(select(false)).toBe("1.2.0.1:8333");
    expect(log.with("Selected 1.2.0.1:8333 from tried")).toHaveLength(1);
    add("1.3.0.1");
    units = drawsTo("1.3.0.1", 0);
    expect(select(true)).toBe("1.3.0.1:8333");
    expect(log.with("Selected 1.3.0.1:8333 from new")).toHaveLength(1);
  });

  test("from both tables with the same chance", () => {
    add("1.2.0.1");
    manager.good(at("1.2.0.1"), now());
    wait(HOUR);
    add("1.3.0.1");
    units = [0.499, ...drawsTo("1.2.0.1", 0)];
    expect(select()).toBe("1.2.0.1:8333");
    units = [0.5, ...drawsTo("1.3.0.1", 0)];
    expect(select()).toBe("1.3.0.1:8333");
  });

  test("of some networks alone, whatever table has them", () => {
    add("1.2.0.1");
    manager.good(at("1.2.0.1"), now());
    add("[2a00::1]:8333");
    expect(select(false, ["onion", "i2p"])).toBeUndefined();
    expect(select(true, ["ipv4"])).toBeUndefined();
    units = drawsTo("[2a00::1]:8333", 0);
    expect(select(false, ["ipv6"])).toBe("[2a00::1]:8333");
    units = drawsTo("1.2.0.1", 0);
    expect(select(false, ["ipv4", "onion"])).toBe("1.2.0.1:8333");
    expect(select(false, [])).toBeUndefined();
  });

  test("an address of another network in the same bucket is passed over", () => {
    const source = parseAddress("8.8.8.8")!;
    // One source's addresses of one group come into one bucket; of another group perhaps into the same.
    const bucket = hash.newBucket(at("1.2.0.1"), source);
    let text = "";
    for (let index = 1; text === ""; index++) {
      const candidate = `[2a00:${index.toString(16)}::1]:8333`;
      if (hash.newBucket(at(candidate), source) === bucket) text = candidate;
    }
    add("1.2.0.1");
    add(text);
    units = drawsTo("1.2.0.1", 0);
    expect(select(false, ["ipv6"])).toBe(text);
    units = drawsTo(text, 0);
    expect(select(false, ["ipv4"])).toBe("1.2.0.1:8333");
  });

  test("one that failed is taken less often, and more likely with each draw", () => {
    add("1.2.0.1");
    entryOf("1.2.0.1")!.attemptCount = 1;
    units = [...drawsTo("1.2.0.1", 0.6599), 0.123];
    expect(select()).toBe("1.2.0.1:8333");
    expect(units).toEqual([0.123]);
    units = [...drawsTo("1.2.0.1", 0.66), ...drawsTo("1.2.0.1", 0.66 * 1.2 - 1e-9), 0.123];
    expect(select()).toBe("1.2.0.1:8333");
    expect(units).toEqual([0.123]);
    units = [
      ...drawsTo("1.2.0.1", 0.66),
      ...drawsTo("1.2.0.1", 0.66 * 1.2 + 1e-9),
      ...drawsTo("1.2.0.1", 0.66 * 1.44 - 1e-9),
      0.123,
    ];
    expect(select()).toBe("1.2.0.1:8333");
    expect(units).toEqual([0.123]);
  });

  test("one that was just tried is hardly ever taken", () => {
    add("1.2.0.1");
    manager.attempt(at("1.2.0.1"), false, now());
    units = [...drawsTo("1.2.0.1", 0.01), ...drawsTo("1.2.0.1", 0.0119), 0.123];
    expect(select()).toBe("1.2.0.1:8333");
    expect(units).toEqual([0.123]);
  });
});

describe("addresses to be told", () => {
  beforeEach(() => {
    for (let index = 1; index <= 50; index++) add(`${index + 20}.1.1.1`);
  });
  const count = (query: Parameters<AddressManager["getAddresses"]>[0]) => manager.getAddresses(query).length;

  test.each([
    ["all", 0, 0, 50],
    ["so many", 7, 0, 7],
    ["a part, rounded down", 0, 23, 11],
    ["the lesser of both", 12, 23, 11],
    ["the lesser of both", 10, 23, 10],
    ["no more than there are", 1000, 0, 50],
    ["one in a hundred of fifty: none", 0, 1, 0],
    ["all hundred of a hundred", 0, 100, 50],
  ])("%s", (_, countMax, percentMax, expected) => {
    expect(count({ countMax, percentMax })).toBe(expected);
    expect(log.with(`GetAddr returned ${expected} random addresses`)).toHaveLength(1);
  });

  test("each once", () => {
    units = Array.from({ length: 50 }, (_, index) => ((index * 37) % 50) / 50);
    const found = manager.getAddresses({ countMax: 0, percentMax: 0 }).map((one) => formatEndpoint(one));
    expect(new Set(found).size).toBe(50);
    expect(found).not.toEqual(manager.getAddresses({ countMax: 0, percentMax: 0 }).map((one) => formatEndpoint(one)));
  });

  test("those of no use are left out, where it is not asked for all", () => {
    entryOf("21.1.1.1")!.timeSeconds = 0;
    expect(count({ countMax: 0, percentMax: 0 })).toBe(49);
    expect(count({ countMax: 0, percentMax: 0, filtered: true })).toBe(49);
    expect(count({ countMax: 0, percentMax: 0, filtered: false })).toBe(50);
  });

  test("of one network; IPv6 that carries IPv4 is of IPv4", () => {
    add("[2a00::1]:8333");
    add("[2002:101:101::1]:8333");
    const of = (network: NetworkKind) => count({ countMax: 0, percentMax: 0, network });
    expect([of("ipv4"), of("ipv6"), of("onion")]).toEqual([51, 1, 0]);
    expect(manager.size({ network: "ipv4" })).toBe(50);
    expect(manager.size({ network: "ipv6", table: "new" })).toBe(2);
    expect(manager.size({ network: "ipv6", table: "tried" })).toBe(0);
  });
});
