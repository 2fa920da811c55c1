import type { BlockFileInfo } from "../storage/block-file-info.ts";

/** Which block files may go: pure arithmetic on their statistics. Files go whole, a blk with its rev. */

/** Blocks below the tip that are always kept: reorganisations need their undo data, and peers may ask for them (BIP159). */
export const MIN_BLOCKS_TO_KEEP = 288;
/** An index keeps so many blocks more than it has yet to read, so that it gets over a reorganisation. */
const PRUNE_LOCK_BUFFER_BLOCKS = 10;
/** What is freed beyond the target: room for the files to grow by a chunk before the next pruning. */
const GROWTH_RESERVE_BYTES = 17 * 1024 * 1024;
/** A block still to come during the initial download, roughly. */
const EXPECTED_BLOCK_BYTES = 1_000_000;

/** Somebody who still needs the blocks from a height on. */
export interface PruneLock {
  readonly name: string;
  readonly height: number;
}

/** The block files as they stand. */
export interface PrunableFiles {
  readonly files: readonly BlockFileInfo[];
  /** The one that is written to stays. */
  readonly currentFile: number;
}

/**
 * The highest block that may go: `wanted` at most, never one of the last {@link MIN_BLOCKS_TO_KEEP}, nor one that a lock or its
 * buffer holds. `limitedBy` names the lock that decided between the locks and the tip.
 */
export function lastPrunableHeight(
  tipHeight: number,
  locks: Iterable<PruneLock>,
  wanted: number = tipHeight,
): { readonly height: number; readonly lockedHeight: number; readonly limitedBy: string | undefined } {
  let lockedHeight = tipHeight;
  let limitedBy: string | undefined;
  for (const { name, height } of locks) {
    const outsideBuffer = height - PRUNE_LOCK_BUFFER_BLOCKS - 1;
    lockedHeight = Math.max(1, Math.min(lockedHeight, outsideBuffer));
    if (lockedHeight === outsideBuffer) limitedBy = name;
  }
  const height = Math.min(wanted, lockedHeight, Math.max(0, tipHeight - MIN_BLOCKS_TO_KEEP));
  return { height, lockedHeight, limitedBy };
}

/** Every file without a block above `heightLast`. */
export function filesUpTo({ files, currentFile }: PrunableFiles, heightLast: number): number[] {
  const numbers = Array.from({ length: Math.min(currentFile, files.length) }, (_, file) => file);
  return numbers.filter((file) => files[file]!.sizeBytes > 0 && files[file]!.heightLast <= heightLast);
}

/**
 * The lowest files without a block above `heightLast` that bring what all files use below `targetBytes`, with room to grow.
 * `blocksToCome` during the initial download: each time files go all coins are written, which must not be often then.
 */
export function filesOverTarget(
  files: PrunableFiles,
  heightLast: number,
  { targetBytes, blocksToCome }: { readonly targetBytes: number; readonly blocksToCome: number },
): number[] {
  let usedBytes = files.files.reduce((sum, info) => sum + sizeOf(info), 0);
  if (usedBytes + GROWTH_RESERVE_BYTES < targetBytes) return [];
  const reserve = GROWTH_RESERVE_BYTES + blocksToCome * EXPECTED_BLOCK_BYTES;
  const chosen: number[] = [];
  for (const file of filesUpTo(files, heightLast)) {
    if (usedBytes + reserve < targetBytes) break;
    usedBytes -= sizeOf(files.files[file]!);
    chosen.push(file);
  }
  return chosen;
}

const sizeOf = ({ sizeBytes, undoSizeBytes }: BlockFileInfo) => sizeBytes + undoSizeBytes;
