import { compareChunks } from "../../mempool/cluster-order.ts";
import type { Cluster, OrderedChunk } from "../../mempool/entry.ts";
import type { Mempool, MempoolEntry } from "../../mempool/mempool.ts";

/** Where a transaction stands in the mempool. */
interface Place {
  readonly entry: MempoolEntry;
  readonly chunk: OrderedChunk;
  /** In the chunk's own order, parents before children. */
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
  return cluster.chunks.flatMap((chunk) => chunk.entries.map((entry, index) => ({ entry, chunk, index })));
}

function comparePlaces(a: Place, b: Place): number {
  return a.chunk === b.chunk ? a.index - b.index : compareChunks(a.chunk, b.chunk);
}
