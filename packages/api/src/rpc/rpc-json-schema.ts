import type { JsonSchema } from "../openapi/json-schema.ts";
import type { Field, Param, ParamKind, RpcMethod } from "./rpc-schema.ts";

/** What a method takes and answers as JSON Schema: for forms, and for programs that know no other description. */

const UINT32_MAX = 2 ** 32 - 1;
const INT32_MAX = 2 ** 31 - 1;
const SAFE_MAX = Number.MAX_SAFE_INTEGER;

const HEX: JsonSchema = { type: "string", pattern: "^([0-9a-fA-F]{2})*$" };

const PARAM_SCHEMAS: Readonly<Record<ParamKind, JsonSchema>> = {
  string: { type: "string" },
  hex: HEX,
  int: { type: "integer", minimum: -INT32_MAX - 1, maximum: INT32_MAX },
  int64: { type: "integer", minimum: -SAFE_MAX, maximum: SAFE_MAX },
  uint32: { type: "integer", minimum: 0, maximum: UINT32_MAX },
  uint64: { type: "integer", minimum: 0, maximum: SAFE_MAX },
  number: { type: "number" },
  real: { type: "number" },
  bool: { type: "boolean" },
  verbosity: { type: ["integer", "boolean"] },
  strings: { type: "array", items: { type: "string" } },
  array: { type: "array" },
  heightOrHash: { type: ["integer", "string"] },
  amount: { type: ["number", "string"], format: "coins" },
  feerate: { type: ["number", "string"], format: "sat/vB" },
  object: { type: "object" },
  structure: { type: ["object", "array"] },
  json: {},
};

/** Of one parameter. */
export function paramSchema(param: Param): JsonSchema {
  const { kind, description, defaultValue, members, items } = param;
  return {
    ...PARAM_SCHEMAS[kind],
    ...(description !== "" && { description }),
    ...(defaultValue !== undefined && { default: defaultValue }),
    ...(members && { properties: Object.fromEntries(members.map((member) => [member.name, paramSchema(member)])) }),
    ...(items && { items: fieldSchema(items) }),
  };
}

/** Of a result, or a part of one. What help leaves to another description may be anything here. */
export function fieldSchema(field: Field): JsonSchema {
  const described = field.description === "" ? {} : { description: field.description };
  switch (field.kind) {
    case "str":
      return { type: "string", ...described };
    case "hex":
      return { ...HEX, ...described };
    case "num":
      return { type: "number", ...described };
    case "time":
      return { type: "integer", format: "unix-time", ...described };
    case "amount":
      return { type: "number", format: "coins", ...described };
    case "bool":
      return { type: "boolean", ...described };
    case "none":
      return { type: "null", ...described };
    case "arr":
      return { type: "array", items: fieldSchema(field.item!), ...described };
    case "map":
      return { type: "object", additionalProperties: fieldSchema(field.item!), ...described };
    case "obj":
      return { ...objectSchema(field.fields!), ...described };
    case "any":
    case "elision":
      return described;
  }
}

function objectSchema(fields: Readonly<Record<string, Field>>): JsonSchema {
  const named = Object.entries(fields).filter(([, { kind }]) => kind !== "elision");
  const required = named.filter(([, { optional }]) => !optional).map(([name]) => name);
  return {
    type: "object",
    properties: Object.fromEntries(named.map(([name, field]) => [name, fieldSchema(field)])),
    ...(required.length > 0 && { required }),
  };
}

/** Of what a method answers, under each of its conditions. */
export function resultSchemas({ results }: RpcMethod) {
  return results.map(({ condition, field }) => ({ condition: condition ?? null, schema: fieldSchema(field) }));
}
