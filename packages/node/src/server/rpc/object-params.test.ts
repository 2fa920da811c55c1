import { RpcError } from "@bitfleet/api/errors.ts";
import { type JsonObject, parseJson } from "@bitfleet/api/json.ts";
import { describe, expect, test } from "vitest";
import { checkMembers, type MemberTypes, objectParam } from "./object-params.ts";

const TYPES: MemberTypes = { b: "bool", a: "number", s: "string", list: "array", inner: "object", fee_rate: "any" };

function problemOf(json: string, rules: Parameters<typeof checkMembers>[2], types: MemberTypes = TYPES) {
  try {
    checkMembers(parseJson(json) as JsonObject, types, rules);
  } catch (error) {
    if (error instanceof RpcError) return { code: error.code, message: error.message };
    throw error;
  }
  return undefined;
}

describe("options objects", () => {
  test("may have each member of its type, and leave out or null any", () => {
    for (const json of [
      "{}",
      '{"a":1,"b":true,"s":"x","list":[],"inner":{},"fee_rate":"1"}',
      '{"a":null,"fee_rate":1}',
    ]) {
      expect(problemOf(json, { mayLack: true })).toBeUndefined();
    }
  });

  test.each([
    ['{"b":1}', "JSON value of type number for field b is not of expected type bool"],
    ['{"list":{}}', "JSON value of type object for field list is not of expected type array"],
    ['{"inner":[]}', "JSON value of type array for field inner is not of expected type object"],
    ['{"s":true}', "JSON value of type bool for field s is not of expected type string"],
    ['{"foo":1}', "Unexpected key foo"],
    ['{"foo":1,"a":"1"}', "JSON value of type string for field a is not of expected type number"],
  ])("%s is refused in Core's words", (json, message) => {
    expect(problemOf(json, { mayLack: true })).toEqual({ code: -3, message });
  });

  test("of several mistakes the first by name is told", () => {
    expect(problemOf('{"s":1,"a":true}', { mayLack: true })?.message).toContain("for field a ");
    const types: MemberTypes = { vout: "number", txid: "string" };
    expect(problemOf("{}", { mayLack: false }, types)).toEqual({ code: -3, message: "Missing txid" });
    expect(problemOf('{"txid":"x"}', { mayLack: false }, types)?.message).toBe("Missing vout");
  });

  test("others may be let through", () => {
    expect(problemOf('{"foo":1}', { mayLack: true, mayHaveOthers: true })).toBeUndefined();
  });
});

test("what is no object is refused", () => {
  expect(() => objectParam(parseJson("[]"))).toThrow("JSON value of type array is not of expected type object");
});
