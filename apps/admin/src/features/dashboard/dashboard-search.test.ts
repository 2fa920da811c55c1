import { expect, test } from "vitest";
import { dashboardSearch } from "./dashboard-search.ts";

test.each([
  ["144", { blocks: 144 }],
  [1008, { blocks: 1008 }],
  // What is shown anyway is not named.
  [60, {}],
  [61, {}],
  ["all", {}],
  [undefined, {}],
])("blocks=%s", (blocks, search) => {
  expect(dashboardSearch({ blocks })).toEqual(search);
});
