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

/** Buckets that are remembered. Beyond, those not used for longest are forgotten, which is as if they were full again. */
export const BUCKETS_MAX = 100_000;

interface Bucket {
  tokens: number;
  /** When `tokens` was true. */
  atMs: number;
}

/** Token buckets in memory. Pure: the time, in milliseconds that only grow, comes with each call. */
export class TokenBuckets {
  /**
   * Two generations of at most half of all: what is used is in the younger, and when that is full the older is forgotten and the younger
   * takes its place. A list in the order of use would cost more with each call than all the rest.
   */
  #younger = new Map<string, Bucket>();
  #older = new Map<string, Bucket>();
  readonly #generationMax: number;

  constructor(countMax = BUCKETS_MAX) {
    this.#generationMax = Math.max(1, Math.floor(countMax / 2));
  }

  /** Buckets remembered now. */
  get count(): number {
    return this.#younger.size + this.#older.size;
  }

  /** Takes a token, where there is one. A bucket that nobody has used is full. */
  take(id: string, policy: BucketPolicy, nowMs: number): Verdict {
    const bucket = this.#refilled(id, policy, nowMs);
    const isAllowed = bucket.tokens >= 1;
    if (isAllowed) bucket.tokens--;
    return verdictOf(policy, bucket.tokens, isAllowed);
  }

  /** Takes a token from each bucket, or none from any where one is empty. `requests` are one or more. */
  takeAll(requests: readonly BucketRequest[], nowMs: number): Verdict {
    const buckets = requests.map(({ id, policy }) => this.#refilled(id, policy, nowMs));
    const isAllowed = buckets.every(({ tokens }) => tokens >= 1);
    if (isAllowed) for (const bucket of buckets) bucket.tokens--;
    const tokens = buckets.map((bucket) => bucket.tokens);
    return tightest(requests, tokens, isAllowed);
  }

  /** The bucket as it is now; used with that, also where it is empty: one that is asked of all the time must not be forgotten. */
  #refilled(id: string, { capacity, refillPerSecond }: BucketPolicy, nowMs: number): Bucket {
    const bucket = this.#younger.get(id) ?? this.#rejuvenated(id, capacity, nowMs);
    const passedMs = Math.max(0, nowMs - bucket.atMs);
    bucket.tokens = Math.min(capacity, bucket.tokens + (passedMs * refillPerSecond) / 1000);
    bucket.atMs = nowMs;
    return bucket;
  }

  #rejuvenated(id: string, capacity: number, nowMs: number): Bucket {
    const bucket = this.#older.get(id) ?? { tokens: capacity, atMs: nowMs };
    this.#older.delete(id);
    if (this.#younger.size >= this.#generationMax) {
      this.#older = this.#younger;
      this.#younger = new Map();
    }
    this.#younger.set(id, bucket);
    return bucket;
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
