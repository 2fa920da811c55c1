import { expect, test } from "vitest";
import { suggestedFeerate } from "./suggested-feerate.ts";

test.each([
  [1_000n, 5_000n, "5"],
  [5_000n, 5_000n, "6"],
  [5_001n, 5_000n, "7"],
  [1_000n, undefined, "2"],
  [undefined, undefined, "1"],
  [undefined, 4_200n, "5"],
  [100n, 100n, "2"],
])("one that pays %s sat/kvB where the next block takes %s is offered %s sat/vB", (now, fast, expected) => {
  expect(suggestedFeerate(now, fast)).toBe(expected);
});
