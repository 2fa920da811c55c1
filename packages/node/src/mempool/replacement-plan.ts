import { compareFeerates, feerateSatPerKvb, feerateText } from "@bitfleet/protocol/policy/feerate.ts";
import { REPLACED_CLUSTERS_MAX, replacementShortfall } from "@bitfleet/protocol/policy/replacement.ts";
import { type PolicyReject, policyReject } from "@bitfleet/protocol/policy/verdict.ts";
import { displayHash, type Sats, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { Candidate } from "./candidate.ts";
import { ancestorsOf, type Cluster, type Entry, withDescendants } from "./entry.ts";
import type { EntryPool } from "./entry-pool.ts";
import type { MempoolOptions } from "./mempool-options.ts";
import { exceedsClusterLimits, improvesDiagram, type Staging, stage } from "./staging.ts";
import { inTxidOrder } from "./txid-order.ts";

/** The change that takes a candidate in, and what it conflicts with out; or why not. */
export function planOne(candidate: Candidate, pool: EntryPool, options: MempoolOptions): Staging | PolicyReject {
  const { tx, entry, conflicts } = candidate;
  if (conflicts.size === 0) return withinLimits(stage(pool, [entry], new Set()), options);
  const suffix = candidate.evictsSibling ? " (including sibling eviction)" : "";
  const crowd = tooManyClusters(conflicts, pool, tx.txid);
  if (crowd !== undefined) return policyReject("policy", `too many potential replacements${suffix}`, crowd);
  const removed = withDescendants(conflicts);
  const shortfall = shortfallOf([candidate], removed, options, tx.txid);
  if (shortfall !== undefined) return policyReject("reconsiderable", `insufficient fee${suffix}`, shortfall);
  const staging = withinLimits(stage(pool, [entry], removed), options);
  if ("kind" in staging) return staging;
  if (!improvesDiagram(staging)) return policyReject("reconsiderable", "replacement-failed", NO_BETTER_DIAGRAM);
  return checkIndependence(candidate, pool) ?? staging;
}

const NO_BETTER_DIAGRAM = "insufficient feerate: does not improve feerate diagram";

/** The same for a package: a conflict is resolved for a parent with one child that has no other unconfirmed ancestors. */
export function planPackage(
  candidates: readonly Candidate[],
  pool: EntryPool,
  options: MempoolOptions,
): Staging | PolicyReject {
  const entries = candidates.map(({ entry }) => entry);
  const conflicts = new Set(candidates.flatMap((candidate) => [...candidate.conflicts]));
  if (conflicts.size === 0) return withinLimits(stage(pool, entries, new Set()), options);
  const [parent, child, ...others] = candidates;
  if (parent === undefined || child === undefined || others.length > 0)
    return packageFailed("package must be 1-parent-1-child");
  if (candidates.some(({ tx }) => pool.parentsOf(tx).size > 0))
    return packageFailed("new transaction cannot have mempool ancestors");
  const crowd = tooManyClusters(conflicts, pool, child.tx.txid);
  if (crowd !== undefined) return packageFailed("too many potential replacements", crowd);
  const removed = withDescendants(conflicts);
  const shortfall = shortfallOf(candidates, removed, options, child.tx.txid);
  if (shortfall !== undefined) return packageFailed("insufficient anti-DoS fees", shortfall);
  const helped = parentHelped(parent.entry, child.entry);
  if (helped !== undefined) return packageFailed("package feerate is less than or equal to parent feerate", helped);
  const staging = withinLimits(stage(pool, entries, removed), options);
  if ("kind" in staging) return staging;
  return improvesDiagram(staging) ? staging : packageFailed(NO_BETTER_DIAGRAM);
}

/** The same where only `rest` of a package is left, and its other parents are there by themselves: what they replace is gone. */
export function planRest(
  candidates: readonly Candidate[],
  rest: ReadonlySet<Candidate>,
  pool: EntryPool,
  options: MempoolOptions,
): Staging | PolicyReject {
  const before = candidates.filter((candidate) => !rest.has(candidate));
  const removed = withDescendants(new Set(before.flatMap(({ conflicts }) => [...conflicts])));
  const left = [...rest];
  if (left.some(({ tx }) => [...pool.parentsOf(tx)].some((parent) => removed.has(parent))))
    return policyReject("missing-inputs", "bad-txns-inputs-missingorspent");
  const all = new Set(removed);
  for (const candidate of left) {
    const conflicts = new Set([...candidate.conflicts].filter((entry) => !removed.has(entry)));
    if (conflicts.size === 0) continue;
    if (left.length > 2) return packageFailed("package must be 1-parent-1-child");
    if (left.length > 1) return packageFailed("new transaction cannot have mempool ancestors");
    const own = planOne({ ...candidate, conflicts }, pool, options);
    if ("kind" in own) return own;
    for (const entry of own.removed) all.add(entry);
  }
  return withinLimits(
    stage(
      pool,
      candidates.map(({ entry }) => entry),
      all,
    ),
    options,
  );
}

const packageFailed = (reason: string, detail = "") => policyReject("policy", `package RBF failed: ${reason}`, detail);

function withinLimits(staging: Staging, options: MempoolOptions): Staging | PolicyReject {
  return exceedsClusterLimits(staging, options) ? policyReject("policy", "too-large-cluster") : staging;
}

function tooManyClusters(conflicts: ReadonlySet<Entry>, pool: EntryPool, txid: Txid): string | undefined {
  const clusters = new Set<Cluster>();
  for (const conflict of conflicts) clusters.add(pool.clusterOf(conflict));
  if (clusters.size <= REPLACED_CLUSTERS_MAX) return undefined;
  const counts = `${clusters.size} > ${REPLACED_CLUSTERS_MAX}`;
  return `rejecting replacement ${displayHash(txid)}; too many conflicting clusters (${counts})`;
}

function shortfallOf(
  candidates: readonly Candidate[],
  removed: ReadonlySet<Entry>,
  options: MempoolOptions,
  txid: Txid,
): string | undefined {
  const entries = candidates.map(({ entry }) => entry);
  const fees = {
    replaced: feeSum(removed),
    replacing: feeSum(entries),
    replacingVirtualSize: entries.reduce((sum, { virtualSize }) => sum + virtualSize, 0),
    incrementalFeerateSatPerKvb: options.incrementalFeerateSatPerKvb,
  };
  return replacementShortfall(fees, txid);
}

/** With what the operator added. */
export function feeSum(entries: Iterable<Entry>): Sats {
  let sum = 0n;
  for (const entry of entries) sum += entry.modifiedFee;
  return sum;
}

/** A child that pays less than its parent would only ride along. */
function parentHelped(parent: Entry, child: Entry): string | undefined {
  const alone = { fee: parent.modifiedFee, size: parent.virtualSize };
  const both = { fee: parent.modifiedFee + child.modifiedFee, size: parent.virtualSize + child.virtualSize };
  if (compareFeerates(both, alone) > 0) return undefined;
  const text = ({ fee, size }: typeof both) => feerateText(feerateSatPerKvb(fee, size));
  return `package feerate ${text(both)} <= parent feerate is ${text(alone)}`;
}

/** A transaction that spends what it replaces would replace itself. */
function checkIndependence({ tx, entry, conflicts }: Candidate, pool: EntryPool): PolicyReject | undefined {
  const ancestors = [...pool.parentsOf(tx)].flatMap((parent) => [parent, ...ancestorsOf(parent)]);
  const ancestor = inTxidOrder(ancestors).find((each) => conflicts.has(each));
  if (ancestor === undefined) return undefined;
  const detail = `${displayHash(entry.tx.txid)} spends conflicting transaction ${displayHash(ancestor.tx.txid)}`;
  return policyReject("consensus", "bad-txns-spends-conflicting-tx", detail);
}
