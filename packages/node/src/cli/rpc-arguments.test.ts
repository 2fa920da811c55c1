import { parseJson, toPlain, writeJson } from "@bitfleet/api/json.ts";
import { describe, expect, test } from "vitest";
import { resultText } from "./json-text.ts";
import { namedArguments, positionalArguments } from "./rpc-arguments.ts";

describe("arguments", () => {
  test.each([
    ["text stays text, numbers become numbers", "generatetoaddress", ["10", "123"], '[10,"123"]'],
    ["numbers keep their digits", "generatetoaddress", ["1e2", "a", "1.50"], '[1e2,"a",1.50]'],
    ["hex that reads as a number stays text", "decodescript", ["51"], '["51"]'],
    ["methods nobody knows get text", "future", ["1", "true"], '["1","true"]'],
    ["booleans and verbosity", "getblock", ["ab", "true"], '["ab",true]'],
    ["what echo gives back is text", "echo", ["1", "[2]", "a"], '["1","[2]","a"]'],
    ["what echojson gives back is JSON", "echojson", ["1", "[2]"], "[1,[2]]"],
    ["lists", "generateblock", ["addr", '["a","b"]'], '["addr",["a","b"]]'],
  ])("%s", (_label, method, words, json) => {
    expect(writeJson(positionalArguments(method, words))).toBe(json);
  });

  test("words that must be JSON and are none", () => {
    expect(() => positionalArguments("getblockhash", ["x"])).toThrow("Error parsing JSON: x");
  });

  test("names, places, and text with = that is no name", () => {
    const named = (method: string, ...words: string[]) => toPlain(namedArguments(method, words));
    expect(named("generatetoaddress", "nblocks=2", "address=a=b")).toEqual({ nblocks: 2, address: "a=b" });
    expect(named("generatetoaddress", "2", "address=a")).toEqual({ address: "a", args: [2] });
    expect(named("decodescript", "a=b")).toEqual({ args: ["a=b"] });
    expect(named("getblockhash", "unknown=1")).toEqual({ unknown: "1" });
    expect(named("gettxspendingprevout", "[]", "mempool_only=true")).toEqual({ mempool_only: true, args: [[]] });
    expect(named("echo", "label=1", "2")).toEqual({ label: "1", args: ["2"] });
    const both = namedArguments("echo", ["args=[0]", "1"]);
    expect(writeJson(both), "the node refuses to be told twice").toBe('{"args":"[0]","args":["1"]}');
    expect(named("generatetoaddress", "nblocks=1", "nblocks=3")).toEqual({ nblocks: 3 });
  });
});

test.each([
  ["null", ""],
  ['"text"', "text"],
  ["1.00000000", "1.00000000"],
  ["true", "true"],
  ["[]", "[\n]"],
  ["{}", "{\n}"],
  ['{"a":[1,{"b":null}],"c":"d"}', '{\n  "a": [\n    1,\n    {\n      "b": null\n    }\n  ],\n  "c": "d"\n}'],
])("%s is printed as bitcoin-cli prints it", (json, text) => {
  expect(resultText(parseJson(json))).toBe(text);
});
