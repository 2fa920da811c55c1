/**
 * The heads of requests that the fast lane may answer by itself. It takes far fewer than HTTP allows: what is not plainly a GET or HEAD
 * without a body, of headers that no answer here depends on, is left to the HTTP server, which knows the rest of the protocol.
 */

export interface SimpleRequest {
  readonly method: "GET" | "HEAD";
  /** Path, and query with its question mark. */
  readonly url: string;
  /** `Accept-Encoding` as it was sent; empty where it was not. */
  readonly encoding: string;
  /** Bytes of the head, its empty line included. */
  readonly sizeBytes: number;
}

/** Longer heads are left to the server. */
export const HEAD_BYTES_MAX = 4096;
const URL_LENGTH_MAX = 256;
const ENCODING_LENGTH_MAX = 64;
const HEAD_END = "\r\n\r\n";

/** No escapes and no dot segments' neighbours: what needs resolving is not simple. */
const REQUEST_LINE = /^(GET|HEAD) (\/[A-Za-z0-9/_~-]*(?:\?[A-Za-z0-9_=&.~-]*)?) HTTP\/1\.1$/;
/** No white space before the colon, no folded lines, no control characters, nothing beyond ASCII. */
const HEADER_LINE = /^([A-Za-z][A-Za-z0-9-]*): ?([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/;
const HOST = /^[A-Za-z0-9.:_[\]-]{1,255}$/;

/** Headers that no answer of the lane's routes depends on. Those of the second line are looked at. */
const IGNORED_HEADERS: ReadonlySet<string> = new Set([
  ...["user-agent", "accept", "accept-language", "cache-control", "pragma", "referer", "cookie", "dnt", "priority"],
  ...["save-data", "upgrade-insecure-requests", "sec-gpc", "sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site"],
  ...["sec-fetch-user", "sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform"],
]);

/** The request that begins at `from`; `undefined` where it is not whole yet or not simple. */
export function readSimpleRequest(bytes: Buffer, from: number): SimpleRequest | undefined {
  const end = bytes.indexOf(HEAD_END, from, "latin1");
  if (end < 0 || end - from > HEAD_BYTES_MAX) return undefined;
  const [first = "", ...lines] = bytes.toString("latin1", from, end).split("\r\n");
  const [, method, url = ""] = REQUEST_LINE.exec(first) ?? [];
  if (method === undefined || url.length > URL_LENGTH_MAX) return undefined;
  const encoding = readHeaders(lines);
  if (encoding === undefined) return undefined;
  return { method: method as "GET" | "HEAD", url, encoding, sizeBytes: end + HEAD_END.length - from };
}

/** What `Accept-Encoding` says, empty where it is absent; `undefined` where a header is not one the lane may pass over. */
function readHeaders(lines: readonly string[]): string | undefined {
  let host: string | undefined;
  let connection: string | undefined;
  let encoding: string | undefined;
  for (const line of lines) {
    const [whole, name = "", value = ""] = HEADER_LINE.exec(line) ?? [];
    if (whole === undefined) return undefined;
    const key = name.toLowerCase();
    if (key === "host") {
      if (host !== undefined || !HOST.test(value)) return undefined;
      host = value;
    } else if (key === "connection") {
      if (connection !== undefined || value.toLowerCase() !== "keep-alive") return undefined;
      connection = value;
    } else if (key === "accept-encoding") {
      if (encoding !== undefined || value.length > ENCODING_LENGTH_MAX) return undefined;
      encoding = value;
    } else if (!IGNORED_HEADERS.has(key)) return undefined;
  }
  return host === undefined ? undefined : (encoding ?? "");
}
