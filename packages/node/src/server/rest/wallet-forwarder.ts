import { ApiError } from "@bitfleet/api/errors.ts";
import { API_KEY_HEADER } from "@bitfleet/api/rest-routes.ts";
import type { Logger } from "../../ports.ts";
import { REQUEST_ID_HEADER } from "../web/request-id.ts";

/** Wallets are at one node; web servers, which come and go, hand its answers on. */

/** Says that a node has handed the call on already: a second one does not, or it might go in circles. */
export const FORWARDED_HEADER = "x-bitfleet-forwarded";

const TIMEOUT_MS = 30_000;
/** A page of a history with long descriptions has some 100,000. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;

/** Where wallets are, and with what key. */
export interface WalletNode {
  /** Scheme, host and port, without a slash at the end. */
  readonly url: string;
  /** With the role wallet there. */
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
    const { status, data, error, retryAfter } = await this.#answer(call);
    if (status === 200) return data;
    if (retryAfter !== undefined) setHeader("Retry-After", retryAfter);
    if (status === 401 || status === 403) {
      this.#log.error("the wallet node does not take our key", { status, error });
      throw new ApiError(503, KEY_REFUSED);
    }
    throw new ApiError(status, error ?? NO_ANSWER);
  }

  async #answer({ method, url, body, id }: ForwardedCall): Promise<Answer> {
    const signal = AbortSignal.timeout(this.#timeoutMs);
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
      return answerOf(response, await textOf(response));
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

/** Rejects where it is longer than answers are. */
async function textOf({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size > ANSWER_BYTES_MAX) throw new Error(`the answer has more than ${ANSWER_BYTES_MAX} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** Throws where that is no answer of a node of ours. */
function answerOf({ status, headers }: Response, text: string): Answer {
  const envelope = JSON.parse(text) as { success?: unknown; data?: unknown; error?: unknown };
  if (typeof envelope !== "object" || envelope === null || envelope.success !== (status === 200)) {
    throw new Error(`status ${status} without our envelope`);
  }
  const error = typeof envelope.error === "string" ? envelope.error : undefined;
  return { status, data: envelope.data, error, retryAfter: headers.get("retry-after") ?? undefined };
}

/** Of what `fetch` throws, the cause is what tells. Texts have no key in them: it is in no address. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  return code ?? (cause instanceof Error ? cause.message : message);
}
