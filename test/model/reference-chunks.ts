/** How a cluster is cut into chunks, by trying all there is. */

export interface ChunkNode {
  readonly fee: bigint;
  readonly size: number;
  /** Positions. */
  readonly parents: readonly number[];
}

export interface Chunked {
  readonly members: readonly number[];
  readonly fee: bigint;
  readonly size: number;
}

/** Above this, there are too many subsets to try. */
const LARGE_CLUSTER_COUNT = 12;

const known = new Map<string, readonly Chunked[]>();
const KNOWN_MAX = 50_000;

/** The same nodes have the same chunks: worked out once. */
function remembered(nodes: readonly ChunkNode[], work: (nodes: readonly ChunkNode[]) => readonly Chunked[]) {
  const key = nodes.map(({ fee, size, parents }) => `${fee}/${size}/${parents}`).join(";");
  let chunks = known.get(key);
  if (chunks === undefined) {
    if (known.size > KNOWN_MAX) known.clear();
    chunks = work(nodes);
    known.set(key, chunks);
  }
  return chunks;
}

/**
 * Again and again: of all subsets of what is left that hold, with each node, its parents that are left, the one that pays best for
 * its size; among equals the smallest, then the one whose last position is lower.
 */
export function exhaustiveChunks(nodes: readonly ChunkNode[]): readonly Chunked[] {
  return remembered(nodes, chunksByTrying);
}

function chunksByTrying(nodes: readonly ChunkNode[]): readonly Chunked[] {
  const needs = nodes.map(({ parents }) => parents.reduce((mask, parent) => mask | (1 << parent), 0));
  const chunks: Chunked[] = [];
  let taken = 0;
  const all = 2 ** nodes.length - 1;
  while (taken !== all) {
    let best: { readonly mask: number; readonly fee: bigint; readonly size: number } | undefined;
    for (let mask = 1; mask <= all; mask++) {
      if ((mask & taken) !== 0 || !isClosed(mask, taken, needs)) continue;
      const [fee, size] = sumOf(mask, nodes);
      const order = best === undefined ? 1n : fee * BigInt(best.size) - best.fee * BigInt(size);
      const isBetter =
        best === undefined ||
        order > 0n ||
        (order === 0n && (size < best.size || (size === best.size && lastOf(mask) < lastOf(best.mask))));
      if (isBetter) best = { mask, fee, size };
    }
    const { mask, fee, size } = best!;
    chunks.push({ members: orderWithin(indexesOf(mask), nodes), fee, size });
    taken |= mask;
  }
  return chunks;
}

function isClosed(mask: number, taken: number, needs: readonly number[]): boolean {
  for (let rest = mask; rest !== 0; rest &= rest - 1) {
    if ((needs[lowestOf(rest)]! & ~(mask | taken)) !== 0) return false;
  }
  return true;
}

const lowestOf = (mask: number) => 31 - Math.clz32(mask & -mask);
const indexesOf = (mask: number) => [...new Array(32).keys()].filter((index) => (mask & (1 << index)) !== 0);
const lastOf = (mask: number) => 31 - Math.clz32(mask);

function sumOf(mask: number, nodes: readonly ChunkNode[]): [fee: bigint, size: number] {
  let fee = 0n;
  let size = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) {
    const node = nodes[lowestOf(rest)]!;
    fee += node.fee;
    size += node.size;
  }
  return [fee, size];
}

/** Within a chunk: always the one that pays best for itself among those whose parents stand before it; then the smallest, then the first. */
function orderWithin(members: readonly number[], nodes: readonly ChunkNode[]): number[] {
  const left = new Set(members);
  const ordered: number[] = [];
  while (left.size > 0) {
    const ready = [...left].filter((index) => nodes[index]!.parents.every((parent) => !left.has(parent)));
    const [next] = ready.sort((a, b) => {
      const [one, other] = [nodes[a]!, nodes[b]!];
      const order = other.fee * BigInt(one.size) - one.fee * BigInt(other.size);
      return order !== 0n ? (order > 0n ? 1 : -1) : one.size - other.size || a - b;
    });
    ordered.push(next!);
    left.delete(next!);
  }
  return ordered;
}

/** Chunks of a cluster of any size, by trying where there are not too many subsets, else by cuts. */
export function chunksOf(nodes: readonly ChunkNode[]): readonly Chunked[] {
  if (nodes.length <= LARGE_CLUSTER_COUNT) return exhaustiveChunks(nodes);
  return remembered(nodes, chunksByCuts);
}

/** First what pays alike; then of that, again and again, the smallest set that may be taken with one of its nodes. */
export function chunksByCuts(nodes: readonly ChunkNode[]): readonly Chunked[] {
  return groupsByCuts(nodes).flatMap(({ members, fee, size }) => {
    const chunks: Chunked[] = [];
    let left = members;
    while (left.length > 0) {
      const sets = left.map((node) => surplusSet(left, nodes, fee, BigInt(size), { wanted: node }));
      const [best] = sets.sort((a, b) => totalOf(a, nodes).size - totalOf(b, nodes).size || a.at(-1)! - b.at(-1)!) as [
        number[],
      ];
      chunks.push({ members: orderWithin(best, nodes), ...totalOf(best, nodes) });
      left = left.filter((node) => !best.includes(node));
    }
    return chunks;
  });
}

/**
 * For clusters with too many subsets: what pays alike, best first, without telling apart chunks of one feerate. What may be taken
 * at a feerate is the largest set that a minimum cut leaves on the side of the surplus (Picard), with the plainest way to find
 * one: push along shortest paths, one after the other, until there is none.
 */
function groupsByCuts(nodes: readonly ChunkNode[]): readonly Chunked[] {
  const groups: Chunked[] = [];
  let left = [...nodes.keys()];
  while (left.length > 0) {
    let members = left;
    for (;;) {
      const { fee, size } = totalOf(members, nodes);
      const better = surplusSet(left, nodes, fee, BigInt(size), {});
      if (better.length === 0) {
        // Nothing pays better: all that pays the same, at once.
        members = surplusSet(left, nodes, fee, BigInt(size), { isLargest: true });
        break;
      }
      members = better;
    }
    groups.push({ members, ...totalOf(members, nodes) });
    left = left.filter((index) => !members.includes(index));
  }
  return groups;
}

function totalOf(members: readonly number[], nodes: readonly ChunkNode[]) {
  return {
    fee: members.reduce((sum, index) => sum + nodes[index]!.fee, 0n),
    size: members.reduce((sum, index) => sum + nodes[index]!.size, 0),
  };
}

/**
 * The closed subset with the most surplus over the feerate fee/size: the smallest such, or the largest. A node that is `wanted` has
 * less than the least surplus more, so that of subsets with as much one with it is the best.
 */
function surplusSet(
  left: readonly number[],
  nodes: readonly ChunkNode[],
  fee: bigint,
  size: bigint,
  { isLargest = false, wanted }: { readonly isLargest?: boolean; readonly wanted?: number },
): number[] {
  const surplus = left.map(
    (index) => 2n * (nodes[index]!.fee * size - fee * BigInt(nodes[index]!.size)) + (index === wanted ? 1n : 0n),
  );
  const count = left.length;
  const [source, sink] = [count, count + 1];
  const capacity = Array.from({ length: count + 2 }, () => new Map<number, bigint>());
  const add = (from: number, to: number, amount: bigint) => {
    capacity[from]!.set(to, (capacity[from]!.get(to) ?? 0n) + amount);
    if (!capacity[to]!.has(from)) capacity[to]!.set(from, 0n);
  };
  const endless = surplus.reduce((sum, value) => sum + (value < 0n ? -value : value), 1n);
  surplus.forEach((value, node) => {
    if (value > 0n) add(source, node, value);
    if (value < 0n) add(node, sink, -value);
    for (const parent of nodes[left[node]!]!.parents) {
      const position = left.indexOf(parent);
      if (position >= 0) add(node, position, endless);
    }
  });
  for (
    let path = shortestPath(capacity, source, sink);
    path !== undefined;
    path = shortestPath(capacity, source, sink)
  ) {
    const amounts = path.slice(1).map((node, index) => capacity[path![index]!]!.get(node)!);
    // biome-ignore lint/complexity/useMathMinMax: these are bigints
    const amount = amounts.reduce((least, value) => (value < least ? value : least));
    path.slice(1).forEach((node, index) => {
      const from = path![index]!;
      capacity[from]!.set(node, capacity[from]!.get(node)! - amount);
      capacity[node]!.set(from, capacity[node]!.get(from)! + amount);
    });
  }
  const side = isLargest ? excluding(reach(sink, incoming(capacity)), count) : [...reach(source, outgoing(capacity))];
  return side
    .filter((node) => node < count)
    .map((node) => left[node]!)
    .sort((a, b) => a - b);
}

type Capacity = readonly ReadonlyMap<number, bigint>[];

const outgoing = (capacity: Capacity) => (node: number) =>
  [...capacity[node]!].filter(([, amount]) => amount > 0n).map(([to]) => to);
const incoming = (capacity: Capacity) => (node: number) =>
  [...capacity.keys()].filter((from) => (capacity[from]!.get(node) ?? 0n) > 0n);
const excluding = (nodes: ReadonlySet<number>, count: number) =>
  Array.from({ length: count }, (_, index) => index).filter((index) => !nodes.has(index));

function reach(start: number, next: (node: number) => readonly number[]): ReadonlySet<number> {
  const reached = new Set([start]);
  for (const node of reached) for (const other of next(node)) reached.add(other);
  return reached;
}

function shortestPath(capacity: Capacity, source: number, sink: number): number[] | undefined {
  const before = new Map<number, number>([[source, -1]]);
  for (const [node] of before) {
    if (node === sink) break;
    for (const next of outgoing(capacity)(node)) if (!before.has(next)) before.set(next, node);
  }
  if (!before.has(sink)) return undefined;
  const path: number[] = [];
  for (let node = sink; node !== -1; node = before.get(node)!) path.unshift(node);
  return path;
}
