import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { JsonObject, type JsonValue, parseJson, type RpcValue, writeJson } from "@bitfleet/api/json.ts";
import { type RpcMethodName, rpcMethod } from "@bitfleet/api/rpc/rpc-methods.ts";
import { bindParams } from "@bitfleet/api/rpc/rpc-params.ts";
import type { Clock, Logger } from "../../ports.ts";
import type { RpcMeter } from "../metrics/rpc-meter.ts";
import { isAllowed, type RpcWhitelist } from "./auth.ts";
import type { RpcCallContext, RpcHandlers } from "./rpc-dependencies.ts";

/** An answer: no body where the protocol wants none. */
export interface RpcReply {
  readonly status: number;
  readonly body: string | undefined;
}

/** Who calls, through which endpoint. */
export interface RpcCaller {
  readonly user: string;
  readonly wallet: string | undefined;
  readonly signal: AbortSignal;
}

interface Request {
  /** Absent in a notification (and in careless 1.x calls). */
  readonly id: JsonValue | undefined;
  readonly isVersion2: boolean;
  readonly method: string;
  readonly params: readonly JsonValue[] | JsonObject;
}

/** A request that is none, with what could be read of it for the reply. */
class RequestError extends RpcError {
  readonly id: JsonValue | undefined;
  readonly isVersion2: boolean;

  constructor(message: string, id: JsonValue | undefined, isVersion2: boolean) {
    super(RpcErrorCode.INVALID_REQUEST, message);
    this.id = id;
    this.isVersion2 = isVersion2;
  }
}

export interface RpcDispatcherDependencies {
  readonly clock: Clock;
  readonly log: Logger;
  readonly meter?: Pick<RpcMeter, "count"> | undefined;
}

/** From the body of an HTTP request to its answer: JSON-RPC 1.0, 1.1 and 2.0, single and in batches, as Bitcoin Core speaks it. */
export class RpcDispatcher {
  readonly #deps: RpcDispatcherDependencies;
  readonly #whitelist: RpcWhitelist | undefined;
  readonly #active = new Set<ActiveCall>();
  #handlers: RpcHandlers | undefined;
  #warmUpStatus = "RPC server started";

  constructor(options: { readonly whitelist?: RpcWhitelist | undefined }, deps: RpcDispatcherDependencies) {
    this.#whitelist = options.whitelist;
    this.#deps = deps;
  }

  warmUp(status: string): void {
    this.#warmUpStatus = status;
  }

  /** What the node does while it starts. */
  get warmUpStatus(): string {
    return this.#warmUpStatus;
  }

  ready(handlers: RpcHandlers): void {
    this.#handlers = handlers;
  }

  /**
   * Never throws and never rejects. Most calls are answered at once: no promise is made for them, as the turns of the queue
   * that promises take are a good part of what a small call costs.
   */
  answer(body: string, caller: RpcCaller): RpcReply | Promise<RpcReply> {
    if (this.#whitelist?.refuseOthers && !this.#whitelist.methodsByUser.has(caller.user)) return FORBIDDEN;
    let value: JsonValue;
    try {
      value = parseJson(body);
    } catch {
      return errorReply(new RpcError(RpcErrorCode.PARSE_ERROR, "Parse error"), null, false);
    }
    if (Array.isArray(value)) return this.#answerBatch(value, caller);
    if (value instanceof JsonObject) return this.#answerOne(value, caller);
    return errorReply(new RpcError(RpcErrorCode.PARSE_ERROR, "Top-level object parse error"), null, false);
  }

  #answerOne(value: JsonObject, caller: RpcCaller): RpcReply | Promise<RpcReply> {
    let request: Request;
    try {
      request = readRequest(value);
    } catch (error) {
      const refused = error as RequestError;
      return errorReply(refused, refused.id, refused.isVersion2);
    }
    if (!isAllowed(this.#whitelist, caller.user, request.method)) return FORBIDDEN;
    const outcome = this.#execute(request, caller);
    return outcome instanceof Promise ? outcome.then((late) => replyOf(request, late)) : replyOf(request, outcome);
  }

  /** One after the other, as a caller may rely on the order. Errors are part of the answer; the status is always 200. */
  async #answerBatch(values: readonly JsonValue[], caller: RpcCaller): Promise<RpcReply> {
    if (this.#whitelist?.methodsByUser.has(caller.user)) {
      for (const value of values) {
        const method = value instanceof JsonObject ? value.get("method") : undefined;
        if (typeof method === "string" && !isAllowed(this.#whitelist, caller.user, method)) return FORBIDDEN;
      }
    }
    const replies: string[] = [];
    let turnStartMs = this.#deps.clock.monotonicMs();
    for (const value of values) {
      const reply = await this.#answerItem(value, caller);
      if (reply !== undefined) replies.push(reply);
      if (this.#deps.clock.monotonicMs() - turnStartMs > BATCH_TURN_MS) {
        await new Promise((resolve) => setImmediate(resolve));
        turnStartMs = this.#deps.clock.monotonicMs();
      }
    }
    if (replies.length === 0 && values.length > 0) return NO_CONTENT;
    return { status: 200, body: `[${replies.join(",")}]\n` };
  }

  async #answerItem(value: JsonValue, caller: RpcCaller): Promise<string | undefined> {
    try {
      const request = readRequest(value);
      const outcome = await this.#execute(request, caller);
      return isNotification(request) ? undefined : replyText(request, outcome);
    } catch (error) {
      const refused = error as RequestError;
      return refused.isVersion2 && refused.id === undefined ? undefined : replyText(refused, { error: refused });
    }
  }

  #execute(request: Request, caller: RpcCaller): Outcome | Promise<Outcome> {
    this.#deps.log.debug(
      "rpc",
      `ThreadRPCServer method=${logText(request.method)} user=${logText(caller.user)} id=${idText(request.id)}`,
    );
    const call = { method: request.method, startMs: this.#deps.clock.monotonicMs() };
    this.#active.add(call);
    try {
      const value = this.#call(request, caller);
      if (value instanceof Promise) {
        return value
          .then((late): Outcome => ({ result: writeJson(late) }))
          .catch((error) => this.#failureOf(error, request.method))
          .then((outcome) => this.#ended(call, outcome));
      }
      return this.#ended(call, { result: writeJson(value) });
    } catch (error) {
      return this.#ended(call, this.#failureOf(error, request.method));
    }
  }

  #ended(call: ActiveCall, outcome: Outcome): Outcome {
    this.#active.delete(call);
    const { meter, clock } = this.#deps;
    if (meter !== undefined) {
      const method = rpcMethod(call.method) === undefined ? undefined : call.method;
      meter.count(method, (clock.monotonicMs() - call.startMs) / 1000, outcome.error !== undefined);
    }
    return outcome;
  }

  #failureOf(error: unknown, method: string): Outcome {
    if (error instanceof RpcError) return { error };
    this.#deps.log.error("an RPC method failed where it must not", {
      method,
      stack: error instanceof Error ? error.stack : String(error),
    });
    return { error: new RpcError(RpcErrorCode.INTERNAL_ERROR, `Internal error in ${method}; the log has more`) };
  }

  #call(request: Request, caller: RpcCaller): RpcValue | Promise<RpcValue> {
    if (this.#handlers === undefined) throw new RpcError(RpcErrorCode.IN_WARMUP, this.#warmUpStatus);
    const method = rpcMethod(request.method);
    const handler: RpcHandlers[RpcMethodName] | undefined = this.#handlers[request.method as RpcMethodName];
    if (method === undefined || handler === undefined) {
      throw new RpcError(RpcErrorCode.METHOD_NOT_FOUND, "Method not found");
    }
    const { named, positional } = bindParams(request.method, method, request.params);
    const context: RpcCallContext = {
      wallet: caller.wallet,
      get signal() {
        return caller.signal;
      },
      positional,
      activeCalls: () => this.#activeCalls(),
    };
    return handler(named as never, context);
  }

  #activeCalls() {
    const nowMs = this.#deps.clock.monotonicMs();
    return [...this.#active].map((call) => ({
      method: call.method,
      durationUs: Math.round((nowMs - call.startMs) * 1000),
    }));
  }
}

/** What a caller says, without what could confuse a log. */
const logText = (text: string) => text.replace(/[^a-zA-Z0-9 .,;\-_/:?@()]/g, "");

const idText = (id: JsonValue | undefined) =>
  logText(typeof id === "string" ? id : id === undefined || id === null ? "" : writeJson(id));

const FORBIDDEN: RpcReply = { status: 403, body: undefined };
const NO_CONTENT: RpcReply = { status: 204, body: undefined };
/** After so long in a batch others get their turn. */
const BATCH_TURN_MS = 10;

interface ActiveCall {
  readonly method: string;
  readonly startMs: number;
}

interface Outcome {
  /** JSON text. */
  readonly result?: string;
  readonly error?: RpcError;
}

const isNotification = (request: Request) => request.isVersion2 && request.id === undefined;

function replyOf(request: Request, outcome: Outcome): RpcReply {
  if (isNotification(request)) return NO_CONTENT;
  if (outcome.error !== undefined && !request.isVersion2) return errorReply(outcome.error, request.id, false);
  return { status: 200, body: `${replyText(request, outcome)}\n` };
}

function readRequest(value: JsonValue): Request {
  if (!(value instanceof JsonObject)) throw new RequestError("Invalid Request object", null, false);
  const id = value.get("id");
  const version = value.get("jsonrpc") ?? null;
  const fail = (message: string, isVersion2 = false): never => {
    throw new RequestError(message, id, isVersion2);
  };
  if (version !== null && typeof version !== "string") fail("jsonrpc field must be a string");
  if (version !== null && version !== "1.0" && version !== "2.0") fail("JSON-RPC version not supported");
  const isVersion2 = version === "2.0";
  const method = value.get("method") ?? null;
  if (method === null) fail("Missing method", isVersion2);
  if (typeof method !== "string") return fail("Method must be a string", isVersion2);
  const params = value.get("params") ?? [];
  if (params instanceof JsonObject || Array.isArray(params)) {
    return { id, isVersion2, method, params: params as readonly JsonValue[] | JsonObject };
  }
  return fail("Params must be an array or object", isVersion2);
}

/** Version 1 carries both result and error, version 2 the one there is. */
function replyText({ id, isVersion2 }: Pick<Request, "id" | "isVersion2">, outcome: Outcome): string {
  const { error } = outcome;
  const tail = id === undefined ? "}" : `,"id":${writeJson(id)}}`;
  if (error === undefined) {
    return isVersion2
      ? `{"jsonrpc":"2.0","result":${outcome.result}${tail}`
      : `{"result":${outcome.result},"error":null${tail}`;
  }
  const text = writeJson({ code: error.code, message: error.message });
  return isVersion2 ? `{"jsonrpc":"2.0","error":${text}${tail}` : `{"result":null,"error":${text}${tail}`;
}

/** A failure that shows in the HTTP status: every one of version 1, and requests that cannot be read. */
function errorReply(error: RpcError, id: JsonValue | undefined, isVersion2: boolean): RpcReply {
  return { status: STATUS_BY_CODE.get(error.code) ?? 500, body: `${replyText({ id, isVersion2 }, { error })}\n` };
}

const STATUS_BY_CODE: ReadonlyMap<number, number> = new Map([
  [RpcErrorCode.INVALID_REQUEST, 400],
  [RpcErrorCode.METHOD_NOT_FOUND, 404],
]);
