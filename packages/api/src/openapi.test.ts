import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { describe, expect, test } from "vitest";
import { EXAMPLES } from "./openapi/generated/examples.ts";
import { isObject, type JsonSchema, type JsonValue } from "./openapi/json-schema.ts";
import { openApiDocument } from "./openapi.ts";
import type { RestRoute } from "./rest/route.ts";
import { restRoutes } from "./rest-routes.ts";

const document = openApiDocument({ version: "1.2.3" });

interface Operation {
  readonly where: string;
  readonly path: string;
  readonly parameters: readonly JsonSchema[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>;
  readonly operationId: string;
  readonly tags: readonly string[];
}
interface Media {
  readonly schema: JsonSchema;
  readonly example?: JsonValue;
}

const operations = Object.entries(document.paths as JsonSchema).flatMap(([path, methods]) =>
  Object.entries(methods as JsonSchema).map(
    ([method, operation]) =>
      ({ parameters: [], ...(operation as object), path, where: `${method} ${path}` }) as unknown as Operation,
  ),
);

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema({ $id: "doc:", components: document.components });

/** Says what is wrong with a value, by a schema of the document; "" where nothing is. */
function complaintsOf(schema: JsonSchema, value: unknown): string {
  const inside = JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"doc:#/components'));
  const check = ajv.compile(inside);
  return check(value) ? "" : ajv.errorsText(check.errors);
}

describe("the document", () => {
  test("is one of OpenAPI 3.1", async () => {
    expect(await new Validator().validate(JSON.parse(JSON.stringify(document)))).toEqual({ valid: true });
    expect(document.openapi).toBe("3.1.1");
  });

  test("has every route of the table, under its name", () => {
    for (const [name, row] of Object.entries<RestRoute>(restRoutes)) {
      const where = `${(row.method ?? "GET").toLowerCase()} ${row.path}`;
      expect(operations.find((one) => one.where === where)?.operationId, where).toBe(name);
    }
  });

  test("has one operation for each name, under a tag that is described", () => {
    const ids = operations.map(({ operationId }) => operationId);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
    const tags = (document.tags as readonly { readonly name: string; readonly description: string }[]).map(
      ({ name, description }) => (description === "" ? "" : name),
    );
    for (const { where, tags: own } of operations) expect(tags, where).toEqual(expect.arrayContaining([...own]));
  });

  test("refers to nothing that it does not have", () => {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path!);
    expect(refs.length).toBeGreaterThan(20);
    for (const path of refs) {
      const found = path.split("/").reduce<unknown>((at, key) => (at as JsonSchema | undefined)?.[key], document);
      expect(found, path).toBeDefined();
    }
  });

  test("writes no object out twice: a file of schemas that it does not name is missing in openapi/components.ts", () => {
    const seen = new Map<string, number>();
    const visit = (value: JsonValue | undefined): void => {
      if (Array.isArray(value)) value.forEach(visit);
      if (!isObject(value)) return;
      const { description: _, title: __, ...bare } = value;
      const fields = isObject(value.properties) ? Object.keys(value.properties) : [];
      if (value.type === "object" && fields.length > 0 && fields.join() !== "data") {
        const text = JSON.stringify(bare);
        seen.set(text, (seen.get(text) ?? 0) + 1);
      }
      Object.values(value).forEach(visit);
    };
    visit(document);
    expect([...seen].filter(([, count]) => count > 1).map(([text]) => text)).toEqual([]);
  });

  test("describes every parameter, and says what each answer but success may say", () => {
    for (const { where, parameters, responses } of operations) {
      for (const { name, description, $ref } of parameters)
        expect(description ?? $ref, `${where} ${name}`).toBeTruthy();
      for (const [status, { content }] of Object.entries(responses)) {
        if (Number(status) < 400 || content === undefined) continue;
        const { error } = content["application/json"]!.example as { readonly error: string };
        expect(error, `${where} ${status}`).toMatch(/^\S.*[.?!]$/);
      }
    }
  });
});

describe("examples", () => {
  test("fit the schemas they stand beside", () => {
    let count = 0;
    const check = (what: string, schema: JsonSchema, example: JsonValue | undefined): void => {
      if (example === undefined) return;
      count += 1;
      expect(`${what}: ${complaintsOf(schema, example)}`).toBe(`${what}: `);
    };
    const media = (what: string, content: Readonly<Record<string, Media>> = {}): void => {
      for (const { schema, example } of Object.values(content)) check(what, schema, example);
    };
    for (const { where, parameters, requestBody, responses } of operations) {
      for (const { name, schema, example } of parameters) check(`${where} ${name}`, schema as JsonSchema, example);
      media(`${where} body`, requestBody?.content);
      for (const [status, { content }] of Object.entries(responses)) media(`${where} ${status}`, content);
    }
    const shared = (document.components as JsonSchema).responses as unknown as Operation["responses"];
    for (const [name, { content }] of Object.entries(shared)) media(name, content);
    expect(count).toBeGreaterThan(30);
  });

  test("are there for each body that a route takes", () => {
    const without = operations.filter(({ requestBody }) => {
      return requestBody !== undefined && requestBody.content["application/json"]?.example === undefined;
    });
    expect(without.map(({ where }) => where)).toEqual([]);
  });

  test("are of routes that there are, and a wrong one would be found", () => {
    expect(Object.keys(restRoutes)).toEqual(expect.arrayContaining(Object.keys(EXAMPLES)));
    const { schema } = operations.find(({ operationId }) => operationId === "blockchain")!.responses["200"]!.content![
      "application/json"
    ]!;
    expect(complaintsOf(schema, { success: true, data: {}, error: null, timestamp: "x" })).toContain("required");
  });
});
