import { compareFeerates } from "@bitfleet/protocol/policy/feerate.ts";
import { WITNESS_SCALE_FACTOR } from "@bitfleet/protocol/primitives/transaction.ts";
import { type Chunk, type Cluster, connectedWith, type Entry } from "./entry.ts";
import type { MempoolOptions } from "./mempool-options.ts";
import { inTxidOrder } from "./txid-order.ts";

type ClusterLimits = Pick<MempoolOptions, "clusterCountMax" | "clusterVirtualSizeMax">;

/** Those of a cluster to be that are kept: its entries point to it, or to what it became part of. */
interface Group {
  count: number;
  weight: number;
  joined: Group | undefined;
}

/** Where an entry stood in its cluster before. */
interface Place {
  readonly chunk: Chunk;
  readonly previous: Entry | undefined;
  readonly next: Entry | undefined;
}

/**
 * What has to go, with all that depends on it, for every cluster that one of `entries` is in to be within the limits. Clusters
 * are too large only where transactions that came back from blocks, `entries`, met others that spend them; `before` are the
 * clusters of both as they were before.
 */
export function beyondClusterLimits(
  entries: Iterable<Entry>,
  before: Iterable<Cluster>,
  limits: ClusterLimits,
): ReadonlySet<Entry> {
  const seen = new Set<Entry>();
  const beyond = new Set<Entry>();
  let places: ReadonlyMap<Entry, Place> | undefined;
  for (const entry of entries) {
    if (seen.has(entry)) continue;
    const members = connectedWith(entry);
    for (const member of members) seen.add(member);
    if (isWithin(sumOf(members), limits)) continue;
    places ??= placesIn(before);
    const kept = keptOf(members, places, limits);
    for (const member of members) if (!kept.has(member)) beyond.add(member);
  }
  return beyond;
}

function placesIn(clusters: Iterable<Cluster>): ReadonlyMap<Entry, Place> {
  const places = new Map<Entry, Place>();
  for (const { chunks } of clusters) {
    const inRow = chunks.flatMap((chunk) => chunk.entries.map((entry) => ({ entry, chunk })));
    inRow.forEach(({ entry, chunk }, index) => {
      places.set(entry, { chunk, previous: inRow[index - 1]?.entry, next: inRow[index + 1]?.entry });
    });
  }
  return places;
}

/**
 * Takes one after the other of those whose parents are taken, and leaves out what would make a cluster too large. As in Core, each
 * cluster keeps the order of mining that it had, and of what stands first in each the best chunk's goes first: what comes behind
 * something that is left out is left out too.
 */
function keptOf(
  members: ReadonlySet<Entry>,
  places: ReadonlyMap<Entry, Place>,
  limits: ClusterLimits,
): ReadonlyMap<Entry, Group> {
  const kept = new Map<Entry, Group>();
  const needsOf = (entry: Entry) => {
    const { previous } = places.get(entry)!;
    return previous === undefined ? [...entry.parents] : [...entry.parents, previous];
  };
  const ready = new Set([...members].filter((entry) => needsOf(entry).length === 0));
  for (let best = bestOf(ready, places); best !== undefined; best = bestOf(ready, places)) {
    ready.delete(best);
    const parts = new Set(needsOf(best).map((need) => topOf(kept.get(need)!)));
    const whole = { ...sumOf([best]), joined: undefined };
    for (const { count, weight } of parts) {
      whole.count += count;
      whole.weight += weight;
    }
    if (!isWithin(whole, limits)) continue;
    for (const part of parts) part.joined = whole;
    kept.set(best, whole);
    const { next } = places.get(best)!;
    for (const later of next === undefined ? best.children : [...best.children, next])
      if (needsOf(later).every((need) => kept.has(need))) ready.add(later);
  }
  return kept;
}

/** The one of the chunk that pays best; among equals of the smallest, then by txid. */
function bestOf(ready: ReadonlySet<Entry>, places: ReadonlyMap<Entry, Place>): Entry | undefined {
  let best: Entry | undefined;
  for (const entry of inTxidOrder(ready)) {
    if (best === undefined) best = entry;
    const [one, other] = [places.get(best)!.chunk, places.get(entry)!.chunk];
    if ((compareFeerates(other, one) || one.size - other.size) > 0) best = entry;
  }
  return best;
}

function topOf(group: Group): Group {
  let top = group;
  while (top.joined !== undefined) top = top.joined;
  return top;
}

function sumOf(entries: Iterable<Entry>): { count: number; weight: number } {
  const sum = { count: 0, weight: 0 };
  for (const { adjustedWeight } of entries) {
    sum.count++;
    sum.weight += adjustedWeight;
  }
  return sum;
}

function isWithin(
  { count, weight }: { readonly count: number; readonly weight: number },
  limits: ClusterLimits,
): boolean {
  return count <= limits.clusterCountMax && weight <= limits.clusterVirtualSizeMax * WITNESS_SCALE_FACTOR;
}
