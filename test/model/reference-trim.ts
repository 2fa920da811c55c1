import type { MempoolOptions } from "../../packages/node/src/mempool/mempool-options.ts";
import type { ModelEntry } from "./reference-entry.ts";
import { feerateOrder, Graph } from "./reference-graph.ts";
import { isWithinLimits } from "./reference-replacement.ts";

/** What has to go where `back`, that came back from blocks, met others that spend them in clusters that are too large then. */
export function beyondLimits(
  entries: readonly ModelEntry[],
  back: readonly ModelEntry[],
  options: MempoolOptions,
): readonly ModelEntry[] {
  return new Graph(entries)
    .clusters()
    .filter((cluster) => !isWithinLimits(cluster, options) && cluster.some((entry) => back.includes(entry)))
    .flatMap((cluster) => unkept(cluster, back, options));
}

/**
 * Where a cluster became too large, the clusters that met in it keep their order of mining, each for itself. Again and again what
 * stands first in one of them, with its parents kept, is kept if what it joins is not too large then: first that of the chunk
 * that pays best. What stands behind what is not kept is not kept either.
 */
function unkept(
  cluster: readonly ModelEntry[],
  back: readonly ModelEntry[],
  options: MempoolOptions,
): readonly ModelEntry[] {
  const graph = new Graph(cluster);
  // As if those who came back were not known to those who were here.
  const isKnown = (entry: ModelEntry, id: string) => back.includes(entry) || !back.some((other) => other.id === id);
  const apart = new Graph(
    cluster.map((entry) => ({ ...entry, entry, spends: entry.spends.filter((id) => isKnown(entry, id)) })),
  );
  const rows = apart.clusters().map((members) => {
    return apart.chunks(members).flatMap((chunk) => chunk.items.map(({ entry }) => ({ entry, chunk })));
  });
  // Whatever stands next to each other in a row counts as connected.
  const linked = cluster.map((entry) => {
    const row = rows.find((each) => each.some((place) => place.entry === entry))!;
    const before = row[row.findIndex((place) => place.entry === entry) - 1];
    return { ...entry, spends: before === undefined ? entry.spends : [...entry.spends, before.entry.id] };
  });
  const kept: string[] = [];
  for (;;) {
    const ready = rows
      .flatMap(([first]) => first ?? [])
      .filter(({ entry }) => graph.parents(entry).every(({ id }) => kept.includes(id)))
      .sort(
        (a, b) => feerateOrder(b.chunk, a.chunk) || a.chunk.size - b.chunk.size || (a.entry.id < b.entry.id ? -1 : 1),
      );
    if (ready.length === 0) return cluster.filter(({ id }) => !kept.includes(id));
    const { id } = ready[0]!.entry;
    const row = rows.find(([first]) => first?.entry.id === id)!;
    const own = linked.find((entry) => entry.id === id)!;
    const joined = new Graph(linked.filter((entry) => entry === own || kept.includes(entry.id))).cluster(own);
    if (isWithinLimits(joined, options)) {
      kept.push(id);
      row.shift();
    } else row.length = 0;
  }
}
