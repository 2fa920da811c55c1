import { ADMIN_MIRROR, isMirrored, type RestRoute } from "../rest/route.ts";
import { CACHE_HEADERS, EXAMPLE_TIME, failuresOf, LIMIT_HEADERS } from "./answers.ts";
import type { Components } from "./components.ts";
import { isObject, type JsonSchema, type JsonValue, publishedSchema, refTo } from "./json-schema.ts";

/** One row of the table as an operation. `example` is the data of a real answer. */
export function operationOf(name: string, row: RestRoute, components: Components, example?: JsonValue): JsonSchema {
  const isCacheable = (row.method ?? "GET") === "GET" && row.role === undefined;
  const parameters = [
    ...parametersOf(row, "path", components),
    ...parametersOf(row, "query", components),
    ...(isCacheable ? [{ $ref: "#/components/parameters/IfNoneMatch" }] : []),
  ];
  return {
    operationId: name,
    tags: [row.tag],
    summary: row.summary,
    ...(row.description !== undefined && { description: row.description }),
    security: securityOf(row),
    ...(isMirrored(row) && { "x-also-at": row.path.replace(ADMIN_MIRROR.from, ADMIN_MIRROR.to) }),
    ...(parameters.length > 0 && { parameters }),
    ...(row.body !== undefined && { requestBody: requestBodyOf(row, row.body, components) }),
    responses: {
      200: success(row, components, isCacheable ? { ...CACHE_HEADERS, ...LIMIT_HEADERS } : LIMIT_HEADERS, example),
      ...(isCacheable && { 304: { $ref: "#/components/responses/NotChanged" } }),
      ...failuresOf(row),
    },
  };
}

/** Keys are wanted by role; where none is needed one may be sent all the same, and its own limits count then. */
function securityOf({ role }: RestRoute): readonly JsonSchema[] {
  const roles = role === undefined ? [] : [role];
  const keys = [{ ApiKey: roles }, { Bearer: roles }];
  return role === undefined ? [{}, ...keys] : keys;
}

function parametersOf(row: RestRoute, where: "path" | "query", components: Components): readonly JsonSchema[] {
  const schema = publishedSchema(where === "path" ? row.params : row.query, components.nameOf);
  const examples = (where === "path" ? row.example?.params : row.example?.query) as JsonSchema | undefined;
  const required = Array.isArray(schema.required) ? schema.required : [];
  const fields = isObject(schema.properties) ? schema.properties : {};
  return Object.entries(fields).map(([name, field]) => {
    const { description, ...rest } = field as JsonSchema;
    const example = examples?.[name];
    return {
      name,
      in: where,
      required: required.includes(name),
      ...(description !== undefined && { description }),
      schema: rest,
      ...(example !== undefined && { example }),
    };
  });
}

function requestBodyOf(row: RestRoute, body: NonNullable<RestRoute["body"]>, components: Components): JsonSchema {
  const example = row.example?.body as JsonSchema | undefined;
  return {
    required: true,
    content: {
      "application/json": {
        schema: publishedSchema(body, components.nameOf),
        ...(example !== undefined && { example }),
      },
    },
  };
}

function success(
  row: RestRoute,
  components: Components,
  headers: JsonSchema,
  example: JsonValue | undefined,
): JsonSchema {
  return {
    description: row.summary,
    headers,
    content: {
      "application/json": {
        schema: successOf(publishedSchema(row.data, components.nameOf)),
        ...(example !== undefined && { example: successExample(example) }),
      },
    },
  };
}

/** The envelope around data of a schema. */
export const successOf = (data: JsonSchema): JsonSchema => ({
  allOf: [refTo("Success"), { type: "object", properties: { data } }],
});

/** The envelope around an example. */
export const successExample = (data: JsonValue): JsonSchema => ({
  success: true,
  data,
  error: null,
  timestamp: EXAMPLE_TIME,
});
