import { parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { beforeEach, describe, expect, test } from "vitest";
import { TestClock, TestLog } from "../test-kit.ts";
import { Inconsistency, inconsistencyOf } from "./address-check.ts";
import { AddressEntry } from "./address-entry.ts";
import { AddressTables } from "./address-tables.ts";
import { CheckedAddressManager } from "./checked-address-manager.ts";

const KEY = Uint8Array.of(1, ...new Uint8Array(31));
const at = (text: string) => parseEndpoint(text, 8333)!;

let log: TestLog;
let tables: AddressTables;
let fresh: AddressEntry;
let tried: AddressEntry;

beforeEach(() => {
  log = new TestLog();
  tables = new AddressTables(KEY.slice(), log);
  fresh = add("1.2.0.1");
  tried = add("1.3.0.1");
  tried.lastSuccessSeconds = 1;
  tables.moveToTried(tried);
});

function add(text: string): AddressEntry {
  const entry = new AddressEntry({ ...at(text), services: 0n, timeSeconds: 1 }, at(text).address);
  tables.create(entry);
  tables.putNew(entry, tables.newPlace(entry));
  return entry;
}
const elsewhere = (place: { readonly bucket: number; readonly position: number }) => ({
  ...place,
  position: (place.position + 1) % 64,
});

test("what fits together", () => {
  expect(inconsistencyOf(tables)).toBeUndefined();
  expect(inconsistencyOf(new AddressTables(KEY, log))).toBeUndefined();
});

describe("what does not", () => {
  const facts = (entry: () => AddressEntry, wrong: Partial<AddressEntry>) => () => void Object.assign(entry(), wrong);

  test.each<[number, string, () => void]>([
    [-1, "an address that worked, it is not known when", facts(() => tried, { lastSuccessSeconds: 0 })],
    [-2, "one that is in both tables", facts(() => tried, { referenceCount: 1 })],
    [-3, "one with nine places", facts(() => fresh, { referenceCount: 9 })],
    [-3, "one with less than no place", facts(() => fresh, { referenceCount: -1 })],
    [-4, "one without a place", facts(() => fresh, { referenceCount: 0 })],
    [-5, "one that is there twice", () => add("1.2.0.1")],
    [-6, "one that was tried before all time", facts(() => fresh, { lastTrySeconds: -1 })],
    [-8, "one that worked before all time", facts(() => tried, { lastSuccessSeconds: -1 })],
    [-7, "a wrong count", () => void tables.newCount++],
    [-12, "one that worked in a place of the new table", spoilNewPlace],
    [-15, "one with fewer places than it counts", facts(() => fresh, { referenceCount: 2 })],
    [-19, "one in the wrong place of its bucket", () => tables.putNew(fresh, elsewhere(tables.newPlace(fresh)))],
  ])("%d: %s", (code, _, spoil) => {
    spoil();
    expect(inconsistencyOf(tables)).toBe(code);
  });

  function spoilNewPlace(): void {
    tables.putNew(tried, tables.newPlace(tried));
    tried.referenceCount = 0;
  }

  test("wrong counts that add up", () => {
    tables.newCount++;
    tables.triedCount--;
    expect(inconsistencyOf(tables)).toBe(Inconsistency.TRIED_COUNT);
  });

  test("tables of which everybody knows the secret", () => {
    expect(inconsistencyOf(new AddressTables(new Uint8Array(32), log))).toBe(-16);
  });

  test("the counts of a network", () => {
    tables.putTried(tried, elsewhere(tables.triedPlace(tried)));
    tables.triedCount--;
    expect(inconsistencyOf(tables)).toBe(Inconsistency.NETWORK_COUNT);
  });

  test("a place of the tried table by another secret than that of now", () => {
    tables.key.fill(7);
    expect(inconsistencyOf(tables)).toBe(Inconsistency.TRIED_BUCKET);
  });
});

describe("-checkaddrman", () => {
  const clock = new TestClock();
  const managerOf = (checkRatio: number, unit = 0) =>
    new CheckedAddressManager({ checkRatio }, { clock, log, random: { bytes: () => KEY, unit: () => unit } }, tables);
  const checkCount = () => log.with("[addrman] CheckAddrman: completed").length;

  test("every operation is checked before and after, and logged", () => {
    const manager = managerOf(1);
    manager.getAddresses({ countMax: 0, percentMax: 0 });
    expect(log.with("[addrman] CheckAddrman: new 1, tried 1, total 2 started")).toHaveLength(2);
    expect(checkCount()).toBe(2);
    const nowSeconds = clock.nowMs() / 1000;
    manager.add([{ ...at("5.5.5.5"), services: 0n, timeSeconds: nowSeconds }], at("5.5.5.5").address);
    manager.good(at("5.5.5.5"), nowSeconds);
    manager.attempt(at("5.5.5.5"), true, nowSeconds);
    manager.connected(at("5.5.5.5"), nowSeconds);
    manager.setServices(at("5.5.5.5"), 1n);
    manager.resolveCollisions();
    manager.selectTriedCollision();
    manager.select({ newOnly: false, networks: ["onion"] });
    expect(checkCount()).toBe(18);
    expect(log.with("CheckAddrman: new 1, tried 2, total 3 started").length).toBeGreaterThan(0);
  });

  test.each([
    [0.3332, 2],
    [0.3334, 0],
  ])("one in three: %d, %d checks", (unit, count) => {
    managerOf(3, unit).resolveCollisions();
    expect(checkCount()).toBe(count);
  });

  test("a mistake of ours stops the node", () => {
    tried.lastSuccessSeconds = 0;
    expect(() => managerOf(1).resolveCollisions()).toThrow("ADDRMAN CONSISTENCY CHECK FAILED!!! err=-1");
  });
});
