import { compareBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { compareFeerates } from "@bitfleet/protocol/policy/feerate.ts";
import type { Cluster, Entry, OrderedChunk } from "./entry.ts";
import { type LinearChunk, linearize } from "./linearize.ts";
import { inTxidOrder } from "./txid-order.ts";

/** The order in which `members`, all that are connected and no others, should be mined; among equals that of their txids, as in Core. */
export function orderCluster(members: Iterable<Entry>): Cluster {
  const ordered = inTxidOrder(members);
  const positions = new Map(ordered.map((member, index) => [member, index]));
  const nodes = ordered.map((member) => ({
    fee: member.modifiedFee,
    size: member.adjustedWeight,
    parents: [...member.parents].map((parent) => positions.get(parent)!),
  }));
  const entries: Entry[] = [];
  const chunks: OrderedChunk[] = [];
  const cluster: Cluster = { entries, chunks };
  for (const linear of linearize(nodes)) {
    const chunk = chunkOf(linear, ordered, cluster, chunks.at(-1));
    chunks.push(chunk);
    entries.push(...chunk.entries);
  }
  return cluster;
}

function chunkOf(
  { fee, size, members }: LinearChunk,
  ordered: readonly Entry[],
  cluster: Cluster,
  before: OrderedChunk | undefined,
): OrderedChunk {
  const pays = { fee, size };
  const isEqual = before !== undefined && compareFeerates(before, pays) === 0;
  return {
    ...pays,
    entries: members.map((index) => ordered[index]!),
    cluster,
    equalsSize: size + (isEqual ? before.equalsSize : 0),
    lastTxid: ordered[Math.max(...members)]!.tx.txid,
  };
}

/** Below 0 where `a` is to be mined before `b`. Chunks of a cluster keep their order; no two chunks are equal. */
export function compareChunks(a: OrderedChunk, b: OrderedChunk): number {
  return compareFeerates(b, a) || a.equalsSize - b.equalsSize || compareBytes(a.lastTxid, b.lastTxid);
}
