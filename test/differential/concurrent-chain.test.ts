import { describe, expect, test } from "vitest";
import { runConcurrently } from "./concurrent-run.ts";

describe("blocks and commands that come at once end as they do one by one", () => {
  for (const seed of [2, 5]) {
    test(`seed ${seed}`, async () => {
      const { calls, accepted, refused, connected } = await runConcurrently(seed, { bursts: 4 });
      expect(calls).toBeGreaterThan(150);
      expect(accepted).toBeGreaterThan(100);
      expect(refused).toBeGreaterThan(10);
      expect(connected).toBeGreaterThan(99);
    });
  }
});
