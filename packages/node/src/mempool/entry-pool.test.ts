import { input, outPoint, output, transaction } from "@bitfleet/protocol/consensus/test-kit.ts";
import { compareFeerates } from "@bitfleet/protocol/policy/feerate.ts";
import type { OutPoint, Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { outPointKey } from "@bitfleet/protocol/primitives/types.ts";
import { describe, expect, test } from "vitest";
import { entryOf, poolOf } from "./acceptance-test-kit.ts";
import { compareChunks } from "./cluster-order.ts";
import { ancestorsOf, connectedWith, type Entry, withDescendants } from "./entry.ts";
import { EntryPool } from "./entry-pool.ts";
import { MEMPOOL_DEFAULTS } from "./mempool-options.ts";
import { exceedsClusterLimits, improvesDiagram, stage } from "./staging.ts";
import { seededRandom } from "./test-kit.ts";

const spend = (outPoints: readonly OutPoint[], outputCount = 1, witness: readonly Uint8Array[] = []): Transaction =>
  transaction({
    inputs: outPoints.map((point) => input(point, { witness })),
    outputs: Array.from({ length: outputCount }, () => output(1n)),
  });
const outputOf = (tx: Transaction, index = 0): OutPoint => ({ txid: tx.txid, index });
const setOf = (...entries: readonly Entry[]) => new Set(entries);
const chunksOf = (pool: EntryPool) => [...pool.chunksInMiningOrder()].map(({ entries }) => entries);

/** A parent with two outputs and its two children, paying 1000, 2000 and 500. */
function family() {
  const parent = entryOf(spend([outPoint(1)], 2), 1000n);
  const rich = entryOf(spend([outputOf(parent.tx, 0), outPoint(2)]), 2000n);
  const poor = entryOf(spend([outputOf(parent.tx, 1)]), 500n);
  return { parent, rich, poor, pool: poolOf(parent, rich, poor) };
}

describe("an entry", () => {
  test("is found by txid, by wtxid, and by what it spends, until it is removed", () => {
    const tx = spend([outPoint(1), outPoint(2, 7)], 1, [Uint8Array.of(1)]);
    const entry = entryOf(tx, 1n);
    const pool = poolOf(entry);
    const found = () => [
      pool.get(tx.txid),
      pool.getByWtxid(tx.wtxid),
      pool.spenderOf(outPointKey(outPoint(1))),
      pool.spenderOf(outPointKey(outPoint(2, 7))),
    ];
    expect(found()).toEqual([entry, entry, entry, entry]);
    expect([pool.get(tx.wtxid as never), pool.getByWtxid(tx.txid as never)]).toEqual([undefined, undefined]);
    expect(pool.spenderOf(outPointKey(outPoint(2, 6)))).toBeUndefined();
    pool.remove(entry);
    expect(found()).toEqual([undefined, undefined, undefined, undefined]);
  });

  test("counts in the totals, without what the operator added", () => {
    const { pool, parent, rich, poor } = family();
    const all = [parent, rich, poor];
    const sum = (of: (entry: Entry) => number) => all.reduce((total, entry) => total + of(entry), 0);
    pool.setFeeDelta(rich, 7n);
    expect([pool.size, pool.totalFee]).toEqual([3, 3500n]);
    expect(pool.virtualSize).toBe(sum(({ virtualSize }) => virtualSize));
    expect(pool.usageBytes).toBe(sum(({ usageBytes }) => usageBytes));
    for (const entry of all) pool.remove(entry);
    expect([pool.size, pool.totalFee, pool.virtualSize, pool.usageBytes]).toEqual([0, 0n, 0, 0]);
  });

  test("takes memory for its bytes, inputs, outputs and witness items", () => {
    const least = entryOf(spend([outPoint(1)]), 1n);
    const usage = (tx: Transaction) => entryOf(tx, 1n).usageBytes - tx.size - (least.usageBytes - least.tx.size);
    expect(least.usageBytes).toBeGreaterThan(least.tx.size);
    expect(usage(spend([outPoint(1)], 2))).toBe(100);
    expect(usage(spend([outPoint(1), outPoint(2)]))).toBe(200);
    expect(usage(spend([outPoint(1)], 1, [new Uint8Array(9), new Uint8Array(500)]))).toBe(200);
  });

  test("conflicts with those that spend what it spends, but not with itself", () => {
    const [one, two] = [entryOf(spend([outPoint(1)]), 1n), entryOf(spend([outPoint(2)]), 1n)];
    const pool = poolOf(one, two);
    expect(pool.conflictsOf(spend([outPoint(1), outPoint(2), outPoint(3)]))).toEqual(setOf(one, two));
    expect(pool.conflictsOf(one.tx)).toEqual(setOf());
    expect(pool.conflictsOf(spend([outPoint(1, 1)]))).toEqual(setOf());
  });

  test("entered at a time: those before it are found, whenever they were added", () => {
    const entries = [300, 100, 200, 200].map((timeSeconds, index) =>
      entryOf(spend([outPoint(index)]), 1n, { timeSeconds }),
    );
    const pool = poolOf(...entries);
    const times = (seconds: number) => pool.enteredBefore(seconds).map(({ timeSeconds }) => timeSeconds);
    expect([times(100), times(101), times(200), times(201), times(301)]).toEqual([
      [],
      [100],
      [100],
      [100, 200, 200],
      [100, 200, 200, 300],
    ]);
    pool.remove(entries[1]!);
    expect(times(201)).toEqual([200, 200]);
  });
});

describe("relations", () => {
  test("link parents and children, ancestors and descendants", () => {
    const { pool, parent, rich, poor } = family();
    const grandchild = entryOf(spend([outputOf(rich.tx), outputOf(poor.tx)]), 1n);
    pool.add(grandchild);
    expect([parent.parents, parent.children]).toEqual([setOf(), setOf(rich, poor)]);
    expect([grandchild.parents, grandchild.children]).toEqual([setOf(rich, poor), setOf()]);
    expect(ancestorsOf(grandchild)).toEqual(setOf(parent, rich, poor));
    expect([parent.ancestorCount, rich.ancestorCount, grandchild.ancestorCount]).toEqual([1, 2, 4]);
    expect(withDescendants([rich])).toEqual(setOf(rich, grandchild));
    expect(withDescendants([parent])).toEqual(setOf(parent, rich, poor, grandchild));
    expect(connectedWith(poor)).toEqual(setOf(parent, rich, poor, grandchild));
    expect(pool.parentsOf(spend([outputOf(rich.tx), outPoint(9)]))).toEqual(setOf(rich));
    expect(pool.childrenOf(parent.tx)).toEqual(setOf(rich, poor));
  });

  test("end with an entry that is removed; its descendants stay", () => {
    const { pool, parent, rich, poor } = family();
    pool.remove(parent);
    expect([rich.parents, poor.parents, pool.size]).toEqual([setOf(), setOf(), 2]);
    expect(pool.clusterOf(rich).entries).toEqual([rich]);
  });

  test("with those that spend it already are made when it is told to", () => {
    const { parent, rich, poor } = family();
    const [child, other] = [entryOf(rich.tx, 2000n), entryOf(poor.tx, 500n)];
    const back = entryOf(parent.tx, 1000n);
    const pool = poolOf(child, other);
    expect(chunksOf(pool)).toHaveLength(2);
    pool.add(back);
    expect([back.children, child.parents]).toEqual([setOf(), setOf()]);
    pool.adoptChildren(back);
    expect([back.children, child.parents]).toEqual([setOf(child, other), setOf(back)]);
    expect(pool.clusterOf(other).entries).toEqual([back, child, other]);
  });
});

describe("clusters", () => {
  test("merge where something connects them, and split when it goes", () => {
    const [one, two] = [entryOf(spend([outPoint(1)]), 300n), entryOf(spend([outPoint(2)]), 200n)];
    const pool = poolOf(one, two);
    expect(chunksOf(pool)).toEqual([[one], [two]]);
    const both = entryOf(spend([outputOf(one.tx), outputOf(two.tx)]), 100n);
    pool.add(both);
    expect(pool.clusterOf(one)).toBe(pool.clusterOf(two));
    expect(pool.clusterOf(both).entries).toEqual([one, two, both]);
    pool.remove(both);
    expect([pool.clusterOf(one).entries, pool.clusterOf(two).entries]).toEqual([[one], [two]]);
    expect(chunksOf(pool)).toEqual([[one], [two]]);
  });

  test("are cut into chunks that a fee of the operator changes", () => {
    const { pool, parent, rich, poor } = family();
    expect(chunksOf(pool)).toEqual([[parent, rich], [poor]]);
    expect(pool.chunkOf(parent)).toMatchObject({ fee: 3000n, size: parent.weight + rich.weight });
    pool.setFeeDelta(poor, 1_000_000n);
    expect(chunksOf(pool)).toEqual([[parent, poor], [rich]]);
    pool.setFeeDelta(poor, -400n);
    expect(chunksOf(pool)).toEqual([[parent, rich], [poor]]);
    expect(pool.chunkOf(poor).fee).toBe(100n);
  });

  test("stand among others by the feerates of their chunks; the worst is last", () => {
    const { pool, parent, rich, poor } = family();
    const best = entryOf(spend([outPoint(8)]), 9000n);
    const worst = entryOf(spend([outPoint(9)]), 1n);
    expect(new EntryPool().worstChunk()).toBeUndefined();
    pool.add(worst);
    pool.add(best);
    expect(chunksOf(pool)).toEqual([[best], [parent, rich], [poor], [worst]]);
    expect(pool.worstChunk()?.entries).toEqual([worst]);
    pool.remove(worst);
    expect(pool.worstChunk()?.entries).toEqual([poor]);
  });

  test("of thousands, in families of two, stand in their order however many came before somebody asked", () => {
    const pool = new EntryPool();
    const random = seededRandom(1);
    let parent: Entry | undefined;
    for (let index = 0; index < 2500; index++) {
      const tx: Transaction = spend([parent === undefined ? outPoint(index) : outputOf(parent.tx)]);
      const entry = entryOf(tx, BigInt(random(10_000)));
      pool.add(entry);
      parent = parent === undefined ? entry : undefined;
    }
    const chunks = [...pool.chunksInMiningOrder()];
    expect(chunks.toSorted(compareChunks)).toEqual(chunks);
    expect(new Set(chunks.flatMap(({ entries }) => entries))).toEqual(new Set(pool.entries()));
  });

  test("of one feerate: the smaller sum of equals comes first, then the smaller txid", () => {
    const size = entryOf(spend([outPoint(1)]), 1n).adjustedWeight;
    const [a, b] = [1, 2]
      .map((number) => entryOf(spend([outPoint(number)]), BigInt(size)))
      .sort((x, y) => Buffer.compare(x.tx.txid, y.tx.txid)) as [Entry, Entry];
    const large = entryOf(spend([outPoint(3)], 3), 0n);
    large.feeDelta = BigInt(large.adjustedWeight);
    const child = entryOf(spend([outputOf(a.tx)]), BigInt(size));
    expect(compareFeerates({ fee: large.modifiedFee, size: large.adjustedWeight }, { fee: 1n, size: 1 })).toBe(0);
    // The child's chunk is as small as its parent's, but counts with it: 2 * size.
    expect(large.adjustedWeight).toBeLessThan(2 * size);
    expect(chunksOf(poolOf(a, large, child, b))).toEqual([[a], [b], [large], [child]]);
  });
});

/** Keeps what it is told and works everything else out anew. */
class NaivePool {
  readonly entries = new Set<Entry>();

  parentsOf(entry: Entry): Entry[] {
    return [...this.entries].filter(({ tx }) =>
      entry.tx.inputs.some(({ previousOutput }) => Buffer.compare(previousOutput.txid, tx.txid) === 0),
    );
  }

  withDescendants(entry: Entry): Set<Entry> {
    const found = new Set([entry]);
    for (const one of found)
      for (const other of this.entries) if (this.parentsOf(other).includes(one)) found.add(other);
    return found;
  }
}

function expectLike(pool: EntryPool, naive: NaivePool): void {
  expect(pool.size).toBe(naive.entries.size);
  expect([...pool.entries()]).toEqual([...naive.entries]);
  for (const entry of naive.entries) {
    expect(pool.get(entry.tx.txid)).toBe(entry);
    expect(pool.getByWtxid(entry.tx.wtxid)).toBe(entry);
    for (const { previousOutput } of entry.tx.inputs) expect(pool.spenderOf(outPointKey(previousOutput))).toBe(entry);
    expect(entry.parents).toEqual(new Set(naive.parentsOf(entry)));
    expect(withDescendants([entry])).toEqual(naive.withDescendants(entry));
  }
  // One that was filled at once has the same order, whatever the way here was.
  const fresh = new EntryPool();
  for (const { tx, fee, feeDelta } of naive.entries) fresh.add(entryOf(tx, fee, { feeDelta }));
  const txids = (of: EntryPool) =>
    chunksOf(of).map((entries) => entries.map(({ tx }) => Buffer.from(tx.txid).toString("hex")));
  expect(txids(pool)).toEqual(txids(fresh));
  expect(pool.worstChunk()).toBe([...pool.chunksInMiningOrder()].at(-1));
  expect(pool.usageBytes).toBe(fresh.usageBytes);
  expect(pool.virtualSize).toBe(fresh.virtualSize);
  expect(pool.totalFee).toBe(fresh.totalFee);
}

test.each([1, 2, 3, 4, 5, 6])("whatever happens, pool and order are those of a naive model (seed %i)", (seed) => {
  const random = seededRandom(seed);
  const pool = new EntryPool();
  const naive = new NaivePool();
  let coinNumber = 0;
  const newEntry = (): Entry => {
    const points = Array.from({ length: 1 + random(3) }, () => {
      const parent = [...naive.entries][random(naive.entries.size + 3)];
      const index = random(3);
      const isFree = parent && pool.spenderOf(outPointKey(outputOf(parent.tx, index))) === undefined;
      return isFree ? outputOf(parent.tx, index) : outPoint(coinNumber++);
    });
    const unique = new Map(points.map((point) => [outPointKey(point), point]));
    return entryOf(spend([...unique.values()], 3), BigInt(random(8)) * 100n);
  };
  for (let step = 0; step < 150; step++) {
    const any = [...naive.entries][random(Math.max(1, naive.entries.size))];
    const kind = random(10);
    if (any === undefined || kind < 5) {
      const entry = newEntry();
      pool.add(entry);
      naive.entries.add(entry);
    } else if (kind < 7) {
      for (const gone of withDescendants([any])) {
        pool.remove(gone);
        naive.entries.delete(gone);
      }
    } else if (kind < 8) {
      pool.setFeeDelta(any, BigInt(random(2000) - 1000));
    } else if (kind < 9) {
      // A block has it: its descendants stay.
      for (const ancestor of [...ancestorsOf(any), any]) {
        pool.remove(ancestor);
        naive.entries.delete(ancestor);
      }
    } else {
      // Thinking about a change changes nothing.
      const rival = entryOf(spend([any.tx.inputs[0]!.previousOutput, outPoint(coinNumber++)]), 5000n);
      const staging = stage(pool, [rival], withDescendants([any]));
      exceedsClusterLimits(staging, MEMPOOL_DEFAULTS);
      improvesDiagram(staging);
      expect(pool.get(rival.tx.txid)).toBeUndefined();
      expect([rival.parents.size, rival.children.size]).toEqual([0, 0]);
    }
    if (step % 5 === 0) expectLike(pool, naive);
  }
  expectLike(pool, naive);
});
