import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { LookupFunction } from "node:net";

/** An answer of a health path is a sentence or two. */
const ANSWER_BYTES_MAX = 65_536;

export interface HealthQuestion {
  readonly host: string;
  readonly port: number;
  readonly path: "/health/ready" | "/health/live";
  readonly timeoutMs: number;
  /** With TLS, and whatever certificate: it names the host that others call, and not the one that is asked here. */
  readonly isTls?: boolean;
  /** How the host's name is resolved, where not as the system does it. */
  readonly lookup?: LookupFunction;
}

/**
 * Asks a node how it is: `undefined` where it answers 200, otherwise why not, in one sentence. Never rejects, but where `signal` ends it.
 * The text may be of another node: who prints it makes it printable.
 */
export function askHealth(question: HealthQuestion, signal?: AbortSignal): Promise<string | undefined> {
  const { host, port, path, timeoutMs, isTls = false, lookup } = question;
  return new Promise((resolve, reject) => {
    const limit = AbortSignal.timeout(timeoutMs);
    const both = signal === undefined ? limit : AbortSignal.any([limit, signal]);
    const fail = (error: NodeJS.ErrnoException) => {
      if (signal?.aborted) reject(signal.reason);
      else if (limit.aborted) resolve(`It has not answered within ${timeoutMs / 1000} s.`);
      else resolve(`It cannot be reached (${error.code ?? error.message}).`);
    };
    const options = {
      host,
      port,
      path,
      agent: false,
      signal: both,
      rejectUnauthorized: false,
      ...(lookup && { lookup }),
    };
    const request = isTls ? requestHttps : requestHttp;
    request(options, (answer) => {
      readText(answer).then((text) => resolve(answer.statusCode === 200 ? undefined : reasonOf(answer, text)), fail);
    })
      .on("error", fail)
      .end();
  });
}

async function readText(answer: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of answer.setEncoding("utf8")) {
    if (text.length < ANSWER_BYTES_MAX) text += chunk;
  }
  return text;
}

/** What the envelope says. */
function reasonOf({ statusCode }: IncomingMessage, text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    if (typeof error === "string" && error !== "") return error;
  } catch {
    // Somebody else may listen there, who does not speak JSON.
  }
  return `It answers with HTTP ${statusCode}.`;
}
