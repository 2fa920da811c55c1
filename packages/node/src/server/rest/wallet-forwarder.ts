import { ApiError, type RpcFailureText } from "@bitfleet/api/errors.ts";
import { CONSOLE_RESULT_CHARACTERS_MAX } from "@bitfleet/api/rest/console.ts";
import { API_KEY_HEADER, restRoutes } from "@bitfleet/api/rest-routes.ts";
import type { Logger } from "../../ports.ts";
import { REQUEST_ID_HEADER } from "../web/request-id.ts";

/** Wallets are at one node; web servers, which come and go, hand its answers on. */

/** Says that a node has handed the call on already: a second one does not, or it might go in circles. */
export const FORWARDED_HEADER = "x-bitfleet-forwarded";
export const IN_CIRCLES =
  "This node hands wallet calls on itself: WALLET_NODE_URL of the node that asks must lead to the one that has the wallets.";

const TIMEOUT_MS = 30_000;
/** A page of a history with long descriptions has some 100,000. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
/** Some calls of JSON-RPC scan the chain, and some answers are long. */
const RPC_TIMEOUT_MS = 300_000;
/** Characters are up to four bytes each, and the envelope is short. */
const RPC_ANSWER_BYTES_MAX = 4 * CONSOLE_RESULT_CHARACTERS_MAX + 4_096;

/** Where wallets are, and with what key. */
export interface WalletNode {
  /** Scheme, host and port, without a slash at the end. */
  readonly url: string;
  /** With the role wallet there, or admin, where calls of JSON-RPC are handed on too. */
  readonly key: string;
}

export interface ForwardedCall {
  readonly method: string;
  /** Path and query, as the caller sent them. */
  readonly url: string;
  readonly body?: unknown;
  /** Names the call in the logs of both nodes. */
  readonly id: string;
}

/** An answer of the other node, which may also be a refusal. */
interface Answer {
  readonly status: number;
  readonly data: unknown;
  readonly error: string | undefined;
  readonly retryAfter: string | undefined;
  readonly rpc: RpcFailureText | undefined;
}

interface Limits {
  readonly timeoutMs: number;
  readonly bytesMax: number;
}

/** Hands calls of wallets to the node that has them. */
export class WalletForwarder {
  readonly #node: WalletNode;
  readonly #timeoutMs: number;
  readonly #log: Logger;

  constructor({ timeoutMs = TIMEOUT_MS, ...node }: WalletNode & { readonly timeoutMs?: number }, log: Logger) {
    this.#node = node;
    this.#timeoutMs = timeoutMs;
    this.#log = log;
  }

  /**
   * The data that the other node answers. Rejects with `ApiError`: its own refusal, with `Retry-After` for `setHeader`, or 503 where
   * there is no answer of it. A call that may have been carried out is not sent again.
   */
  async forward(call: ForwardedCall, setHeader: (name: string, value: string) => void): Promise<unknown> {
    const answer = await this.#answer(call, { timeoutMs: this.#timeoutMs, bytesMax: ANSWER_BYTES_MAX });
    return this.#dataOf(answer, KEY_REFUSED, setHeader);
  }

  /**
   * The same for a call of JSON-RPC. Keys of the role wallet do not make any there: some calls show private keys, others write files. So it
   * takes a key of ours that has the role admin at the other node, and 503 says so where it has not.
   */
  async forwardRpc(body: unknown, id: string, setHeader: (name: string, value: string) => void): Promise<unknown> {
    const call = { method: "POST", url: restRoutes.callRpc.path, body, id };
    const timeoutMs = Math.max(this.#timeoutMs, RPC_TIMEOUT_MS);
    return this.#dataOf(await this.#answer(call, { timeoutMs, bytesMax: RPC_ANSWER_BYTES_MAX }), NO_ADMIN, setHeader);
  }

  #dataOf(
    { status, data, error, retryAfter, rpc }: Answer,
    keyRefused: string,
    setHeader: (name: string, value: string) => void,
  ): unknown {
    if (status === 200) return data;
    if (retryAfter !== undefined) setHeader("Retry-After", retryAfter);
    if (status === 401 || status === 403) {
      this.#log.error("the wallet node does not take our key", { status, error });
      throw new ApiError(503, keyRefused);
    }
    throw new ApiError(status, error ?? NO_ANSWER, { rpc });
  }

  async #answer({ method, url, body, id }: ForwardedCall, { timeoutMs, bytesMax }: Limits): Promise<Answer> {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(`${this.#node.url}${url}`, {
        method,
        // Nobody is led elsewhere with our key.
        redirect: "error",
        signal,
        headers: {
          [API_KEY_HEADER]: this.#node.key,
          [FORWARDED_HEADER]: "1",
          [REQUEST_ID_HEADER]: id,
          accept: "application/json",
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return answerOf(response, await textOf(response, bytesMax));
    } catch (error) {
      const reason = reasonOf(error);
      this.#log.warn("the wallet node does not answer", { url: this.#node.url, id, reason });
      throw new ApiError(503, method === "GET" || NEVER_ARRIVED.has(reason) ? NO_ANSWER : PERHAPS_DONE);
    }
  }
}

const NO_ANSWER = "The node that has the wallets does not answer now; try again later.";
const PERHAPS_DONE =
  "The node that has the wallets did not answer, or not in time. It may have done what was asked: look before you ask again.";
/** There was no connection. After any other failure the call may have been carried out, and a payment asked for again be made twice. */
const NEVER_ARRIVED: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);
const KEY_REFUSED =
  "The node that has the wallets does not take this server's key: it needs one of the role wallet there (WALLET_NODE_KEY).";

const NO_ADMIN =
  "The wallets are at another node, which lets this server call /api/wallet alone: call JSON-RPC there, or give this server a key of the role admin there (WALLET_NODE_KEY).";

/** Rejects where it is longer than answers are. */
async function textOf({ body }: Response, bytesMax: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size > bytesMax) throw new Error(`the answer has more than ${bytesMax} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** Throws where that is no answer of a node of ours. */
function answerOf({ status, headers }: Response, text: string): Answer {
  const envelope = JSON.parse(text) as { success?: unknown; data?: unknown; error?: unknown; details?: unknown };
  if (typeof envelope !== "object" || envelope === null || envelope.success !== (status === 200)) {
    throw new Error(`status ${status} without our envelope`);
  }
  const error = typeof envelope.error === "string" ? envelope.error : undefined;
  const retryAfter = headers.get("retry-after") ?? undefined;
  return { status, data: envelope.data, error, retryAfter, rpc: failureOf(envelope.details) };
}

function failureOf(details: unknown): RpcFailureText | undefined {
  const { code, message } = (details ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  return typeof code === "number" && typeof message === "string" ? { code, message } : undefined;
}

/** Of what `fetch` throws, the cause is what tells. Texts have no key in them: it is in no address. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  return code ?? (cause instanceof Error ? cause.message : message);
}
