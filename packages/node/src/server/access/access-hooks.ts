import { ApiError } from "@bitfleet/api/errors.ts";
import { HIDDEN } from "@bitfleet/api/secrets.ts";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Access } from "./access.ts";
import { isListed } from "./allow-list.ts";
import type { KeyGrant } from "./api-keys.ts";
import { type ShownFields, shownBody, shownError } from "./audit-fields.ts";
import { type Caller, originOf, sentKeyOf } from "./caller.ts";
import { holdsRole, type KeyRole, neededKeyText } from "./key-roles.ts";
import { limitHeadersOf } from "./limit-headers.ts";
import type { Ruling } from "./rate-limiter.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Names of fields of its body that are secret. */
    readonly secretFields?: readonly string[];
    /** Names of all fields that its body may have, at any depth. */
    readonly knownFields?: ReadonlySet<string>;
  }
  interface FastifyRequest {
    /** What the audit log shows in place of the body, from who knows better what is secret in it. */
    auditedBody: unknown;
    /** Names of fields that its body may have, where the route's schema does not tell them. */
    auditedNames: ReadonlySet<string> | undefined;
  }
}

/** What only some may do: each call of it is in the audit log. */
const AUDITED = /^\/api\/(admin|wallet)(\/|\?|$)/;
/** What is limited. */
const LIMITED = /^\/(api|esplora)\//;
/** What is open to everybody, unless the operator wants a key for it. */
const OPEN = /^\/(api\/v1|esplora)\//;
/** Probes come from where they come from, as often as they like. */
const FREE = /^\/api\/health(\/|\?|$)/;
/** Seconds after which to come again where limits cannot be looked at. */
const UNAVAILABLE_RETRY_SECONDS = 1;

/**
 * Has every request of the API looked at before anything of it is read: whose key it has, and whether its caller may call once more.
 * Health, metrics, documents and the page are nobody's business. To be installed before any route, and behind what answers to other
 * origins (CORS), whose preflights carry no key.
 */
export function installAccess(app: FastifyInstance, access: Access): void {
  app.decorateRequest("caller", null as unknown as Caller);
  app.decorateRequest("auditedBody", undefined);
  app.decorateRequest("auditedNames", undefined);
  app.addHook("onRequest", (request, reply, done) => {
    const origin = originOf(request);
    request.caller = { ...origin, key: undefined };
    const place = placeOf(request);
    if (!LIMITED.test(place) || FREE.test(place)) return done();
    const ruling = rule(request, access);
    if (ruling instanceof Promise) ruling.then((settled) => done(refusalOf(settled, request, reply, access)), done);
    else done(refusalOf(ruling, request, reply, access));
  });
  const { audit } = access;
  if (audit === undefined) return;
  app.addHook("onSend", (request, reply, payload, done) => {
    if (AUDITED.test(placeOf(request)) && request.caller !== null && request.method !== "OPTIONS")
      audit.write(entryOf(request, reply, payload));
    done(null, payload);
  });
}

/**
 * Throws `ApiError` where the caller has no key of that role, or one with a list of its own in which the call is not. Takes a
 * route's name, as lists have it.
 */
export function requireRole(
  request: FastifyRequest,
  reply: FastifyReply,
  role: KeyRole,
  access: Pick<Access, "keys">,
): void {
  const { key } = request.caller;
  if (key === undefined) {
    if (!access.keys.has(role)) {
      throw new ApiError(403, `This node has no ${role} key, so nobody may do that; ${remedyFor(role)} gives it one.`);
    }
    reply.header("WWW-Authenticate", CHALLENGE);
    throw new ApiError(401, `${capital(neededKeyText(role))} is needed, in the header X-API-Key.`);
  }
  if (!holdsRole(key.role, role)) {
    throw new ApiError(403, `The key "${key.name}" is for ${key.role} calls; ${neededKeyText(role)} is needed.`);
  }
  const call = { routeName: request.routeOptions.config.routeName, method: request.method, path: pathOf(request) };
  if (key.allow !== undefined && !isListed(key.allow, call))
    throw new ApiError(403, `The key "${key.name}" is for other calls; its list has not this one.`);
}

/** Keys for reading are made by the command alone: there is no option for one. */
function remedyFor(role: KeyRole): string {
  const command = `"bitfleet keys add <name> --role ${role}"`;
  return role === "public" ? command : `-web${role}key or ${command}`;
}

const CHALLENGE = 'Bearer realm="bitfleet"';

/** Who calls, into the request; and what the limits say. */
function rule(request: FastifyRequest, { keys, limiter }: Access): Judged | Promise<Judged> {
  const { caller } = request;
  const sent = sentKeyOf(request);
  // Where nobody has a key, one that is sent is no failure: whoever has it talks to many nodes.
  const grant = sent === undefined || keys.isEmpty ? undefined : keys.find(sent);
  const isFailed = sent !== undefined && grant === undefined && !keys.isEmpty;
  if (grant !== undefined) request.caller = { ...caller, key: grant };
  const ruling = isFailed ? limiter.takeFailedKey(caller) : limiter.take(limitedRequestOf(request, grant));
  if (ruling instanceof Promise) return ruling.then((settled) => ({ ruling: settled, isFailed }));
  return { ruling, isFailed };
}

interface Judged {
  readonly ruling: Ruling;
  /** Whether a key was sent that is none. */
  readonly isFailed: boolean;
}

function limitedRequestOf({ url, headers, caller }: FastifyRequest, key: KeyGrant | undefined) {
  return { url, headers, address: caller.address, isForwarded: caller.isForwarded, key };
}

/** The error to answer with, or `undefined` where the request goes on. Sets the headers that go with either. */
function refusalOf(
  { ruling, isFailed }: Judged,
  request: FastifyRequest,
  reply: FastifyReply,
  access: Access,
): Error | undefined {
  if (ruling === "unavailable") {
    reply.header("Retry-After", UNAVAILABLE_RETRY_SECONDS);
    return new ApiError(503, "The limits of callers cannot be looked at now; try again later.");
  }
  if (ruling !== "unlimited") {
    // Of the bucket that failed keys have, nobody is told: only that it is empty.
    if (!isFailed) reply.headers(limitHeadersOf(ruling));
    if (!ruling.isAllowed) {
      reply.header("Retry-After", ruling.retryAfterSeconds);
      const what = isFailed ? "Too many calls with a key that is not known" : "Too many calls";
      return new ApiError(429, `${what}; try again in ${ruling.retryAfterSeconds} s.`);
    }
  }
  if (isFailed) {
    reply.header("WWW-Authenticate", `${CHALLENGE}, error="invalid_token"`);
    return new ApiError(401, "The key is not known here: it is wrong, was revoked, or has expired.");
  }
  return missingKey(request, reply, access);
}

function missingKey(request: FastifyRequest, reply: FastifyReply, access: Access): Error | undefined {
  if (!access.requiresKey || request.method === "OPTIONS" || !OPEN.test(placeOf(request))) return undefined;
  try {
    requireRole(request, reply, "public", access);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function entryOf(request: FastifyRequest, reply: FastifyReply, payload: unknown) {
  const { caller, method, body } = request;
  const { secretFields: secret, routeName, knownFields } = request.routeOptions.config ?? {};
  const known = request.auditedNames ?? (routeName === undefined ? NO_NAMES : knownFields);
  const error = reply.statusCode < 400 ? undefined : errorIn(payload);
  const shown = request.auditedBody ?? bodyShown(body, { secret, known });
  return {
    key: caller.key?.name,
    role: caller.key?.role,
    address: caller.address,
    method,
    path: pathOf(request),
    status: reply.statusCode,
    error: error && shownError(error, body, known, shown),
    requestId: String(request.id),
    body: shown,
  };
}

/** What is no object has no names that tell what of it is secret. */
function bodyShown(body: unknown, fields: ShownFields): unknown {
  if (body === undefined || body === null) return undefined;
  return typeof body === "object" && !Array.isArray(body) ? shownBody(body, fields) : HIDDEN;
}

/** Of a call to nothing. */
const NO_NAMES: ReadonlySet<string> = new Set();

/** The sentence in the envelope of a failure. */
function errorIn(payload: unknown): string | undefined {
  if (typeof payload !== "string") return undefined;
  try {
    const { error } = JSON.parse(payload) as { error?: unknown };
    return typeof error === "string" ? error : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Where the request leads. The router reads more forms of an address than one: `%61` for a letter, the scheme and host before the path.
 * Whoever writes it so is not to be seen as somebody else: then it is the route's own path that counts.
 */
function placeOf(request: FastifyRequest): string {
  const { url } = request;
  if (url.startsWith("/") && !url.includes("%")) return url;
  const route = request.routeOptions.url;
  return route === undefined || route === "/*" ? url : route;
}

/** As the router cuts it: also at a number sign, which no address of a request has otherwise. */
const pathOf = ({ url }: FastifyRequest) => url.split(/[?#]/, 1)[0]!;
const capital = (text: string) => text[0]!.toUpperCase() + text.slice(1);
