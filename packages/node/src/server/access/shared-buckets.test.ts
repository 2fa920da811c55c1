import { beforeEach, describe, expect, test } from "vitest";
import { MemoryLog } from "../../chain/test-kit.ts";
import { parseSubnet } from "../../p2p/addresses/subnet.ts";
import type { Clock } from "../../ports.ts";
import { admitted } from "./limit-headers.ts";
import { type LimitedRequest, NO_LIMITS, RateLimiter, type RateLimiterOptions } from "./rate-limiter.ts";
import { type BucketStore, PROBE_MS, SharedBuckets } from "./shared-buckets.ts";
import { type BucketRequest, TokenBuckets } from "./token-buckets.ts";

/** Time and timers by hand. */
class HandClock implements Clock {
  nowMsValue = 0;
  readonly timers: { dueMs: number; run: () => void }[] = [];
  nowMs = () => this.nowMsValue;
  monotonicMs = () => this.nowMsValue;

  after(delayMs: number, run: () => void): () => void {
    const timer = { dueMs: this.nowMsValue + delayMs, run };
    this.timers.push(timer);
    return () => void (this.timers.includes(timer) && this.timers.splice(this.timers.indexOf(timer), 1));
  }

  async pass(ms: number): Promise<void> {
    this.nowMsValue += ms;
    for (const timer of this.timers.filter(({ dueMs }) => dueMs <= this.nowMsValue)) {
      this.timers.splice(this.timers.indexOf(timer), 1);
      timer.run();
    }
    await settle();
  }
}
const settle = async () => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
};

/** A store that fails, or hangs, as it is told. */
class FakeStore implements BucketStore {
  readonly #buckets = new TokenBuckets();
  mode: "works" | "fails" | "hangs" = "works";
  readonly asked: string[][] = [];
  readonly hanging: ((error: Error) => void)[] = [];
  isClosed = false;

  async take(requests: readonly BucketRequest[]) {
    this.asked.push(requests.map(({ id }) => id));
    if (this.mode === "fails") throw new Error("away");
    if (this.mode === "hangs") await new Promise((_, reject) => this.hanging.push(reject));
    const { isAllowed, remaining } = this.#buckets.takeAll(requests, 0);
    return { isAllowed, tokens: requests.map(() => remaining) };
  }

  close(): void {
    this.isClosed = true;
  }
}

const LIMITS: Partial<RateLimiterOptions> = { address: { capacity: 2, refillPerSecond: 1 } };
const REQUEST: LimitedRequest = {
  url: "/api/v1/x",
  headers: {},
  address: "192.0.2.1",
  isForwarded: false,
  key: undefined,
};

let clock: HandClock;
let store: FakeStore;
let log: MemoryLog;
let shared: SharedBuckets;

beforeEach(() => {
  clock = new HandClock();
  store = new FakeStore();
  log = new MemoryLog();
  shared = new SharedBuckets({ store, clock, log });
});

const limiterWith = (more: Partial<RateLimiterOptions> = {}) =>
  new RateLimiter({ ...NO_LIMITS, ...LIMITS, ...more }, { clock, log, shared });
const isAllowed = async (limiter: RateLimiter) => {
  const ruling = await limiter.take(REQUEST);
  return typeof ruling === "string" ? ruling : ruling.isAllowed;
};

describe("a store that servers share", () => {
  test("decides while it answers", async () => {
    await shared.start();
    const limiter = limiterWith();
    expect([await isAllowed(limiter), await isAllowed(limiter), await isAllowed(limiter)]).toEqual([true, true, false]);
    expect(limiter.status()).toMatchObject({ store: "redis", redis: "up", onFailure: "memory" });
    expect(store.asked.slice(1)).toEqual([["address:192.0.2.1"], ["address:192.0.2.1"], ["address:192.0.2.1"]]);
    expect(limiter.counts.limited).toBe(1);
  });

  test("that fails is asked no more until it answers a question of ours, once a second", async () => {
    await shared.start();
    const limiter = limiterWith();
    store.mode = "fails";
    expect(await isAllowed(limiter)).toBe(true);
    expect(limiter.status()).toMatchObject({ store: "memory", redis: "down" });
    const askedCount = store.asked.length;
    for (let call = 0; call < 5; call++) limiter.take(REQUEST);
    expect(store.asked.length).toBe(askedCount);
    await clock.pass(PROBE_MS - 1);
    expect(store.asked.length).toBe(askedCount);
    await clock.pass(1);
    expect(store.asked.slice(askedCount)).toEqual([["probe"]]);
    expect(limiter.status().redis).toBe("down");
    store.mode = "works";
    await clock.pass(PROBE_MS);
    expect(limiter.status()).toMatchObject({ store: "redis", redis: "up" });
    expect(await isAllowed(limiter)).toBe(true);
    expect(log.lines.filter((line) => /Redis (failed|answers)/.test(line)).length).toBe(3);
  });

  test("that is away at the start is waited for no longer than a command takes", async () => {
    store.mode = "fails";
    await shared.start();
    const limiter = limiterWith();
    expect(limiter.status()).toMatchObject({ store: "memory", redis: "down" });
    store.mode = "works";
    await clock.pass(PROBE_MS);
    expect(limiter.status().redis).toBe("up");
  });

  test("what was asked before it came back says nothing of it", async () => {
    await shared.start();
    const limiter = limiterWith();
    store.mode = "hangs";
    const waiting = [isAllowed(limiter), isAllowed(limiter)];
    store.hanging[0]!(new Error("timeout"));
    await settle();
    expect(limiter.status().redis).toBe("down");
    store.mode = "works";
    await clock.pass(PROBE_MS);
    expect(limiter.status().redis).toBe("up");
    store.hanging[1]!(new Error("timeout"));
    await settle();
    expect(limiter.status().redis).toBe("up");
    expect(await Promise.all(waiting)).toEqual([true, true]);
  });

  test("is asked a thousand things at a time, and no more", async () => {
    await shared.start();
    store.mode = "hangs";
    const waiting = Array.from({ length: 1000 }, () => shared.takeAll([{ id: "a", policy: LIMITS.address! }]));
    expect(waiting.every((one) => one instanceof Promise)).toBe(true);
    expect(shared.takeAll([{ id: "a", policy: LIMITS.address! }])).toBeUndefined();
    for (const reject of store.hanging) reject(new Error("timeout"));
    expect(await Promise.all(waiting)).toEqual(waiting.map(() => undefined));
  });

  test("is closed with the limiter, and asked no more", async () => {
    store.mode = "fails";
    await shared.start();
    limiterWith().close();
    expect(store.isClosed).toBe(true);
    const askedCount = store.asked.length;
    await clock.pass(10 * PROBE_MS);
    expect(store.asked.length).toBe(askedCount);
    expect(clock.timers).toEqual([]);
  });
});

describe("while the store is away", () => {
  test.each([
    ["memory", [true, true, false]],
    ["open", ["unlimited", "unlimited", "unlimited"]],
    ["closed", ["unavailable", "unavailable", "unavailable"]],
  ] as const)("%s", async (storeFailure, rulings) => {
    store.mode = "fails";
    await shared.start();
    const limiter = limiterWith({ storeFailure });
    expect([await isAllowed(limiter), await isAllowed(limiter), await isAllowed(limiter)]).toEqual(rulings);
    expect(limiter.counts.unavailable).toBe(storeFailure === "closed" ? 3 : 0);
    expect(limiter.status()).toMatchObject({ store: storeFailure === "memory" ? "memory" : "redis", redis: "down" });
    // Loopback needs no store.
    expect(limiter.take({ ...REQUEST, address: "127.0.0.1" })).toBe("unlimited");
  });
});

describe("at once", () => {
  const plain = (more: Partial<RateLimiterOptions> = {}) =>
    new RateLimiter({ ...NO_LIMITS, ...LIMITS, ...more }, { clock, log });

  test("memory decides, of the same buckets as ever", () => {
    const limiter = plain();
    expect(limiter.takeNow("192.0.2.1")).toMatchObject({ isAllowed: true, remaining: 1 });
    expect(limiter.take(REQUEST)).toMatchObject({ isAllowed: true, remaining: 0 });
    expect(limiter.takeNow("192.0.2.1")).toMatchObject({ isAllowed: false });
    expect(limiter.takeNow("127.0.0.1")).toBe("unlimited");
    expect(plain({ address: undefined }).takeNow("192.0.2.1")).toBe("unlimited");
  });

  test("nobody does where Redis or rules have a say, and nothing is taken", async () => {
    await shared.start();
    const askedCount = store.asked.length;
    expect(limiterWith().takeNow("192.0.2.1")).toBeUndefined();
    expect(store.asked.length).toBe(askedCount);
    expect(limiterWith().takeNow("127.0.0.1")).toBe("unlimited");
    const rules = [{ strategy: "url", policy: LIMITS.address! }] as const;
    expect(plain({ rules }).takeNow("192.0.2.1")).toBeUndefined();
  });

  test("header lines go with it, and who has called too often goes the long way", () => {
    const limiter = plain();
    expect(admitted(limiter, "::ffff:192.0.2.1")).toBe(
      "RateLimit-Limit: 2\r\nRateLimit-Remaining: 1\r\nRateLimit-Reset: 1\r\nX-RateLimit-Limit: 2\r\nX-RateLimit-Remaining: 1\r\n",
    );
    expect(admitted(limiter, "192.0.2.1")).toContain("RateLimit-Remaining: 0\r\n");
    expect(admitted(limiter, "192.0.2.1")).toBeUndefined();
    expect(admitted(limiter, "::1")).toBe("");
    expect(admitted(limiter, undefined)).toContain("RateLimit-Limit");
  });
});

describe("rules beside address and key", () => {
  const policy = { capacity: 1, refillPerSecond: 1 };
  const ask = (limiter: RateLimiter, more: Partial<LimitedRequest>) => {
    const ruling = limiter.take({ ...REQUEST, ...more });
    return typeof ruling === "object" && "isAllowed" in ruling ? ruling.isAllowed : ruling;
  };
  const ruled = (rules: RateLimiterOptions["rules"], more: Partial<RateLimiterOptions> = {}) =>
    new RateLimiter({ ...NO_LIMITS, rules, ...more }, { clock, log });

  test("a path has one bucket for all who ask for it", () => {
    const limiter = ruled([{ strategy: "url", policy }]);
    expect(ask(limiter, { url: "/api/v1/a?x=1", address: "192.0.2.1" })).toBe(true);
    expect(ask(limiter, { url: "/api/v1/a?x=2", address: "192.0.2.2" })).toBe(false);
    expect(ask(limiter, { url: "/api/v1/b" })).toBe(true);
    // Whoever has a key is under them as well.
    expect(ask(limiter, { url: "/api/v1/b", key: { name: "k" } })).toBe(false);
  });

  test("a path with a rule of its own is not under that of every path", () => {
    const wide = { capacity: 3, refillPerSecond: 1 };
    const limiter = ruled([
      { strategy: "url", value: "/api/v1/a", policy: wide },
      { strategy: "url", policy },
    ]);
    const answers = Array.from({ length: 4 }, () => ask(limiter, { url: "/api/v1/a" }));
    expect(answers).toEqual([true, true, true, false]);
  });

  test("a header's and a query field's value have one each; who sends neither is free of them", () => {
    const limiter = ruled([
      { strategy: "header", value: "x-user", policy },
      { strategy: "header", policy },
      { strategy: "query", value: "user", policy },
    ]);
    expect(ask(limiter, {})).toBe("unlimited");
    for (const more of [
      { headers: { "x-user": "a" } },
      { headers: { "x-user": "b" } },
      { headers: { authorization: "Bearer a" } },
      { url: "/api/v1/x?user=a" },
    ])
      expect([ask(limiter, more), ask(limiter, more)], JSON.stringify(more)).toEqual([true, false]);
  });

  test("some addresses have limits of their own, and some none", () => {
    const limiter = ruled([], {
      ...LIMITS,
      addressLimits: [{ range: parseSubnet("198.51.100.0/24")!, policy }],
      exempt: [parseSubnet("203.0.113.0/24")!],
    });
    const limitOf = (address: string) => {
      const ruling = limiter.take({ ...REQUEST, address });
      return typeof ruling === "object" && "limit" in ruling ? ruling.limit : ruling;
    };
    expect(limitOf("192.0.2.1")).toBe(2);
    expect(limitOf("198.51.100.7")).toBe(1);
    expect(limitOf("198.51.101.7")).toBe(2);
    expect(limitOf("203.0.113.7")).toBe("unlimited");
    expect(limiter.take({ ...REQUEST, address: "203.0.113.7", isForwarded: true })).toMatchObject({ limit: 2 });
    expect(limitOf("no address")).toBe(2);
  });
});
