import { AnswerTooLong, textWithin } from "./bounded-answer.ts";
import { ApiError } from "./errors.ts";
import type { RestBody, RestData, RestParams, RestQuery, RestRouteName, restRoutes } from "./rest-routes.ts";
import { isPassing, pause, retryAfterMsOf, retryDelayMs } from "./retry.ts";
import type { Envelope } from "./schema.ts";

/**
 * A client of the HTTP interface, for browsers and Node. Types come from the table of routes; of the table itself it needs no more
 * than where each route is, so that a page need not carry the schemas.
 */

type Rows = typeof restRoutes;
type Literal<Row, Key extends string> = Row extends { readonly [K in Key]: infer Value } ? Value : undefined;

/** Where a route is, and what a client must know to call it; the compiler holds it to the row of the table. */
export type RouteAddress<Name extends RestRouteName> = {
  readonly path: Rows[Name]["path"];
} & Field<"method", Literal<Rows[Name], "method">> &
  Field<"isRepeatable", Literal<Rows[Name], "isRepeatable">> &
  Field<"hasBody", Rows[Name] extends { readonly body: unknown } ? true : undefined>;
type Field<Key extends string, Value> = undefined extends Value
  ? { readonly [K in Key]?: undefined }
  : { readonly [K in Key]: Value };

/** Addresses of some routes. */
export type RouteAddresses = { readonly [Name in RestRouteName]?: RouteAddress<Name> };

export interface ClientOptions {
  /** The node's origin, without a slash at its end; "" for the origin a page came from. */
  readonly baseUrl: string;
  /** For the routes of the role that the key has. */
  readonly apiKey?: string | undefined;
  /** For one try; default 30 s, 0 waits for ever. */
  readonly timeoutMs?: number;
  /** For a call with all its tries; default 60 s, 0 waits for ever. */
  readonly deadlineMs?: number;
  /**
   * Tries beyond the first, of calls that do no harm twice: what is read, PUT, DELETE, and the POSTs that the table says it of. Default
   * 2. They are made where no answer came, or one that says "not now" (429, 502, 503, 504).
   */
  readonly retries?: number;
  /** Bytes of an answer, decompressed; default {@link ANSWER_BYTES_MAX}. */
  readonly answerBytesMax?: number;
  /** Ends every call. */
  readonly signal?: AbortSignal;
  readonly fetch?: typeof fetch;
  /** 0 up to, but not, 1: how long a wait is. */
  readonly random?: () => number;
  /** Waits between tries; rejects where the signal comes first. */
  readonly pause?: (delayMs: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** For one call; what is not here is as the client has it. */
export type CallOptions = Pick<
  ClientOptions,
  "apiKey" | "timeoutMs" | "deadlineMs" | "retries" | "answerBytesMax" | "signal"
>;

/** The fields of path, query and body together. */
export type RouteFields<Name extends RestRouteName> = RestParams<Name> &
  RestQuery<Name> &
  (RestBody<Name> extends undefined ? unknown : RestBody<Name>);

type CallArguments<Name extends RestRouteName> =
  object extends RouteFields<Name>
    ? [fields?: RouteFields<Name>, options?: CallOptions]
    : [fields: RouteFields<Name>, options?: CallOptions];

/** Routes that answer a list in parts. */
export type CursorRouteName = {
  [Name in RestRouteName]: "cursor" extends keyof RestQuery<Name> ? Name : never;
}[RestRouteName];
type ItemOf<Name extends RestRouteName> =
  RestData<Name> extends { readonly items: readonly (infer Item)[] } ? Item : never;
type ListArguments<Name extends RestRouteName> = CallArguments<Name>;

export type Client<Names extends RestRouteName = RestRouteName> = {
  /** Calls the route. Rejects with `ApiError`, or with the signal's reason where that ended the call. */
  readonly [Name in Names]: (...fields: CallArguments<Name>) => Promise<RestData<Name>>;
} & {
  /** The parts of a list, one after the other, from `cursor` on where there is one. */
  pages<Name extends Names & CursorRouteName>(
    name: Name,
    ...fields: ListArguments<Name>
  ): AsyncGenerator<RestData<Name>, void, undefined>;
  /** The items of all of them. */
  items<Name extends Names & CursorRouteName>(
    name: Name,
    ...fields: ListArguments<Name>
  ): AsyncGenerator<ItemOf<Name>, void, undefined>;
};

interface Address {
  readonly path: string;
  readonly method?: string | undefined;
  readonly isRepeatable?: true | undefined;
  readonly hasBody?: true | undefined;
}
type Values = Readonly<Record<string, unknown>>;

const TIMEOUT_MS = 30_000;
const DEADLINE_MS = 60_000;
const RETRIES = 2;
/** The largest block in hex is 8 MB, a list of a thousand of the largest transactions less than this. */
export const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
/** Characters of a sentence that a node gives for a failure. */
const ERROR_LENGTH_MAX = 2_000;

/** A client of the routes whose addresses are given. */
export function createClientOf<Addresses extends RouteAddresses>(
  addresses: Addresses,
  options: ClientOptions,
): Client<keyof Addresses & RestRouteName> {
  const entries = Object.entries(addresses as Readonly<Record<string, Address>>).map(([name, address]) => [
    name,
    (fields: Values = {}, own: CallOptions = {}) => call(name, address, fields, { ...options, ...own }, options.signal),
  ]);
  const calls = Object.fromEntries(entries) as Readonly<
    Record<string, (fields?: Values, options?: CallOptions) => Promise<unknown>>
  >;
  async function* pages(name: string, fields: Values = {}, own?: CallOptions) {
    let cursor = fields.cursor;
    do {
      const part = (await calls[name]!({ ...fields, cursor }, own)) as { readonly next_cursor: string | null };
      yield part;
      const next = part.next_cursor ?? undefined;
      if (next !== undefined && next === cursor)
        throw new ApiError(200, "The node's list goes round in a circle.", { kind: "unexpected", route: name });
      cursor = next;
    } while (cursor !== undefined);
  }
  async function* items(name: string, fields?: Values, own?: CallOptions) {
    for await (const part of pages(name, fields, own)) yield* (part as unknown as { readonly items: unknown[] }).items;
  }
  return { ...calls, pages, items } as never;
}

/** One call with its tries. */
async function call(
  name: string,
  address: Address,
  fields: Values,
  options: ClientOptions,
  clientSignal?: AbortSignal,
) {
  const { retries = RETRIES, deadlineMs = DEADLINE_MS, random = Math.random, pause: wait = pause } = options;
  const method = address.method ?? "GET";
  const triesMax = method !== "POST" || address.isRepeatable ? 1 + retries : 1;
  const signal = anyOf(options.signal, clientSignal);
  const endMs = deadlineMs === 0 ? Number.POSITIVE_INFINITY : Date.now() + deadlineMs;
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryOnce(name, address, fields, options, signal, endMs - Date.now());
    } catch (error) {
      if (!(error instanceof ApiError) || attempt >= triesMax || !isPassing(error)) throw error;
      const delayMs = retryDelayMs(attempt, error, random);
      if (Date.now() + delayMs >= endMs) throw error;
      await wait(delayMs, signal);
    }
  }
}

async function tryOnce(
  route: string,
  { path, method = "GET", hasBody }: Address,
  fields: Values,
  { baseUrl, apiKey, timeoutMs = TIMEOUT_MS, answerBytesMax = ANSWER_BYTES_MAX, fetch: send = fetch }: ClientOptions,
  signal: AbortSignal | undefined,
  leftMs: number,
): Promise<unknown> {
  const { url, rest } = addressOf(path, fields, hasBody === true);
  const limitMs = Math.min(timeoutMs === 0 ? Number.POSITIVE_INFINITY : timeoutMs, Math.max(1, leftMs));
  const timeout = Number.isFinite(limitMs) ? AbortSignal.timeout(Math.ceil(limitMs)) : undefined;
  const either = anyOf(signal, timeout);
  try {
    const response = await send(baseUrl + url, {
      method,
      // The interface has none: what redirects is something else, and the key is not for it.
      redirect: "manual",
      headers: {
        accept: "application/json",
        ...(apiKey !== undefined && apiKey !== "" && { "x-api-key": apiKey }),
        ...(hasBody && { "content-type": "application/json" }),
      },
      ...(hasBody && { body: JSON.stringify(rest) }),
      ...(either && { signal: either }),
    });
    if (isRedirect(response)) throw new ApiError(response.status, REDIRECTED, { kind: "unexpected", route });
    return dataOf(route, response, await textWithin(response, answerBytesMax));
  } catch (error) {
    if (error instanceof ApiError) throw error;
    if (error instanceof AnswerTooLong) throw new ApiError(0, error.message, { kind: "too-long", route });
    if (signal?.aborted) throw signal.reason;
    if (timeout?.aborted) throw new ApiError(0, "The node did not answer in time.", { kind: "timeout", route });
    throw new ApiError(0, "The node does not answer.", { kind: "network", route });
  }
}

/** What is said where an answer sends on to another place. */
export const REDIRECTED = "What answers sends on to another place. Give the address of that place, if you trust it.";

/** A browser tells no more of one, asked not to follow it, than that it is there. */
export const isRedirect = ({ status, type }: Response) =>
  type === "opaqueredirect" || (status >= 300 && status < 400 && status !== 304);

function dataOf(route: string, response: Response, text: string): unknown {
  const envelope = envelopeIn(text);
  if (response.ok && envelope?.success === true) return envelope.data;
  const requestId = response.headers.get("x-request-id") ?? undefined;
  const retryAfterMs = retryAfterMsOf(response.headers.get("retry-after"), Date.now());
  throw new ApiError(response.status, errorIn(envelope) ?? `The node answered with status ${response.status}.`, {
    ...(response.ok && { kind: "unexpected" }),
    route,
    requestId,
    retryAfterMs,
    rpc: envelope?.details,
  });
}

function errorIn(envelope: Envelope<unknown> | undefined): string | undefined {
  const error: unknown = envelope?.error;
  return typeof error === "string" && error !== "" ? error.slice(0, ERROR_LENGTH_MAX) : undefined;
}

/** `undefined` where the text is something else: a proxy's page, say. */
function envelopeIn(text: string): Envelope<unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "success" in value ? (value as Envelope<unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Fields named in the path go there; the others into the body where the route takes one, else into the query. */
function addressOf(path: string, fields: Values, hasBody: boolean): { readonly url: string; readonly rest: Values } {
  const rest = new Map(Object.entries(fields).filter(([, value]) => value !== undefined));
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(rest.get(name) ?? "");
    rest.delete(name);
    return encodeURIComponent(value);
  });
  if (hasBody) return { url: filled, rest: Object.fromEntries(rest) };
  const query = new URLSearchParams([...rest].map(([name, value]) => [name, String(value)])).toString();
  return { url: query === "" ? filled : `${filled}?${query}`, rest: {} };
}

function anyOf(a: AbortSignal | undefined, b: AbortSignal | undefined): AbortSignal | undefined {
  if (a === undefined || b === undefined || a === b) return a ?? b;
  return AbortSignal.any([a, b]);
}
