/** Where the answers of our own HTTP server end, and what their heads say. Not for what others send: it trusts their form. */

export interface AnswerHead {
  readonly status: number;
  /** By lower-case name; the last where there are several. */
  readonly headers: ReadonlyMap<string, string>;
  readonly sizeBytes: number;
}

const HEAD_END = "\r\n\r\n";

/** The head of an answer; `undefined` while it is not whole. */
export function readAnswerHead(bytes: Buffer): AnswerHead | undefined {
  const end = bytes.indexOf(HEAD_END, 0, "latin1");
  if (end < 0) return undefined;
  const [first = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { status: Number(first.split(" ")[1]), headers: new Map(headers), sizeBytes: end + HEAD_END.length };
}

/** Size of the whole answer; `undefined` while it is not all here. One without a length goes on until the connection closes. */
export function answerSize(bytes: Buffer, head: AnswerHead, method: "GET" | "HEAD"): number | undefined {
  if (method === "HEAD" || head.status === 204 || head.status === 304) return head.sizeBytes;
  if (head.headers.get("transfer-encoding") === "chunked") return chunksEnd(bytes, head.sizeBytes);
  const length = head.headers.get("content-length");
  const size = length === undefined ? Number.POSITIVE_INFINITY : head.sizeBytes + Number(length);
  return size <= bytes.length ? size : undefined;
}

/** Where the chunks that begin at `from` end (RFC 9112, 7.1); `undefined` while they go on. There are no trailers. */
function chunksEnd(bytes: Buffer, from: number): number | undefined {
  for (let at = from; ; ) {
    const lineEnd = bytes.indexOf("\r\n", at, "latin1");
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    at = lineEnd + 2 + size + 2;
    if (at > bytes.length) return undefined;
    if (size === 0) return at;
  }
}
