import { AnswerTooLong, textWithin } from "@bitfleet/api/bounded-answer.ts";
import { isRedirect, REDIRECTED } from "@bitfleet/api/rest-client.ts";
import { pause, RETRY_AFTER_MS_MAX, retryAfterMsOf } from "@bitfleet/api/retry.ts";
import { ANSWER_BYTES_MAX, SourceProblem } from "./chain-source.ts";
import { networkRefusal } from "./refusal.ts";
import type { ServerPlace, SourceDependencies } from "./server-place.ts";

/** Requests to a server that speaks Esplora's interface: each tried some times, its answer bounded in size and time. */

const REQUEST_TIMEOUT_MS = 20_000;
/** Tries of one request, and how long the first wait is: each next one is twice as long. */
const TRIES = 4;
const BACKOFF_MS = 500;
const BACKOFF_MS_MAX = 8_000;

/** The text of an answer. Rejects with `SourceProblem`. */
export type Asker = (
  path: string,
  signal: AbortSignal,
  options?: { readonly body?: string; readonly tries?: number | undefined },
) => Promise<string>;

/** One request with its tries. */
export function asker({ baseUrl, apiKey }: ServerPlace, deps: SourceDependencies): Asker {
  return async (path, signal, { body, tries = TRIES } = {}) => {
    for (let attempt = 1; ; attempt++) {
      const problem = await tryOnce(path, signal, body).catch((error: unknown) => {
        if (error instanceof SourceProblem) return error;
        throw error;
      });
      if (!(problem instanceof SourceProblem)) return problem;
      const isPassing = problem.kind === "busy" || problem.kind === "offline";
      const askedMs = problem instanceof Busy ? problem.retryAfterMs : 0;
      // Who is to wait longer is told so, and does other things meanwhile.
      if (!isPassing || attempt >= tries || askedMs > RETRY_AFTER_MS_MAX) throw problem;
      const longest = Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** (attempt - 1));
      await pause(Math.max(askedMs, longest * (0.5 + deps.random() / 2)), signal);
    }
  };

  async function tryOnce(path: string, signal: AbortSignal, body: string | undefined): Promise<string> {
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const headers = { ...(apiKey !== "" && { "x-api-key": apiKey }), ...(body && { "content-type": "text/plain" }) };
    let response: Response;
    let answer: string;
    try {
      response = await deps.fetch(baseUrl + path, {
        // Whoever is sent on does not know where to, and the key is not for that place.
        redirect: "manual",
        method: body === undefined ? "GET" : "POST",
        headers,
        signal: AbortSignal.any([signal, timeout]),
        ...(body !== undefined && { body }),
      });
      answer = isRedirect(response) ? "" : await textWithin(response, ANSWER_BYTES_MAX);
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof AnswerTooLong) throw new SourceProblem("unexpected", cause.message, { cause });
      const why = timeout.aborted ? "The server did not answer in time." : "The server does not answer.";
      throw new SourceProblem("offline", why, { cause });
    }
    if (isRedirect(response)) throw new SourceProblem("unexpected", REDIRECTED);
    if (response.ok) return answer;
    const problem = problemOf(response.status, answer, body !== undefined);
    if (problem.kind !== "busy") throw problem;
    throw new Busy(problem.message, retryAfterMsOf(response.headers.get("retry-after"), Date.now()) ?? 0);
  }
}

class Busy extends SourceProblem {
  /** How long the server wants not to be asked. */
  readonly retryAfterMs: number;

  constructor(message: string, retryAfterMs: number) {
    super("busy", message);
    this.retryAfterMs = retryAfterMs;
  }
}

function problemOf(status: number, answer: string, isBroadcast: boolean): SourceProblem {
  const line = answer.split("\n")[0]!.slice(0, 300);
  if (status === 401 || status === 403) return new SourceProblem("key", "The server wants a key, or another one.");
  if (status === 404)
    return new SourceProblem("not-a-server", `The server does not know it: ${line}`, { cause: NOT_FOUND });
  if (status === 501)
    return new SourceProblem(
      "no-index",
      "This server does not know what addresses have: it runs without an address index.",
    );
  if (status === 429 || status === 502 || status === 503 || status === 504)
    return new SourceProblem("busy", `The server is busy: ${line}`);
  if (status === 400 && isBroadcast) {
    return networkRefusal(line.replace(/^.*sendrawtransaction RPC error:\s*/, ""));
  }
  return new SourceProblem("not-a-server", `The server answered with status ${status}: ${line}`);
}

/** Answers `absent` where the server does not know what was asked for. */
export async function absentAs<Answer>(absent: Answer, answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof SourceProblem && error.cause === NOT_FOUND) return absent;
    throw error;
  }
}

const NOT_FOUND = "404";
