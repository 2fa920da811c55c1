import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { ModelEntry } from "./reference-entry.ts";
import type { Graph } from "./reference-graph.ts";
import { namesOf } from "./reference-rules.ts";

/** BIP431 as the reference has it: what stands against a transaction of version 3, or against a child of one. */

export interface FamilyFault {
  readonly text: string;
  /** The other child that could make room. */
  readonly sibling?: ModelEntry;
}

export function familyFault(
  entry: ModelEntry,
  graph: Graph<ModelEntry>,
  conflicts: readonly ModelEntry[],
): FamilyFault | undefined {
  const { tx, vsize } = entry;
  const parents = [...graph.parents(entry)].sort((a, b) => (a.id < b.id ? -1 : 1));
  for (const parent of parents) {
    if (isTruc(parent.tx) !== isTruc(tx)) return { text: mixes(tx, parent.tx) };
  }
  if (!isTruc(tx)) return undefined;
  if (vsize > 10_000) return { text: `version=3 ${namesOf(tx)} is too big: ${vsize} > 10000 virtual bytes` };
  if (parents.length > 1) return { text: `${namesOf(tx)} would have too many ancestors` };
  const [parent] = parents;
  if (parent === undefined) return undefined;
  if (graph.ancestors(parent).length > 0) return { text: `${namesOf(tx)} would have too many ancestors` };
  if (vsize > 1000) return { text: `version=3 child ${namesOf(tx)} is too big: ${vsize} > 1000 virtual bytes` };
  const others = graph.descendants(parent);
  if (others.length === 0 || others.some((other) => conflicts.includes(other))) return undefined;
  const text = `${namesOf(parent.tx)} would exceed descendant count limit`;
  const [sibling] = others;
  return others.length === 1 && graph.ancestors(sibling!).length === 1 ? { text, sibling: sibling! } : { text };
}

/** Within a package whose members passed {@link familyFault} each for itself: the first fault. */
export function packageFamilyFault(members: readonly ModelEntry[], graph: Graph<ModelEntry>): string | undefined {
  for (const member of members) {
    const fault = memberFault(member, members, graph);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function memberFault(member: ModelEntry, members: readonly ModelEntry[], graph: Graph<ModelEntry>): string | undefined {
  const { tx, vsize } = member;
  const outside = [...graph.parents(member)].sort((a, b) => (a.id < b.id ? -1 : 1));
  const inside = members.filter((other) => member.spends.includes(other.id));
  const parents = [...outside, ...inside];
  if (!isTruc(tx)) {
    const other = parents.find((parent) => isTruc(parent.tx));
    return other && mixes(tx, other.tx);
  }
  const [parent] = parents;
  if (parent === undefined) return undefined;
  const above = outside.length > 0 ? graph.ancestors(outside[0]!).length : 0;
  if (parents.length > 1 || above > 0) return `${namesOf(tx)} would have too many ancestors`;
  if (vsize > 1000) return `version=3 child ${namesOf(tx)} is too big: ${vsize} > 1000 virtual bytes`;
  if (!isTruc(parent.tx)) return mixes(tx, parent.tx);
  for (const other of members) {
    if (other === member) continue;
    // In the order of the inputs.
    for (const spent of other.spends) {
      if (spent === parent.id) return `${namesOf(parent.tx)} would exceed descendant count limit`;
      if (spent === member.id) return `${namesOf(other.tx)} would have too many ancestors`;
    }
  }
  const hasOthers = outside.length > 0 && graph.descendants(parent).length > 0;
  return hasOthers ? `${namesOf(parent.tx)} would exceed descendant count limit` : undefined;
}

const isTruc = ({ version }: Transaction) => version === 3;

function mixes(tx: Transaction, parent: Transaction): string {
  const name = (one: Transaction) => (isTruc(one) ? "version=3" : "non-version=3");
  return `${name(tx)} ${namesOf(tx)} cannot spend from ${name(parent)} ${namesOf(parent)}`;
}
