import { expect, test } from "vitest";
import { branchesAt } from "./branches-at.ts";

const ACTIVE = { hash: "aa", height: 110, branch_length: 0, status: "active" } as const;
/** Its blocks have the heights 104 and 105. */
const FORK = { hash: "bb", height: 105, branch_length: 2, status: "valid-fork" } as const;

test.each([
  [103, ""],
  [104, "bb valid-fork"],
  [105, "bb valid-fork"],
  [106, ""],
  [110, ""],
])("a branch counts at its own heights: %d", (height, expected) => {
  expect(branchesAt([ACTIVE, FORK], height)).toBe(expected);
});

test("the same branches are the same text, whatever their order", () => {
  const other = { ...FORK, hash: "ab", status: "headers-only" } as const;
  expect(branchesAt([FORK, ACTIVE, other], 105)).toBe("ab headers-only,bb valid-fork");
  expect(branchesAt([other, FORK], 105)).toBe("ab headers-only,bb valid-fork");
});
