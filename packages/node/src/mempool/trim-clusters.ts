import { compareFeerates } from "@bitfleet/protocol/policy/feerate.ts";
import { WITNESS_SCALE_FACTOR } from "@bitfleet/protocol/primitives/transaction.ts";
import { connectedWith, type Entry, withDescendants } from "./entry.ts";
import type { MempoolOptions } from "./mempool-options.ts";
import { inTxidOrder } from "./txid-order.ts";

type ClusterLimits = Pick<MempoolOptions, "clusterCountMax" | "clusterVirtualSizeMax">;

/** Those of a cluster to be that are kept: its entries point to it, or to what it became part of. */
interface Group {
  count: number;
  weight: number;
  joined: Group | undefined;
}

/**
 * What has to go, with all that depends on it, for every cluster that one of `entries` is in to be within the limits. Clusters
 * are too large only where transactions that came back from blocks met others that spend them.
 */
export function beyondClusterLimits(entries: Iterable<Entry>, limits: ClusterLimits): ReadonlySet<Entry> {
  const seen = new Set<Entry>();
  const beyond = new Set<Entry>();
  for (const entry of entries) {
    if (seen.has(entry)) continue;
    const members = connectedWith(entry);
    for (const member of members) seen.add(member);
    if (isWithin(sumOf(members), limits)) continue;
    for (const member of trimmed(members, limits)) beyond.add(member);
  }
  return beyond;
}

/** Takes one after the other of those whose parents are taken, what pays best first, and leaves out what would make a cluster too large. */
function trimmed(members: ReadonlySet<Entry>, limits: ClusterLimits): ReadonlySet<Entry> {
  const groups = new Map<Entry, Group>();
  const out = new Set<Entry>();
  const ready = [...members].filter(({ parents }) => parents.size === 0);
  for (let next = takeBest(ready); next !== undefined; next = takeBest(ready)) {
    if (out.has(next)) continue;
    const parts = new Set([...next.parents].map((parent) => topOf(groups.get(parent)!)));
    const whole = { ...sumOf([next]), joined: undefined };
    for (const { count, weight } of parts) {
      whole.count += count;
      whole.weight += weight;
    }
    if (!isWithin(whole, limits)) {
      for (const descendant of withDescendants([next])) out.add(descendant);
      continue;
    }
    for (const part of parts) part.joined = whole;
    groups.set(next, whole);
    for (const child of next.children) if ([...child.parents].every((parent) => groups.has(parent))) ready.push(child);
  }
  return out;
}

function takeBest(ready: Entry[]): Entry | undefined {
  if (ready.length === 0) return undefined;
  const best = inTxidOrder(ready).reduce((one, other) =>
    compareFeerates(paidBy(other), paidBy(one)) > 0 ? other : one,
  );
  ready.splice(ready.indexOf(best), 1);
  return best;
}

const paidBy = ({ modifiedFee, adjustedWeight }: Entry) => ({ fee: modifiedFee, size: adjustedWeight });

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
