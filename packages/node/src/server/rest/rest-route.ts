import { createHash } from "node:crypto";
import { ApiError } from "@bitfleet/api/errors.ts";
import { ADMIN_MIRROR, BODY_BYTES_DEFAULT, isMirrored, type RestRoute } from "@bitfleet/api/rest/route.ts";
import {
  type RestBody,
  type RestData,
  type RestParams,
  type RestQuery,
  type RestRouteName,
  restRoutes,
} from "@bitfleet/api/rest-routes.ts";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { requireRole } from "../access/access-hooks.ts";
import type { ApiKeys } from "../access/api-keys.ts";
import { namesInSchema } from "../access/audit-fields.ts";
import type { Caller } from "../access/caller.ts";
import { success, successText } from "../web/envelope.ts";
import { matchesTag } from "../web/etag.ts";
import type { WebState } from "../web/web-state.ts";

/** The part of a body's schema that tells its fields, and those of the objects that it has lists of. Fields of several types have none here. */
interface BodySchema {
  readonly properties?: Readonly<Record<string, { readonly type?: string; readonly items?: BodySchema }>>;
}

/** By the names that a schema has for them. */
const JAVASCRIPT_TYPES: ReadonlyMap<string, string> = new Map([
  ["number", "number"],
  ["integer", "number"],
  ["string", "string"],
  ["boolean", "boolean"],
]);

/** Characters of a field's name that an error shows. */
const SHOWN_NAME_MAX = 50;

/** What every group of routes is given. */
export interface RouteDependencies {
  readonly state: WebState;
  readonly keys: ApiKeys;
}

/** What an answer may say of the request, and of itself, besides its data. */
export interface RouteContext {
  readonly request: FastifyRequest;
  /** For headers beside the usual ones. */
  readonly reply: Pick<FastifyReply, "header">;
  /** Whose call it is, and from where it comes. */
  readonly caller: Caller;
  /** Whether it is read by somebody with an admin key, under the prefix for those. */
  readonly isForAdmin: boolean;
  /** The answer never changes: caches may keep it for good. Where this is not called they ask each time, and are told by the ETag. */
  keepForGood(): void;
}

type Answer<Name extends RestRouteName> = (
  params: RestParams<Name>,
  query: RestQuery<Name>,
  body: RestBody<Name>,
  context: RouteContext,
) => Promise<RestData<Name>> | RestData<Name>;

/** The same of whichever route: the server's validation has made sure that what it is given fits. */
type AnyAnswer = (params: never, query: never, body: never, context: RouteContext) => unknown;

/**
 * Registers a route of the table: validated fields in, data out, wrapped in the envelope. Of one that is for a role the key is looked
 * at before what the request holds is read.
 */
export function route<Name extends RestRouteName>(
  app: FastifyInstance,
  deps: Pick<RouteDependencies, "keys">,
  name: Name,
  answer: Answer<Name>,
): void {
  const row: RestRoute = restRoutes[name];
  register(app, deps.keys, name, row, answer);
  if (!isMirrored(row)) return;
  const path = row.path.replace(ADMIN_MIRROR.from, ADMIN_MIRROR.to);
  register(app, deps.keys, name, { ...row, path, role: "admin" }, answer);
}

function register(
  app: FastifyInstance,
  keys: ApiKeys,
  routeName: RestRouteName,
  row: RestRoute,
  answer: AnyAnswer,
): void {
  const { method = "GET", role, path, params, query, body, secretFields } = row;
  app.route({
    method,
    url: path.replace(/\{(\w+)\}/g, ":$1"),
    bodyLimit: row.bodyBytesMax ?? BODY_BYTES_DEFAULT,
    schema: { params, querystring: query, ...(body && { body }) },
    config: {
      routeName,
      ...(secretFields && { secretFields }),
      knownFields: namesInSchema(body),
    },
    ...(role !== undefined && {
      onRequest: async (request: FastifyRequest, reply: FastifyReply) => requireRole(request, reply, role, { keys }),
    }),
    ...(body && { preValidation: async (request: FastifyRequest) => requireOwnFields(request.body, body) }),
    handler: async (request, reply) => {
      requireFiniteNumbers(request.params, request.query);
      let isForGood = false;
      const data = await answer(request.params as never, request.query as never, request.body as never, {
        request,
        reply,
        caller: request.caller,
        isForAdmin: role === "admin",
        keepForGood: () => {
          isForGood = true;
        },
      });
      return method === "GET" && role === undefined ? sendCacheable(request, reply, data, isForGood) : success(data);
    },
  });
}

/** The ETag is of the data alone: the time in the envelope is another one with each answer. */
function sendCacheable(request: FastifyRequest, reply: FastifyReply, data: unknown, isForGood: boolean): FastifyReply {
  const text = JSON.stringify(data);
  const etag = `W/"${createHash("sha1").update(text).digest("base64url")}"`;
  reply.header("ETag", etag).header("Cache-Control", isForGood ? KEPT_FOR_GOOD : ASKED_EACH_TIME);
  if (matchesTag(request.headers["if-none-match"], etag)) return reply.code(304).send();
  return reply.type("application/json; charset=utf-8").send(successText(text));
}

const KEPT_FOR_GOOD = "public, max-age=31536000, immutable";
const ASKED_EACH_TIME = "no-cache";

/**
 * Throws `ApiError` where a field of path or query was turned into a number without an end, as `Infinity` and `1e999` are: validation
 * holds only numbers that have one to the limits of the field.
 */
function requireFiniteNumbers(...groups: readonly unknown[]): void {
  for (const fields of groups) {
    for (const [name, value] of Object.entries(fields as object)) {
      if (typeof value === "number" && !Number.isFinite(value)) throw new ApiError(400, `${name} must be a number.`);
    }
  }
}

/**
 * Throws `ApiError` where a body has a field that the route does not know, or one of another type. Validation alone would leave out
 * the first in silence and turn the second, as it must turn the texts of a query: `true` would be an interval of one second.
 */
function requireOwnFields(body: unknown, { properties = {} }: BodySchema, place = ""): void {
  // What is no object, validation refuses.
  if (typeof body !== "object" || body === null || Array.isArray(body)) return;
  const names = Object.keys(properties);
  for (const [name, value] of Object.entries(body)) {
    if (!names.includes(name)) {
      const text = name.slice(0, SHOWN_NAME_MAX);
      const where = place === "" ? "The body" : place.slice(0, -1);
      throw new ApiError(400, `${where} has a field "${text}" that is not known; known are ${names.join(", ")}.`);
    }
    const type = JAVASCRIPT_TYPES.get(properties[name]!.type ?? "");
    if (type !== undefined && typeof value !== type)
      throw new ApiError(400, `The field ${place}${name} must be a ${type}.`);
    const { items } = properties[name]!;
    if (items?.properties === undefined || !Array.isArray(value)) continue;
    for (const [at, item] of value.entries()) requireOwnFields(item, items, `${place}${name}.${at}.`);
  }
}
