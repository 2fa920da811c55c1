import { ApiError, RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { JsonObject, type JsonValue, parseJson, type RpcValue, toPlain, writeJson } from "@bitfleet/api/json.ts";
import { CONSOLE_RESULT_CHARACTERS_MAX } from "@bitfleet/api/rest/console.ts";
import { paramSchema } from "@bitfleet/api/rpc/rpc-json-schema.ts";
import { type RpcMethodName, rpcMethod } from "@bitfleet/api/rpc/rpc-methods.ts";
import { type BoundParams, bindParams } from "@bitfleet/api/rpc/rpc-params.ts";
import type { RpcMethod } from "@bitfleet/api/rpc/rpc-schema.ts";
import { HIDDEN } from "@bitfleet/api/secrets.ts";
import { namesInSchema } from "../access/audit-fields.ts";
import type { RpcHandler, RpcHandlers } from "../rpc/rpc-dependencies.ts";
import { apiErrorOf } from "./rpc-bridge.ts";

/** A call of JSON-RPC that comes through the HTTP API. */

export interface ConsoleCall {
  readonly name: string;
  readonly method: RpcMethod;
  readonly bound: BoundParams;
  readonly wallet: string | undefined;
}

/** The call that a body asks for, of a method that `answers` knows. Throws `ApiError`, with what JSON-RPC would say. */
export function consoleCallOf(
  { method: name, params, wallet }: { readonly method: string; readonly params?: unknown; readonly wallet?: string },
  answers: (name: string) => boolean,
): ConsoleCall {
  return orApiError(name, () => {
    const method = rpcMethod(name);
    if (method === undefined || !answers(name)) throw new RpcError(RpcErrorCode.METHOD_NOT_FOUND, "Method not found");
    return { name, method, wallet, bound: bindParams(name, method, givenParams(params)) };
  });
}

/** What was given by position, by name: what a log shows of it goes by names. */
export function namedParams({ method, bound: { positional } }: ConsoleCall): Readonly<Record<string, unknown>> {
  return Object.fromEntries(positional.map((value, at) => [method.params[at]!.name, toPlain(value)]));
}

/** Names that the parameters of a method have, at any depth; of one that is not known, none. */
export function namesOfParams(name: string): ReadonlySet<string> {
  const params = rpcMethod(name)?.params ?? [];
  const within = params.flatMap((param) => [
    ...[param.name, ...param.aliases, ...namesInSchema(paramSchema(param))],
    // Of what its help alone describes, these are the names.
    ...Array.from(param.description.matchAll(/"(\w+)"/g), ([, quoted]) => quoted!),
  ]);
  return new Set(["method", "params", "wallet", "args", ...within]);
}

/** What a log shows of a call of no method: who writes a whole line in its place, as a terminal takes it, may have a passphrase in it. */
export function shownUnknown(name: string): { readonly method: string } | undefined {
  return rpcMethod(name) === undefined ? { method: HIDDEN } : undefined;
}

/** What the method answers, as plain JSON. Rejects with `ApiError`. `signal`: aborted when the caller leaves. */
export async function answerConsole(handlers: RpcHandlers, call: ConsoleCall, signal: AbortSignal): Promise<unknown> {
  const { name, bound, wallet } = call;
  const handler = handlers[name as RpcMethodName] as RpcHandler<RpcMethodName>;
  let result: RpcValue;
  try {
    const context = { wallet, positional: bound.positional, signal, activeCalls: () => [] };
    result = await handler(bound.named as never, context);
  } catch (error) {
    throw apiErrorFor(name, error);
  }
  const json = writeJson(result);
  if (json.length > CONSOLE_RESULT_CHARACTERS_MAX) {
    const most = `${CONSOLE_RESULT_CHARACTERS_MAX} at most are answered here: ask JSON-RPC itself`;
    throw new ApiError(413, `The result has ${json.length} characters; ${most}.`);
  }
  return toPlain(parseJson(json));
}

function givenParams(params: unknown): readonly JsonValue[] | JsonObject {
  if (params === undefined || params === null) return [];
  const given = typeof params === "object" ? parseJson(JSON.stringify(params)) : undefined;
  if (given instanceof JsonObject || Array.isArray(given)) return given as readonly JsonValue[] | JsonObject;
  throw new RpcError(RpcErrorCode.INVALID_REQUEST, "Params must be an array or object");
}

function orApiError<Value>(name: string, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    throw apiErrorFor(name, error);
  }
}

/** Code and message as they are, and in one sentence. Errors that are none of JSON-RPC are given back. */
function apiErrorFor(name: string, error: unknown): unknown {
  if (!(error instanceof RpcError)) return error;
  const { code, message } = error;
  const [first = ""] = message.trim().split("\n", 1);
  const isHelp = code === RpcErrorCode.MISC_ERROR && message.startsWith(name) && message.includes("\n");
  const sentence = isHelp ? `The call is ${first}` : first.replace(/:$/, "") || `${name} failed`;
  return apiErrorOf(code, sentence, { code, message });
}
