import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "./block-index.ts";
import { storePrunedFlag } from "./block-index-store.ts";
import type { Chainstate } from "./chainstate.ts";
import { filesOverTarget, filesUpTo, lastPrunableHeight } from "./prune-plan.ts";
import { PRUNE_TARGET_BYTES_MIN } from "./pruning.ts";

const BYTES_PER_MIB = 1024 * 1024;

/** Prunes where that is due, and writes down what changed where that is due: for every point at which the chain is of one piece. */
export async function keepDisk(state: Chainstate, when: "critical" | "periodic"): Promise<void> {
  await pruneIfDue(state);
  await state.flushIfNeeded(when);
}

/** Deletes what is over the target, where files have grown since the last look. For the points at which a flush may happen. */
export async function pruneIfDue(state: Chainstate): Promise<void> {
  const { pruning } = state;
  if (pruning.mode === undefined) return;
  if (state.deps.files.takeGrowth()) pruning.isDue = true;
  if (!pruning.isDue || !pruning.isStarted) return;
  pruning.isDue = false;
  const { height, limitedBy, lockedHeight } = lastPrunableHeight(state.active.height, pruning.locks);
  logLimit(state, limitedBy, lockedHeight);
  await prune(state, filesDue(state, height));
}

/** Deletes the files that have no block above `wanted`, where they may go. Rejects with `StorageError`. */
export async function pruneUpTo(state: Chainstate, wanted: number): Promise<void> {
  const { locks } = state.pruning;
  const { height, limitedBy, lockedHeight } = lastPrunableHeight(state.active.height, locks, wanted);
  logLimit(state, limitedBy, lockedHeight);
  const files = filesUpTo(state.deps.files, height);
  state.deps.log.info(`[validated] Prune (Manual): prune_height=${height} removed ${files.length} blk/rev pairs`);
  await prune(state, files);
}

/** The last block of the active chain, genesis aside, whose data or undo data is not here; `undefined` where all is. */
export function lastPrunedBlock(state: Chainstate): BlockIndexEntry | undefined {
  const { published: chain } = state;
  let entry = chain.tip;
  while (entry !== undefined && entry.height > 0 && entry.hasData && entry.hasUndo) entry = entry.previous;
  return entry === undefined || entry.height === 0 ? undefined : entry;
}

/**
 * The lowest block from `entry` of the active chain upwards that the chain can be led away from, as undo data of all above are
 * here; `undefined` where the tip's are not. What is missing is told in the log.
 */
export function lowestToDisconnect(state: Chainstate, entry: BlockIndexEntry): BlockIndexEntry | undefined {
  let lowest: BlockIndexEntry | undefined;
  for (let walk = state.active.tip!; walk.height >= entry.height; walk = walk.previous!) {
    if (!walk.hasData || !walk.hasUndo) {
      const block = `${displayHash(walk.hash)} at height ${walk.height}`;
      state.deps.log.error(`DisconnectTip(): Failed to read block ${block}: it was pruned`);
      return lowest;
    }
    lowest = walk;
  }
  return lowest;
}

/** Deletes pairs whose deletion was cut off by a crash, or by a system that does not delete open files. */
export async function removeForgottenFiles({ pruning, deps: { files, log } }: Chainstate): Promise<void> {
  if (!pruning.hasPruned) return;
  for (const [file, { sizeBytes }] of files.files.entries()) {
    if (sizeBytes > 0 || file >= files.currentFile) continue;
    if (await files.removeFile(file))
      log.debug("blockstorage", `Prune: UnlinkPrunedFiles deleted blk/rev (${fileText(file)})`);
  }
}

function filesDue(state: Chainstate, heightLast: number): number[] {
  const { files, index, log } = state.deps;
  const { mode } = state.pruning;
  if (mode?.kind !== "automatic" || state.active.height <= state.options.network.pruneAfterHeight) return [];
  const targetBytes = Math.max(PRUNE_TARGET_BYTES_MIN, mode.targetBytes);
  const ahead = (index.bestHeader?.height ?? 0) - state.active.height;
  const blocksToCome = state.isInitialBlockDownload ? Math.max(0, ahead) : 0;
  const chosen = filesOverTarget(files, heightLast, { targetBytes, blocksToCome });
  const used = files.sizeOnDisk();
  log.debug(
    "prune",
    `[validated] target=${toMib(targetBytes)}MiB actual=${toMib(used)}MiB diff=${toMib(targetBytes - used)}MiB ` +
      `min_height=0 max_prune_height=${heightLast} removed ${chosen.length} blk/rev pairs`,
  );
  return chosen;
}

/**
 * In the order that leaves a usable directory wherever a crash cuts it off: first all coins, so that no block that goes will
 * have to be connected again; then the index forgets the blocks; then the files go. Files that a crash keeps are deleted at
 * the next start.
 */
async function prune(state: Chainstate, numbers: readonly number[]): Promise<void> {
  if (numbers.length === 0) return;
  const { pruning } = state;
  const { index, indexStore, files, log } = state.deps;
  await state.flush();
  if (!pruning.hasPruned) await storePrunedFlag(indexStore);
  pruning.hasPruned = true;
  index.dropFiles(new Set(numbers));
  state.candidates.dataWasDropped();
  for (const file of numbers) files.forgetFile(file);
  await state.saveBlocks();
  for (const file of numbers) {
    await files.removeFile(file);
    log.debug("blockstorage", `Prune: UnlinkPrunedFiles deleted blk/rev (${fileText(file)})`);
  }
}

/** Tells that locks hold more back than the operator would think. */
function logLimit({ deps: { log } }: Chainstate, name: string | undefined, height: number): void {
  if (name !== undefined) log.debug("prune", `${name} limited pruning to height ${height}`);
}

const toMib = (bytes: number) => Math.trunc(bytes / BYTES_PER_MIB);
const fileText = (file: number) => String(file).padStart(5, "0");
