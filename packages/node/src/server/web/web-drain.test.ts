import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, get, type IncomingMessage, request } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { MemoryLog } from "../../chain/test-kit.ts";
import { SystemClock } from "../../clock.ts";
import { SocketClient, SseClient } from "../events/event-test-kit.ts";
import { openTestNode, spendingChain, type TestNode } from "../test-kit.ts";
import { createWebServer, type WebServer } from "./web-server.ts";
import { webNodeOf } from "./web-state.ts";

/** Longer than a test takes: what happens within it was not waited for. */
const LONG_MS = 600_000;
const HOT = "/api/v1/blockchain/blocks/5";

let folder: string;
let node: TestNode;
let server: WebServer;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-drain-"));
  node = await openTestNode(join(folder, "data"), spendingChain());
}, 60_000);

afterEach(async () => {
  await server.close();
});

afterAll(async () => {
  agent.destroy();
  await node.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(
  limits: { readonly closeGraceMs?: number } = {},
): Promise<{ readonly host: string; readonly port: number }> {
  const options = { listen: { host: "127.0.0.1", port: 0 }, version: "1", ...limits };
  server = createWebServer(options, { clock: new SystemClock(), log: new MemoryLog() });
  await server.listen();
  server.ready(webNodeOf(node));
  const { port } = server.address;
  return { host: `127.0.0.1:${port}`, port };
}

/** Asks over the one connection that the agent keeps, where that is open still. */
async function ask(host: string, path: string) {
  const sent = get(`http://${host}${path}`, { agent });
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  response.resume();
  await once(response, "end");
  const { statusCode: status, headers } = response;
  return { status, connection: headers.connection, isReused: sent.reusedSocket };
}

/** Resolves when a connection is over, however that came. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on("error", () => {});
    if (socket.destroyed) resolve();
    else socket.on("close", () => resolve()).resume();
  });
}

/** What comes until the other side closes. */
async function allOf(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (part) => {
    text += part;
  });
  await once(socket, "close");
  return text;
}

describe("a web server that drains", () => {
  test("answers everything as before, is not ready, and ends each connection with its answer", async () => {
    const { host } = await start();
    await ask(host, HOT);
    expect(await ask(host, HOT)).toEqual({ status: 200, connection: "keep-alive", isReused: true });
    server.drain(LONG_MS);
    // The connection that was kept is told with the answer to what came over it.
    expect(await ask(host, HOT)).toEqual({ status: 200, connection: "close", isReused: true });
    for (const [path, status] of [
      [HOT, 200],
      ["/api/v1/blockchain", 200],
      ["/health/live", 200],
      ["/health/ready", 503],
      ["/api/v1/blockchain/blocks/99999", 404],
      ["/api/nothing", 404],
      ["/esplora/blocks/tip/height", 200],
    ] as const) {
      expect(await ask(host, path), path).toEqual({ status, connection: "close", isReused: false });
    }
  });

  test("asks streams of events to come back elsewhere, one after the other, and opens new ones", async () => {
    const { host } = await start();
    const clients = [await SseClient.open(host), await SocketClient.open(host), await SseClient.open(host)];
    server.drain(LONG_MS);
    const later = await SseClient.open(host, "blocks", clients[0]!.cursor);
    expect(clients.map(({ ending }) => ending)).toEqual([undefined, undefined, undefined]);
    server.drain(200);
    expect((await clients[1]!.untilEnd()).code).toBe(1001);
    for (const client of clients) await client.untilEnd();
    // It came when the end was known; it stays until then.
    expect(later.ending).toBeUndefined();
    await server.finish();
    await later.untilEnd();
  });

  test("closes the connection behind a stream of events: a browser would come back over it", async () => {
    const { port } = await start();
    const socket = connect(port, "127.0.0.1");
    socket.write("GET /api/v1/events HTTP/1.1\r\nHost: x\r\n\r\n");
    const text = allOf(socket);
    await once(socket, "data");
    server.drain(1);
    expect(await text).toMatch(/\r\n0\r\n\r\n$/);
  });
});

describe("a web server that ends", () => {
  test("answers what has begun, over connections that end with it, and takes nothing new", async () => {
    const { host, port } = await start();
    await ask(host, HOT);
    const body = JSON.stringify({ transaction: "00" });
    const headers = { "content-type": "application/json", "content-length": body.length };
    const sent = request(`http://${host}/api/v1/transactions/decode`, { method: "POST", headers });
    sent.write(body.slice(0, 5));
    // It has begun when something that was asked later is answered.
    for (let time = 0; time < 2; time++) await ask(host, "/health/live");
    const finished = server.finish();
    await closed(connect(port, "127.0.0.1"));
    sent.end(body.slice(5));
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    expect([response.statusCode, response.headers.connection]).toEqual([400, "close"]);
    response.resume();
    await finished;
  });

  test("answers also where no more than the first line had come", async () => {
    const { host, port } = await start();
    const socket = connect(port, "127.0.0.1");
    socket.write(`GET ${HOT} HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n`);
    await once(socket, "connect");
    for (let time = 0; time < 2; time++) await ask(host, "/health/live");
    const finished = server.finish();
    await closed(connect(port, "127.0.0.1"));
    const text = allOf(socket);
    socket.write("\r\n");
    expect(await text).toMatch(/^HTTP\/1\.1 200 OK\r\n(.+\r\n)*connection: close\r\n/i);
    await finished;
  });

  test("does not wait for ever for who never ends a request", async () => {
    const { port } = await start({ closeGraceMs: 100 });
    const socket = connect(port, "127.0.0.1");
    socket.write("POST /api/v1/transactions/decode HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n");
    await once(socket, "connect");
    await fetch(`http://127.0.0.1:${port}/health/live`);
    await server.finish();
    await closed(socket);
  });
});
