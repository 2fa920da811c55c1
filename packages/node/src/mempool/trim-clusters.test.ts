import { input, outPoint } from "@bitfleet/protocol/consensus/test-kit.ts";
import { childOf, standardTransaction } from "@bitfleet/protocol/policy/test-kit.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { expect, test } from "vitest";
import { entryOf } from "./acceptance-test-kit.ts";
import type { Entry } from "./entry.ts";
import { EntryPool } from "./entry-pool.ts";
import { beyondClusterLimits } from "./trim-clusters.ts";

const spending = (number: number): Transaction => standardTransaction({ inputs: [input(outPoint(number))] });
/** Of a transaction with so many outputs. */
function withOutputs(count: number): Transaction {
  const { inputs, outputs } = spending(1);
  return standardTransaction({ inputs, outputs: Array.from({ length: count }, () => outputs[0]!) });
}
const ROOMY = { clusterCountMax: 64, clusterVirtualSizeMax: 101_000 };

/** What goes where `back` came back to a mempool that had the others, and `back` as clusters of their own. */
function trimmed(back: readonly Entry[], here: readonly Entry[], limits: typeof ROOMY): ReadonlySet<Entry> {
  const pool = new EntryPool();
  for (const entry of [...here, ...back]) pool.add(entry);
  const before = new Set([...here, ...back].map((entry) => pool.clusterOf(entry)));
  for (const entry of back) pool.adoptChildren(entry);
  return beyondClusterLimits(back, before, limits);
}

function chain(count: number): Entry[] {
  const entries = [entryOf(spending(1), 100n)];
  while (entries.length < count) entries.push(entryOf(childOf([entries.at(-1)!.tx]), 100n));
  return entries;
}

test("clusters within the limits stay whole", () => {
  expect(trimmed([], [], ROOMY)).toEqual(new Set());
  expect(trimmed(chain(64), [], ROOMY)).toEqual(new Set());
});

test("the end of a chain that is too long goes", () => {
  const entries = chain(66);
  expect(trimmed(entries.slice(0, 1), entries.slice(1), ROOMY)).toEqual(new Set(entries.slice(64)));
});

test("the size counts too", () => {
  const weight = chain(3).reduce((sum, { adjustedWeight }) => sum + adjustedWeight, 0);
  const gone = (most: number) => {
    const entries = chain(3);
    const limits = { clusterCountMax: 64, clusterVirtualSizeMax: most / 4 };
    return [...trimmed(entries.slice(0, 1), entries.slice(1), limits)].map((entry) => entries.indexOf(entry));
  };
  expect([gone(weight), gone(weight - 1)]).toEqual([[], [2]]);
});

test("of children the one that pays least goes, and what depends on it", () => {
  const parent = entryOf(withOutputs(3), 100n);
  const children = [300n, 50n, 200n].map((fee, index) => entryOf(childOf([parent.tx], {}, index), fee));
  const grandchild = entryOf(childOf([children[1]!.tx]), 20n);
  const gone = trimmed([parent], [...children, grandchild], { ...ROOMY, clusterCountMax: 3 });
  expect(gone).toEqual(new Set([children[1], grandchild]));
});

test("a chunk counts as what it pays together, as does a grandchild that pays for its parent", () => {
  const parent = entryOf(withOutputs(3), 100n);
  const children = [300n, 50n, 200n].map((fee, index) => entryOf(childOf([parent.tx], {}, index), fee));
  const grandchild = entryOf(childOf([children[1]!.tx]), 9000n);
  const gone = trimmed([parent], [...children, grandchild], { ...ROOMY, clusterCountMax: 3 });
  expect(gone).toEqual(new Set([children[0], children[2]]));
});

test("what stood behind what goes in its cluster goes too, though it does not depend on it", () => {
  const [one, other] = [entryOf(spending(1), 100n), entryOf(spending(2), 100n)];
  const root = entryOf(spending(3), 300n);
  const joining = entryOf(childOf([root.tx, one.tx, other.tx]), 200n);
  const late = entryOf(childOf([root.tx], {}, 1), 50n);
  const gone = trimmed([one, other], [root, joining, late], { ...ROOMY, clusterCountMax: 3 });
  expect(gone).toEqual(new Set([joining, late]));
});

test("what joins two groups goes where both together are too many, and leaves both", () => {
  const family = () => {
    const [left, right] = [entryOf(spending(1), 100n), entryOf(spending(2), 100n)];
    return { left, right, joining: entryOf(childOf([left.tx, right.tx]), 9000n) };
  };
  for (const [clusterCountMax, stays] of [
    [2, false],
    [3, true],
  ] as const) {
    const { left, right, joining } = family();
    const gone = trimmed([left, right], [joining], { ...ROOMY, clusterCountMax });
    expect(gone).toEqual(new Set(stays ? [] : [joining]));
  }
});
