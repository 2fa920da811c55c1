import { expect, test } from "vitest";
import { pageSearch, tabSearch } from "./page-search.ts";

test.each([
  [2, { page: 2 }],
  ["7", { page: 7 }],
  [1, {}],
  [0, {}],
  [-3, {}],
  [1.5, {}],
  ["x", {}],
  [undefined, {}],
  [2 ** 60, {}],
])("page %s is %o", (page, search) => {
  expect(pageSearch({ page })).toEqual(search);
});

test.each([
  ["json", { tab: "json" }],
  ["raw-hex2", { tab: "raw-hex2" }],
  ["", {}],
  ["A b", {}],
  ["a".repeat(33), {}],
  [3, {}],
])("tab %s is %o", (tab, search) => {
  expect(tabSearch({ tab })).toEqual(search);
});
