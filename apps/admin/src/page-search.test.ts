import { expect, test } from "vitest";
import { consoleSearch, healthSearch, miningSearch, pageSearch, traceSearch } from "./page-search.ts";

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
  [
    { input: 0, step: 5 },
    { input: 0, step: 5 },
  ],
  [{ input: "2", step: "0" }, { input: 2 }],
  [{ input: 1 }, { input: 1 }],
  [{ input: 1, step: -1 }, { input: 1 }],
  [{ input: 1, step: 1.5 }, { input: 1 }],
  [{ step: 5 }, {}],
  [{ input: -1 }, {}],
  [{ input: "" }, {}],
  [{ input: "x" }, {}],
  [{ input: 2 ** 40 }, {}],
])("the place of a trace in %o is %o", (search, place) => {
  expect(traceSearch(search)).toEqual(place);
});

test.each([
  [
    { method: "getblock", wallet: "the shop" },
    { method: "getblock", wallet: "the shop" },
  ],
  [{ method: "Get Block", wallet: "" }, {}],
  [{ method: 3, wallet: 3 }, {}],
  [{ wallet: "x".repeat(101) }, {}],
])("the console's %o is %o", (search, place) => {
  expect(consoleSearch(search)).toEqual(place);
});

test.each([
  [
    { node: "miner-1", chart: "time" },
    { node: "miner-1", chart: "time" },
  ],
  [{ node: "miner-1", chart: "height" }, { node: "miner-1" }],
  [{ node: "../x" }, {}],
  [{ node: 7 }, {}],
])("whose miner in %o is %o", (search, place) => {
  expect(miningSearch(search)).toEqual(place);
});

test.each([
  [{ find: "height tip" }, { find: "height tip" }],
  [{ find: 4 }, { find: "4" }],
  [{ find: "" }, {}],
  [{ find: "x".repeat(101) }, {}],
])("metrics looked for in %o are %o", (search, place) => {
  expect(healthSearch(search)).toEqual(place);
});
