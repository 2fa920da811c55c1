import { expect, test } from "vitest";
import { filtersOf, isFiltered, mempoolSearch, queryOf, SPANS, unlessFirst } from "./mempool-search.ts";

const TXID = "ab".repeat(32);

test("an address says which transactions are listed; what means nothing is dropped", () => {
  expect(
    mempoolSearch({ order: "fee", from: 1.5, to: "20", minsize: 100.9, age: "10m", rbf: false, relatives: "none" }),
  ).toEqual({ order: "fee", from: 1.5, to: 20, minsize: 100, age: "10m", rbf: false, relatives: "none" });
  expect(
    mempoolSearch({
      order: "oldest",
      from: -1,
      to: "x",
      minsize: "",
      maxsize: null,
      age: 5,
      rbf: "yes",
      cluster: "ab",
    }),
  ).toEqual({});
  expect(mempoolSearch({ order: "newest", cluster: TXID.toUpperCase() })).toEqual({ cluster: TXID });
});

test("an address says what is drawn; what is drawn anyway it does not name", () => {
  const view = { bars: "fees", drawn: "rate", span: "6h", min: "10" };
  expect(mempoolSearch(view)).toEqual({ ...view, min: 10 });
  expect(mempoolSearch({ bars: "size", drawn: "size", span: "1h", min: 2 })).toEqual({});
  expect(mempoolSearch({ bars: "height", drawn: 1, span: "7h", min: 3 })).toEqual({});
  expect(unlessFirst("6h", SPANS)).toBe("6h");
  expect(unlessFirst("1h", SPANS)).toBeUndefined();
});

test("the tab and an open cluster filter nothing, and neither does the order", () => {
  expect(filtersOf({ cluster: TXID, tab: "clusters", from: 2 })).toEqual({ from: 2 });
  expect(filtersOf({ bars: "fees", drawn: "rate", span: "24h", min: 5, age: "1h" })).toEqual({ age: "1h" });
  expect(isFiltered({ order: "fee" })).toBe(false);
  expect(isFiltered({ rbf: false })).toBe(true);
});

test("the node is asked in satoshis for 1000 vbytes, and in times", () => {
  expect(queryOf({}, 1000)).toEqual({ sort: "newest" });
  expect(queryOf({ from: 1.25, to: 1.599, age: "1m", rbf: true }, 1000)).toEqual({
    sort: "newest",
    min_feerate_sat_per_kvb: 1250,
    max_feerate_sat_per_kvb: 1599,
    since: 940,
    replaceable: true,
  });
  expect(queryOf({ age: "over1h" }, 10_000)).toMatchObject({ until: 6400 });
});

test.each([
  ["parents", { has_parents: true }],
  ["children", { has_children: true }],
  ["both", { has_parents: true, has_children: true }],
  ["none", { has_parents: false, has_children: false }],
] as const)("relatives: %s", (relatives, asked) => {
  expect(queryOf({ relatives }, 0)).toEqual({ sort: "newest", ...asked });
});
