import { parseAddress, parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { beforeEach, describe, expect, test } from "vitest";
import { TestLog } from "../test-kit.ts";
import { inconsistencyOf } from "./address-check.ts";
import { AddressEntry } from "./address-entry.ts";
import { AddressTables } from "./address-tables.ts";

const KEY = Uint8Array.of(1, ...new Uint8Array(31));
const at = (text: string) => parseEndpoint(text, 8333)!;
const source = (text: string) => parseAddress(text)!;

let log: TestLog;
let tables: AddressTables;

beforeEach(() => {
  log = new TestLog();
  tables = new AddressTables(KEY, log);
});

const entryOf = (text: string) => new AddressEntry({ ...at(text), services: 0n, timeSeconds: 1 }, at(text).address);
/** In one place of the new table. */
function fresh(text: string): AddressEntry {
  const entry = entryOf(text);
  tables.create(entry);
  tables.putNew(entry, tables.newPlace(entry));
  return entry;
}
function tried(text: string): AddressEntry {
  const entry = fresh(text);
  entry.lastSuccessSeconds = 1;
  tables.moveToTried(entry);
  return entry;
}
/** One more address that has the same place as `entry`. */
function rivalOf(entry: AddressEntry, table: "new" | "tried"): AddressEntry {
  const placeOf = (one: AddressEntry) =>
    JSON.stringify(table === "new" ? tables.newPlace(one) : tables.triedPlace(one));
  for (let index = 0; ; index++) {
    const other = entryOf(`1.2.${100 + (index >> 8)}.${index & 0xff}`);
    if (other.endpoint !== entry.endpoint && placeOf(other) === placeOf(entry)) return other;
  }
}
const counts = () => ({ new: tables.newCount, tried: tables.triedCount, all: tables.size });

describe("tables of addresses", () => {
  test("are counted by table and network", () => {
    fresh("1.2.0.1");
    tried("1.3.0.1");
    fresh("[2a00::1]:8333");
    expect(counts()).toEqual({ new: 2, tried: 1, all: 3 });
    expect(tables.countOf("ipv4")).toBe(2);
    expect([tables.countOf("ipv4", "new"), tables.countOf("ipv4", "tried")]).toEqual([1, 1]);
    expect([tables.countOf("ipv6", "new"), tables.countOf("onion")]).toEqual([1, 0]);
    expect(inconsistencyOf(tables)).toBeUndefined();
  });

  test("have as many buckets as Core's", () => {
    expect([tables.bucketCount("new"), tables.bucketCount("tried")]).toEqual([1024, 256]);
  });

  test("an entry is found by address and port, and where it is", () => {
    const entry = fresh("1.2.0.1:5");
    expect(tables.find(at("1.2.0.1:5"))).toBe(entry);
    expect(tables.find(at("1.2.0.1:6"))).toBeUndefined();
    const place = tables.newPlace(entry);
    expect(tables.at("new", place)).toBe(entry);
    expect(tables.at("new", { ...place, position: (place.position + 1) % 64 })).toBeUndefined();
    expect([...tables.places("new")]).toEqual([{ ...place, entry }]);
    expect([...tables.places("tried")]).toEqual([]);
  });

  test("an entry is dropped with its last place", () => {
    const entry = fresh("1.2.0.1");
    const second = tables.newPlace(entry, source("9.9.9.9"));
    tables.putNew(entry, second);
    expect(entry.referenceCount).toBe(2);
    tables.clearNew(second);
    expect(tables.has(entry)).toBe(true);
    expect(log.with(`Removed 1.2.0.1:8333 from new[${second.bucket}][${second.position}]`)).toHaveLength(1);
    tables.clearNew(tables.newPlace(entry));
    expect(tables.has(entry)).toBe(false);
    expect(tables.find(entry.endpoint)).toBeUndefined();
    expect(counts()).toEqual({ new: 0, tried: 0, all: 0 });
  });

  test("an empty place is emptied without more ado", () => {
    tables.clearNew({ bucket: 0, position: 0 });
    expect(log.lines).toEqual([]);
  });

  test("who is put into a taken place drives the other out", () => {
    const entry = fresh("1.2.0.1");
    const rival = rivalOf(entry, "new");
    tables.create(rival);
    tables.putNew(rival, tables.newPlace(rival));
    expect(tables.has(entry)).toBe(false);
    expect([...tables.places("new")].map((place) => place.entry)).toEqual([rival]);
    expect(inconsistencyOf(tables)).toBeUndefined();
  });

  test("dropping one keeps the others", () => {
    const entries = ["1.2.0.1", "1.3.0.1", "1.4.0.1"].map(fresh);
    tables.clearNew(tables.newPlace(entries[0]!));
    expect(new Set(tables.all)).toEqual(new Set(entries.slice(1)));
    tables.clearNew(tables.newPlace(entries[2]!));
    expect(tables.all).toEqual([entries[1]]);
    expect(inconsistencyOf(tables)).toBeUndefined();
  });

  test("who moves to the tried table leaves every place of the new one", () => {
    const entry = fresh("1.2.0.1");
    for (const text of ["9.9.9.9", "20.1.1.1", "21.1.1.1"]) tables.putNew(entry, tables.newPlace(entry, source(text)));
    entry.lastSuccessSeconds = 1;
    const place = tables.moveToTried(entry);
    expect(place).toEqual(tables.triedPlace(entry));
    expect(entry).toMatchObject({ isTried: true, referenceCount: 0 });
    expect([...tables.places("new")]).toEqual([]);
    expect(inconsistencyOf(tables)).toBeUndefined();
  });

  test("who had the place in the tried table goes back to the new one, and drives out who is there", () => {
    const first = tried("1.2.0.1");
    const inTheWay = rivalOf(first, "new");
    tables.create(inTheWay);
    tables.putNew(inTheWay, tables.newPlace(inTheWay));
    const second = rivalOf(first, "tried");
    second.lastSuccessSeconds = 1;
    tables.create(second);
    tables.putNew(second, tables.newPlace(second, source("9.9.9.9")));
    const from = tables.moveToTried(second);
    expect(first).toMatchObject({ isTried: false, referenceCount: 1 });
    expect(second.isTried).toBe(true);
    expect(tables.has(inTheWay)).toBe(false);
    const to = tables.newPlace(first);
    expect(tables.at("new", to)).toBe(first);
    const moved = `Moved 1.2.0.1:8333 from tried[${from.bucket}][${from.position}] to new[${to.bucket}][${to.position}] to make space`;
    expect(log.with(moved)).toHaveLength(1);
    expect(counts()).toEqual({ new: 1, tried: 1, all: 2 });
    expect(inconsistencyOf(tables)).toBeUndefined();
  });

  test("of a file, whose place in the tried table is taken or whose address is known is not taken up", () => {
    const first = entryOf("1.2.0.1");
    first.lastSuccessSeconds = 1;
    expect(tables.createTried(first)).toBe(true);
    expect(tables.createTried(rivalOf(first, "tried"))).toBe(false);
    expect(tables.createTried(entryOf("1.2.0.1"))).toBe(false);
    fresh("1.3.0.1");
    expect(tables.createTried(entryOf("1.3.0.1"))).toBe(false);
    expect(counts()).toEqual({ new: 1, tried: 1, all: 2 });
    expect(inconsistencyOf(tables)).toBeUndefined();
  });
});
