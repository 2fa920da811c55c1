import { describe, test } from "vitest";
import { MemoryPlace, MemoryVault } from "./memory-vault.ts";
import { VAULT_TESTS } from "./vault-conformance.ts";

/** A guess that costs next to nothing. */
const CHEAP_COST = { n: 16, r: 1, p: 1 } as const;

describe("a vault in memory", () => {
  for (const { name, run } of VAULT_TESTS.filter(({ needsDamage }) => !needsDamage)) {
    test(name, () => {
      const place = new MemoryPlace();
      return run({ vault: (options) => new MemoryVault({ cost: CHEAP_COST, ...options }, place) });
    });
  }
});
