import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readConfig } from "./config.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "bitfleet-config-indexes-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function indexes(...args: string[]) {
  return indexesOn("-regtest", ...args);
}

function indexesOn(...args: string[]) {
  const outcome = readConfig([`-datadir=${dir}`, ...args], { defaultDataDir: dir, workingDir: dir }, "0");
  if (outcome.action !== "run") throw new Error("expected a configuration to run");
  return outcome.config.indexes;
}

const NONE = { transactions: false, spenders: false, addresses: false, blockFilters: false };

describe("-blockfilterindex", () => {
  test.each([
    [[], false],
    [["-blockfilterindex"], true],
    [["-blockfilterindex=1"], true],
    [["-blockfilterindex=basic"], true],
    [["-blockfilterindex=basic", "-blockfilterindex=basic"], true],
    [["-blockfilterindex=0"], false],
    [["-noblockfilterindex"], false],
    [["-blockfilterindex=basic", "-blockfilterindex=0"], false],
  ])("%j: %s", (args, blockFilters) => {
    expect(indexes(...args)).toEqual({ ...NONE, blockFilters });
  });

  test("names of filters that are none are refused", () => {
    expect(() => indexes("-blockfilterindex=abc")).toThrow("Unknown -blockfilterindex value abc.");
    expect(() => indexes("-blockfilterindex=abc", "-blockfilterindex=basic")).toThrow(
      "Unknown -blockfilterindex value abc.",
    );
    expect(() => indexes("-blockfilterindex=2")).toThrow("Unknown -blockfilterindex value 2.");
  });

  test("-peerblockfilters needs it", () => {
    const message = "Cannot set -peerblockfilters without -blockfilterindex.";
    expect(() => indexes("-peerblockfilters")).toThrow(message);
    expect(() => indexes("-peerblockfilters", "-blockfilterindex=0")).toThrow(message);
    expect(indexes("-peerblockfilters", "-blockfilterindex").blockFilters).toBe(true);
    expect(indexes("-peerblockfilters=0").blockFilters).toBe(false);
  });
});

describe.each([
  ["txindex", "transactions"],
  ["txospenderindex", "spenders"],
  ["addressindex", "addresses"],
] as const)("-%s", (option, name) => {
  test("is off unless asked for", () => {
    expect(indexes()[name]).toBe(false);
    expect(indexes(`-${option}`)).toEqual({ ...NONE, [name]: true });
    expect(indexes(`-${option}`, `-no${option}`)[name]).toBe(false);
  });
});

describe("-addressindex where it is not given", () => {
  test.each<[string[], boolean]>([
    [["-regtest", "-webport=0"], false],
    [["-regtest", "-webport=8080"], true],
    [["-signet", "-webport=8080"], true],
    [["-chain=main", "-webport=8080"], false],
    [["-regtest", "-webport=8080", "-prune=1"], false],
    [["-regtest", "-webport=8080", "-prune=0"], true],
    [["-regtest", "-webport=8080", "-noaddressindex"], false],
    [["-chain=main", "-webport=8080", "-addressindex"], true],
  ])("%j: %s", (args, addresses) => {
    expect(indexesOn(...args).addresses).toBe(addresses);
  });
});
