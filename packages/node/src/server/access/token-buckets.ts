/** How many calls at once, and how fast the right to more of them comes back. */
export interface BucketPolicy {
  /** Tokens of a full bucket: calls that may come at once. */
  readonly capacity: number;
  /** Tokens that come back in a second. Above zero. */
  readonly refillPerSecond: number;
}

/** One bucket that a call takes a token from. */
export interface BucketRequest {
  readonly id: string;
  readonly policy: BucketPolicy;
}

/** What came of asking for a token, and what the headers tell of it. */
export interface Verdict {
  readonly isAllowed: boolean;
  /** Tokens of the full bucket. */
  readonly limit: number;
  /** Whole tokens left. */
  readonly remaining: number;
  /** Seconds until the bucket is full again. */
  readonly resetSeconds: number;
  /** Seconds until there is a token; 0 where there was one. */
  readonly retryAfterSeconds: number;
}

/** Buckets that are remembered. Beyond, the one that was not used for longest is forgotten, which is as if it were full again. */
export const BUCKETS_MAX = 100_000;

interface Bucket {
  tokens: number;
  /** When `tokens` was true. */
  atMs: number;
}

/** Token buckets in memory. Pure: the time, in milliseconds that only grow, comes with each call. */
export class TokenBuckets {
  /** The one that was used last stands last. */
  readonly #buckets = new Map<string, Bucket>();
  readonly #countMax: number;

  constructor(countMax = BUCKETS_MAX) {
    this.#countMax = countMax;
  }

  /** Buckets remembered now. */
  get count(): number {
    return this.#buckets.size;
  }

  /** Takes a token, where there is one. A bucket that nobody has used is full. */
  take(id: string, policy: BucketPolicy, nowMs: number): Verdict {
    const tokens = this.#tokensOf(id, policy, nowMs);
    const isAllowed = tokens >= 1;
    const left = isAllowed ? tokens - 1 : tokens;
    // Also where it is empty: one that is asked of all the time must not be forgotten, and so be full again.
    this.#keep(id, left, nowMs);
    return verdictOf(policy, left, isAllowed);
  }

  /** Takes a token from each bucket, or none from any where one is empty. `requests` are one or more. */
  takeAll(requests: readonly BucketRequest[], nowMs: number): Verdict {
    if (requests.length === 1) return this.take(requests[0]!.id, requests[0]!.policy, nowMs);
    const tokens = requests.map(({ id, policy }) => this.#tokensOf(id, policy, nowMs));
    const isAllowed = tokens.every((count) => count >= 1);
    const left = tokens.map((count) => (isAllowed ? count - 1 : count));
    requests.forEach(({ id }, index) => void this.#keep(id, left[index]!, nowMs));
    return tightest(requests, left, isAllowed);
  }

  #tokensOf(id: string, { capacity, refillPerSecond }: BucketPolicy, nowMs: number): number {
    const bucket = this.#buckets.get(id);
    if (bucket === undefined) return capacity;
    const refilled = (Math.max(0, nowMs - bucket.atMs) * refillPerSecond) / 1000;
    return Math.min(capacity, bucket.tokens + refilled);
  }

  #keep(id: string, tokens: number, nowMs: number): void {
    const bucket = this.#buckets.get(id) ?? { tokens, atMs: nowMs };
    bucket.tokens = tokens;
    bucket.atMs = nowMs;
    // Behind all others, as the one used last.
    this.#buckets.delete(id);
    this.#buckets.set(id, bucket);
    if (this.#buckets.size > this.#countMax) this.#buckets.delete(this.#buckets.keys().next().value!);
  }
}

/** Of several buckets with `tokens` left in each, that which the caller has to mind: the one that refuses longest, or has least left. */
export function tightest(requests: readonly BucketRequest[], tokens: readonly number[], isAllowed: boolean): Verdict {
  const verdicts = requests.map(({ policy }, index) => verdictOf(policy, tokens[index]!, isAllowed));
  return verdicts.reduce((a, b) => {
    if (!isAllowed) return b.retryAfterSeconds > a.retryAfterSeconds ? b : a;
    return b.remaining < a.remaining ? b : a;
  });
}

function verdictOf({ capacity, refillPerSecond }: BucketPolicy, tokens: number, isAllowed: boolean): Verdict {
  return {
    isAllowed,
    limit: capacity,
    remaining: Math.floor(tokens),
    resetSeconds: Math.ceil((capacity - tokens) / refillPerSecond),
    retryAfterSeconds: isAllowed || tokens >= 1 ? 0 : Math.max(1, Math.ceil((1 - tokens) / refillPerSecond)),
  };
}
