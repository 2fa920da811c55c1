import { ClientMessage } from "../events/control.ts";
import { ADDRESS_TOPIC_PREFIX, PLAIN_TOPICS, TOPICS_DEFAULT } from "../events/topics.ts";
import { EVENTS_PATH } from "../events/transport.ts";
import { LiveEvent } from "../events.ts";
import { HEALTH_ALIASES, HEALTH_PATHS, Health } from "../rest/health.ts";
import { failure } from "./answers.ts";
import type { Components } from "./components.ts";
import { type JsonSchema, type JsonValue, publishedSchema } from "./json-schema.ts";
import { successExample, successOf } from "./operations.ts";
import { sampleOf } from "./sample.ts";

/** Where this document is, and the page that shows it. */
export const DOCUMENT_PATH = "/api-docs/openapi.json";
export const REFERENCE_PATH = "/swagger-ui";

/** What the server answers besides the routes of the table: probes, metrics, live events, and this document. */
export function outsidePaths(components: Components): JsonSchema {
  return { ...healthPaths(components), ...metricsPath(), ...eventsPath(components), ...documentPaths() };
}

function healthPaths(components: Components): JsonSchema {
  const probe = (operationId: string, summary: string, word: string, notNow: string) => ({
    operationId,
    tags: ["health"],
    summary,
    description: "For probes: the status code says it all. Never limited, never cached.",
    security: OPEN,
    responses: {
      200: answer(summary, { type: "string", const: word }, word),
      500: failure(500),
      503: failure(503, { meaning: notNow, sentence: "The node is starting." }),
    },
  });
  const schema = publishedSchema(Health, components.nameOf);
  const operations = {
    [HEALTH_PATHS.health]: (id: string) => ({
      operationId: id,
      tags: ["health"],
      summary: "How the node is, for people",
      security: OPEN,
      responses: {
        200: answer("How the node is", schema, sampleOf(schema, components.all())),
        500: failure(500),
        503: failure(503),
      },
    }),
    [HEALTH_PATHS.live]: (id: string) =>
      probe(id, "Whether the process lives and its event loop turns", "alive", "It does not: restart it."),
    [HEALTH_PATHS.ready]: (id: string) =>
      probe(id, "Whether requests should be sent here", "ready", "Not now, and why not."),
  };
  return Object.fromEntries(
    Object.entries(operations).flatMap(([path, operation]) =>
      ["", "/api"].map((prefix) => {
        const also = prefix === "" ? undefined : HEALTH_ALIASES[path];
        const get = { ...operation(idOf(`${prefix}${path}`)), ...(also !== undefined && { "x-also-at": also }) };
        return [`${prefix}${path}`, { get }];
      }),
    ),
  );
}

/** `/api/health/live` is apiHealthLive. */
const idOf = (path: string) => path.slice(1).replace(/[/-](\w)/g, (_, letter: string) => letter.toUpperCase());

function metricsPath(): JsonSchema {
  return {
    "/metrics": {
      get: {
        operationId: "metrics",
        tags: ["health"],
        summary: "Metrics of the node, for Prometheus",
        security: OPEN,
        responses: {
          200: {
            description: "The text format of Prometheus",
            content: {
              "text/plain": {
                schema: { type: "string" },
                example: "# HELP bitfleet_chain_height Height of the tip.\n# TYPE bitfleet_chain_height gauge\n",
              },
            },
          },
          404: failure(404, {
            meaning: "Metrics are turned off.",
            sentence: "There is nothing at /metrics; /swagger-ui shows what there is.",
          }),
          500: failure(500),
        },
      },
    },
  };
}

const EVENTS_TEXT = `Each event is a JSON object with its \`type\`, a \`cursor\`, and what it tells (\`LiveEvent\`); \`hello\` comes first.

As *Server-Sent Events* each has its type in \`event:\`, its cursor in \`id:\` and the object in \`data:\`; a browser's \`EventSource\` comes back
by itself after a break and gets what it missed. As a *WebSocket* (the same path, with an upgrade) each is a text message, and the client may
send \`ClientMessage\` to listen to more or to less.

A cursor is good on every server of the network. What cannot be told again is named by \`gap\` or \`reset\`.`;

function eventsPath(components: Components): JsonSchema {
  publishedSchema(LiveEvent, components.nameOf);
  publishedSchema(ClientMessage, components.nameOf);
  return {
    [EVENTS_PATH]: {
      get: {
        operationId: "events",
        tags: ["events"],
        summary: "What happens, while it happens",
        description: EVENTS_TEXT,
        security: OPEN,
        parameters: [
          {
            name: "topics",
            in: "query",
            required: false,
            description: `What to listen to, with commas between: ${PLAIN_TOPICS.join(", ")}, ${ADDRESS_TOPIC_PREFIX}… with an address or a script hash.`,
            schema: { type: "string", default: TOPICS_DEFAULT.join(",") },
            example: "blocks,mempool",
          },
          {
            name: "cursor",
            in: "query",
            required: false,
            description:
              "Cursor of the last event that one has; `Last-Event-ID` does as well. Events since then come first.",
            schema: { type: "string" },
          },
        ],
        responses: {
          101: { description: "A WebSocket, where an upgrade was asked for." },
          200: {
            description: "A stream without an end. Each `data:` holds a `LiveEvent`.",
            content: {
              "text/event-stream": {
                schema: { type: "string" },
                example: `event: tip-changed\nid: …\ndata: ${JSON.stringify(EXAMPLE_EVENT)}\n\n`,
              },
            },
          },
          400: failure(400, {
            meaning: "A topic or the cursor cannot be read.",
            sentence: "The cursor cannot be read.",
          }),
          401: failure(401),
          403: failure(403),
          429: { $ref: "#/components/responses/TooManyRequests" },
          500: { $ref: "#/components/responses/NodeFailure" },
          503: failure(503, { meaning: "The node is starting, or too many streams are open." }),
        },
      },
    },
  };
}

const EXAMPLE_EVENT = {
  type: "tip-changed",
  cursor: "…",
  height: 121,
  hash: "4f2b0d1d4b5c6a3f7a8e9c0b1a2d3c4e5f60718293a4b5c6d7e8f90a1b2c3d4e",
  timestamp: 1767464105,
  transaction_count: 3,
};

function documentPaths(): JsonSchema {
  return {
    [DOCUMENT_PATH]: {
      get: {
        operationId: "openApiDocument",
        tags: ["documents"],
        summary: "This document",
        security: OPEN,
        parameters: [{ $ref: "#/components/parameters/IfNoneMatch" }],
        responses: {
          200: {
            description: "OpenAPI 3.1, in JSON",
            content: { "application/json": { schema: { type: "object", required: ["openapi", "paths"] } } },
          },
          304: { $ref: "#/components/responses/NotChanged" },
        },
      },
    },
    [REFERENCE_PATH]: {
      get: {
        operationId: "reference",
        tags: ["documents"],
        summary: "This document as a page on which every operation can be tried",
        security: OPEN,
        responses: {
          200: { description: "A page", content: { "text/html": { schema: { type: "string" } } } },
          302: { description: "The page is at the same path with a slash at its end." },
        },
      },
    },
  };
}

const answer = (description: string, schema: JsonSchema, example: JsonValue): JsonSchema => ({
  description,
  content: { "application/json": { schema: successOf(schema), example: successExample(example) } },
});

/** No key is wanted. */
const OPEN: readonly JsonSchema[] = [{}];
