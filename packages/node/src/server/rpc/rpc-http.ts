import { isAscii } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { RpcReply } from "./rpc-dispatch.ts";

/** Requests and answers of JSON-RPC as HTTP carries them. */

/** A block of four million weight units in hex, with room to spare; what Core takes. */
export const RPC_BODY_BYTES_MAX = 0x02000000;

/** Bytes of the request line and headers; Node's own limit leaves out what stands between names and values. */
export function headSize(request: IncomingMessage): number {
  let size = (request.method?.length ?? 0) + (request.url?.length ?? 0);
  for (const text of request.rawHeaders) size += text.length + 2;
  return size;
}

/** Answers what is no HTTP request (too large a head, too, which Core tells no better) and closes; one that never ends is only closed. */
export function refuseBroken(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === "ERR_HTTP_REQUEST_TIMEOUT" || !socket.writable) socket.destroy();
  else socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
}

/** Calls back with the whole body, or with `undefined` where it is larger than allowed; not at all where the client leaves. */
export function readBody(request: IncomingMessage, done: (body: Buffer | undefined) => void): void {
  const parts: Buffer[] = [];
  let size = 0;
  request.on("error", () => {});
  if (Number(request.headers["content-length"] ?? 0) > RPC_BODY_BYTES_MAX) {
    done(undefined);
    return;
  }
  request.on("data", (part: Buffer) => {
    size += part.length;
    if (size > RPC_BODY_BYTES_MAX) {
      request.removeAllListeners("data").removeAllListeners("end").pause();
      done(undefined);
      return;
    }
    parts.push(part);
  });
  request.on("end", () => done(parts.length === 1 ? parts[0]! : Buffer.concat(parts)));
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of UTF-8 bytes; `undefined` where they are none. */
export function textOf(body: Buffer): string | undefined {
  if (isAscii(body)) return body.toString("latin1");
  try {
    return utf8.decode(body);
  } catch {
    return undefined;
  }
}

export function finish(response: ServerResponse, reply: RpcReply): void {
  if (reply.body !== undefined) send(response, reply.status, "application/json", reply.body);
  else {
    response.statusCode = reply.status;
    response.end();
  }
}

export function finishText(response: ServerResponse, status: number, text: string): void {
  send(response, status, "text/plain", text);
}

/** Longer answers are sent behind their head, not copied together with it. */
const ONE_WRITE_CHARACTERS_MAX = 16_384;

/**
 * Sends head and body, small ones in one write to the socket: `end(body)` alone would queue a second, empty write, and two
 * go another, slower way through Node (a sixth of all a small call costs).
 */
export function send(response: ServerResponse, status: number, contentType: string, body: string | Uint8Array): void {
  if (body.length > ONE_WRITE_CHARACTERS_MAX) {
    const bytes = Buffer.from(body);
    response.writeHead(status, ["Content-Type", contentType, "Content-Length", String(bytes.length)]);
    response.end(bytes);
    return;
  }
  response.writeHead(status, ["Content-Type", contentType, "Content-Length", String(Buffer.byteLength(body))]);
  response.write(body);
  response.socket?.uncork();
  response.end();
}
