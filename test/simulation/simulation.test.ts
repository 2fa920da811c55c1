import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { SIMULATION_DEFAULTS } from "./defaults.ts";
import { simulate } from "./simulation.ts";

/** A smaller network than that of `npm run test:simulation`, which runs as many seeds as it is asked to. */
const SMALL = { ...SIMULATION_DEFAULTS, nodeCount: 7, hostileCount: 3, turmoilMs: 90_000 };
/** Every hostility takes part in one of them at least; seed 8 has a newcomer. */
const SEEDS = [1, 4, 7, 8, 10, 13];

const totals = new Map<string, number>();

describe("a network with partitions, churn and hostile peers", () => {
  test.each(SEEDS)(
    "agrees on the chain with the most work, and on its coins and transactions (seed %i)",
    async (seed) => {
      const { problems, height, counts } = await simulate({ ...SMALL, seed });
      expect(problems).toEqual([]);
      expect(height).toBeGreaterThan(1105);
      for (const [name, count] of counts) totals.set(name, (totals.get(name) ?? 0) + count);
    },
  );

  test.each([
    "compact blocks",
    "transactions of compact blocks",
    "transactions accepted",
    "blocks disconnected",
    "longer chains of less work",
    "punishments",
    "stallings",
    "crashes",
    "stops",
    "cuts",
    "newcomers",
    "v1 after v2",
    "v2 connections",
  ])("has seen %s", (name) => {
    expect(totals.get(name)).toBeGreaterThan(0);
  });

  test("does the same again from the same seed, in another process too, and something else from another", async () => {
    const first = await simulate({ ...SMALL, seed: 3 });
    expect(first.lineCount).toBeGreaterThan(1000);
    expect((await simulate({ ...SMALL, seed: 3 })).fingerprint).toBe(first.fingerprint);
    expect((await simulate({ ...SMALL, seed: 10 })).fingerprint).not.toBe(first.fingerprint);
    const sizes = ["--nodes", "7", "--hostile", "3", "--seconds", "90"];
    const script = new URL("run.ts", import.meta.url).pathname;
    const command = ["--import", "tsx", script, "--from", "3", "--seeds", "1", ...sizes];
    const { stdout } = await promisify(execFile)(process.execPath, command);
    expect(stdout).toContain(first.fingerprint);
  });
});
