import { compareFeerates } from "@bitfleet/protocol/policy/feerate.ts";
import { type HashKey, hashKey } from "@bitfleet/protocol/primitives/types.ts";
import type { Chunk, Cluster } from "../../mempool/entry.ts";
import type { Mempool, MempoolEntry } from "../../mempool/mempool.ts";

/** Where a transaction stands in the mempool. */
interface Place {
  readonly entry: MempoolEntry;
  readonly chunk: Chunk;
  /** Of its cluster, by which clusters that pay alike are told apart: it says nothing of when they came. */
  readonly clusterKey: HashKey;
  /** In the cluster's own order, parents before children. */
  readonly index: number;
}

/**
 * `entries` of the mempool in the order in which they should be mined, and so announced: the chunk that pays most first, parents before
 * children. It does not show in which order they came.
 */
export function inMiningOrder(
  entries: Iterable<MempoolEntry>,
  mempool: Pick<Mempool, "clusterOf">,
): readonly MempoolEntry[] {
  const wanted = new Set(entries);
  const seen = new Set<MempoolEntry>();
  const places: Place[] = [];
  for (const entry of wanted) {
    const cluster = seen.has(entry) ? undefined : mempool.clusterOf(entry.tx.txid);
    if (cluster === undefined) continue;
    for (const place of placesOf(cluster)) {
      seen.add(place.entry);
      if (wanted.has(place.entry)) places.push(place);
    }
  }
  return places.sort(comparePlaces).map(({ entry }) => entry);
}

function placesOf(cluster: Cluster): readonly Place[] {
  const clusterKey = hashKey(cluster.entries[0]!.tx.wtxid);
  let index = 0;
  return cluster.chunks.flatMap((chunk) =>
    chunk.entries.map((entry) => ({ entry, chunk, clusterKey, index: index++ })),
  );
}

function comparePlaces(a: Place, b: Place): number {
  const byFeerate = compareFeerates(b.chunk, a.chunk);
  if (byFeerate !== 0) return byFeerate;
  if (a.clusterKey !== b.clusterKey) return a.clusterKey < b.clusterKey ? -1 : 1;
  return a.index - b.index;
}
