import { describe, expect, test } from "vitest";
import { allowEntryProblem, isListed, ROUTE_NAMES } from "./allow-list.ts";

const call = (method: string, path: string, routeName?: string) => ({ method, path, routeName });

describe("a list of what a key may call", () => {
  test("has routes by name, wherever they answer", () => {
    expect(isListed(["mining"], call("GET", "/api/v1/mining", "mining"))).toBe(true);
    expect(isListed(["mining"], call("GET", "/api/admin/mining", "mining"))).toBe(true);
    expect(isListed(["mining"], call("PUT", "/api/admin/mining", "setMining"))).toBe(false);
    expect(isListed(["mining"], call("GET", "/mining"))).toBe(false);
    expect(isListed([], call("GET", "/api/v1/mining", "mining"))).toBe(false);
  });

  test.each([
    ["GET /api/v1/mining", "GET", "/api/v1/mining", true],
    ["GET /api/v1/mining", "HEAD", "/api/v1/mining", true],
    ["GET /api/v1/mining", "PUT", "/api/v1/mining", false],
    ["GET /api/v1/mining", "GET", "/api/v1/mining/", false],
    ["GET /api/v1/mining", "GET", "/api/v1/minin", false],
    ["* /api/v1/mining", "DELETE", "/api/v1/mining", true],
    ["GET /api/v1/*", "GET", "/api/v1/blockchain/blocks/5", true],
    ["GET /api/v1/*", "GET", "/api/v1/", true],
    ["GET /api/v1/*", "GET", "/api/v1", false],
    ["GET /api/v1/*", "GET", "/api/admin/mining", false],
    ["GET /api/v1/*/blocks", "GET", "/api/v1/blockchain/blocks", true],
    ["GET /api/v1/*/blocks", "GET", "/api/v1/blockchain/blocks/5", false],
    ["GET /a*b*c", "GET", "/abc", true],
    ["GET /a*b*c", "GET", "/axxbyybc", true],
    ["GET /a*b*c", "GET", "/acb", false],
    // What one star has taken another cannot have.
    ["GET /aa*aa", "GET", "/aaa", false],
    ["GET /aa*aa", "GET", "/aaaa", true],
    ["* /*", "PUT", "/api/admin/mining", true],
  ])("%s, asked for %s %s: %s", (entry, method, path, isInList) => {
    expect(allowEntryProblem(entry)).toBeUndefined();
    expect(isListed([entry], call(method, path))).toBe(isInList);
  });

  test("looks at a path with a pattern of many stars in no time", () => {
    const entry = `GET /${"*a".repeat(90)}*b`;
    expect(allowEntryProblem(entry)).toBeUndefined();
    expect(isListed([entry], call("GET", `/${"a".repeat(16_000)}`))).toBe(false);
  });

  test("refuses what is neither", () => {
    expect(ROUTE_NAMES).toContain("setMining");
    for (const entry of [
      "",
      "minning",
      "toString",
      "GET",
      "GET mining",
      "GET  /x",
      "GET /x y",
      "/api",
      `GET /${"x".repeat(200)}`,
    ]) {
      expect(allowEntryProblem(entry), entry).toMatch(/neither the name of a route nor a method with a path/);
    }
    expect(allowEntryProblem("PATCH /api")).toBe(
      'The method of "PATCH /api" must be one of GET, POST, PUT, DELETE, *.',
    );
  });
});
