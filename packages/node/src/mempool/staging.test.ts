import { input, outPoint } from "@bitfleet/protocol/consensus/test-kit.ts";
import { childOf, standardTransaction } from "@bitfleet/protocol/policy/test-kit.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { describe, expect, test } from "vitest";
import { entryOf, poolOf } from "./acceptance-test-kit.ts";
import type { Entry } from "./entry.ts";
import { exceedsClusterLimits, improvesDiagram, stage } from "./staging.ts";

const spending = (...numbers: readonly number[]): Transaction =>
  standardTransaction({ inputs: numbers.map((number) => input(outPoint(number))) });
const nothing = new Set<Entry>();
const sizesOf = (after: ReturnType<typeof stage>["after"]) => after.map(({ nodes }) => nodes.length);

describe("a change that is thought of", () => {
  test("joins the clusters of the parents of what comes", () => {
    const [one, two, far] = [1, 2, 3].map((number) => entryOf(spending(number), 100n)) as [Entry, Entry, Entry];
    const arrival = entryOf(childOf([one.tx, two.tx]), 100n);
    const staging = stage(poolOf(one, two, far), [arrival], nothing);
    expect(staging.before().map(({ entries }) => entries)).toEqual([[one], [two]]);
    expect(sizesOf(staging.after)).toEqual([3]);
    expect(staging.after[0]!.nodes[2]!.parents).toEqual([0, 1]);
  });

  test("has several that come at once in one cluster where they depend on one another", () => {
    const parent = entryOf(spending(1), 100n);
    const child = entryOf(childOf([parent.tx]), 100n);
    const stranger = entryOf(spending(2), 100n);
    const { after, before } = stage(poolOf(), [parent, child, stranger], nothing);
    expect([sizesOf(after), before()]).toEqual([[2, 1], []]);
  });

  test("leaves of the clusters of what goes the parts that stay", () => {
    const parent = entryOf(spending(1), 100n);
    const middle = entryOf(childOf([parent.tx]), 100n);
    const child = entryOf(childOf([middle.tx]), 100n);
    const other = entryOf(childOf([parent.tx], {}, 1), 100n);
    const staging = stage(poolOf(parent, middle, child, other), [], new Set([middle, child]));
    expect(staging.before()).toHaveLength(1);
    expect(sizesOf(staging.after)).toEqual([2]);
    expect(staging.after[0]!.hasArrival).toBe(false);
  });

  test("leaves aside what spends an arrival already", () => {
    const parent = entryOf(spending(1), 100n);
    const child = entryOf(childOf([parent.tx]), 100n);
    expect(sizesOf(stage(poolOf(child), [parent], nothing).after)).toEqual([1]);
  });
});

describe("limits of clusters", () => {
  const parent = entryOf(spending(1), 100n);
  const arrival = entryOf(childOf([parent.tx]), 100n);
  const staging = stage(poolOf(parent), [arrival], nothing);
  const weight = parent.adjustedWeight + arrival.adjustedWeight;
  const roomy = { clusterCountMax: 2, clusterVirtualSizeMax: weight / 4 };

  test("hold for the number of transactions and for their size", () => {
    expect(exceedsClusterLimits(staging, roomy)).toBe(false);
    expect(exceedsClusterLimits(staging, { ...roomy, clusterCountMax: 1 })).toBe(true);
    expect(exceedsClusterLimits(staging, { ...roomy, clusterVirtualSizeMax: (weight - 1) / 4 })).toBe(true);
  });

  test("do not hold for clusters that nothing joins", () => {
    const gone = entryOf(childOf([parent.tx]), 100n);
    const shrinking = stage(poolOf(entryOf(parent.tx, 100n), gone), [], new Set([gone]));
    expect(exceedsClusterLimits(shrinking, { clusterCountMax: 0, clusterVirtualSizeMax: 0 })).toBe(false);
  });
});

describe("the feerate diagram", () => {
  /** Whether it is better to have one that pays `fee` instead of one that pays 100 and its child that pays `childFee`. */
  function improves(fee: bigint, childFee?: bigint): boolean {
    const old = entryOf(spending(1), 100n);
    const child = childFee === undefined ? undefined : entryOf(childOf([old.tx]), childFee);
    const pool = poolOf(old, ...(child ? [child] : []));
    const rival = entryOf(standardTransaction({ inputs: [input(outPoint(1))], lockTime: 1 }), fee);
    return improvesDiagram(stage(pool, [rival], new Set(pool.entries())));
  }

  test("must get better somewhere and worse nowhere", () => {
    expect([improves(101n), improves(100n), improves(99n)]).toEqual([true, false, false]);
    // Behind the first there is less: all must be paid by the one.
    expect([improves(150n, 51n), improves(151n, 51n), improves(152n, 51n)]).toEqual([false, true, true]);
    // A rich child: half of its chunk was as good as the whole.
    expect([improves(600n, 500n), improves(599n, 500n)]).toEqual([true, false]);
  });
});
