import { compareFeerates } from "@bitfleet/protocol/policy/feerate.ts";
import { compareDiagrams } from "@bitfleet/protocol/policy/feerate-diagram.ts";
import { WITNESS_SCALE_FACTOR } from "@bitfleet/protocol/primitives/transaction.ts";
import { hashKey } from "@bitfleet/protocol/primitives/types.ts";
import { type Cluster, connectedWith, type Entry } from "./entry.ts";
import type { EntryPool } from "./entry-pool.ts";
import { type LinearNode, linearize } from "./linearize.ts";
import type { MempoolOptions } from "./mempool-options.ts";

/** A cluster as it would be after a change. */
interface StagedCluster {
  readonly nodes: readonly LinearNode[];
  readonly hasArrival: boolean;
}

/** What the mempool would look like where `arrivals` come and `removed`, with all their descendants, go. Changes nothing. */
export interface Staging {
  readonly arrivals: readonly Entry[];
  readonly removed: ReadonlySet<Entry>;
  /** As they are now; to be asked before the change. */
  readonly before: () => readonly Cluster[];
  readonly after: readonly StagedCluster[];
}

/**
 * Works out the clusters around a change; `arrivals` are not linked yet, parents before children. Entries that spend outputs of
 * an arrival, as there are when it comes back from a block, are left aside: what is too much then is trimmed later.
 */
export function stage(pool: EntryPool, arrivals: readonly Entry[], removed: ReadonlySet<Entry>): Staging {
  const touched = new Set<Entry>(removed);
  for (const { tx } of arrivals) for (const parent of pool.parentsOf(tx)) touched.add(parent);
  const [first] = arrivals;
  if (first !== undefined && arrivals.length === 1 && touched.size === 0) return stageAlone(first);
  const around = new Set<Entry>();
  for (const entry of touched) {
    if (around.has(entry)) continue;
    for (const other of connectedWith(entry)) around.add(other);
  }
  const kept = [...around].filter((entry) => !removed.has(entry));
  return {
    arrivals,
    removed,
    // Most changes replace nothing, and nobody asks.
    before: () => [...new Set([...around].map((entry) => pool.clusterOf(entry)))],
    after: clustersAfter(pool, kept, arrivals),
  };
}

/** Most transactions have to do with no other. */
function stageAlone(entry: Entry): Staging {
  const node = { fee: entry.modifiedFee, size: entry.adjustedWeight, parents: [] };
  const after = [{ nodes: [node], hasArrival: true }];
  return { arrivals: [entry], removed: new Set(), before: () => [], after };
}

/** Whether a cluster that something joins would be too large. */
export function exceedsClusterLimits(
  { after }: Staging,
  options: Pick<MempoolOptions, "clusterCountMax" | "clusterVirtualSizeMax">,
): boolean {
  const weightMax = options.clusterVirtualSizeMax * WITNESS_SCALE_FACTOR;
  return after.some(({ hasArrival, nodes }) => {
    if (!hasArrival) return false;
    return nodes.length > options.clusterCountMax || nodes.reduce((sum, { size }) => sum + size, 0) > weightMax;
  });
}

/** Whether miners gain by the change, however much they mine. */
export function improvesDiagram({ before, after }: Staging): boolean {
  const bestFirst = <Item extends { readonly fee: bigint; readonly size: number }>(chunks: readonly Item[]) =>
    [...chunks].sort((a, b) => compareFeerates(b, a));
  const old = bestFirst(before().flatMap(({ chunks }) => chunks));
  const changed = bestFirst(after.flatMap(({ nodes }) => linearize(nodes)));
  return compareDiagrams(changed, old) === "better";
}

function clustersAfter(pool: EntryPool, kept: readonly Entry[], arrivals: readonly Entry[]): StagedCluster[] {
  const entries = [...kept, ...arrivals];
  const positions = new Map(entries.map((entry, index) => [entry, index]));
  const arrivalIndexes = new Map(arrivals.map((entry) => [hashKey(entry.tx.txid), positions.get(entry)!]));
  const parents = entries.map((entry, index) => {
    const found = new Set<number>();
    for (const parent of index < kept.length ? entry.parents : pool.parentsOf(entry.tx)) {
      const position = positions.get(parent);
      if (position !== undefined) found.add(position);
    }
    if (index < kept.length) return found;
    for (const { previousOutput } of entry.tx.inputs) {
      const position = arrivalIndexes.get(hashKey(previousOutput.txid));
      if (position !== undefined) found.add(position);
    }
    return found;
  });
  return componentsOf(parents).map((members) => {
    const local = new Map(members.map((index, position) => [index, position]));
    return {
      hasArrival: members.some((index) => index >= kept.length),
      nodes: members.map((index) => ({
        fee: entries[index]!.modifiedFee,
        size: entries[index]!.adjustedWeight,
        parents: [...parents[index]!].map((parent) => local.get(parent)!),
      })),
    };
  });
}

/** Groups of positions that are connected, each in ascending order. */
function componentsOf(parents: readonly ReadonlySet<number>[]): number[][] {
  const neighbours = parents.map((own) => new Set(own));
  parents.forEach((own, index) => {
    for (const parent of own) neighbours[parent]!.add(index);
  });
  const seen = new Set<number>();
  const components: number[][] = [];
  for (const start of parents.keys()) {
    if (seen.has(start)) continue;
    const component = new Set([start]);
    for (const index of component) for (const other of neighbours[index]!) component.add(other);
    for (const index of component) seen.add(index);
    components.push([...component].sort((a, b) => a - b));
  }
  return components;
}
