import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { afterEach, describe, expect, test } from "vitest";
import type { KvEntry, KvReader, KvStore } from "../ports.ts";
import { openLevelStore } from "./level-store.ts";
import { openMemoryStore } from "./memory-store.ts";

/** What every store promises, on both of them. */
const key = (...bytes: number[]) => Uint8Array.of(...bytes);
const directories: string[] = [];
const stores: KvStore[] = [];

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
});

async function levelStore(isObfuscated: boolean): Promise<KvStore> {
  const directory = await mkdtemp(join(tmpdir(), "bitfleet-kv-"));
  directories.push(directory);
  return openLevelStore(directory, { cacheBytes: 1 << 20, obfuscate: isObfuscated, repairOption: "-reindex" });
}

async function write(store: KvStore, entries: Record<number, number | undefined>): Promise<void> {
  const batch = store.newBatch();
  for (const [name, value] of Object.entries(entries)) {
    if (value === undefined) batch.delete(key(Number(name)));
    else batch.put(key(Number(name)), key(value, value));
  }
  await store.write(batch, { sync: true });
}

async function names(reader: KvReader, from: number, to?: number, reverse = false): Promise<number[]> {
  const range = { from: key(from), ...(to === undefined ? {} : { to: key(to) }), reverse };
  const found: number[] = [];
  for await (const entry of reader.iterate(range)) found.push(entry.key[0]!);
  return found;
}

describe.each([
  ["in memory", async () => openMemoryStore()],
  ["LevelDB", () => levelStore(false)],
  ["LevelDB with obfuscation", () => levelStore(true)],
])("store %s", (_name, open) => {
  async function opened(): Promise<KvStore> {
    const store = await open();
    stores.push(store);
    return store;
  }

  test("of a range no more than its limit, from either end", async () => {
    const store = await opened();
    await write(store, { 1: 1, 2: 2, 3: 3, 4: 4, 5: 5 });
    const limited = async (limit: number, reverse: boolean) => {
      const found: number[] = [];
      for await (const entry of store.iterate({ from: key(2), to: key(9), limit, reverse })) found.push(entry.key[0]!);
      return found;
    };
    expect(await limited(2, false)).toEqual([2, 3]);
    expect(await limited(2, true)).toEqual([5, 4]);
    expect(await limited(0, true)).toEqual([]);
    expect(await limited(9, false)).toEqual([2, 3, 4, 5]);
  });

  test("get, getMany in order, absent keys", async () => {
    const store = await opened();
    await write(store, { 1: 11, 2: 22 });
    expect(await store.get(key(1))).toEqual(key(11, 11));
    expect(await store.get(key(9))).toBeUndefined();
    expect(await store.getMany([key(2), key(9), key(1)])).toEqual([key(22, 22), undefined, key(11, 11)]);
    expect(await store.getMany([])).toEqual([]);
  });

  test("values are plain byte arrays of the caller's own", async () => {
    const store = await opened();
    await write(store, { 1: 11 });
    const value = (await store.get(key(1)))!;
    expect(value.constructor).toBe(Uint8Array);
    value[0] = 99;
    expect(await store.get(key(1))).toEqual(key(11, 11));
  });

  test("a batch applies in order, and keeps copies of its values", async () => {
    const store = await opened();
    const batch = store.newBatch();
    expect(batch.sizeBytes).toBe(0);
    const value = key(1, 2, 3);
    batch.put(key(5), value);
    value.fill(0);
    batch.put(key(6), key(6));
    batch.delete(key(6));
    expect(batch.sizeBytes).toBeGreaterThanOrEqual(7);
    await store.write(batch, { sync: false });
    expect(await store.get(key(5))).toEqual(key(1, 2, 3));
    expect(await store.get(key(6))).toBeUndefined();
  });

  test("ranges: ends, direction, early stop", async () => {
    const store = await opened();
    await write(store, { 10: 1, 20: 2, 30: 3, 40: 4 });
    expect(await names(store, 20, 40)).toEqual([20, 30]);
    expect(await names(store, 15)).toEqual([20, 30, 40]);
    expect(await names(store, 20, 40, true)).toEqual([30, 20]);
    expect(await names(store, 41)).toEqual([]);
    for await (const entry of store.iterate({ from: key(10) })) {
      expect(entry.key).toEqual(key(10));
      break;
    }
  });

  test("more entries than one chunk", async () => {
    const store = await opened();
    const batch = store.newBatch();
    for (let index = 0; index < 2500; index++)
      batch.put(key(50, index >> 8, index & 255), new Uint8Array(300).fill(index));
    await store.write(batch, { sync: false });
    const entries: KvEntry[] = [];
    for await (const entry of store.iterate({ from: key(50), to: key(51) })) entries.push(entry);
    expect(entries.length).toBe(2500);
    expect(entries.every(({ value }, index) => value.length === 300 && value[299] === (index & 255))).toBe(true);
    expect(entries.map((entry) => toHex(entry.key))).toEqual(entries.map((entry) => toHex(entry.key)).sort());
  });

  test("a snapshot stays while the store moves on", async () => {
    const store = await opened();
    await write(store, { 100: 1, 101: 2 });
    const snapshot = store.snapshot();
    await write(store, { 100: undefined, 101: 3, 102: 4 });
    expect(await snapshot.get(key(100))).toEqual(key(1, 1));
    expect(await snapshot.getMany([key(101), key(102)])).toEqual([key(2, 2), undefined]);
    expect(await names(snapshot, 100)).toEqual([100, 101]);
    expect(await names(store, 100)).toEqual([101, 102]);
    await snapshot.close();
  });

  test("a size for what is there", async () => {
    const store = await opened();
    await write(store, { 1: 1 });
    expect(await store.approximateSize({ from: key(0), to: key(255) })).toBeGreaterThanOrEqual(0);
  });
});
