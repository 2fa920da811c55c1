import { compareFeerates, type FeeAndSize } from "@bitfleet/protocol/policy/feerate.ts";
import { ClosureFlow } from "./closure-flow.ts";

/** A transaction among others that depend on it or that it depends on. */
export interface LinearNode extends FeeAndSize {
  /** Positions of its parents in the list. */
  readonly parents: readonly number[];
}

/** Some nodes in a row, with what they pay together. */
export interface LinearChunk extends FeeAndSize {
  readonly members: readonly number[];
}

/**
 * The best order in which to mine the nodes of one cluster: parents first, cut into chunks whose feerates never grow, and no
 * other order pays more for any number of bytes. Chunks are as small as can be. Among equals the smaller comes first, then
 * the one whose last position in the list is lower; so the same nodes are always in the same order.
 *
 * The nodes are split at their common feerate into those that pay better, with the ancestors they need, and the rest; and
 * each part again, until no part has a better one. That takes one maximum flow a split, and at most two splits a chunk.
 */
export function linearize(nodes: readonly LinearNode[]): readonly LinearChunk[] {
  if (nodes.length === 1) return [totalOf(nodes, [0])];
  const groups: LinearChunk[] = [];
  const waiting: (readonly number[])[] = [[...nodes.keys()]];
  for (let members = waiting.pop(); members !== undefined; members = waiting.pop()) {
    const { better, rest, equals } = split(nodes, members);
    if (better.length > 0 && rest.length > 0) waiting.push(better, rest);
    else for (const group of equals()) groups.push(totalOf(nodes, group));
  }
  return chunksOf(inOrder(nodes, groups), nodes);
}

/** Members that pay better than all do together, and the others; or, where there are none, the groups that pay alike. */
function split(nodes: readonly LinearNode[], members: readonly number[]) {
  if (members.length < 2) return { better: [], rest: members, equals: () => (members.length === 0 ? [] : [members]) };
  const local = new Map(members.map((index, position) => [index, position]));
  const parents = members.map((index) => nodes[index]!.parents.flatMap((parent) => local.get(parent) ?? []));
  const flow = new ClosureFlow(surpluses(nodes, members), parents);
  const leaders = flow.leaders();
  return {
    better: members.filter((_, position) => leaders.has(position)),
    rest: members.filter((_, position) => !leaders.has(position)),
    equals: () => flow.groups().map((group) => group.map((position) => members[position]!)),
  };
}

/**
 * What each member pays above its share, as integers in a common unit. Where fees are so large that a number could not hold
 * their sum, the unit is coarser and differences below it are lost; it takes more than a hundred coins of fees.
 */
function surpluses(nodes: readonly LinearNode[], members: readonly number[]): number[] {
  const total = totalOf(nodes, members);
  const size = BigInt(total.size);
  const exact = members.map((index) => nodes[index]!.fee * size - total.fee * BigInt(nodes[index]!.size));
  const sum = exact.reduce((bound, surplus) => bound + (surplus < 0n ? -surplus : surplus), 0n);
  let shift = 0n;
  while (sum >> shift > BigInt(Number.MAX_SAFE_INTEGER)) shift++;
  return exact.map((surplus) => Number(surplus >> shift));
}

function totalOf(nodes: readonly LinearNode[], members: readonly number[]): LinearChunk {
  let fee = 0n;
  let size = 0;
  for (const index of members) {
    fee += nodes[index]!.fee;
    size += nodes[index]!.size;
  }
  return { fee, size, members };
}

/** All nodes, group after group. */
function inOrder(nodes: readonly LinearNode[], groups: readonly LinearChunk[]): readonly number[] {
  const groupOf = new Map(groups.flatMap((group) => group.members.map((index) => [index, group])));
  const lasts = new Map(groups.map((group) => [group, Math.max(...group.members)]));
  const preferred = [...groups].sort(
    (a, b) => compareFeerates(b, a) || a.size - b.size || lasts.get(a)! - lasts.get(b)!,
  );
  const groupParents = (group: LinearChunk) =>
    group.members.flatMap((index) => nodes[index]!.parents.map((parent) => groupOf.get(parent)!));
  const ordered = parentsFirst(preferred, groupParents);
  return ordered.flatMap(({ members }) => {
    const best = [...members].sort(
      (a, b) => compareFeerates(nodes[b]!, nodes[a]!) || nodes[a]!.size - nodes[b]!.size || a - b,
    );
    return parentsFirst(best, (index) => nodes[index]!.parents);
  });
}

/** The items in an order in which none stands before a parent of it; at each place the one that is preferred among those that may. */
function parentsFirst<Item>(preferred: readonly Item[], parentsOf: (item: Item) => readonly Item[]): readonly Item[] {
  if (preferred.length < 2) return preferred;
  const waiting = new Map(preferred.map((item) => [item, parentsOf(item)]));
  const ordered: Item[] = [];
  while (waiting.size > 0) {
    for (const [item, parents] of waiting) {
      if (parents.some((parent) => parent !== item && waiting.has(parent))) continue;
      ordered.push(item);
      waiting.delete(item);
      break;
    }
  }
  return ordered;
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
