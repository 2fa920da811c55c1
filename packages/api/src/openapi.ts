import { sharedAnswers, sharedHeaders } from "./openapi/answers.ts";
import { Components } from "./openapi/components.ts";
import { INFO_TEXT, TAG_TEXTS } from "./openapi/descriptions.ts";
import { EXAMPLES } from "./openapi/generated/examples.ts";
import type { JsonSchema } from "./openapi/json-schema.ts";
import { publishedSchema } from "./openapi/json-schema.ts";
import { operationOf } from "./openapi/operations.ts";
import { outsidePaths } from "./openapi/outside.ts";
import { sampleOf } from "./openapi/sample.ts";
import type { RestRoute } from "./rest/route.ts";
import { restRoutes } from "./rest-routes.ts";

/** A document of OpenAPI 3.1. */
export type OpenApiDocument = JsonSchema;

/** The HTTP interface as a document of OpenAPI 3.1, made of the table of routes. `version` is that of the software. */
export function openApiDocument({ version }: { readonly version: string }): OpenApiDocument {
  const components = new Components();
  addEnvelopes(components);
  const paths = { ...tablePaths(components), ...outsidePaths(components) };
  return {
    openapi: "3.1.1",
    info: {
      title: "Bitfleet",
      version,
      summary: "A Bitcoin node over HTTP",
      description: INFO_TEXT,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: Object.entries(TAG_TEXTS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: components.all(),
      parameters: { IfNoneMatch: IF_NONE_MATCH },
      headers: sharedHeaders(),
      responses: sharedAnswers(),
      securitySchemes: {
        ApiKey: {
          type: "apiKey",
          in: "header",
          name: "X-API-Key",
          description: "A key of the role wallet or admin; an admin key also opens what is for the role wallet.",
        },
        Bearer: { type: "http", scheme: "bearer", description: "The same key, as `Authorization: Bearer`." },
      },
    },
  };
}

function tablePaths(components: Components): JsonSchema {
  const paths: Record<string, JsonSchema> = {};
  for (const [name, row] of Object.entries<RestRoute>(restRoutes)) {
    const example = EXAMPLES[name] ?? sampleOf(publishedSchema(row.data, components.nameOf), components.all());
    const method = (row.method ?? "GET").toLowerCase();
    paths[row.path] = { ...paths[row.path], [method]: operationOf(name, row, components, example) };
  }
  return paths;
}

function addEnvelopes(components: Components): void {
  const timestamp = { type: "string", format: "date-time", description: "When the answer was made" };
  const required = ["success", "data", "error", "timestamp"];
  components.add("Success", {
    type: "object",
    description: "What every answer with data is wrapped in.",
    required,
    properties: { success: { type: "boolean", const: true }, data: {}, error: { type: "null" }, timestamp },
  });
  components.add("Failure", {
    type: "object",
    description: "The same where there is no data, and why there is none.",
    required,
    properties: {
      success: { type: "boolean", const: false },
      data: { type: "null" },
      error: { type: "string", minLength: 1, description: "One plain sentence: what is wrong, and what to do" },
      details: {
        type: "object",
        description: "Only of a call of JSON-RPC that failed: what it says itself",
        required: ["code", "message"],
        properties: {
          code: { type: "integer", description: "As Bitcoin Core numbers it, as -8" },
          message: { type: "string", description: "Its message, which may be the method's help" },
        },
      },
      timestamp,
    },
  });
}

const IF_NONE_MATCH: JsonSchema = {
  name: "If-None-Match",
  in: "header",
  required: false,
  description: "ETag of the answer that one has; where it still holds the answer is 304 without a body.",
  schema: { type: "string" },
};
