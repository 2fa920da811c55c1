import type { Subnet } from "../../p2p/addresses/subnet.ts";
import type { Clock, Logger } from "../../ports.ts";
import { AddressClasses, type AddressLimit } from "./address-classes.ts";
import { bucketsOf, type LimitRule, type RuledRequest } from "./limit-rules.ts";
import type { SharedBuckets } from "./shared-buckets.ts";
import { type BucketPolicy, type BucketRequest, TokenBuckets, type Verdict } from "./token-buckets.ts";

/** A person, and a page that shows everything, stay far below. */
export const ADDRESS_LIMIT_DEFAULT: BucketPolicy = { capacity: 600, refillPerSecond: 60 };
/** Programs, which have keys, ask more than people. */
export const KEY_LIMIT_DEFAULT: BucketPolicy = { capacity: 1200, refillPerSecond: 120 };
/** Keys that are none: a person who mistypes has ten tries, a program that guesses ten a minute. */
export const FAILED_KEY_LIMIT: BucketPolicy = { capacity: 10, refillPerSecond: 1 / 6 };

/** What is done while the shared store is away: each server for itself, all calls, or none. */
export const STORE_FAILURE_MODES = ["memory", "open", "closed"] as const;
export type StoreFailureMode = (typeof STORE_FAILURE_MODES)[number];

export interface RateLimiterOptions {
  /** Of who sends no key, by address; no limit where absent. */
  readonly address: BucketPolicy | undefined;
  /** In place of that, for some. */
  readonly addressLimits: readonly AddressLimit[];
  /** Of keys without a rate of their own; no limit where absent. */
  readonly key: BucketPolicy | undefined;
  readonly rules: readonly LimitRule[];
  /** Addresses without limits, beside loopback. */
  readonly exempt: readonly Subnet[];
  readonly storeFailure: StoreFailureMode;
}

/** No limits at all, but on keys that are none. */
export const NO_LIMITS: RateLimiterOptions = {
  address: undefined,
  addressLimits: [],
  key: undefined,
  rules: [],
  exempt: [],
  storeFailure: "memory",
};

/** Who asks for what, as limits see it. */
export interface LimitedRequest extends RuledRequest {
  readonly address: string;
  /** Whether somebody passed it on whose word does not count: then no address is exempt. */
  readonly isForwarded: boolean;
  readonly key: { readonly name: string; readonly rate?: BucketPolicy } | undefined;
}

/** What a limiter says: no limit applies, a verdict, or that it cannot tell and so nobody may (see `closed`). */
export type Ruling = "unlimited" | "unavailable" | Verdict;

/** Where the buckets are, for health. */
export interface RateLimiterStatus {
  /** What decides now. */
  readonly store: "memory" | "redis";
  /** Absent where no Redis is configured. */
  readonly redis?: "up" | "down";
  /** When it last came or went, in milliseconds since 1970; the start where there is no Redis. */
  readonly since: number;
  readonly onFailure: StoreFailureMode;
}

/** Counters since the start. */
export interface RateLimiterCounts {
  /** Calls that were refused for their number. */
  limited: number;
  /** Calls that were refused as the shared store was away. */
  unavailable: number;
  /** Calls with a key that is none. */
  failedKeys: number;
}

/** Decides who may call once more: token buckets of keys, addresses and rules, in memory or in a store that servers share. */
export class RateLimiter {
  readonly counts: RateLimiterCounts = { limited: 0, unavailable: 0, failedKeys: 0 };
  readonly #options: RateLimiterOptions;
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #log: Logger;
  readonly #shared: SharedBuckets | undefined;
  readonly #memory = new TokenBuckets();
  readonly #addresses: AddressClasses;
  readonly #startedMs = Date.now();
  #hasWarnedOfProxy = false;

  constructor(
    options: RateLimiterOptions,
    deps: {
      readonly clock: Pick<Clock, "monotonicMs">;
      readonly log: Logger;
      readonly shared?: SharedBuckets | undefined;
    },
  ) {
    this.#options = options;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#shared = deps.shared;
    this.#addresses = new AddressClasses(options.exempt, options.addressLimits);
  }

  /** Takes what the request costs. A promise only where Redis decides; it never rejects. */
  take(request: LimitedRequest): Ruling | Promise<Ruling> {
    const { bucketId, isExempt, policy: ownPolicy } = this.#addresses.of(request.address);
    if (request.isForwarded) this.#warnOfProxy(request.address);
    if (isExempt && !request.isForwarded) return "unlimited";
    const { address, key, rules } = this.#options;
    const policy = request.key === undefined ? (ownPolicy ?? address) : (request.key.rate ?? key);
    const requests: BucketRequest[] = [];
    if (policy !== undefined) {
      requests.push({ id: request.key === undefined ? bucketId : `key:${request.key.name}`, policy });
    }
    if (rules.length > 0) requests.push(...bucketsOf(rules, request));
    return requests.length === 0 ? "unlimited" : this.#takeAll(requests);
  }

  /** The same for a key that is none, which has a bucket of its own by address. */
  takeFailedKey({ address, isForwarded }: Pick<LimitedRequest, "address" | "isForwarded">): Ruling | Promise<Ruling> {
    this.counts.failedKeys++;
    const { id, isExempt } = this.#addresses.of(address);
    if (isExempt && !isForwarded) return "unlimited";
    return this.#takeAll([{ id: `failed:${id}`, policy: FAILED_KEY_LIMIT }]);
  }

  /** Takes a token from each of these buckets, for what has limits of its own beside those of callers; nobody is exempt. */
  takeFrom(requests: readonly BucketRequest[]): Ruling | Promise<Ruling> {
    return this.#takeAll(requests);
  }

  /**
   * Takes what a call without key and without X-Forwarded-For costs, at once: for who answers without the rest of the server.
   * `undefined`, and nothing taken, where it takes longer to say: Redis decides, or rules look at more than the address.
   */
  takeNow(address: string): Ruling | undefined {
    const { bucketId, isExempt, policy = this.#options.address } = this.#addresses.of(address);
    if (isExempt) return "unlimited";
    if (this.#shared !== undefined || this.#options.rules.length > 0) return undefined;
    return policy === undefined ? "unlimited" : this.#counted(this.#memory.take(bucketId, policy, this.#nowMs()));
  }

  status(): RateLimiterStatus {
    const shared = this.#shared;
    const onFailure = this.#options.storeFailure;
    if (shared === undefined) return { store: "memory", since: this.#startedMs, onFailure };
    const isRedis = shared.isUp || onFailure !== "memory";
    return {
      store: isRedis ? "redis" : "memory",
      redis: shared.isUp ? "up" : "down",
      since: shared.sinceMs,
      onFailure,
    };
  }

  close(): void {
    this.#shared?.close();
  }

  #takeAll(requests: readonly BucketRequest[]): Ruling | Promise<Ruling> {
    if (this.#shared === undefined) return this.#takeFromMemory(requests);
    const answer = this.#shared.takeAll(requests);
    if (answer === undefined) return this.#withoutStore(requests);
    return answer.then((verdict) => (verdict === undefined ? this.#withoutStore(requests) : this.#counted(verdict)));
  }

  #withoutStore(requests: readonly BucketRequest[]): Ruling {
    const { storeFailure } = this.#options;
    if (storeFailure === "memory") return this.#takeFromMemory(requests);
    if (storeFailure === "open") return "unlimited";
    this.counts.unavailable++;
    return "unavailable";
  }

  #takeFromMemory(requests: readonly BucketRequest[]): Verdict {
    return this.#counted(this.#memory.takeAll(requests, this.#nowMs()));
  }

  #counted(verdict: Verdict): Verdict {
    if (!verdict.isAllowed) this.counts.limited++;
    return verdict;
  }

  #nowMs(): number {
    return this.#clock.monotonicMs();
  }

  #warnOfProxy(address: string): void {
    if (this.#hasWarnedOfProxy || this.#options.address === undefined) return;
    this.#hasWarnedOfProxy = true;
    this.#log.warn("Calls come through a proxy that -webtrustproxy does not name: all of its callers share one limit", {
      proxy: address,
    });
  }
}
