import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { MempoolOptions } from "../../packages/node/src/mempool/mempool-options.ts";
import type { ModelEntry } from "./reference-entry.ts";
import { feerateOrder, Graph, isBetterDiagram } from "./reference-graph.ts";
import { feeAt, type ModelReject, money, refuse, sum } from "./reference-rules.ts";

/** What has to go for arrivals to come, and why they may not: replacement and the limits of clusters. */

export interface Change {
  readonly arrivals: readonly ModelEntry[];
  readonly removed: readonly ModelEntry[];
}

/** One transaction with its direct conflicts, `isSibling` where one of them is a sibling that has to make room. */
export function judgeReplacement(
  entry: ModelEntry,
  conflicts: readonly ModelEntry[],
  isSibling: boolean,
  graph: Graph<ModelEntry>,
  options: MempoolOptions,
): Change | ModelReject {
  const removed = graph.withDescendants(conflicts);
  const change = { arrivals: [entry], removed };
  if (conflicts.length > 0) {
    const suffix = isSibling ? " (including sibling eviction)" : "";
    const crowd = crowdFault(entry, conflicts, graph);
    if (crowd !== undefined) return refuse("policy", `too many potential replacements${suffix}`, crowd);
    const poor = feeFault([entry], removed, entry, options);
    if (poor !== undefined) return refuse("reconsiderable", `insufficient fee${suffix}`, poor);
  }
  if (!fitsLimits(change, graph, options)) return refuse("policy", "too-large-cluster");
  if (conflicts.length === 0) return change;
  if (!isImprovement(change, graph)) return refuse("reconsiderable", "replacement-failed", NO_BETTER);
  const own = graph
    .ancestors(entry)
    .filter((ancestor) => conflicts.includes(ancestor))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  if (own.length === 0) return change;
  const detail = `${nameOf(entry)} spends conflicting transaction ${nameOf(own[0]!)}`;
  return refuse("consensus", "bad-txns-spends-conflicting-tx", detail);
}

const NO_BETTER = "insufficient feerate: does not improve feerate diagram";
const nameOf = ({ tx }: ModelEntry) => displayHash(tx.txid);

/** A package: only a parent and a child that know nobody else in the mempool may replace. */
export function judgePackageReplacement(
  entries: readonly ModelEntry[],
  conflicts: readonly ModelEntry[],
  graph: Graph<ModelEntry>,
  options: MempoolOptions,
): Change | ModelReject {
  const removed = graph.withDescendants(conflicts);
  const change = { arrivals: entries, removed };
  const failed = (reason: string, detail = "") => refuse("policy", `package RBF failed: ${reason}`, detail);
  if (conflicts.length > 0) {
    const [parent, child] = entries;
    if (entries.length !== 2) return failed("package must be 1-parent-1-child");
    if (entries.some((entry) => graph.parents(entry).length > 0))
      return failed("new transaction cannot have mempool ancestors");
    const crowd = crowdFault(child!, conflicts, graph);
    if (crowd !== undefined) return failed("too many potential replacements", crowd);
    const poor = feeFault(entries, removed, child!, options);
    if (poor !== undefined) return failed("insufficient anti-DoS fees", poor);
    const both = { fee: parent!.modifiedFee + child!.modifiedFee, size: parent!.vsize + child!.vsize };
    const one = { fee: parent!.modifiedFee, size: parent!.vsize };
    if (feerateOrder(both, one) <= 0) {
      const detail = `package feerate ${feerate(both)} <= parent feerate is ${feerate(one)}`;
      return failed("package feerate is less than or equal to parent feerate", detail);
    }
  }
  if (!fitsLimits(change, graph, options)) return refuse("policy", "too-large-cluster");
  if (conflicts.length > 0 && !isImprovement(change, graph)) return failed(NO_BETTER);
  return change;
}

function feerate({ fee, size }: { readonly fee: bigint; readonly size: number }): string {
  const perKvb = floorDivide(fee * 1000n, BigInt(size));
  const digits = (perKvb < 0n ? -perKvb : perKvb).toString().padStart(9, "0");
  return `${perKvb < 0n ? "-" : ""}${digits.slice(0, -8)}.${digits.slice(-8)} BTC/kvB`;
}

/** Rounded down, below zero too. */
export function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const rest = ((dividend % divisor) + divisor) % divisor;
  return (dividend - rest) / divisor;
}

function crowdFault(entry: ModelEntry, conflicts: readonly ModelEntry[], graph: Graph<ModelEntry>): string | undefined {
  const heads = conflicts.map(
    (conflict) =>
      graph
        .cluster(conflict)
        .map(({ id }) => id)
        .sort()[0],
  );
  const count = new Set(heads).size;
  if (count <= 100) return undefined;
  return `rejecting replacement ${nameOf(entry)}; too many conflicting clusters (${count} > 100)`;
}

function feeFault(
  arrivals: readonly ModelEntry[],
  removed: readonly ModelEntry[],
  named: ModelEntry,
  options: MempoolOptions,
): string | undefined {
  const name = `rejecting replacement ${nameOf(named)}`;
  const [old, offered] = [removed, arrivals].map((list) => sum(list.map(({ modifiedFee }) => modifiedFee))) as [
    bigint,
    bigint,
  ];
  if (offered < old) return `${name}, less fees than conflicting txs; ${money(offered)} < ${money(old)}`;
  const vsize = arrivals.reduce((total, entry) => total + entry.vsize, 0);
  const wanted = feeAt(options.incrementalFeerateSatPerKvb, vsize);
  if (offered - old >= wanted) return undefined;
  return `${name}, not enough additional fees to relay; ${money(offered - old)} < ${money(wanted)}`;
}

/** The mempool as it would be. */
function after({ arrivals, removed }: Change, graph: Graph<ModelEntry>): Graph<ModelEntry> {
  return new Graph([...graph.items.filter((item) => !removed.includes(item)), ...arrivals]);
}

function fitsLimits(change: Change, graph: Graph<ModelEntry>, options: MempoolOptions): boolean {
  const changed = after(change, graph);
  return change.arrivals.every((arrival) => isWithinLimits(changed.cluster(arrival), options));
}

export function isWithinLimits(cluster: readonly ModelEntry[], options: MempoolOptions): boolean {
  const weight = cluster.reduce((total, { size }) => total + size, 0);
  return cluster.length <= options.clusterCountMax && weight <= 4 * options.clusterVirtualSizeMax;
}

/** All the mempool before and after: what has not changed is the same on both sides. */
function isImprovement(change: Change, graph: Graph<ModelEntry>): boolean {
  const changed = after(change, graph);
  const touched = (one: Graph<ModelEntry>, other: Graph<ModelEntry>) =>
    one.clusters().filter((cluster) => !other.clusters().some((same) => isSame(cluster, same)));
  return isBetterDiagram(changed.diagram(touched(changed, graph)), graph.diagram(touched(graph, changed)));
}

function isSame(one: readonly ModelEntry[], other: readonly ModelEntry[]): boolean {
  return one.length === other.length && one.every((entry) => other.includes(entry));
}
