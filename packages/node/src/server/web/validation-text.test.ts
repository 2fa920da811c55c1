import { type FastifyInstance, fastify } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { validationText } from "./validation-text.ts";

const HASH = "^[0-9a-fA-F]{64}$";
let app: FastifyInstance;
beforeAll(() => {
  app = fastify({ ajv: { customOptions: { coerceTypes: true } } });
  app.setErrorHandler((error: Parameters<typeof validationText>[0], _request, reply) =>
    reply.code(400).send(validationText(error)),
  );
  const body = {
    type: "object",
    required: ["name"],
    minProperties: 1,
    properties: {
      name: { type: "string", minLength: 3, maxLength: 5 },
      list: { type: "array", minItems: 1, maxItems: 2, items: { type: "string", pattern: HASH } },
      pace: { anyOf: [{ const: "fast" }, { const: "slow" }] },
      share: { type: "number", exclusiveMinimum: 0 },
    },
  };
  const querystring = {
    type: "object",
    required: ["q"],
    properties: { q: { type: "string", minLength: 1 }, limit: { type: "integer", minimum: 1, maximum: 100 } },
  };
  app.post("/body", { schema: { body } }, () => "");
  app.get("/query", { schema: { querystring } }, () => "");
  app.get(
    "/path/:block",
    { schema: { params: { type: "object", properties: { block: { type: "string", pattern: "^[0-9]+$" } } } } },
    () => "",
  );
});
afterAll(() => app.close());

test.each([
  [undefined, "The body must be a JSON object, sent with the header Content-Type: application/json."],
  [[], "The body must be a JSON object, sent with the header Content-Type: application/json."],
  [{ list: [] }, "The body has no name, which is needed."],
  [{ name: "ab" }, "name must have at least 3 characters."],
  [{ name: "abcdef" }, "name must have at most 5 characters."],
  [{ name: "abc", list: [] }, "list must not be empty."],
  [{ name: "abc", list: ["a", "b", "c"] }, "list must have at most 2 entries."],
  [{ name: "abc", list: ["zz"] }, "list.0 must be 64 hex digits."],
  [{ name: "abc", pace: "medium" }, "pace must be one of fast, slow."],
  [{ name: "abc", share: 0 }, "share must be more than 0."],
])("of the body %j it is said: %s", async (payload, text) => {
  expect((await app.inject({ method: "POST", url: "/body", ...(payload && { payload }) })).body).toBe(text);
});

test.each([
  ["/query", "The query has no q, which is needed."],
  ["/query?q=", "q must not be empty."],
  ["/query?q=1&limit=x", "limit must be a whole number."],
  ["/query?q=1&limit=0", "limit must be at least 1."],
  ["/query?q=1&limit=101", "limit must be at most 100."],
  ["/path/zz", "A block is named by its hash (64 hex digits) or its height."],
])("of %s it is said: %s", async (url, text) => {
  expect((await app.inject(url)).body).toBe(text);
});
