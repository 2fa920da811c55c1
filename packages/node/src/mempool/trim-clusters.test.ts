import { input, outPoint } from "@bitfleet/protocol/consensus/test-kit.ts";
import { childOf, standardTransaction } from "@bitfleet/protocol/policy/test-kit.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { expect, test } from "vitest";
import { entryOf, poolOf } from "./acceptance-test-kit.ts";
import type { Entry } from "./entry.ts";
import { beyondClusterLimits } from "./trim-clusters.ts";

const spending = (number: number): Transaction => standardTransaction({ inputs: [input(outPoint(number))] });
const ROOMY = { clusterCountMax: 64, clusterVirtualSizeMax: 101_000 };

function chain(count: number, fee: (index: number) => bigint = () => 100n): Entry[] {
  const entries = [entryOf(spending(1), fee(0))];
  while (entries.length < count) entries.push(entryOf(childOf([entries.at(-1)!.tx]), fee(entries.length)));
  poolOf(...entries);
  return entries;
}

test("clusters within the limits stay whole", () => {
  expect(beyondClusterLimits([], ROOMY)).toEqual(new Set());
  expect(beyondClusterLimits(chain(64), ROOMY)).toEqual(new Set());
});

test("the end of a chain that is too long goes", () => {
  const entries = chain(66);
  expect(beyondClusterLimits([entries[10]!], ROOMY)).toEqual(new Set(entries.slice(64)));
});

test("the size counts too", () => {
  const entries = chain(3);
  const weight = entries[0]!.adjustedWeight + entries[1]!.adjustedWeight + entries[2]!.adjustedWeight;
  const limit = (most: number) => ({ clusterCountMax: 64, clusterVirtualSizeMax: most / 4 });
  expect(beyondClusterLimits(entries, limit(weight))).toEqual(new Set());
  expect(beyondClusterLimits(entries, limit(weight - 1))).toEqual(new Set([entries[2]]));
});

test("of children the one that pays least goes, and what depends on it", () => {
  const parent = entryOf(spending(1), 100n);
  const children = [300n, 50n, 200n].map((fee, index) => entryOf(childOf([parent.tx], {}, index), fee));
  const grandchild = entryOf(childOf([children[1]!.tx]), 9000n);
  poolOf(parent, ...children, grandchild);
  expect(beyondClusterLimits([parent], { ...ROOMY, clusterCountMax: 3 })).toEqual(new Set([children[1], grandchild]));
});

test("what joins two groups goes where both together are too many, and leaves both", () => {
  const [left, right] = [entryOf(spending(1), 100n), entryOf(spending(2), 100n)];
  const joining = entryOf(childOf([left.tx, right.tx]), 9000n);
  poolOf(left, right, joining);
  expect(beyondClusterLimits([joining], { ...ROOMY, clusterCountMax: 2 })).toEqual(new Set([joining]));
  expect(beyondClusterLimits([joining], { ...ROOMY, clusterCountMax: 3 })).toEqual(new Set());
});
