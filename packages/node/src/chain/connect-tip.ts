import type { BlockEffects } from "@bitfleet/protocol/consensus/connect-block.ts";
import { disconnectBlock, disconnectOutPointsOf } from "@bitfleet/protocol/consensus/disconnect-block.ts";
import { type BlockReject, isReject } from "@bitfleet/protocol/consensus/verdict.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import { isLargeBlock, socketTurn } from "../turns.ts";
import type { BlockIndexEntry } from "./block-index.ts";
import { BlockStatus } from "./block-index-codec.ts";
import type { BlocksAhead } from "./blocks-ahead.ts";
import type { Chainstate } from "./chainstate.ts";
import { encodeUndo } from "./coin-codec.ts";
import { keepDisk } from "./prune-blocks.ts";
import { corruptBlock } from "./try-block.ts";

/**
 * Makes `entry`, whose previous block is the tip, the tip; or says which rule the block breaks, with nothing changed. Those
 * behind it up to `best` are tried meanwhile. Rejects with `StorageError` where it cannot be read.
 */
export async function connectTip(
  state: Chainstate,
  entry: BlockIndexEntry,
  best: BlockIndexEntry,
  ahead: BlocksAhead,
): Promise<{ readonly block: Block; readonly reject: BlockReject | undefined }> {
  const { block, effects } = await ahead.resultOf(entry, best);
  if (isReject(effects)) return { block, reject: effects };
  if (isLargeBlock(block)) await socketTurn();
  storeUndo(state, entry, effects);
  if (isLargeBlock(block)) await socketTurn();
  applyConnected(state, entry, effects);
  ahead.connected();
  state.updateInitialBlockDownload();
  state.logTip();
  await keepDisk(state, "critical");
  return { block, reject: undefined };
}

/** The only step that may fail (the disk is full) comes first, and takes nothing back that others saw. */
function storeUndo(state: Chainstate, entry: BlockIndexEntry, effects: BlockEffects): void {
  const { files, index } = state.deps;
  if (entry.previous === undefined || entry.hasUndo) return;
  const position = files.appendUndo(entry.file, encodeUndo(effects.undo), entry.previous.hash);
  entry.undoOffset = position.offset;
  entry.status |= BlockStatus.HAVE_UNDO;
  index.markDirty(entry);
}

function applyConnected(state: Chainstate, entry: BlockIndexEntry, effects: BlockEffects): void {
  const { coins, index } = state.deps;
  if (entry.raiseValidity(BlockStatus.VALID_SCRIPTS)) index.markDirty(entry);
  coins.apply(effects, { hash: entry.hash });
  state.active.setTip(entry);
}

/** Makes the block before the tip the tip. Rejects with `StorageError` where block or undo data cannot be read or do not fit. */
export async function disconnectTip(state: Chainstate): Promise<Block> {
  const entry = state.active.tip!;
  const { previous } = entry;
  if (previous === undefined) throw new Error("genesis is never disconnected");
  const { coins, log } = state.deps;
  const block = await state.readBlock(entry);
  const undo = await state.readUndo(entry);
  const lookup = await coins.fetch(disconnectOutPointsOf(block));
  const effects = disconnectBlock(block, entry, undo, lookup);
  if ("failure" in effects) throw corruptBlock(state, entry, effects.failure);
  if (!effects.clean) throw corruptBlock(state, entry, "the coins are not those that it left");
  coins.apply(effects, { hash: previous.hash });
  for (const name of state.pruning.moveLocksBelow(entry.height))
    log.debug("prune", `${name} prune lock moved back to ${previous.height}`);
  state.active.setTip(previous);
  state.logTip();
  await keepDisk(state, "critical");
  return block;
}
