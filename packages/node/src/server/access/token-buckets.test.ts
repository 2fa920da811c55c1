import { describe, expect, test } from "vitest";
import { parseLimit, parseRate } from "./limit-text.ts";
import { TokenBuckets } from "./token-buckets.ts";

const POLICY = { capacity: 3, refillPerSecond: 2 };

describe("a bucket", () => {
  test("is full at first, and empty after as many calls as it holds", () => {
    const buckets = new TokenBuckets();
    expect(buckets.take("a", POLICY, 0)).toEqual({
      isAllowed: true,
      limit: 3,
      remaining: 2,
      resetSeconds: 1,
      retryAfterSeconds: 0,
    });
    expect(buckets.take("a", POLICY, 0).remaining).toBe(1);
    expect(buckets.take("a", POLICY, 0)).toMatchObject({ isAllowed: true, remaining: 0, resetSeconds: 2 });
    expect(buckets.take("a", POLICY, 0)).toEqual({
      isAllowed: false,
      limit: 3,
      remaining: 0,
      resetSeconds: 2,
      retryAfterSeconds: 1,
    });
  });

  test("fills with time, up to what it holds; what is refused takes nothing", () => {
    const buckets = new TokenBuckets();
    for (let call = 0; call < 3; call++) buckets.take("a", POLICY, 0);
    expect(buckets.take("a", POLICY, 499).isAllowed).toBe(false);
    expect(buckets.take("a", POLICY, 500)).toMatchObject({ isAllowed: true, remaining: 0 });
    expect(buckets.take("a", POLICY, 500).isAllowed).toBe(false);
    expect(buckets.take("a", POLICY, 1_000_000)).toMatchObject({ isAllowed: true, remaining: 2 });
  });

  test("loses nothing where time stands still or goes back", () => {
    const buckets = new TokenBuckets();
    buckets.take("a", POLICY, 1000);
    expect(buckets.take("a", POLICY, 0)).toMatchObject({ isAllowed: true, remaining: 1 });
  });

  test("says when there is a token again, in whole seconds, never 0", () => {
    const slow = { capacity: 1, refillPerSecond: 1 / 6 };
    const buckets = new TokenBuckets();
    buckets.take("a", slow, 0);
    expect(buckets.take("a", slow, 0).retryAfterSeconds).toBe(6);
    expect(buckets.take("a", slow, 5900).retryAfterSeconds).toBe(1);
    expect(buckets.take("a", slow, 6001).isAllowed).toBe(true);
  });

  test("is nobody else's", () => {
    const buckets = new TokenBuckets();
    for (let call = 0; call < 4; call++) buckets.take("a", POLICY, 0);
    expect(buckets.take("b", POLICY, 0)).toMatchObject({ isAllowed: true, remaining: 2 });
  });
});

describe("several buckets at once", () => {
  const wide = { capacity: 10, refillPerSecond: 1 };

  test("all give a token, or none does", () => {
    const buckets = new TokenBuckets();
    const both = [
      { id: "narrow", policy: { capacity: 1, refillPerSecond: 0.1 } },
      { id: "wide", policy: wide },
    ];
    expect(buckets.takeAll(both, 0)).toMatchObject({ isAllowed: true, limit: 1, remaining: 0 });
    expect(buckets.takeAll(both, 0)).toMatchObject({ isAllowed: false, limit: 1, retryAfterSeconds: 10 });
    // The second call has taken nothing from the wide one.
    expect(buckets.take("wide", wide, 0).remaining).toBe(8);
  });
});

describe("many buckets", () => {
  const take = (buckets: TokenBuckets, id: string) => buckets.take(id, POLICY, 0);

  test("are so many at most, and those not used for longest are forgotten", () => {
    const buckets = new TokenBuckets(4);
    for (const id of ["a", "b", "c"]) take(buckets, id);
    expect(take(buckets, "a").remaining).toBe(1);
    expect(take(buckets, "d").remaining).toBe(2);
    expect(buckets.count).toBeLessThanOrEqual(4);
    // Two others have come since b was used.
    expect(take(buckets, "b").remaining).toBe(2);
    expect(take(buckets, "a").remaining).toBe(0);
  });

  test("never grow, whatever comes", () => {
    const buckets = new TokenBuckets(10);
    for (let call = 0; call < 1000; call++) {
      take(buckets, `id ${(call * call) % 97}`);
      expect(buckets.count).toBeLessThanOrEqual(10);
    }
  });

  test("one that is asked of all the time is not forgotten, though it is empty", () => {
    const buckets = new TokenBuckets(2);
    for (let call = 0; call < 3; call++) take(buckets, "flood");
    for (let other = 0; other < 10; other++) {
      take(buckets, `other ${other}`);
      expect(take(buckets, "flood").isAllowed).toBe(false);
    }
  });

  test("give time to nobody twice: one that goes on was refilled up to where it was asked", () => {
    const buckets = new TokenBuckets();
    for (let call = 0; call < 3; call++) buckets.take("a", POLICY, 0);
    for (let nowMs = 10; nowMs < 500; nowMs += 10) expect(buckets.take("a", POLICY, nowMs).isAllowed).toBe(false);
    expect(buckets.take("a", POLICY, 501).isAllowed).toBe(true);
  });
});

test.each([
  ["600/60", { capacity: 600, refillPerSecond: 60 }],
  ["1/0.5", { capacity: 1, refillPerSecond: 0.5 }],
  ["1000000/1000000", { capacity: 1_000_000, refillPerSecond: 1_000_000 }],
  ["1000001/1", undefined],
  ["0/1", undefined],
  ["1/0", undefined],
  ["1.5/1", undefined],
  ["-1/1", undefined],
  ["10", undefined],
  ["10/", undefined],
  ["10/1/1", undefined],
  ["1e3/1", undefined],
])("the limit %s", (text, policy) => {
  expect(parseLimit(text)).toEqual(policy);
});

test.each([
  ["5/s", { capacity: 10, refillPerSecond: 5 }],
  ["0.5/s", { capacity: 10, refillPerSecond: 0.5 }],
  ["20/sec", { capacity: 40, refillPerSecond: 20 }],
  ["100/10", { capacity: 100, refillPerSecond: 10 }],
  ["5/min", undefined],
  ["0/s", undefined],
  ["/s", undefined],
])("the rate %s", (text, policy) => {
  expect(parseRate(text)).toEqual(policy);
});
