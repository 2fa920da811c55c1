import { expect, test } from "vitest";
import { matches } from "./matches.ts";

test.each([
  ["blo", "Blocks chain", true],
  ["chain blo", "Blocks chain", true],
  ["not a block", "Blocks chain", false],
  ["lock", "Blocks", false],
  ["", "Blocks", true],
])("'%s' finds '%s': %s", (query, text, isFound) => {
  expect(matches(query, text)).toBe(isFound);
});
