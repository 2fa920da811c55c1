/** JSON Schema as the document shows it: plain values, no classes and no hidden marks. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonSchema;
export interface JsonSchema {
  readonly [key: string]: JsonValue;
}

/** Names a schema that stands on its own in the document, or `undefined` where it is written out where it is used. */
export type SchemaNamer = (schema: JsonSchema) => string | undefined;

export const refTo = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

export const isObject = (value: JsonValue | undefined): value is JsonSchema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * A schema of the tables as the document has it: what has a name becomes a reference, a choice of words an `enum`, and what may be
 * null says so in its type. It means the same.
 */
export function publishedSchema(schema: unknown, nameOf: SchemaNamer): JsonSchema {
  const plain = JSON.parse(JSON.stringify(schema)) as JsonSchema;
  return publish(plain, nameOf);
}

/** The same for a schema that is itself a component: its own name is not followed, those of its parts are. */
export function publishedComponent(schema: unknown, nameOf: SchemaNamer): JsonSchema {
  return publishParts(JSON.parse(JSON.stringify(schema)) as JsonSchema, nameOf);
}

function publish(schema: JsonSchema, nameOf: SchemaNamer): JsonSchema {
  const name = nameOf(schema);
  return name === undefined ? publishParts(schema, nameOf) : refTo(name);
}

function publishParts(schema: JsonSchema, nameOf: SchemaNamer): JsonSchema {
  if (Array.isArray(schema.anyOf)) return publishChoice(schema, schema.anyOf as readonly JsonSchema[], nameOf);
  const parts = Object.entries(schema).map(([key, value]): [string, JsonValue] => {
    if (key === "properties" && isObject(value)) return [key, mapValues(value, (part) => publish(part, nameOf))];
    if (LISTS.has(key) && Array.isArray(value)) return [key, value.map((part) => publish(part as JsonSchema, nameOf))];
    if (SCHEMAS.has(key) && isObject(value)) return [key, publish(value, nameOf)];
    return [key, value];
  });
  return Object.fromEntries(parts.filter(([key, value]) => !(key === "description" && value === "")));
}

/** Keywords whose value is a schema, or a list of them. */
const SCHEMAS: ReadonlySet<string> = new Set(["items", "additionalProperties", "not", "contains", "propertyNames"]);
const LISTS: ReadonlySet<string> = new Set(["allOf", "oneOf", "prefixItems"]);

function publishChoice(schema: JsonSchema, choices: readonly JsonSchema[], nameOf: SchemaNamer): JsonSchema {
  const { anyOf: _, ...rest } = schema;
  if (choices.every((choice) => typeof choice.const === "string")) {
    return { type: "string", enum: choices.map((choice) => choice.const!), ...rest };
  }
  const [value, none, ...more] = choices;
  if (value !== undefined && none?.type === "null" && more.length === 0) {
    const published = publish(value, nameOf);
    if (typeof published.type === "string" && published.enum === undefined && published.const === undefined) {
      return { ...published, ...rest, type: [published.type, "null"] };
    }
    return { ...rest, anyOf: [published, { type: "null" }] };
  }
  return { ...rest, anyOf: choices.map((choice) => publish(choice, nameOf)) };
}

function mapValues(fields: JsonSchema, change: (schema: JsonSchema) => JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name, change(schema as JsonSchema)]));
}
