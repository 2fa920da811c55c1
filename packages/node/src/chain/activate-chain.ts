import { rejectText } from "@bitfleet/protocol/consensus/verdict.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { StorageError } from "../storage/storage-error.ts";
import { isLargeBlock, socketTurn } from "../turns.ts";
import { markInvalid } from "./accept-block.ts";
import { type BlockIndexEntry, commonAncestor, compareBranches } from "./block-index.ts";
import { BlocksAhead, type BlocksAtHand } from "./blocks-ahead.ts";
import type { Chainstate } from "./chainstate.ts";
import { connectTip, disconnectTip } from "./connect-tip.ts";
import { keepDisk } from "./prune-blocks.ts";

/** Blocks connected or disconnected in a row before other work gets its turn. */
const STEP_BLOCKS_MAX = 32;

export interface ActivateOptions {
  readonly atHand?: BlocksAtHand;
  /** Called after each step, with the new tip published. True ends the work early. */
  readonly afterStep?: (tip: BlockIndexEntry) => boolean;
}

/**
 * Moves the tip to the block with the most work whose chain is complete and valid. Step by step: after each one the chain has
 * more work than before it, is published and announced, and everyone else has had a turn.
 */
export async function activateBestChain(state: Chainstate, options: ActivateOptions = {}): Promise<void> {
  const ahead = new BlocksAhead(state, options.atHand ?? new Map());
  try {
    await takeSteps(state, ahead, options);
  } finally {
    await ahead.close();
  }
}

async function takeSteps(state: Chainstate, ahead: BlocksAhead, { afterStep }: ActivateOptions): Promise<void> {
  for (;;) {
    const before = state.active.tip;
    if (state.candidates.best(before) === before) return;
    await reachBetterTip(state, before, ahead);
    const after = state.active.tip;
    // A branch that looked better turned out invalid: there may be another.
    if (after === undefined || after === before) continue;
    announceTip(state, before);
    await keepDisk(state, "periodic");
    if (afterStep?.(after) === true) return;
    await giveWay(state);
  }
}

/** Publishes the tip and tells of it, where it differs from `before`. */
export function announceTip(state: Chainstate, before: BlockIndexEntry | undefined): void {
  const entry = state.active.tip!;
  state.publish();
  const fork = before && commonAncestor(before, entry);
  const { isInitialBlockDownload } = state;
  state.deps.events.emit({ type: "tip-changed", entry, fork, isInitialBlockDownload });
}

/** Lets timers and sockets run, and waits for subscribers whose queue is full. */
export async function giveWay(state: Chainstate): Promise<void> {
  await socketTurn();
  await state.deps.events.room();
}

/** Disconnects down to `ancestor` of the tip, announcing each block. Those behind the first `wantedCount` are given up. */
export async function disconnectTo(
  state: Chainstate,
  ancestor: BlockIndexEntry,
  wantedCount = Number.POSITIVE_INFINITY,
): Promise<void> {
  for (let count = 1; state.active.tip !== ancestor; count++) {
    const entry = state.active.tip!;
    const block = await disconnectTip(state);
    state.deps.events.emit({ type: "block-disconnected", entry, block, isGivenUp: count > wantedCount });
    if (count % STEP_BLOCKS_MAX === 0) await giveWay(state);
  }
}

/** Until the tip is better than `before`, or `before` is found to be the best there is. */
async function reachBetterTip(
  state: Chainstate,
  before: BlockIndexEntry | undefined,
  ahead: BlocksAhead,
): Promise<void> {
  for (;;) {
    const best = state.candidates.best(state.active.tip);
    if (best === undefined || best === state.active.tip) return;
    // The way back, where the other branch turns out invalid: candidates weaker than the tip may have been dropped.
    if (state.active.tip === before && before !== undefined) state.candidates.add(before);
    const fork = state.active.fork(best);
    if (fork !== undefined) await disconnectTo(state, fork);
    await connectTowards(state, best, before, ahead);
    state.judgeInvalidChain();
    const { tip } = state.active;
    if (tip !== undefined && (before === undefined || compareBranches(tip, before) >= 0)) return;
  }
}

/** Connects the blocks above the tip up to `best`, until the chain has more work than `before`, or one is invalid. */
async function connectTowards(
  state: Chainstate,
  best: BlockIndexEntry,
  before: BlockIndexEntry | undefined,
  ahead: BlocksAhead,
): Promise<void> {
  const start = state.active.height + 1;
  for (let height = start; height <= best.height; height++) {
    const entry = best.ancestor(height)!;
    if (!(await connectAndTell(state, entry, best, ahead))) {
      // What builds upon it is as invalid. Bitcoin Core looks as far as the steps of its walk reach.
      const stepEnd = height + STEP_BLOCKS_MAX - 1 - ((height - start) % STEP_BLOCKS_MAX);
      state.noteInvalid(best.ancestor(Math.min(stepEnd, best.height))!);
      return;
    }
    if (before === undefined || entry.chainwork > before.chainwork) return;
    if ((height - start + 1) % STEP_BLOCKS_MAX === 0) await giveWay(state);
  }
}

async function connectAndTell(
  state: Chainstate,
  entry: BlockIndexEntry,
  best: BlockIndexEntry,
  ahead: BlocksAhead,
): Promise<boolean> {
  const { clock, events, log } = state.deps;
  const startMs = clock.monotonicMs();
  const { block, reject } = await connectTip(state, entry, best, ahead);
  if (reject === undefined) {
    if (isLargeBlock(block)) await socketTurn();
    events.emit({ type: "block-checked", block });
    events.emit({ type: "block-connected", entry, block, elapsedMs: clock.monotonicMs() - startMs });
    return true;
  }
  log.info(`Block validation error: ${rejectText(reject)}`);
  log.error(`ConnectTip: ConnectBlock ${displayHash(entry.hash)} failed, ${reject.reason}`, { detail: reject.detail });
  if (reject.kind === "mutated") {
    // It was whole when it was stored.
    const message = `Block ${displayHash(entry.hash)} is damaged on disk: ${reject.reason}. Restart with -reindex.`;
    throw new StorageError("corrupt", state.options.blocksPath, message);
  }
  markInvalid(state, entry);
  events.emit({ type: "block-checked", block, reject });
  state.announceHeader();
  return false;
}
