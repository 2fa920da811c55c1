import type { FeeAndSize } from "@bitfleet/protocol/policy/feerate.ts";
import { compareDiagrams } from "@bitfleet/protocol/policy/feerate-diagram.ts";
import { describe, expect, test } from "vitest";
import { type LinearNode, linearize } from "./linearize.ts";
import { seededRandom } from "./test-kit.ts";

const node = (fee: bigint, size: number, ...parents: number[]): LinearNode => ({ fee, size, parents });
const membersOf = (nodes: readonly LinearNode[]) => linearize(nodes).map(({ members }) => members);

/** Nodes with parents among those before them, then shuffled: positions say nothing of who depends on whom. */
function randomCluster(count: number, random: (below: number) => number): readonly LinearNode[] {
  const density = 1 + random(4);
  const places = [...Array(count).keys()];
  for (let index = count - 1; index > 0; index--) {
    const other = random(index + 1);
    [places[index], places[other]] = [places[other]!, places[index]!];
  }
  const nodes: LinearNode[] = [];
  for (let index = 0; index < count; index++) {
    const parents = new Set<number>();
    for (let tries = random(density + 1); tries > 0 && index > 0; tries--) parents.add(places[random(index)]!);
    // Few values, so that there are ties, and fees below zero, as an operator may have them.
    nodes[places[index]!] = node(BigInt(random(12) - 1), 1 + random(4), ...parents);
  }
  return nodes;
}

/** The upper hull of what every set pays that needs nobody outside of it: nothing that can be mined lies above. */
function bestDiagram(nodes: readonly LinearNode[]): readonly FeeAndSize[] {
  const best = new Map<number, bigint>();
  for (let set = 0; set < 1 << nodes.length; set++) {
    const members = [...nodes.keys()].filter((index) => set & (1 << index));
    if (members.some((index) => nodes[index]!.parents.some((parent) => !(set & (1 << parent))))) continue;
    const size = members.reduce((sum, index) => sum + nodes[index]!.size, 0);
    const fee = members.reduce((sum, index) => sum + nodes[index]!.fee, 0n);
    const known = best.get(size);
    if (known === undefined || fee > known) best.set(size, fee);
  }
  const points = [...best].map(([size, fee]) => ({ size, fee })).sort((a, b) => a.size - b.size);
  const hull: FeeAndSize[] = [];
  for (const point of points) {
    while (hull.length > 1 && !isBend(hull.at(-2)!, hull.at(-1)!, point)) hull.pop();
    hull.push(point);
  }
  return hull.slice(1).map(({ fee, size }, index) => ({ fee: fee - hull[index]!.fee, size: size - hull[index]!.size }));
}

function isBend(a: FeeAndSize, b: FeeAndSize, c: FeeAndSize): boolean {
  return (b.fee - a.fee) * BigInt(c.size - b.size) > (c.fee - b.fee) * BigInt(b.size - a.size);
}

/** Again and again the node that pays best together with its ancestors: what miners did for long. */
function ancestorSort(nodes: readonly LinearNode[]): readonly FeeAndSize[] {
  const left = new Set(nodes.keys());
  const chunks: FeeAndSize[] = [];
  while (left.size > 0) {
    const packages = [...left].map((index) => {
      const members = new Set([index]);
      for (const at of members) for (const parent of nodes[at]!.parents) if (left.has(parent)) members.add(parent);
      const fee = [...members].reduce((sum, at) => sum + nodes[at]!.fee, 0n);
      const size = [...members].reduce((sum, at) => sum + nodes[at]!.size, 0);
      return { fee, size, members };
    });
    const best = packages.reduce((a, b) => (b.fee * BigInt(a.size) > a.fee * BigInt(b.size) ? b : a));
    for (const at of best.members) left.delete(at);
    chunks.push(best);
  }
  return chunks;
}

function expectValid(nodes: readonly LinearNode[]): void {
  const chunks = linearize(nodes);
  const placed = new Set<number>();
  for (const [index, chunk] of chunks.entries()) {
    const total = { fee: 0n, size: 0 };
    for (const member of chunk.members) {
      for (const parent of nodes[member]!.parents) expect(placed.has(parent)).toBe(true);
      placed.add(member);
      total.fee += nodes[member]!.fee;
      total.size += nodes[member]!.size;
    }
    expect(total).toEqual({ fee: chunk.fee, size: chunk.size });
    const before = chunks[index - 1];
    if (before) expect(chunk.fee * BigInt(before.size) <= before.fee * BigInt(chunk.size)).toBe(true);
  }
  expect(placed.size).toBe(nodes.length);
}

describe("an order of mining", () => {
  test("of nothing is nothing, of one is one", () => {
    expect(linearize([])).toEqual([]);
    expect(linearize([node(5n, 7)])).toEqual([{ fee: 5n, size: 7, members: [0] }]);
  });

  test("has a parent before its child, together where the child pays for both", () => {
    expect(membersOf([node(9n, 1), node(1n, 1, 0)])).toEqual([[0], [1]]);
    expect(membersOf([node(1n, 1), node(9n, 1, 0)])).toEqual([[0, 1]]);
    expect(membersOf([node(9n, 1, 1), node(1n, 1)])).toEqual([[1, 0]]);
    // The same feerate: nobody needs the other.
    expect(membersOf([node(4n, 2), node(2n, 1, 0)])).toEqual([[0], [1]]);
  });

  test("lets two children pay for a parent that neither would pay for alone", () => {
    // Each child with the parent pays 5 for 4, less than the cheap one's 6 for 4; both together 10 for 6.
    const nodes = [node(0n, 2), node(5n, 2, 0), node(5n, 2, 0), node(6n, 4)];
    expect(membersOf(nodes)).toEqual([[0, 1, 2], [3]]);
    expect(compareDiagrams(linearize(nodes), ancestorSort(nodes))).toBe("better");
  });

  test("has the smaller of equals first, then the one with the lower last position", () => {
    expect(membersOf([node(4n, 2), node(2n, 1), node(4n, 2)])).toEqual([[1], [0], [2]]);
    expect(membersOf([node(1n, 1), node(1n, 1), node(5n, 1, 1), node(5n, 1, 0)])).toEqual([
      [1, 2],
      [0, 3],
    ]);
    // Within a chunk: what pays best of those that may go.
    expect(membersOf([node(0n, 2), node(0n, 1), node(1n, 1), node(90n, 1, 0, 1, 2)])).toEqual([[2, 1, 0, 3]]);
  });

  test("is the best there is, and no worse than ancestors with their best descendant first", () => {
    for (let seed = 1; seed <= 400; seed++) {
      const random = seededRandom(seed);
      const nodes = randomCluster(1 + random(10), random);
      expectValid(nodes);
      const chunks = linearize(nodes);
      expect(compareDiagrams(chunks, bestDiagram(nodes)), `seed ${seed}`).toBe("equal");
      expect(compareDiagrams(chunks, ancestorSort(nodes)), `seed ${seed}`).toMatch(/better|equal/);
    }
  });

  test("is the best there is for 13 to 16", () => {
    for (let count = 13; count <= 16; count++) {
      const nodes = randomCluster(count, seededRandom(count));
      expectValid(nodes);
      expect(compareDiagrams(linearize(nodes), bestDiagram(nodes)), `${count} nodes`).toBe("equal");
    }
  });

  test("of a full cluster is valid, and no worse than ancestors with their best descendant first", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const nodes = randomCluster(64, seededRandom(seed));
      expectValid(nodes);
      expect(compareDiagrams(linearize(nodes), ancestorSort(nodes)), `seed ${seed}`).toMatch(/better|equal/);
    }
  });

  test("does not depend on the order in which nodes are named, but for equals", () => {
    for (let seed = 1; seed <= 50; seed++) {
      const nodes = randomCluster(8, seededRandom(seed));
      const turned = nodes.map((_, index) => nodes[nodes.length - 1 - index]!);
      const named = turned.map((one) => ({ ...one, parents: one.parents.map((parent) => nodes.length - 1 - parent) }));
      expect(compareDiagrams(linearize(named), linearize(nodes))).toBe("equal");
    }
  });

  test("stands fees whose products no number holds", () => {
    const coins = 2_100_000_000_000_000n;
    const nodes = [
      node(-coins, 400_000),
      node(coins, 100, 0),
      node(coins, 400_000, 0),
      node(1n, 100),
      node(2n, 100, 3),
    ];
    expectValid(nodes);
    expect(compareDiagrams(linearize(nodes), bestDiagram(nodes))).toBe("equal");
  });
});
