import type { EventFields } from "@bitfleet/api/events.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { type BlockIndexEntry, commonAncestor } from "../../chain/block-index.ts";
import type { CursorPart, Ordinal } from "./event-cursor.ts";

/** A block more, or the last block less. */
export interface ChainStep {
  readonly kind: "connected" | "disconnected";
  readonly entry: BlockIndexEntry;
  /** Where it is at hand. */
  readonly block?: Block | undefined;
}

/** The last block of the chain before and after a step. Genesis is never disconnected. */
export const before = ({ kind, entry }: ChainStep) => (kind === "connected" ? entry.previous : entry);
export const after = ({ kind, entry }: ChainStep) => (kind === "connected" ? entry : entry.previous!);

/** The first step on the way from one last block to another one: `undefined` where they are the same. */
export function nextStep(from: BlockIndexEntry, to: BlockIndexEntry): ChainStep | undefined {
  if (from === to) return undefined;
  if (to.ancestor(from.height) !== from) return { kind: "disconnected", entry: from };
  return { kind: "connected", entry: to.ancestor(from.height + 1)! };
}

/** Steps from one last block to another one. */
export function stepCount(from: BlockIndexEntry, to: BlockIndexEntry): number {
  const fork = commonAncestor(from, to);
  return from.height + to.height - 2 * fork.height;
}

/** What a cursor says that was told of a step: everything before `next`. */
export function partOf({ kind, entry }: ChainStep, next: Ordinal): CursorPart {
  return kind === "connected" ? { kind, next } : { kind, block: entry.hash, next };
}

/** A block as events show it. */
export function blockFields(entry: BlockIndexEntry): EventFields<"block-connected"> {
  return {
    height: entry.height,
    hash: displayHash(entry.hash),
    timestamp: entry.time,
    transaction_count: entry.transactionCount,
  };
}
