import { VAULT_TESTS } from "@bitfleet/vault/vault-conformance.ts";
import { describe, test } from "vitest";
import { SqlPlace, temporaryFolder } from "./test-kit.ts";

describe("a vault in a folder", () => {
  for (const { name, run } of VAULT_TESTS) test(name, () => run(new SqlPlace(`${temporaryFolder()}/desktop`)));
});
