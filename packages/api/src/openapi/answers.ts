import { type ApiRole, BODY_BYTES_DEFAULT, type RestRoute } from "../rest/route.ts";
import { type JsonSchema, type JsonValue, refTo } from "./json-schema.ts";

/** Answers of an operation other than its data: what they mean, and what their sentence may be. */

interface FailureText {
  readonly meaning: string;
  /** What the envelope may say. */
  readonly sentence: string;
}

const FAILURES: Readonly<Record<number, FailureText>> = {
  400: {
    meaning: "A field of path, query or body is not what the operation takes; the sentence says which, and what is.",
    sentence: "limit must be at most 100.",
  },
  404: { meaning: "What the request names is not here.", sentence: "There is no block at height 999." },
  405: { meaning: "The path is there, the method is not.", sentence: "That is not possible here: use GET or HEAD." },
  409: {
    meaning: "Not possible as things stand: the sentence says what stands in the way.",
    sentence: "This node is not part of a local network.",
  },
  410: { meaning: "It was here, and is kept no more.", sentence: "Block 7 was pruned: only its header is kept." },
  422: { meaning: "Well formed, and refused by the node's rules.", sentence: "bad-txns-inputs-missingorspent." },
  415: {
    meaning: "The body is not JSON, by its Content-Type.",
    sentence: "The body must be JSON, and say so in the header Content-Type: application/json.",
  },
  429: {
    meaning: "Too many requests from this address or with this key; Retry-After says for how long to wait.",
    sentence: "Too many requests: try again in 1 second.",
  },
  500: {
    meaning: "Something is wrong in the node; its log has more.",
    sentence: "Something is wrong in the node; its log has more.",
  },
  501: { meaning: "This node is not set up for it.", sentence: "This node keeps no index for that." },
  502: { meaning: "Another node that was asked does not answer.", sentence: "The node does not answer." },
  503: { meaning: "Not now: the node is starting, catching up or stopping.", sentence: "The node is starting." },
};

const RETRY_AFTER: JsonSchema = { "Retry-After": { $ref: "#/components/headers/RetryAfter" } };

/** What a caller has left, where the node limits callers. */
export const LIMIT_HEADERS: JsonSchema = Object.fromEntries(
  ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"].map((name) => [
    name,
    { $ref: `#/components/headers/${name.replace("-", "")}` },
  ]),
);

/** Every status but success that a route of the table may answer, with its meaning. */
export function failuresOf(row: RestRoute): JsonSchema {
  const answers = new Map<number, JsonSchema>();
  for (const status of row.failures) answers.set(status, failure(status));
  const readsBody = (row.method ?? "GET") !== "GET";
  if (takesFields(row) || readsBody) answers.set(400, failure(400));
  for (const status of [401, 403] as const) answers.set(status, roleAnswer(status, row.role));
  if (readsBody) {
    answers.set(413, tooLarge(row.bodyBytesMax ?? BODY_BYTES_DEFAULT));
    answers.set(415, failure(415));
  }
  for (const status of [429, 500, 503]) answers.set(status, { $ref: `#/components/responses/${SHARED[status]}` });
  return sortedByStatus(answers);
}

/** Answers that are the same everywhere, by their names among the components. */
const SHARED: Readonly<Record<number, string>> = { 429: "TooManyRequests", 500: "NodeFailure", 503: "NotNow" };

/** The shared answers themselves. */
export function sharedAnswers(): JsonSchema {
  return {
    ...Object.fromEntries(Object.entries(SHARED).map(([status, name]) => [name, failure(Number(status))])),
    NotChanged: {
      description: "What `If-None-Match` names is still what there is. No body.",
      headers: CACHE_HEADERS,
    },
  };
}

/** Headers of an answer that may be kept and asked about again. */
export const CACHE_HEADERS: JsonSchema = {
  ETag: { $ref: "#/components/headers/ETag" },
  "Cache-Control": { $ref: "#/components/headers/CacheControl" },
};

/** Headers that components and answers refer to. */
export function sharedHeaders(): JsonSchema {
  const header = (description: string, type: string, example: JsonValue) => ({
    description,
    schema: { type },
    example,
  });
  return {
    ETag: header(
      "Names the data; send it as `If-None-Match` and be told 304 where nothing changed.",
      "string",
      'W/"x"',
    ),
    CacheControl: header(
      "`no-cache` where the data may change: ask each time. `immutable` where it never does.",
      "string",
      "no-cache",
    ),
    RateLimitLimit: header("Requests that a caller may make at once. The same as X-RateLimit-Limit.", "integer", 20),
    RateLimitRemaining: header("Those that are left. The same as X-RateLimit-Remaining.", "integer", 19),
    RateLimitReset: header("Seconds until all of them may be made again.", "integer", 6),
    RetryAfter: header("Seconds to wait before trying again.", "integer", 1),
  };
}

/** One answer in the envelope that says why there is no data. */
export function failure(status: number, text: Partial<FailureText> = {}): JsonSchema {
  const known = FAILURES[status];
  const meaning = text.meaning ?? known?.meaning ?? `Status ${status}.`;
  const sentence = text.sentence ?? known?.sentence ?? meaning;
  return {
    description: meaning,
    ...(status === 503 && { headers: RETRY_AFTER }),
    ...(status === 429 && { headers: { ...RETRY_AFTER, ...LIMIT_HEADERS } }),
    content: {
      "application/json": {
        schema: refTo("Failure"),
        example: { success: false, data: null, error: sentence, timestamp: EXAMPLE_TIME },
      },
    },
  };
}

/** A time that examples have. */
export const EXAMPLE_TIME = "2026-01-03T18:15:05.000Z";

function roleAnswer(status: 401 | 403, role: ApiRole | undefined): JsonSchema {
  if (status === 401) {
    return failure(401, {
      meaning:
        role === undefined
          ? "A key was sent that this node does not know, or the node is set up to answer nobody without one."
          : `No key was sent, or none that this node knows; one of the role ${role} is needed.`,
      sentence: `${role === undefined ? "A" : `The ${role}`} key is needed, in the header X-API-Key.`,
    });
  }
  return failure(403, {
    meaning:
      role === undefined
        ? "The key is not allowed this operation."
        : `The key has another role, or is not allowed this operation, or the node has no ${role} key at all.`,
    sentence:
      role === undefined
        ? "This key is not allowed to do that."
        : `This node has no ${role} key, so nobody may do that; -web${role}key gives it one.`,
  });
}

const tooLarge = (bytesMax: number) =>
  failure(413, {
    meaning: `The body has more than ${bytesMax} bytes.`,
    sentence: "Request body is too large.",
  });

function takesFields(row: RestRoute): boolean {
  const fields = [row.params, row.query] as readonly { readonly properties?: object }[];
  return row.body !== undefined || fields.some(({ properties = {} }) => Object.keys(properties).length > 0);
}

const sortedByStatus = (answers: ReadonlyMap<number, JsonSchema>): JsonSchema =>
  Object.fromEntries([...answers].sort(([a], [b]) => a - b).map(([status, answer]) => [String(status), answer]));
