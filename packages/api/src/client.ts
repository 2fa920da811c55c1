import { ApiError, RpcError } from "./errors.ts";
import type { RestRoute } from "./rest/route.ts";
import {
  API_KEY_HEADER,
  type RestBody,
  type RestData,
  type RestParams,
  type RestQuery,
  type RestRouteName,
  restRoutes,
} from "./rest-routes.ts";
import type { RpcCallParams, RpcMethodName, RpcResult } from "./rpc/rpc-methods.ts";
import type { Envelope } from "./schema.ts";

/** Clients of both interfaces, typed by the tables that the server answers from. They run in browsers and in Node. */

const TIMEOUT_MS = 30_000;

export interface RpcClientOptions {
  /** `http://127.0.0.1:18443` */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** Calls go to `/wallet/<name>`. */
  readonly wallet?: string;
  /** Default 30 s; 0 waits for ever. */
  readonly timeoutMs?: number;
}

/** Parameters may be left out where none is required. */
type CallArguments<Name extends RpcMethodName> =
  object extends RpcCallParams<Name> ? [params?: RpcCallParams<Name>] : [params: RpcCallParams<Name>];

export interface RpcClient {
  /** Calls a method with parameters by name. Amounts come as numbers of coins: see `satsFromNumber`. Rejects with `RpcError` or `ApiError`. */
  call<Name extends RpcMethodName>(method: Name, ...params: CallArguments<Name>): Promise<RpcResult<Name>>;
  /** Calls any method, known or not, with a list of parameters. */
  callAny(method: string, params: readonly unknown[]): Promise<unknown>;
}

interface RpcAnswer {
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string } | null;
}

/** A client of the JSON-RPC interface. */
export function createRpcClient(options: RpcClientOptions): RpcClient {
  const path = options.wallet === undefined ? "/" : `/wallet/${encodeURIComponent(options.wallet)}`;
  const headers = {
    authorization: `Basic ${base64Of(`${options.user}:${options.password}`)}`,
    "content-type": "application/json",
  };
  let lastId = 0;
  const send = async (method: string, params: unknown): Promise<unknown> => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: ++lastId, method, params });
    const response = await request(`${options.url.replace(/\/$/, "")}${path}`, options.timeoutMs, {
      method: "POST",
      headers,
      body,
    });
    const answer = (await response.json().catch(() => undefined)) as RpcAnswer | undefined;
    if (answer?.error) throw new RpcError(answer.error.code, answer.error.message);
    if (!response.ok || answer === undefined)
      throw new ApiError(response.status, STATUS_TEXTS[response.status] ?? "No answer in JSON.");
    return answer.result;
  };
  return {
    call: (method, ...[params]) => send(method, params ?? {}) as Promise<never>,
    callAny: (method, params) => send(method, params),
  };
}

const STATUS_TEXTS: Readonly<Record<number, string>> = {
  401: "User or password is wrong.",
  403: "This call is not allowed here.",
  503: "The node has too many calls waiting; try again.",
};

export interface ClientOptions {
  /** The node's origin, without a slash at its end; "" for the origin a page came from. */
  readonly baseUrl: string;
  /** For the routes of the role that the key has. */
  readonly apiKey?: string;
  readonly timeoutMs?: number;
}

type Fields<Name extends RestRouteName> = RestParams<Name> &
  RestQuery<Name> &
  (RestBody<Name> extends undefined ? unknown : RestBody<Name>);

/** One function for each route of the table; it takes the fields of path, query and body together. Rejects with `ApiError`. */
export type Client = {
  readonly [Name in RestRouteName]: (
    ...fields: object extends Fields<Name> ? [fields?: Fields<Name>] : [fields: Fields<Name>]
  ) => Promise<RestData<Name>>;
};

/** A client of the HTTP interface. */
export function createClient(options: ClientOptions): Client {
  const headers = { accept: "application/json", ...(options.apiKey && { [API_KEY_HEADER]: options.apiKey }) };
  const call = async ({ method, path, body }: RestRoute, fields: Readonly<Record<string, unknown>> = {}) => {
    const response = await request(options.baseUrl + urlOf(path, body ? {} : fields), options.timeoutMs, {
      method: method ?? "GET",
      headers: body ? { ...headers, "content-type": "application/json" } : headers,
      ...(body && { body: JSON.stringify(fields) }),
    });
    const envelope = (await response.json().catch(() => undefined)) as Envelope<unknown> | undefined;
    if (response.ok && envelope?.success === true) return envelope.data;
    throw new ApiError(response.status, envelope?.error ?? `The node answered with status ${response.status}.`);
  };
  const entries = Object.entries(restRoutes).map(([name, route]) => [
    name,
    (fields?: Readonly<Record<string, unknown>>) => call(route, fields),
  ]);
  return Object.fromEntries(entries) as Client;
}

/** Fields named in the path go there, the others into the query. */
function urlOf(path: string, fields: Readonly<Record<string, unknown>>): string {
  const rest = new Map(Object.entries(fields).filter(([, value]) => value !== undefined));
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(rest.get(name) ?? "");
    rest.delete(name);
    return encodeURIComponent(value);
  });
  const query = new URLSearchParams([...rest].map(([name, value]) => [name, String(value)])).toString();
  return query === "" ? filled : `${filled}?${query}`;
}

async function request(url: string, timeoutMs: number | undefined, init: RequestInit): Promise<Response> {
  const limitMs = timeoutMs ?? TIMEOUT_MS;
  const signal = limitMs === 0 ? undefined : AbortSignal.timeout(limitMs);
  try {
    return await fetch(url, { ...init, ...(signal && { signal }) });
  } catch {
    throw new ApiError(0, signal?.aborted ? "The node did not answer in time." : "The node does not answer.");
  }
}

function base64Of(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
