import { expect, test } from "vitest";
import { only, type RawSearch, tabSearch } from "./page-search.ts";

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

test("what a page does not know of its address is absent, whatever it is", () => {
  const findSearch = ({ find }: RawSearch) => (typeof find === "object" ? {} : { find: String(find) });
  const raw = { find: { length: 1 }, tab: "json", other: [1] };
  expect(only(findSearch)(raw)).toStrictEqual({ find: undefined, tab: "json", other: undefined });
  expect(only(findSearch)({ ...raw, find: 12, tab: 3 })).toStrictEqual({
    find: "12",
    tab: undefined,
    other: undefined,
  });
});
