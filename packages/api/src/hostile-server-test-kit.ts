import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createSocketServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { onTestFinished } from "vitest";

/** Servers that answer as no honest one does, on sockets of their own. They end with the test. */

export interface HostileServer {
  readonly url: string;
  /** Method, path and headers of each request. */
  readonly asked: IncomingMessage[];
  /** How many answers were given up by who had asked, before their ends. */
  readonly givenUp: () => number;
}

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** A server whose every answer is `answer`'s. */
export async function hostileServer(answer: Answer): Promise<HostileServer> {
  const asked: IncomingMessage[] = [];
  let givenUp = 0;
  const server = createServer((request, response) => {
    asked.push(request);
    response.once("close", () => {
      if (!response.writableFinished) givenUp++;
    });
    response.on("error", () => {});
    answer(response, request);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, givenUp: () => givenUp };
}

/** A server that never comes to the end of its headers: a byte now and then. */
export async function slowHeaders(): Promise<{ readonly url: string }> {
  const sockets = new Set<Socket>();
  const server = createSocketServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.write("HTTP/1.1 200 OK\r\nX-Slow: ");
    const timer = setInterval(() => socket.write("x"), TRICKLE_MS);
    socket.once("close", () => {
      clearInterval(timer);
      sockets.delete(socket);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const TRICKLE_MS = 5;
const PIECE = Buffer.alloc(64 * 1024, " ");

/** Writes a body that has no end, as fast as it is taken. */
export function endless(response: ServerResponse, { start = "", piece = PIECE }: EndlessBody = {}): void {
  if (start !== "") response.write(start);
  const more = () => {
    while (!response.destroyed && response.write(piece));
  };
  response.on("drain", more);
  more();
}

interface EndlessBody {
  readonly start?: string;
  readonly piece?: Buffer;
}

/** Writes a byte now and then, for ever. */
export function trickle(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json" });
  const timer = setInterval(() => response.write(" "), TRICKLE_MS);
  response.once("close", () => clearInterval(timer));
}

/** Each kilobyte of it inflates to a megabyte of spaces, without end. */
export function bomb(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
  endless(response, { start: "", piece: INFLATING });
}

const INFLATING = gzipSync(Buffer.alloc(1024 * 1024, " "));
