import type { BlockIndexEntry } from "../chain/block-index.ts";

/** Blocks from which a hash rate is estimated where nobody says. */
export const HASHRATE_BLOCKS = 120;

/** Hashes a second that the last `count` blocks up to `top` took; 0 where their times do not say. */
export function hashesPerSecond(top: BlockIndexEntry, count: number): number {
  const bottom = top.ancestor(Math.max(0, top.height - count))!;
  let timeMin = top.time;
  let timeMax = top.time;
  for (let entry = top; entry !== bottom; ) {
    entry = entry.previous!;
    timeMin = Math.min(timeMin, entry.time);
    timeMax = Math.max(timeMax, entry.time);
  }
  return timeMin === timeMax ? 0 : doubleOf(top.chainwork - bottom.chainwork) / (timeMax - timeMin);
}

/** Core adds 32 bits at a time, the lowest first, so that each sum is rounded. */
function doubleOf(value: bigint): number {
  let sum = 0;
  for (let scale = 1, rest = value; rest > 0n; rest >>= 32n, scale *= 2 ** 32) {
    sum += Number(BigInt.asUintN(32, rest)) * scale;
  }
  return sum;
}
