import type { Reject } from "@bitfleet/protocol/consensus/verdict.ts";
import { disconnectTo } from "./activate-chain.ts";
import { type BlockIndexEntry, commonAncestor } from "./block-index.ts";
import type { Chainstate } from "./chainstate.ts";
import { lowestToDisconnect } from "./prune-blocks.ts";

/** What the way there needs was deleted. */
export type ReturnReject = Reject<"pruned">;

/**
 * Makes ready for `target` to be the tip again, as it once was: all that has its work or more and does not lead to it is set aside, and
 * the chain is disconnected down to where the way to `target` begins. What was in those blocks is given up and not to be mined anew. The
 * caller activates the best chain, which is `target`'s then; where blocks on the way are missing, as after a crash, peers have them. Answers where the branches that were set aside begin; or why not, and has
 * changed nothing then.
 */
export async function leadBackTo(
  state: Chainstate,
  target: BlockIndexEntry,
): Promise<ReturnReject | readonly BlockIndexEntry[]> {
  const reject = refusal(state, target);
  if (reject !== undefined) return reject;
  const { index } = state.deps;
  if (target.isInvalid) index.clearInvalid(target);
  if (state.bestInvalid?.isInvalid === false) state.bestInvalid = undefined;
  const rivals = rivalsOf(state, target);
  for (const root of rivals) index.setAside(root);
  await disconnectTo(state, commonAncestor(state.active.tip!, target), 0);
  state.resetCandidates();
  state.judgeInvalidChain();
  return [...rivals];
}

function refusal(state: Chainstate, target: BlockIndexEntry): ReturnReject | undefined {
  const fork = commonAncestor(state.active.tip!, target);
  const first = state.active.at(fork.height + 1);
  if (first === undefined || lowestToDisconnect(state, first) === first) return undefined;
  return { kind: "pruned", reason: "Blocks on the way there were pruned", detail: "" };
}

/** Where branches with the work of `target` or more leave the way to it. */
function rivalsOf(state: Chainstate, target: BlockIndexEntry): ReadonlySet<BlockIndexEntry> {
  const rivals = new Set<BlockIndexEntry>();
  for (const entry of state.deps.index.entries()) {
    if (entry.chainwork < target.chainwork || entry === target || entry.isInvalid) continue;
    rivals.add(entry.ancestor(commonAncestor(entry, target).height + 1)!);
  }
  return rivals;
}
