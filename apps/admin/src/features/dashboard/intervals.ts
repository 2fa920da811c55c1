import type { BlockSummary } from "@bitfleet/api/rest/chain.ts";

/**
 * Seconds between each block and the one before it, oldest first, from blocks that come newest first; the oldest block has none.
 * The genesis block's time was fixed years ago: the step from it to the first block says nothing of the network and is left out.
 */
export function blockIntervals(
  blocks: readonly BlockSummary[],
): readonly { readonly block: BlockSummary; readonly seconds: number }[] {
  const intervals = [];
  for (let index = blocks.length - 2; index >= 0; index--) {
    const block = blocks[index];
    const previous = blocks[index + 1];
    if (block === undefined || previous === undefined || previous.height === 0) continue;
    intervals.push({ block, seconds: block.timestamp - previous.timestamp });
  }
  return intervals;
}

/** Mean of the intervals in seconds; `undefined` where there are not two blocks to compare. */
export function meanInterval(blocks: readonly BlockSummary[]): number | undefined {
  const intervals = blockIntervals(blocks);
  if (intervals.length === 0) return undefined;
  return Math.max(0, intervals.reduce((sum, { seconds }) => sum + seconds, 0) / intervals.length);
}
