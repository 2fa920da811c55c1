import type { BlockIndexEntry } from "./block-index.ts";
import { BlockStatus } from "./block-index-codec.ts";
import type { Chainstate } from "./chainstate.ts";

/** A block that nothing builds upon, as `getchaintips` has it. */
export interface ChainTip {
  readonly entry: BlockIndexEntry;
  /** Blocks from the active chain to this tip; 0 for the active tip. */
  readonly branchLength: number;
  readonly status: "active" | "valid-fork" | "valid-headers" | "headers-only" | "invalid";
}

/**
 * The ends of all branches, the highest first; and the active tip, also where headers go on beyond it. Not of those that the operator has
 * taken the chain back from.
 */
export function chainTips(state: Chainstate): readonly ChainTip[] {
  const { index } = state.deps;
  const active = state.published;
  const extended = new Set<BlockIndexEntry>();
  const entries = [...index.entries()].filter(({ isSetAside }) => !isSetAside);
  for (const { previous } of entries) if (previous !== undefined) extended.add(previous);
  const ends = entries.filter((entry) => !extended.has(entry) || entry === active.tip);
  return ends
    .filter((entry) => entry === active.tip || !active.contains(entry))
    .map((entry) => ({
      entry,
      branchLength: entry.height - active.fork(entry)!.height,
      status: statusOf(state, entry),
    }))
    .sort((a, b) => b.entry.height - a.entry.height || (a.entry.key < b.entry.key ? -1 : 1));
}

function statusOf(state: Chainstate, entry: BlockIndexEntry): ChainTip["status"] {
  if (state.published.contains(entry)) return "active";
  if (entry.isInvalid) return "invalid";
  if (entry.chainTransactionCount === 0) return "headers-only";
  if (entry.isValid(BlockStatus.VALID_SCRIPTS)) return "valid-fork";
  return "valid-headers";
}
