import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { unreachableText } from "./forward.ts";
import { readTarget } from "./target.ts";

/** One request to a place that is no target yet. */
export interface TriedRequest {
  readonly url: string;
  /** Put behind the address as it is. */
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface TriedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
const TIMEOUT_MS = 15_000;
const HEADERS_SENT = /^(accept|content-type|x-api-key)$/i;

/** Asks, and follows no redirect. Rejects with a sentence where nothing comes back. */
export async function tryPlace(tried: TriedRequest): Promise<TriedAnswer> {
  const target = readTarget(tried.url);
  if ("error" in target) throw new Error(target.error);
  if (!/^\/[\x21-\x7e]*$/.test(tried.path)) throw new Error("The path must begin with a slash.");
  const address = new URL(`${target.url}${tried.path}`);
  const send = address.protocol === "https:" ? requestHttps : requestHttp;
  const sent = Object.entries(tried.headers ?? {}).filter(([name]) => HEADERS_SENT.test(name));
  const method = tried.method ?? "GET";
  return new Promise((resolve, reject) => {
    const outgoing = send(address, { method, headers: Object.fromEntries(sent), timeout: TIMEOUT_MS });
    // What is read here is not decompressed.
    outgoing.setHeader("accept-encoding", "identity");
    // Else the body of a GET would stand behind it as if it were the next request.
    if (tried.body !== undefined) outgoing.setHeader("content-length", Buffer.byteLength(tried.body));
    const fail = (error: Error) => reject(new Error(unreachableText(target, error)));
    const clock = setTimeout(() => outgoing.destroy(new Error("it does not answer")), TIMEOUT_MS);
    outgoing.once("close", () => clearTimeout(clock));
    outgoing.once("error", fail);
    outgoing.once("response", (answer) => {
      if ((answer.headers["content-encoding"] ?? "identity") !== "identity")
        return void outgoing.destroy(new Error("its answer is compressed, which was not asked for"));
      const chunks: Buffer[] = [];
      let length = 0;
      answer.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > ANSWER_BYTES_MAX) outgoing.destroy(new Error("its answer is too long"));
      });
      answer.once("error", fail);
      answer.once("end", () => {
        const headers = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as const);
        const body = Buffer.concat(chunks).toString("utf8");
        resolve({ status: answer.statusCode ?? 0, headers: Object.fromEntries(headers), body });
      });
    });
    outgoing.end(tried.body);
  });
}
