import { expect, test } from "vitest";
import { historySearch } from "./history-search.ts";

test.each([
  [
    { show: "in", find: "rent" },
    { show: "in", find: "rent" },
  ],
  [{ find: 150 }, { find: "150" }],
  [{ show: "all" }, {}],
  [{ show: "elsewhere", find: "" }, {}],
  [{ find: "x".repeat(201) }, {}],
  [{ find: ["a"] }, {}],
])("of %j in the address bar the history takes %j", (raw, expected) => {
  expect(historySearch(raw)).toEqual(expected);
});
