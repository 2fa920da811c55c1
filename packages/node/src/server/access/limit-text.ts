import type { BucketPolicy } from "./token-buckets.ts";

/** Limits as people write them. */

/** Larger ones are no limits; and all sums with them stay exact. */
const NUMBER_MAX = 1_000_000;
/** A caller of N a second may come with so many seconds' worth at once, and with no fewer than {@link BURST_MIN}: pages ask in bursts. */
const BURST_SECONDS = 2;
const BURST_MIN = 10;

/** Reads `600/60`: tokens, and tokens that come back each second (also `20/0.17`). `undefined` for anything else. */
export function parseLimit(text: string): BucketPolicy | undefined {
  const [, tokens, refill] = /^(\d+)\/(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  return policyOf(Number(tokens), Number(refill));
}

/** Reads `5/s`, `5/sec`, `0.5/s`, or what {@link parseLimit} reads. `undefined` for anything else. */
export function parseRate(text: string): BucketPolicy | undefined {
  const [, perSecond] = /^(\d+(?:\.\d+)?)\/s(?:ec)?$/.exec(text) ?? [];
  if (perSecond === undefined) return parseLimit(text);
  return policyOf(Math.max(BURST_MIN, Math.ceil(Number(perSecond) * BURST_SECONDS)), Number(perSecond));
}

/** The policy of those numbers; `undefined` where they make none. */
export function policyOf(capacity: unknown, refillPerSecond: unknown): BucketPolicy | undefined {
  const isCapacity = Number.isInteger(capacity) && isInRange(capacity as number);
  if (!isCapacity || typeof refillPerSecond !== "number" || !isInRange(refillPerSecond)) return undefined;
  return { capacity: capacity as number, refillPerSecond };
}

/** `10 at once, then 5 a second`. */
export function policyText({ capacity, refillPerSecond }: BucketPolicy): string {
  return `${capacity} at once, then ${refillPerSecond} a second`;
}

const isInRange = (value: number) => value > 0 && value <= NUMBER_MAX;
