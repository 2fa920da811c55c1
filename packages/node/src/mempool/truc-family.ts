import { TRUC_VERSION, type TrucParent, trucPackageViolation, trucViolation } from "@bitfleet/protocol/policy/truc.ts";
import { type PolicyReject, policyReject } from "@bitfleet/protocol/policy/verdict.ts";
import type { Candidate } from "./candidate.ts";
import { type Entry, withDescendants } from "./entry.ts";
import type { EntryPool } from "./entry-pool.ts";
import { inTxidOrder } from "./txid-order.ts";

/**
 * BIP431: whether a candidate may join its parents in the mempool. Where only another child is in the way and `evictsSibling`
 * allows it, the candidate that is returned has that child among its conflicts: it must pay to replace it.
 */
export function joinFamily(candidate: Candidate, pool: EntryPool, evictsSibling: boolean): Candidate | PolicyReject {
  const { tx, entry, conflicts } = candidate;
  const parents = inTxidOrder(pool.parentsOf(tx));
  const asSeen = parents.map((parent) => parentOf(parent, conflicts));
  const violation = trucViolation(tx, entry.virtualSize, asSeen);
  if (violation === undefined) return candidate;
  const sibling = evictsSibling && tx.version === TRUC_VERSION ? onlySibling(parents) : undefined;
  const withoutSibling = asSeen.map((parent) => ({ ...parent, descendantCount: 0 }));
  if (sibling === undefined || trucViolation(tx, entry.virtualSize, withoutSibling) !== undefined)
    return policyReject("policy", "TRUC-violation", violation);
  return { ...candidate, conflicts: new Set([...conflicts, sibling]), evictsSibling: true };
}

function parentOf(parent: Entry, conflicts: ReadonlySet<Entry>): TrucParent {
  const descendants = [...withDescendants([parent])].filter((entry) => entry !== parent);
  const isReplaced = descendants.some((entry) => conflicts.has(entry));
  return {
    tx: parent.tx,
    ancestorCount: parent.ancestorCount,
    descendantCount: isReplaced ? 0 : descendants.length,
  };
}

/** The one child of the one parent, where there is nothing else: after a reorganisation there may be more. */
function onlySibling([parent, ...others]: readonly Entry[]): Entry | undefined {
  if (parent === undefined || others.length > 0 || withDescendants([parent]).size !== 2) return undefined;
  const [sibling] = parent.children;
  return sibling?.ancestorCount === 2 ? sibling : undefined;
}

/** BIP431 within a package, parents before children: the violation that comes first. */
export function packageFamilyViolation(candidates: readonly Candidate[], pool: EntryPool): string | undefined {
  const members = candidates.map(({ tx, entry: { virtualSize } }) => {
    const parents = inTxidOrder(pool.parentsOf(tx)).map((parent) => parentOf(parent, NOTHING));
    return { tx, virtualSize, parents };
  });
  return trucPackageViolation(members);
}

const NOTHING: ReadonlySet<Entry> = new Set();
