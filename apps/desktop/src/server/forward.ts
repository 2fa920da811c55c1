import {
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as requestHttp,
  type ServerResponse,
} from "node:http";
import { request as requestHttps } from "node:https";
import type { Duplex } from "node:stream";
import { failure } from "@bitfleet/node/server/web/envelope.ts";
import { PAGE_HEADER, SESSION_HEADER, withoutSession } from "./gate.ts";
import { addressAt, type Target } from "./target.ts";

/** What is sent on: a block's transactions in hex, say. */
const BODY_BYTES_MAX = 16 * 1024 * 1024;
/** Until the headers of an answer are there, in whatever pieces they come: a rescan at a server may take a while. */
const ANSWER_TIMEOUT_MS = 60_000;
/** Of headers that an answer may have. */
const HEAD_BYTES_MAX = 32 * 1024;

/** Of one connection, of the browser, or of this process: the network is told none of them. */
const KEPT_HERE = new Set([
  "connection",
  "keep-alive",
  "authorization",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "host",
  "cookie",
  "origin",
  "referer",
  "forwarded",
  "x-forwarded-for",
  SESSION_HEADER,
  PAGE_HEADER,
]);

/**
 * Of an answer, what counts: the rest would speak to the browser about this process. To WWW-Authenticate it would ask for a name and a password
 * by itself, in the name of this process, and send them on.
 */
const PASSED_BACK = [
  "content-type",
  "content-length",
  "content-encoding",
  "content-disposition",
  "content-language",
  "cache-control",
  "etag",
  "last-modified",
  "retry-after",
  "vary",
  "allow",
  "date",
  "x-request-id",
  "x-total-results",
  "ratelimit-limit",
  "ratelimit-remaining",
  "ratelimit-reset",
  "x-ratelimit-limit",
  "x-ratelimit-remaining",
  "x-ratelimit-reset",
];

/** Answers a request by what the target answers, piece by piece as it comes. */
export function forward(incoming: IncomingMessage, reply: ServerResponse, target: Target): void {
  const length = Number(incoming.headers["content-length"] ?? 0);
  if (length > BODY_BYTES_MAX) {
    refuse(reply, 413, `No more than ${BODY_BYTES_MAX} bytes are sent on.`);
    return;
  }
  const outgoing = requestTo(target, incoming);
  const clock = answerClock(outgoing);
  outgoing.once("response", (answer) => {
    clearTimeout(clock);
    const { statusCode = 502 } = answer;
    if (statusCode < 200 || statusCode > 599) {
      answer.destroy();
      refuse(reply, 502, `${target.url} answers with the status ${statusCode}, which means nothing: it is no network.`);
      return;
    }
    if (statusCode >= 300 && statusCode < 400 && statusCode !== 304) {
      answer.destroy();
      refuse(reply, 502, redirectText(target, answer.headers.location));
      return;
    }
    // From here on it may be silent for as long as it likes, as streams are, and is read no faster than the page takes it.
    reply.writeHead(statusCode, passedBack(answer.headers));
    answer.once("error", () => reply.destroy());
    answer.pipe(reply);
  });
  outgoing.once("error", (error) => {
    if (reply.headersSent) reply.destroy();
    else refuse(reply, 502, unreachableText(target, error));
  });
  reply.once("close", () => outgoing.destroy());
  let sent = 0;
  incoming.on("data", (chunk: Buffer) => {
    sent += chunk.length;
    if (sent > BODY_BYTES_MAX) outgoing.destroy(new Error("the request is too long"));
  });
  incoming.pipe(outgoing);
}

/** Hands a request for a WebSocket on, and then every byte of either side. */
export function forwardUpgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer, target: Target): void {
  const outgoing = requestTo(target, incoming, { connection: "Upgrade", upgrade: "websocket" });
  const clock = answerClock(outgoing);
  const end = () => {
    outgoing.destroy();
    socket.destroy();
  };
  outgoing.once("upgrade", (answer, other, otherHead) => {
    clearTimeout(clock);
    const names = Object.entries(answer.headers).filter(([name]) => /^(upgrade|connection|sec-websocket-)/.test(name));
    const lines = names.map(([name, value]) => `${name}: ${String(value)}`);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("\r\n")}\r\n\r\n`);
    if (otherHead.length > 0) socket.write(otherHead);
    if (head.length > 0) other.write(head);
    for (const [one, to] of [
      [socket, other],
      [other, socket],
    ] as const) {
      one.once("error", () => to.destroy());
      one.once("close", () => to.destroy());
      one.pipe(to);
    }
  });
  outgoing.once("response", (answer) => {
    // Its body may have no end, and nobody reads it.
    answer.destroy();
    socket.end(`HTTP/1.1 ${answer.statusCode ?? 502} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
  outgoing.once("error", end);
  socket.once("error", end);
  outgoing.end();
}

/** Ends a request whose answer does not begin in time. */
function answerClock(outgoing: ClientRequest) {
  const clock = setTimeout(() => outgoing.destroy(new Error("it does not answer")), ANSWER_TIMEOUT_MS);
  outgoing.once("close", () => clearTimeout(clock));
  return clock;
}

function requestTo(target: Target, incoming: IncomingMessage, more: OutgoingHttpHeaders = {}) {
  const address = addressAt(target, withoutSession(incoming.url ?? "/"));
  const headers = { ...sentOn(incoming.headers), ...more };
  // A body whose length is not known goes on in chunks: it would else stand behind the request as if it were the next one.
  if (incoming.headers["transfer-encoding"] !== undefined) headers["transfer-encoding"] = "chunked";
  if (target.apiKey !== "" && incoming.headers["x-api-key"] === undefined) headers["x-api-key"] = target.apiKey;
  const send = address.protocol === "https:" ? requestHttps : requestHttp;
  return send(address, { method: incoming.method, headers, maxHeaderSize: HEAD_BYTES_MAX });
}

function sentOn(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const isSent = ([name]: readonly [string, unknown]) => !KEPT_HERE.has(name) && !name.startsWith("sec-fetch-");
  return Object.fromEntries(Object.entries(headers).filter(isSent));
}

function passedBack(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const passed: OutgoingHttpHeaders = { "cache-control": "no-store" };
  for (const name of PASSED_BACK) if (headers[name] !== undefined) passed[name] = headers[name];
  // Should a browser show it by itself, it runs nothing and is of no origin.
  passed["content-security-policy"] = "default-src 'none'; sandbox";
  passed["x-content-type-options"] = "nosniff";
  return passed;
}

/** Answers in the envelope of the HTTP API, so that the page shows the sentence as any other of the network. */
export function refuse(reply: ServerResponse, status: number, text: string): void {
  const body = JSON.stringify(failure(text));
  reply.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  reply.end(body);
}

function redirectText(target: Target, location: string | undefined): string {
  const to = location !== undefined && URL.canParse(location, target.url) ? new URL(location, target.url).origin : "";
  return `${target.url} sends on to ${to || "another place"}. Give that place as the network's address, if you trust it.`;
}

/** Why a place does not answer, in a sentence. */
export function unreachableText(target: Pick<Target, "url">, error: Error): string {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const why = WHY[code] ?? (/CERT|TLS|SSL|SIGNED/.test(code) ? CERTIFICATE : error.message);
  return `${target.url} cannot be reached: ${why}.`;
}

const CERTIFICATE = "its certificate is not one that this machine trusts";
const WHY: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "there is no machine of that name",
  EAI_AGAIN: "its name cannot be looked up now",
  ECONNRESET: "it ended the connection",
  ETIMEDOUT: "it does not answer",
  EHOSTUNREACH: "no way leads there",
  ENETUNREACH: "no way leads there",
};
