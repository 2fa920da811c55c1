import type { NetworkStatus } from "@bitfleet/api/rest/network.ts";

/**
 * The height at which nodes that talk to each other have different tips, so that only the next block decides; absent where they agree, or
 * one is ahead of another.
 */
export function tiedHeight({ nodes, partition }: Pick<NetworkStatus, "nodes" | "partition">): number | undefined {
  if (partition.length > 1) return undefined;
  const tips = nodes.flatMap(({ height, hash }) => (height === null || hash === null ? [] : [{ height, hash }]));
  const [first] = tips;
  if (first === undefined || tips.some(({ height }) => height !== first.height)) return undefined;
  return tips.some(({ hash }) => hash !== first.hash) ? first.height : undefined;
}
