import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Coin } from "@bitfleet/protocol/consensus/chain-view.ts";
import {
  type BlockHash,
  type OutPointKey,
  outPointFromKey,
  outPointKey,
  type Txid,
} from "@bitfleet/protocol/primitives/types.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KvStore, Logger } from "../ports.ts";
import { BEST_BLOCK_KEY, coinKey, HEAD_BLOCKS_KEY } from "../storage/keyspace.ts";
import { openMemoryStore } from "../storage/memory-store.ts";
import { StorageError } from "../storage/storage-error.ts";
import { encodeCoin } from "./coin-codec.ts";
import { CoinsCache, type CoinsChange } from "./coins.ts";

const log: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => log };
const NO_CHANGE: CoinsChange = { spent: [], created: [] };

function blockHash(number: number): BlockHash {
  const hash = new Uint8Array(32);
  new DataView(hash.buffer).setUint32(0, number);
  return hash as BlockHash;
}

function keyOf(number: number): OutPointKey {
  const txid = new Uint8Array(32).fill(number % 251);
  return outPointKey({ txid: txid as Txid, index: number });
}

function coinOf(number: number, isCoinbase = false): Coin {
  const scriptPubKey = new Uint8Array(number % 60).fill(0x51);
  return { output: { value: BigInt(number) * 1000n, scriptPubKey }, height: number, isCoinbase };
}

async function get(coins: CoinsCache, number: number): Promise<Coin | undefined> {
  return coins.get(outPointFromKey(keyOf(number)));
}

test("coins found in memory and coins looked for on disk are counted apart", async () => {
  const coins = await openCache(openMemoryStore());
  coins.apply({ spent: [], created: [[keyOf(1), coinOf(1)]] }, { hash: blockHash(1) });
  await coins.fetch([1, 2].map((number) => outPointFromKey(keyOf(number))));
  await get(coins, 1);
  expect(coins.lookups).toEqual({ hitCount: 2, missCount: 1 });
});

async function openCache(store: KvStore, cacheBytes = 1 << 20, batchBytes = 1 << 20): Promise<CoinsCache> {
  return CoinsCache.open({ cacheBytes, batchBytes }, { store, log });
}

/** Every coin in the store, as key and encoding in hex. */
async function stored(store: KvStore): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { key, value } of store.iterate({ from: Uint8Array.of(0x43), to: Uint8Array.of(0x44) })) {
    found.set(toHex(key), toHex(value));
  }
  return found;
}

function encoded(model: ReadonlyMap<OutPointKey, Coin>): Map<string, string> {
  return new Map([...model].map(([key, coin]) => [toHex(coinKey(key)), toHex(encodeCoin(coin))] as const).sort());
}

/** A store that stands still after `writesLeft` batches, as a killed process leaves it; tells what it was asked to write. */
function mortal(
  inner: KvStore,
  writesLeft: number,
): KvStore & { readonly written: { deletes: string[]; puts: string[] } } {
  let left = writesLeft;
  const written = { deletes: [] as string[], puts: [] as string[] };
  return {
    written,
    get: (key) => inner.get(key),
    getMany: (keys) => inner.getMany(keys),
    iterate: (range) => inner.iterate(range),
    snapshot: () => inner.snapshot(),
    approximateSize: (range) => inner.approximateSize(range),
    close: () => inner.close(),
    newBatch() {
      const batch = inner.newBatch();
      const put = batch.put.bind(batch);
      const remove = batch.delete.bind(batch);
      batch.put = (key, value) => {
        written.puts.push(toHex(key));
        put(key, value);
      };
      batch.delete = (key) => {
        written.deletes.push(toHex(key));
        remove(key);
      };
      return batch;
    },
    async write(batch, options) {
      if (left-- <= 0) throw new Error("killed");
      await inner.write(batch, options);
    },
  };
}

describe("reading", () => {
  test("coins made, spent, on disk and unknown", async () => {
    const coins = await openCache(openMemoryStore());
    expect(coins.bestBlock).toBeUndefined();
    coins.apply(
      {
        spent: [],
        created: [
          [keyOf(1), coinOf(1)],
          [keyOf(2), coinOf(2)],
          [keyOf(3), coinOf(3, true)],
        ],
      },
      { hash: blockHash(1) },
    );
    await coins.flush({ sync: true, emptyCache: true });
    coins.apply({ spent: [keyOf(2)], created: [[keyOf(4), coinOf(4)]] }, { hash: blockHash(2) });
    expect(coins.bestBlock).toEqual(blockHash(2));
    expect(coins.storedBestBlock).toEqual(blockHash(1));
    const lookup = await coins.fetch([1, 2, 3, 4, 5].map((number) => outPointFromKey(keyOf(number))));
    expect([1, 2, 3, 4, 5].map((number) => lookup(keyOf(number)))).toEqual([
      coinOf(1),
      undefined,
      coinOf(3, true),
      coinOf(4),
      undefined,
    ]);
  });

  test("a lookup stays as it was when the block is applied", async () => {
    const coins = await openCache(openMemoryStore());
    coins.apply({ spent: [], created: [[keyOf(1), coinOf(1)]] }, { hash: blockHash(1) });
    const lookup = await coins.fetch([outPointFromKey(keyOf(1)), outPointFromKey(keyOf(2))]);
    coins.apply({ spent: [keyOf(1)], created: [[keyOf(2), coinOf(2)]] }, { hash: blockHash(2) });
    expect(lookup(keyOf(1))).toEqual(coinOf(1));
    expect(lookup(keyOf(2))).toBeUndefined();
    expect(await get(coins, 1)).toBeUndefined();
    expect(await get(coins, 2)).toEqual(coinOf(2));
  });

  test("a coin read while it is spent and flushed does not come back", async () => {
    const store = openMemoryStore();
    const coins = await openCache(store);
    coins.apply({ spent: [], created: [[keyOf(1), coinOf(1)]] }, { hash: blockHash(1) });
    await coins.flush({ sync: true, emptyCache: true });
    let release = () => {};
    const slow: KvStore = Object.create(store, {
      getMany: {
        value: async (keys: readonly Uint8Array[]) => {
          const values = await store.getMany(keys);
          await new Promise<void>((resolve) => {
            release = resolve;
          });
          return values;
        },
      },
      newBatch: { value: () => store.newBatch() },
      write: { value: (batch: never, options: never) => store.write(batch, options) },
    });
    const opening = openCache(slow);
    await Promise.resolve();
    while ((await Promise.race([opening, new Promise((resolve) => setImmediate(resolve))])) === undefined) release();
    const raced = await opening;
    const reading = get(raced, 1);
    await new Promise((resolve) => setImmediate(resolve));
    raced.apply({ spent: [keyOf(1)], created: [] }, { hash: blockHash(2) });
    await raced.flush({ sync: true, emptyCache: false });
    release();
    expect(await reading).toEqual(coinOf(1));
    const again = get(raced, 1);
    await new Promise((resolve) => setImmediate(resolve));
    release();
    expect(await again).toBeUndefined();
  });

  test("scripts are copies of what the block held", async () => {
    const coins = await openCache(openMemoryStore());
    const script = Uint8Array.of(1, 2, 3);
    const coin = { output: { value: 1n, scriptPubKey: script }, height: 1, isCoinbase: false };
    coins.apply({ spent: [], created: [[keyOf(1), coin]] }, { hash: blockHash(1) });
    script.fill(9);
    expect((await get(coins, 1))!.output.scriptPubKey).toEqual(Uint8Array.of(1, 2, 3));
  });

  test("a damaged coin says so", async () => {
    const store = openMemoryStore();
    const batch = store.newBatch();
    batch.put(coinKey(keyOf(1)), Uint8Array.of(0x80));
    await store.write(batch, { sync: true });
    const coins = await openCache(store);
    await expect(get(coins, 1)).rejects.toThrow(StorageError);
    await expect(get(coins, 1)).rejects.toThrow(/-reindex-chainstate/);
  });
});

describe("writing", () => {
  test("a coin that never reached the disk is neither written nor deleted there", async () => {
    const store = mortal(openMemoryStore(), 100);
    const coins = await openCache(store);
    coins.apply(
      {
        spent: [],
        created: [
          [keyOf(1), coinOf(1)],
          [keyOf(2), coinOf(2)],
        ],
      },
      { hash: blockHash(1) },
    );
    coins.apply({ spent: [keyOf(1)], created: [] }, { hash: blockHash(2) });
    await coins.flush({ sync: true, emptyCache: false });
    expect(store.written.puts).not.toContain(toHex(coinKey(keyOf(1))));
    expect(store.written.deletes).not.toContain(toHex(coinKey(keyOf(1))));
    expect(store.written.puts).toContain(toHex(coinKey(keyOf(2))));
  });

  test("a coin on disk that is spent, restored and spent again is deleted", async () => {
    const store = openMemoryStore();
    const coins = await openCache(store);
    coins.apply({ spent: [], created: [[keyOf(1), coinOf(1)]] }, { hash: blockHash(1) });
    await coins.flush({ sync: true, emptyCache: false });
    coins.apply({ spent: [keyOf(1)], created: [] }, { hash: blockHash(2) });
    coins.apply({ spent: [], created: [[keyOf(1), coinOf(1)]] }, { hash: blockHash(1) });
    coins.apply({ spent: [keyOf(1)], created: [] }, { hash: blockHash(2) });
    await coins.flush({ sync: true, emptyCache: false });
    expect((await stored(store)).size).toBe(0);
  });

  test("a coinbase that repeats one on disk and is spent does not leave the old one (BIP30's exceptions)", async () => {
    const store = openMemoryStore();
    const first = await openCache(store);
    first.apply({ spent: [], created: [[keyOf(1), coinOf(1, true)]] }, { hash: blockHash(1) });
    await first.flush({ sync: true, emptyCache: true });
    const coins = await openCache(store);
    coins.apply({ spent: [], created: [[keyOf(1), coinOf(2, true)]] }, { hash: blockHash(2) });
    coins.apply({ spent: [keyOf(1)], created: [] }, { hash: blockHash(3) });
    await coins.flush({ sync: true, emptyCache: true });
    expect((await stored(store)).size).toBe(0);
  });

  test("a block without effects still moves the best block", async () => {
    const store = openMemoryStore();
    const coins = await openCache(store);
    coins.apply(NO_CHANGE, { hash: blockHash(7) });
    await coins.flush({ sync: true, emptyCache: false });
    expect(await store.get(BEST_BLOCK_KEY)).toEqual(blockHash(7));
    expect((await openCache(store)).bestBlock).toEqual(blockHash(7));
  });

  test("coins must not change while they are flushed", async () => {
    const coins = await openCache(openMemoryStore());
    coins.apply(NO_CHANGE, { hash: blockHash(1) });
    const flushing = coins.flush({ sync: true, emptyCache: false });
    expect(() => coins.apply(NO_CHANGE, { hash: blockHash(2) })).toThrow(/while they are being flushed/);
    await flushing;
    coins.apply(NO_CHANGE, { hash: blockHash(2) });
  });

  test("a snapshot holds the last flush", async () => {
    const coins = await openCache(openMemoryStore());
    coins.apply(
      {
        spent: [],
        created: [
          [keyOf(1), coinOf(1)],
          [keyOf(2), coinOf(2)],
        ],
      },
      { hash: blockHash(1) },
    );
    await coins.flush({ sync: true, emptyCache: false });
    const snapshot = await coins.snapshot();
    coins.apply({ spent: [keyOf(1)], created: [] }, { hash: blockHash(2) });
    await coins.flush({ sync: true, emptyCache: false });
    const found: (readonly [OutPointKey, Coin])[] = [];
    for await (const coin of snapshot.coins()) found.push(coin);
    expect(found).toEqual([
      [keyOf(1), coinOf(1)],
      [keyOf(2), coinOf(2)],
    ]);
    expect(snapshot.bestBlock).toEqual(blockHash(1));
    await snapshot.close();
  });
});

describe("memory", () => {
  test("the cache forgets what it read before it grows over its limit, and asks for a flush after", async () => {
    const store = openMemoryStore();
    const created = Array.from({ length: 200 }, (_, number) => [keyOf(number), coinOf(number)] as const);
    const first = await openCache(store);
    first.apply({ spent: [], created }, { hash: blockHash(1) });
    await first.flush({ sync: true, emptyCache: true });
    expect([first.usageBytes, first.cachedCount]).toEqual([0, 0]);

    const coins = await openCache(store, 5000);
    for (let number = 0; number < 200; number++) {
      expect(await get(coins, number)).toEqual(coinOf(number));
      expect(coins.usageBytes).toBeLessThanOrEqual(5000);
    }
    expect(coins.cachedCount).toBeGreaterThan(10);
    let number = 1000;
    while (!coins.isOverLimit) {
      coins.apply({ spent: [], created: [[keyOf(number), coinOf(number)]] }, { hash: blockHash(number) });
      number++;
    }
    expect(coins.cachedCount).toBe(coins.dirtyCount);
    await coins.flush({ sync: true, emptyCache: false });
    expect(coins.dirtyCount).toBe(0);
    expect(coins.cachedCount).toBeGreaterThan(0);
    expect(coins.usageBytes).toBeLessThanOrEqual(2500);
    expect(await get(coins, number - 1)).toEqual(coinOf(number - 1));
  });
});

type Step =
  | {
      readonly kind: "block";
      readonly spends: readonly number[];
      readonly creates: readonly number[];
      readonly isCoinbase: boolean;
    }
  | { readonly kind: "flush"; readonly emptyCache: boolean }
  | { readonly kind: "reopen" }
  | { readonly kind: "read"; readonly numbers: readonly number[] };

const numbers = fc.nat(25);
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("block" as const),
      spends: fc.array(numbers, { maxLength: 6 }),
      creates: fc.array(numbers, { maxLength: 6 }),
      isCoinbase: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("flush" as const), emptyCache: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reopen" as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("read" as const), numbers: fc.array(numbers, { maxLength: 6 }) }),
  },
);

/** The block that `step` makes over `model`: spends what is there, makes what is not (or repeats it, as a coinbase may). */
function changeOf(step: Step & { kind: "block" }, model: ReadonlyMap<OutPointKey, Coin>, height: number): CoinsChange {
  const spent = [...new Set(step.spends)].map(keyOf).filter((key) => model.has(key));
  const created = [...new Set(step.creates)]
    .filter((number) => step.isCoinbase || !model.has(keyOf(number)) || spent.includes(keyOf(number)))
    .map((number) => [keyOf(number), { ...coinOf(number, step.isCoinbase), height }] as const);
  return { spent, created };
}

function applyTo(model: Map<OutPointKey, Coin>, change: CoinsChange): void {
  for (const key of change.spent) model.delete(key);
  for (const [key, coin] of change.created) model.set(key, coin);
}

test("any course of blocks, flushes, reads and restarts agrees with a plain map", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(steps, { maxLength: 40 }),
      fc.integer({ min: 0, max: 3000 }),
      async (course, cacheBytes) => {
        const store = openMemoryStore();
        let coins = await openCache(store, cacheBytes, 300);
        let model = new Map<OutPointKey, Coin>();
        let flushed = new Map(model);
        let height = 0;
        let flushedHeight = 0;
        for (const step of course) {
          if (step.kind === "block") {
            const change = changeOf(step, model, ++height);
            applyTo(model, change);
            coins.apply(change, { hash: blockHash(height) });
          } else if (step.kind === "flush") {
            await coins.flush({ sync: true, emptyCache: step.emptyCache });
            flushed = new Map(model);
            flushedHeight = height;
            expect(new Map([...(await stored(store))].sort())).toEqual(encoded(model));
          } else if (step.kind === "reopen") {
            coins = await openCache(store, cacheBytes, 300);
            model = new Map(flushed);
            height = flushedHeight;
            expect(coins.bestBlock).toEqual(height === 0 ? undefined : blockHash(height));
          } else {
            const lookup = await coins.fetch(step.numbers.map((number) => outPointFromKey(keyOf(number))));
            for (const number of step.numbers) expect(lookup(keyOf(number))).toEqual(model.get(keyOf(number)));
          }
        }
      },
    ),
    { numRuns: 200 },
  );
});

test("killed between any two batches of a flush, the mark names the blocks to replay, and replaying them repairs it", async () => {
  const blocks = fc.array(
    steps.filter((step) => step.kind === "block"),
    { minLength: 4, maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(blocks, fc.nat(6), fc.boolean(), async (course, writes, killTwice) => {
      const inner = openMemoryStore();
      const model = new Map<OutPointKey, Coin>();
      const changes: CoinsChange[] = [];
      let coins = await openCache(inner, 1 << 20, 100);
      const flushedCount = Math.floor(course.length / 2);
      for (const [index, step] of course.entries()) {
        const change = changeOf(step as Step & { kind: "block" }, model, index + 1);
        applyTo(model, change);
        changes.push(change);
      }
      for (let index = 0; index < flushedCount; index++) coins.apply(changes[index]!, { hash: blockHash(index + 1) });
      await coins.flush({ sync: true, emptyCache: true });

      coins = await openCache(mortal(inner, writes), 1 << 20, 100);
      for (let index = flushedCount; index < changes.length; index++)
        coins.apply(changes[index]!, { hash: blockHash(index + 1) });
      const survived = await coins.flush({ sync: true, emptyCache: false }).then(
        () => true,
        () => false,
      );
      const replay = async (store: KvStore): Promise<boolean> => {
        const after = await openCache(store, 1 << 20, 100);
        if (after.headBlocks !== undefined) {
          expect(after.bestBlock).toBeUndefined();
          expect(after.headBlocks).toEqual({ from: blockHash(flushedCount), to: blockHash(changes.length) });
        } else {
          expect(after.bestBlock).toEqual(blockHash(survived ? changes.length : flushedCount));
          if (survived) return true;
        }
        for (let index = flushedCount; index < changes.length; index++)
          after.apply(changes[index]!, { hash: blockHash(index + 1) });
        return after.flush({ sync: true, emptyCache: false }).then(
          () => after.headBlocks === undefined,
          () => false,
        );
      };
      if (killTwice) await replay(mortal(inner, 1));
      expect(await replay(inner)).toBe(true);
      expect(await inner.get(HEAD_BLOCKS_KEY)).toBeUndefined();
      expect(await inner.get(BEST_BLOCK_KEY)).toEqual(blockHash(changes.length));
      expect(new Map([...(await stored(inner))].sort())).toEqual(encoded(model));
    }),
    { numRuns: 200 },
  );
});

test("a coin left on disk by a flush cut off, made again by the replay and spent before the next flush, goes", async () => {
  const inner = openMemoryStore();
  const change: CoinsChange = {
    spent: [],
    created: [1, 2, 3, 4].map((number) => [keyOf(number), coinOf(number)] as const),
  };
  const killed = await openCache(mortal(inner, 2), 1 << 20, 100);
  killed.apply(change, { hash: blockHash(1) });
  await expect(killed.flush({ sync: true, emptyCache: false })).rejects.toThrow("killed");
  expect((await stored(inner)).size).toBeGreaterThan(0);

  const coins = await openCache(inner);
  expect(coins.headBlocks).toEqual({ from: undefined, to: blockHash(1) });
  coins.apply(change, { hash: blockHash(1) });
  coins.apply({ spent: change.created.map(([key]) => key), created: [] }, { hash: blockHash(2) });
  await coins.flush({ sync: true, emptyCache: false });
  expect((await stored(inner)).size).toBe(0);
});
