import { AnswerTooLong, textWithin } from "./bounded-answer.ts";
import { ApiError, RpcError } from "./errors.ts";
import type { RestRoute } from "./rest/route.ts";
import { type Client, type ClientOptions, createClientOf, type RouteAddresses } from "./rest-client.ts";
import { restRoutes } from "./rest-routes.ts";
import type { RpcCallParams, RpcMethodName, RpcResult } from "./rpc/rpc-methods.ts";

/** Clients of both interfaces, typed by the tables that the server answers from. They run in browsers and in Node. */

const TIMEOUT_MS = 30_000;
/** Bytes of an answer: a mempool of 300 MB with all that is known of its transactions is less. */
const ANSWER_BYTES_MAX = 256 * 1024 * 1024;

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
    const answer = answerIn(response.text);
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

function answerIn(text: string): RpcAnswer | undefined {
  try {
    return (JSON.parse(text) as RpcAnswer | null) ?? undefined;
  } catch {
    return undefined;
  }
}

const STATUS_TEXTS: Readonly<Record<number, string>> = {
  401: "User or password is wrong.",
  403: "This call is not allowed here.",
  503: "The node has too many calls waiting; try again.",
};

/** A client of the HTTP interface: a function for each route of the table. */
export function createClient(options: ClientOptions): Client {
  const addresses = Object.entries<RestRoute>(restRoutes).map(([name, { path, method, isRepeatable, body }]) => [
    name,
    { path, method, isRepeatable, hasBody: body === undefined ? undefined : true },
  ]);
  return createClientOf(Object.fromEntries(addresses) as RouteAddresses, options) as Client;
}

async function request(url: string, timeoutMs: number | undefined, init: RequestInit) {
  const limitMs = timeoutMs ?? TIMEOUT_MS;
  const signal = limitMs === 0 ? undefined : AbortSignal.timeout(limitMs);
  try {
    const response = await fetch(url, { ...init, ...(signal && { signal }) });
    return { status: response.status, ok: response.ok, text: await textWithin(response, ANSWER_BYTES_MAX) };
  } catch (error) {
    if (error instanceof AnswerTooLong) throw new ApiError(0, error.message, { kind: "too-long" });
    throw new ApiError(0, signal?.aborted ? "The node did not answer in time." : "The node does not answer.");
  }
}

function base64Of(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
