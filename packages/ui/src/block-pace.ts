/** Blocks that came sooner behind each other were made at once, as those that a network for development begins with: no network makes them at that pace. */
const INTERVAL_SECONDS_MIN = 2;
/** Fewer tell nothing of a mean, since one may be ten times another. */
const INTERVALS_MIN = 5;

interface TimedBlock {
  readonly height: number;
  /** Seconds, of its header. */
  readonly timestamp: number;
}

/**
 * Mean seconds between blocks, the newest first: of those behind the last that were made at once. `undefined` where they are too few to tell a pace. That
 * of the first one was fixed years ago, and tells nothing.
 */
export function blockPace(blocks: readonly TimedBlock[]): number | undefined {
  const times = blocks.filter(({ height }) => height > 0).map(({ timestamp }) => timestamp);
  const isShort = (index: number) => times[index]! - times[index + 1]! < INTERVAL_SECONDS_MIN;
  let count = 0;
  // Two may follow each other so by chance, three hardly do.
  while (count + 1 < times.length && !(isShort(count) && (count + 2 >= times.length || isShort(count + 1)))) count++;
  if (count < INTERVALS_MIN) return undefined;
  const seconds = (times[0]! - times[count]!) / count;
  return seconds >= INTERVAL_SECONDS_MIN ? seconds : undefined;
}
