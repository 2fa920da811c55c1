import type { Reject } from "@bitfleet/protocol/consensus/verdict.ts";
import { disconnectTo } from "./activate-chain.ts";
import { type BlockIndexEntry, commonAncestor } from "./block-index.ts";
import { BlockStatus } from "./block-index-codec.ts";
import type { Chainstate } from "./chainstate.ts";
import { lowestToDisconnect } from "./prune-blocks.ts";

/** `not-connected`: the block was never part of the chain. `pruned`: what the way there needs was deleted. */
export type ReturnReject = Reject<"not-connected" | "pruned">;

/**
 * Makes ready for `target` to be the tip again, as it once was: all that has its work or more and does not lead to it is set aside, and
 * the chain is disconnected down to where the way to `target` begins. What was in those blocks is given up and not to be mined anew. The
 * caller activates the best chain, which is `target`'s then. Answers why not, and has changed nothing then.
 */
export async function leadBackTo(state: Chainstate, target: BlockIndexEntry): Promise<ReturnReject | undefined> {
  const reject = refusal(state, target);
  if (reject !== undefined) return reject;
  const { index } = state.deps;
  if (target.isInvalid) index.clearInvalid(target);
  if (state.bestInvalid?.isInvalid === false) state.bestInvalid = undefined;
  for (const root of rivalsOf(state, target)) index.setAside(root);
  await disconnectTo(state, commonAncestor(state.active.tip!, target), 0);
  state.resetCandidates();
  state.judgeInvalidChain();
  return undefined;
}

function refusal(state: Chainstate, target: BlockIndexEntry): ReturnReject | undefined {
  // Its scripts ran, and it was whole: it was connected once, whatever has been said of it since.
  if (target.height > 0 && target.validity < BlockStatus.VALID_SCRIPTS) {
    return { kind: "not-connected", reason: "Block was never part of the chain", detail: "" };
  }
  const fork = commonAncestor(state.active.tip!, target);
  const first = state.active.at(fork.height + 1);
  const isUndoable = first === undefined || lowestToDisconnect(state, first) === first;
  if (isUndoable && hasData(target, fork)) return undefined;
  return { kind: "pruned", reason: "Blocks on the way there were pruned", detail: "" };
}

function hasData(target: BlockIndexEntry, fork: BlockIndexEntry): boolean {
  for (let entry = target; entry !== fork; entry = entry.previous!) if (!entry.hasData) return false;
  return true;
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
