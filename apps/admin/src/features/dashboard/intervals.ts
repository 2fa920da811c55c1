import type { ChainSeries } from "@bitfleet/api/rest/chain-charts.ts";
import { blockPace } from "@bitfleet/ui/block-pace.ts";

/** A block, and how long it came after the one before it. */
export interface BlockInterval {
  readonly height: number;
  /** By the times of both headers, which need not be in order: it may be below 0. */
  readonly seconds: number;
}

/**
 * How long each block came after the one before it, oldest first. The genesis block's time was fixed years ago: the step from it to the
 * first block says nothing of the network and is left out.
 */
export function blockIntervals({
  heights,
  times,
  time_before: before,
}: Pick<ChainSeries, "heights" | "times" | "time_before">): readonly BlockInterval[] {
  return heights.flatMap((height, index) => {
    const time = times[index];
    const previous = index === 0 ? before : times[index - 1];
    if (height <= 1 || time === undefined || previous === null || previous === undefined) return [];
    return [{ height, seconds: time - previous }];
  });
}

/** Mean of the intervals in seconds; `undefined` where there are not two blocks to compare. */
export function meanInterval(intervals: readonly BlockInterval[]): number | undefined {
  if (intervals.length === 0) return undefined;
  return Math.max(0, intervals.reduce((sum, { seconds }) => sum + seconds, 0) / intervals.length);
}

/** Mean seconds between the blocks at the network's pace; `undefined` where they tell none. */
export function paceOf({ heights, times }: Pick<ChainSeries, "heights" | "times">): number | undefined {
  return blockPace(heights.map((height, index) => ({ height, timestamp: times[index]! })).reverse());
}
