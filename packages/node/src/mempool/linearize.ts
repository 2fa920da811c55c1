import { compareFeerates, type FeeAndSize } from "@bitfleet/protocol/policy/feerate.ts";

/** A transaction among others that depend on it or that it depends on. */
export interface LinearNode extends FeeAndSize {
  /** Positions of its parents in the list. */
  readonly parents: readonly number[];
}

/** Some nodes in a row, with what they pay together. */
export interface LinearChunk extends FeeAndSize {
  readonly members: readonly number[];
}

interface Remaining {
  readonly index: number;
  /** Of the node and those of its ancestors that are not placed yet. */
  fee: bigint;
  size: number;
  readonly ancestors: Set<number>;
}

/**
 * An order in which to mine the nodes of one cluster, parents first, cut into chunks whose feerates never grow: again and
 * again the node that pays best together with its ancestors goes next, with them. Takes time in the square of their number,
 * which the cluster limit bounds.
 */
export function linearize(nodes: readonly LinearNode[]): readonly LinearChunk[] {
  const order: number[] = [];
  const placed = new Set<number>();
  let remaining = nodes.map((_, index) => withAncestors(nodes, index));
  while (remaining.length > 0) {
    const best = remaining.reduce((one, other) => (compareFeerates(other, one) > 0 ? other : one));
    const picked = new Set([...best.ancestors].filter((index) => !placed.has(index)));
    order.push(...parentsFirst(nodes, picked));
    for (const index of picked) placed.add(index);
    remaining = remaining.filter(({ index }) => !picked.has(index));
    for (const one of remaining) takeOff(one, picked, nodes);
  }
  return chunksOf(order, nodes);
}

function withAncestors(nodes: readonly LinearNode[], index: number): Remaining {
  const ancestors = new Set([index]);
  for (const at of ancestors) for (const parent of nodes[at]!.parents) ancestors.add(parent);
  let fee = 0n;
  let size = 0;
  for (const at of ancestors) {
    fee += nodes[at]!.fee;
    size += nodes[at]!.size;
  }
  return { index, fee, size, ancestors };
}

function takeOff(one: Remaining, picked: ReadonlySet<number>, nodes: readonly LinearNode[]): void {
  for (const index of picked) {
    if (!one.ancestors.delete(index)) continue;
    one.fee -= nodes[index]!.fee;
    one.size -= nodes[index]!.size;
  }
}

/** The picked nodes, each behind those of its parents that are picked too. */
function parentsFirst(nodes: readonly LinearNode[], picked: ReadonlySet<number>): number[] {
  const order: number[] = [];
  const isPlaced = new Set<number>();
  const waiting = [...picked];
  while (waiting.length > 0) {
    const index = waiting.at(-1)!;
    const parents = isPlaced.has(index)
      ? []
      : nodes[index]!.parents.filter((parent) => picked.has(parent) && !isPlaced.has(parent));
    if (parents.length > 0) {
      waiting.push(...parents);
      continue;
    }
    waiting.pop();
    if (!isPlaced.has(index)) order.push(index);
    isPlaced.add(index);
  }
  return order;
}

/** Joins what pays better with what stands before it: nobody would mine the one and not the other. */
function chunksOf(order: readonly number[], nodes: readonly LinearNode[]): LinearChunk[] {
  const chunks: LinearChunk[] = [];
  for (const index of order) {
    const { fee, size } = nodes[index]!;
    let chunk: LinearChunk = { fee, size, members: [index] };
    for (let last = chunks.at(-1); last !== undefined && compareFeerates(chunk, last) > 0; last = chunks.at(-1)) {
      chunk = { fee: last.fee + chunk.fee, size: last.size + chunk.size, members: [...last.members, ...chunk.members] };
      chunks.pop();
    }
    chunks.push(chunk);
  }
  return chunks;
}
