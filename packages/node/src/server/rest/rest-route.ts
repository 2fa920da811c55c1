import { ApiError } from "@bitfleet/api/errors.ts";
import type { ApiRole, RestRoute } from "@bitfleet/api/rest/route.ts";
import {
  API_KEY_HEADER,
  type RestBody,
  type RestData,
  type RestParams,
  type RestQuery,
  type RestRouteName,
  restRoutes,
} from "@bitfleet/api/rest-routes.ts";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ApiKeys } from "../access/api-keys.ts";
import { success } from "../web/envelope.ts";

/** The part of a body's schema that tells its fields. Fields of several types have none here. */
interface BodySchema {
  readonly properties?: Readonly<Record<string, { readonly type?: string }>>;
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

/**
 * Registers a route of the table: validated fields in, data out, wrapped in the envelope. One that is for a role takes `keys`, and looks at
 * them before it reads what the request holds.
 */
export function route<Name extends RestRouteName>(
  app: FastifyInstance,
  name: Name,
  answer: (params: RestParams<Name>, query: RestQuery<Name>, body: RestBody<Name>) => Promise<RestData<Name>>,
  keys?: ApiKeys,
): void {
  const { method = "GET", role, path, params, query, body }: RestRoute = restRoutes[name];
  if (role !== undefined && keys === undefined) throw new Error(`the route ${path} is for a role and has no keys`);
  app.route({
    method,
    url: path.replace(/\{(\w+)\}/g, ":$1"),
    schema: { params, querystring: query, ...(body && { body }) },
    ...(role !== undefined && { onRequest: async (request: FastifyRequest) => requireRole(request, role, keys!) }),
    ...(body && { preValidation: async (request: FastifyRequest) => requireOwnFields(request.body, body) }),
    handler: async (request) =>
      success(
        await answer(
          request.params as RestParams<Name>,
          request.query as RestQuery<Name>,
          request.body as RestBody<Name>,
        ),
      ),
  });
}

/**
 * Throws `ApiError` where a body has a field that the route does not know, or one of another type. Validation alone would leave out
 * the first in silence and turn the second, as it must turn the texts of a query: `true` would be an interval of one second.
 */
function requireOwnFields(body: unknown, { properties = {} }: BodySchema): void {
  // What is no object, validation refuses.
  if (typeof body !== "object" || body === null || Array.isArray(body)) return;
  const names = Object.keys(properties);
  for (const [name, value] of Object.entries(body)) {
    if (!names.includes(name)) {
      const text = name.slice(0, SHOWN_NAME_MAX);
      throw new ApiError(400, `The body has a field "${text}" that is not known; known are ${names.join(", ")}.`);
    }
    const type = JAVASCRIPT_TYPES.get(properties[name]!.type ?? "");
    if (type !== undefined && typeof value !== type) throw new ApiError(400, `The field ${name} must be a ${type}.`);
  }
}

/**
 * Throws `ApiError` where the request has no key of that role. A key is in a header of its own and in no cookie: no page of another
 * origin can have a browser send it along, whatever name it reaches us by.
 */
function requireRole(request: FastifyRequest, role: ApiRole, keys: ApiKeys): void {
  if (!keys.has(role)) {
    throw new ApiError(403, `This node has no ${role} key, so nobody may do that; -web${role}key gives it one.`);
  }
  const given = request.headers[API_KEY_HEADER];
  if (typeof given !== "string" || given === "") {
    throw new ApiError(401, `The ${role} key is needed, in the header X-API-Key.`);
  }
  if (keys.roleOf(given) !== role) throw new ApiError(401, `The key in X-API-Key is not the ${role} key of this node.`);
}
