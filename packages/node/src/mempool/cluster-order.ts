import { compareBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { compareFeerates } from "@bitfleet/protocol/policy/feerate.ts";
import type { Cluster, Entry, OrderedChunk } from "./entry.ts";
import { type LinearChunk, linearize } from "./linearize.ts";
import { inTxidOrder } from "./txid-order.ts";

/** The order in which `members`, all that are connected and no others, should be mined; among equals that of their txids, as in Core. */
export function orderCluster(members: Iterable<Entry>): Cluster {
  const [first, second] = members;
  if (first !== undefined && second === undefined) return clusterOfOne(first);
  const ordered = inTxidOrder(members);
  const positions = new Map(ordered.map((member, index) => [member, index]));
  const nodes = ordered.map((member) => ({
    fee: member.modifiedFee,
    size: member.adjustedWeight,
    parents: [...member.parents].map((parent) => positions.get(parent)!),
  }));
  const linear = linearize(nodes);
  const lists = linear.map(({ members }) => members.map((index) => ordered[index]!));
  // Lists are as long as they must be and no longer, and mostly one is enough: each transaction that waits keeps some.
  const entries = lists.length === 1 ? lists[0]! : lists.flat();
  const chunks = new Array<OrderedChunk>(linear.length);
  const cluster: Cluster = { entries, chunks };
  for (const [index, chunk] of linear.entries()) {
    const lastTxid = ordered[Math.max(...chunk.members)]!.tx.txid;
    chunks[index] = orderedChunk(chunk, { entries: lists[index]!, lastTxid, cluster }, chunks[index - 1]);
  }
  return cluster;
}

/** Most transactions depend on no other. */
function clusterOfOne(entry: Entry): Cluster {
  const { modifiedFee: fee, adjustedWeight: size } = entry;
  const entries = [entry];
  const chunks = new Array<OrderedChunk>(1);
  const cluster: Cluster = { entries, chunks };
  chunks[0] = { fee, size, entries, lastTxid: entry.tx.txid, cluster, equalsSize: size };
  return cluster;
}

function orderedChunk(
  { fee, size }: LinearChunk,
  place: Pick<OrderedChunk, "cluster" | "entries" | "lastTxid">,
  before: OrderedChunk | undefined,
): OrderedChunk {
  const isEqual = before !== undefined && compareFeerates(before, { fee, size }) === 0;
  return { fee, size, ...place, equalsSize: size + (isEqual ? before.equalsSize : 0) };
}

/** Below 0 where `a` is to be mined before `b`. Chunks of a cluster keep their order; no two chunks are equal. */
export function compareChunks(a: OrderedChunk, b: OrderedChunk): number {
  return compareFeerates(b, a) || a.equalsSize - b.equalsSize || compareBytes(a.lastTxid, b.lastTxid);
}
