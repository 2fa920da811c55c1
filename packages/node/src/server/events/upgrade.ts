import { type IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import {
  CLIENT_MESSAGE_BYTES_MAX,
  EVENTS_KEY_PROTOCOL_PREFIX,
  EVENTS_PROTOCOL,
} from "@bitfleet/api/events/transport.ts";

import { API_KEY_HEADER } from "@bitfleet/api/rest-routes.ts";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { WebSocket, WebSocketServer } from "ws";
import { sayLast } from "../web/last-words.ts";
import type { CrossOrigins } from "../web/web-limits.ts";

/** Requests that ask to become a WebSocket, with what they become it of. */
const upgrades = new WeakMap<IncomingMessage, { readonly socket: Duplex; readonly head: Buffer }>();
let server: WebSocketServer | undefined;

/**
 * Has requests for a WebSocket go the way of all others, through every hook and to a route, which accepts them by
 * {@link acceptUpgrade} or answers as HTTP; then the connection ends.
 */
export function routeUpgrades(app: FastifyInstance): void {
  app.server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // The server has taken its hands off it: nobody else would act upon either.
    socket.on("error", () => socket.destroy()).on("timeout", () => socket.destroy());
    if (request.method !== "GET") {
      sayLast(socket, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    upgrades.set(request, { socket, head });
    takeKeyOfProtocol(request);
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket as Parameters<typeof response.assignSocket>[0]);
    response.on("finish", () => sayLast(socket));
    app.routing(request, response);
  });
}

/** Whether the request asks for a WebSocket. */
export function isUpgrade({ raw }: FastifyRequest): boolean {
  return upgrades.has(raw) && raw.headers.upgrade?.toLowerCase() === "websocket";
}

/** Makes the request a WebSocket; `undefined` where the client is gone, or asked in a way that was refused. */
export async function acceptUpgrade(request: FastifyRequest, reply: FastifyReply): Promise<WebSocket | undefined> {
  const { socket, head } = upgrades.get(request.raw)!;
  reply.hijack();
  server ??= await newServer();
  if (socket.destroyed) return undefined;
  const accepting = server;
  return new Promise((resolve) => {
    socket.once("close", () => resolve(undefined));
    accepting.handleUpgrade(request.raw, socket, head, resolve);
  });
}

/** The library is loaded with the first client: a node that has none starts without. */
async function newServer(): Promise<WebSocketServer> {
  const { WebSocketServer: Server } = await import("ws");
  return new Server({
    noServer: true,
    clientTracking: false,
    maxPayload: CLIENT_MESSAGE_BYTES_MAX,
    // Events are short, and a compressor for each of some thousand clients takes more memory than all they are sent.
    perMessageDeflate: false,
    // Never the one with the key: it would be sent back.
    handleProtocols: (offered) => (offered.has(EVENTS_PROTOCOL) ? EVENTS_PROTOCOL : false),
  });
}

/** A browser's WebSocket takes no headers: its key comes as a subprotocol, and goes on as if it had come in the header. */
function takeKeyOfProtocol(request: IncomingMessage): void {
  const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  const key = offered.find((name) => name.startsWith(EVENTS_KEY_PROTOCOL_PREFIX));
  if (key === undefined || request.headers[API_KEY_HEADER] !== undefined) return;
  const text = Buffer.from(key.slice(EVENTS_KEY_PROTOCOL_PREFIX.length), "base64url").toString();
  if (/^[!-~]+$/.test(text)) request.headers[API_KEY_HEADER] = text;
}

/**
 * Whether a page may open a WebSocket here. Browsers let any page do so and leave it to the server, which tells by the header
 * Origin: one of our own, or one that may read us anyway. Events are public, and no browser sends a key by itself, so that a page
 * elsewhere could learn nothing that its visitor could not; but it could have him read on its behalf.
 */
export function isOriginAllowed(request: FastifyRequest, allowed: CrossOrigins): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined || allowed === "*" || allowed.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
