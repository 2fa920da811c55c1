import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { MemoryLog } from "../../chain/test-kit.ts";
import { SystemClock } from "../../clock.ts";
import { EventStream } from "../events/event-stream.ts";
import { FastLane } from "../fast-lane/fast-lane.ts";
import { createWebApp } from "./web-app.ts";
import { WebState } from "./web-state.ts";

/** Clients that hold on to their connections: no connection may outlast what it is for, whatever its client does. */

const LARGE = "x".repeat(32 * 1024 * 1024);
const UPGRADE = "Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
let close = async () => {};
afterEach(() => close());

/** An application behind its fast lane. What it resolves with opens a connection, and has the server's end of it. */
async function serve(options: { readonly stallMs?: number } = {}) {
  const clock = new SystemClock();
  const events = new EventStream({}, { clock });
  const limits = { version: "1", headTimeoutMs: 100, ...options };
  const app = await createWebApp(limits, { clock, log: new MemoryLog(), state: new WebState(), events });
  app.get("/large", (_request, reply) => reply.type("text/plain").send(LARGE));
  const versions = { chain: () => undefined, node: () => undefined };
  const lane = FastLane.open(app.server, { clock, versions, ...options })!;
  await app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = app.server.address() as { port: number };
  const clients: Socket[] = [];
  close = async () => {
    lane.close();
    for (const client of clients) client.destroy();
    await app.close();
  };
  return async (text: string) => {
    const accepted = once(app.server, "connection") as Promise<[Socket]>;
    const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true }).on("error", () => {});
    clients.push(client);
    const [server] = await accepted;
    const closed = once(server, "close");
    client.write(text);
    return { client, closed };
  };
}

describe("a client that never closes its side loses the connection", () => {
  test.each([
    ["that brought no request", "", "HTTP/1.1 408 "],
    ["that brought half a request", "GET / HTTP/1.1\r\nHost: a\r\n", "HTTP/1.1 408 "],
    ["that brought no HTTP", "GARBAGE\r\n\r\n", "HTTP/1.1 400 "],
    ["that was to become a WebSocket of nothing", `GET /api/v1/nothing HTTP/1.1\r\n${UPGRADE}\r\n`, "HTTP/1.1 404 "],
    ["that was to become one by POST", `POST /api/v1/events HTTP/1.1\r\n${UPGRADE}\r\n`, "HTTP/1.1 400 "],
  ])("%s", async (_, text, answer) => {
    const open = await serve();
    const { client, closed } = await open(text);
    client.setEncoding("latin1");
    let received = "";
    client.on("data", (part) => {
      received += part;
    });
    await once(client, "end");
    expect(received.slice(0, answer.length)).toBe(answer);
    expect(client.writable).toBe(true);
    await closed;
  });
});

describe("a client that does not read its answer loses the connection", () => {
  test.each([
    ["of the server", "GET /large HTTP/1.1\r\nHost: a\r\nX-Other: 1\r\n\r\n"],
    ["that closes behind the answer", "GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"],
    ["that was to become a WebSocket", `GET /large HTTP/1.1\r\n${UPGRADE}\r\n`],
  ])("%s", async (_, text) => {
    const open = await serve({ stallMs: 200 });
    const { client, closed } = await open(text);
    client.pause();
    await closed;
  });

  test("and who reads slowly gets all of it", async () => {
    const open = await serve({ stallMs: 300 });
    const { client } = await open("GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    let size = 0;
    for await (const part of client) {
      size += part.length;
      if (size % 8 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(size).toBeGreaterThan(LARGE.length);
  });
});
