import { describe, expect, test } from "vitest";
import { SIMULATION_DEFAULTS, simulate } from "./simulation.ts";

/** A smaller network than that of `npm run test:simulation`, which runs as many seeds as it is asked to. */
const SMALL = { ...SIMULATION_DEFAULTS, nodeCount: 8, hostileCount: 3, turmoilMs: 4 * 60_000, calmMs: 4 * 60_000 };

describe("a network with partitions, churn and hostile peers", () => {
  test.each([1, 2, 3, 4])("agrees on the chain with the most work (seed %i)", async (seed) => {
    const { problems, height } = await simulate({ ...SMALL, seed });
    expect(problems).toEqual([]);
    expect(height).toBeGreaterThan(10);
  });

  test("does the same again from the same seed, and something else from another", async () => {
    const first = await simulate({ ...SMALL, seed: 5 });
    const again = await simulate({ ...SMALL, seed: 5 });
    expect(again.fingerprint).toBe(first.fingerprint);
    expect(again.lineCount).toBeGreaterThan(1000);
    expect((await simulate({ ...SMALL, seed: 6 })).fingerprint).not.toBe(first.fingerprint);
  });
});
