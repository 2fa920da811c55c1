import { describe, expect, test } from "vitest";
import { findInJson, firstOpen, idsAbove, jsonText, linesOf, pathText } from "./json-lines.ts";

const value = {
  txid: "ab12",
  vout: [
    { n: 0, value: 0.5 },
    { n: 1, value: 1 },
  ],
  "odd key": null,
  flag: true,
};

describe("the tree of a value", () => {
  test("lists what is open, in order", () => {
    const ids = (open: readonly string[]) => linesOf(value, new Set(open)).map(({ id }) => id);
    expect(ids([])).toEqual(["$"]);
    expect(ids(["$"])).toEqual(["$", "$.txid", "$.vout", '$["odd key"]', "$.flag"]);
    expect(ids(["$", "$.vout"])).toEqual(["$", "$.txid", "$.vout", "$.vout[0]", "$.vout[1]", '$["odd key"]', "$.flag"]);
    // Open below something closed is not seen.
    expect(ids(["$.vout"])).toEqual(["$"]);
  });

  test("says how much is in each part", () => {
    const counts = linesOf(value, new Set(["$"])).map(({ childCount }) => childCount);
    expect(counts).toEqual([4, undefined, 2, undefined, undefined]);
  });

  test("is open at first as far as it is short", () => {
    expect([...firstOpen(value, 2)]).toEqual(["$", "$.vout"]);
    expect([...firstOpen({ a: Array.from({ length: 300 }, () => 0) }, 2)]).toEqual(["$"]);
    expect([...firstOpen("text", 2)]).toEqual([]);
  });
});

describe("search", () => {
  test("finds keys and values whatever their case, in order", () => {
    expect(findInJson(value, "VALUE").map(pathText)).toEqual(["$.vout[0].value", "$.vout[1].value"]);
    expect(findInJson(value, "AB1").map(pathText)).toEqual(["$.txid"]);
    expect(findInJson(value, "null").map(pathText)).toEqual(['$["odd key"]']);
    expect(findInJson(value, "nothing")).toEqual([]);
    expect(findInJson(value, "  ")).toEqual([]);
  });

  test("keeps no more than a thousand places", () => {
    const long = Array.from({ length: 1500 }, () => "x");
    expect(findInJson(long, "x")).toHaveLength(1000);
  });

  test("knows what to open for a place", () => {
    expect(idsAbove(["vout", 1, "value"])).toEqual(["$", "$.vout", "$.vout[1]"]);
  });
});

test("a value is copied as it is written; a string without its quotes", () => {
  expect(jsonText("a\nb")).toBe("a\nb");
  expect(jsonText({ a: [1] })).toBe('{\n  "a": [\n    1\n  ]\n}');
  expect(jsonText(5n)).toBe("5");
});
