/** Lowest bound, satoshis a thousand vbytes. Another one would make every saved file useless, Core's and ours. */
const LOWEST_BOUND = 100;
const HIGHEST_FINITE_BOUND = 1e7;
/** Each bound is so much above the one before: fine enough for answers, wide enough to hold something. */
const SPACING = 1.05;
/** The bound of the last bucket, which has none. */
const UNBOUNDED = 1e99;

/**
 * Upper bounds of the feerate buckets, each included in its bucket, ascending, in satoshis a thousand vbytes. Made by repeated
 * multiplication: a power would differ in the last digit, and the bounds are part of the saved file.
 */
export function feeBucketBounds(): readonly number[] {
  const bounds: number[] = [];
  for (let bound = LOWEST_BOUND; bound <= HIGHEST_FINITE_BOUND; bound *= SPACING) bounds.push(bound);
  return [...bounds, UNBOUNDED];
}

/** The bucket that a feerate belongs to: the first whose bound is not below it. Beyond all bounds it is the last. */
export function feeBucketIndex(bounds: readonly number[], feerate: number): number {
  let low = 0;
  let high = bounds.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bounds[middle]! < feerate) low = middle + 1;
    else high = middle;
  }
  return low;
}
