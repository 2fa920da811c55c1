import { describe, expect, test } from "vitest";
import { bucketsOf, type LimitRule, plainPath } from "./limit-rules.ts";

const policy = { capacity: 1, refillPerSecond: 1 };
const OWN: LimitRule = { strategy: "url", value: "/api/v1/search", policy };
const EVERY: LimitRule = { strategy: "url", policy };
const idsOf = (url: string, ...rules: LimitRule[]) => bucketsOf(rules, { url, headers: {} }).map(({ id }) => id);

/** As the router reads them. */
const WRITTEN = [
  "/api/v1/search",
  "/api/v1/search?q=1",
  "/%61pi/v1/search?q=1",
  "/api/v1/search#2",
  "http://other.example/api/v1/search?q=1",
  "HTTPS://other.example/api/v1/%73earch#1?2",
];

describe("a path that is written in another way", () => {
  test.each(WRITTEN)("has the bucket of its rule: %s", (url) => {
    expect(idsOf(url, OWN)).toEqual(["url:/api/v1/search:/api/v1/search"]);
    expect(idsOf(url, EVERY)).toEqual(["url::/api/v1/search"]);
    // A path with a rule of its own is not under that of every path as well.
    expect(idsOf(url, EVERY, OWN)).toEqual(["url:/api/v1/search:/api/v1/search"]);
  });

  test("stays as it is where it cannot be read", () => {
    expect(plainPath("/api/%zz?x=%41")).toBe("/api/%zz");
  });
});

test("fields of the query are found behind it", () => {
  const rule: LimitRule = { strategy: "query", value: "user", policy };
  expect(idsOf("/%61pi?user=a", rule)).toEqual(idsOf("/api?user=a", rule));
  expect(idsOf("/api?user=a", rule)).not.toEqual(idsOf("/api?user=b", rule));
});
