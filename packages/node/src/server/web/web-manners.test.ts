import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Health } from "@bitfleet/api/rest/health.ts";
import type { FastifyInstance, InjectOptions } from "fastify";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { MemoryLog } from "../../chain/test-kit.ts";
import { SystemClock } from "../../clock.ts";
import { EventStream } from "../events/event-stream.ts";
import { createWebApp, type WebAppOptions } from "./web-app.ts";
import { createWebServer, type WebServer, type WebServerOptions } from "./web-server.ts";
import { WebState } from "./web-state.ts";

/** What holds of every answer, whatever the node behind it does: none is started here. */

const clock = new SystemClock();
let folder: string;
let app: FastifyInstance | undefined;
let server: WebServer | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-manners-"));
  await mkdir(join(folder, "page", "assets"), { recursive: true });
  await writeFile(join(folder, "page", "index.html"), "<!doctype html><title>page</title>");
  await writeFile(join(folder, "page", "assets", "main-abc.js"), "export {};");
  await writeFile(join(folder, "secret.txt"), "secret");
});
afterEach(async () => {
  await app?.close();
  await server?.close();
  app = undefined;
  server = undefined;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function appOf(options: Partial<WebAppOptions> = {}) {
  const events = new EventStream({}, { clock });
  const pageFolder = join(folder, "page");
  const deps = { clock, log: new MemoryLog(), state: new WebState(), events };
  const made = await createWebApp({ version: "1.2.3", pageFolder, ...options }, deps);
  app = made;
  return { inject: (request: InjectOptions) => made.inject(request) };
}

/** A server on a free port, and what opens a connection to it and collects what comes. */
async function serve(options: Partial<WebServerOptions> = {}) {
  const listen = { host: "127.0.0.1", port: 0 };
  server = createWebServer({ version: "1.2.3", listen, ...options }, { clock, log: new MemoryLog() });
  await server.listen();
  const { port } = server.address;
  const open = () => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    socket.on("data", (part) => {
      text += part.toString();
    });
    socket.on("error", () => {});
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    return { socket, closed, text: () => text };
  };
  return { server, port, open };
}

test("every answer is strict about what a browser may do with it, and says nothing of the software", async () => {
  const { inject } = await appOf();
  const urls = [
    "/",
    "/blocks/5",
    "/assets/main-abc.js",
    "/health",
    "/metrics",
    "/api/v1/nothing",
    "/api/v1/blockchain",
  ];
  for (const url of urls) {
    const { headers } = await inject({ url, headers: { accept: "*/*" } });
    expect(headers, url).toMatchObject({
      "content-security-policy": expect.stringContaining("default-src 'none'"),
      "x-content-type-options": "nosniff",
      "x-frame-options": "SAMEORIGIN",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      "permissions-policy": "camera=(), geolocation=(), microphone=()",
    });
    expect(headers.server, url).toBeUndefined();
    expect(headers["x-powered-by"], url).toBeUndefined();
    expect(headers["access-control-allow-origin"], url).toBeUndefined();
    expect(headers["strict-transport-security"], url).toBeUndefined();
  }
});

test("an address that cannot be read is refused with nothing for a browser to show", async () => {
  const { inject } = await appOf();
  const { statusCode, headers } = await inject({ url: "/api/v1/%zz" });
  expect(statusCode).toBe(400);
  expect(headers).toMatchObject({
    "cache-control": "no-store",
    "content-security-policy": expect.stringContaining("default-src 'none'"),
    "x-content-type-options": "nosniff",
  });
});

test("the page is shown for its own paths alone", async () => {
  const { inject } = await appOf();
  const accept = { accept: "text/html" };
  for (const url of ["/", "/blocks/5", "/apiary", "/healthy", "/metric"]) {
    expect((await inject({ url, headers: accept })).body, url).toContain("<title>page</title>");
  }
  for (const url of [
    "/api",
    "/api/",
    "/api/v1/nothing",
    "/health/nothing",
    "/metrics/x",
    "/api-docs",
    "/api-docs/x",
    "/swagger-ui/x",
    "/assets/gone.js",
    "/.env",
  ]) {
    const answer = await inject({ url, headers: accept });
    expect(answer.statusCode, url).toBe(404);
    expect(answer.headers["content-type"], url).toContain("application/json");
    expect(answer.json(), url).toMatchObject({ success: false, data: null });
  }
});

test("no path leads out of the page's folder", async () => {
  const { open } = await serve({ pageFolder: join(folder, "page") });
  for (const path of [
    "/../secret.txt",
    "/%2e%2e/secret.txt",
    "/assets/..%2f..%2fsecret.txt",
    "/assets/../../secret.txt",
    "/assets//../../secret.txt",
    "/..%5csecret.txt",
    "/assets/%00/../../secret.txt",
    `${folder}/secret.txt`,
  ]) {
    const { socket, closed, text } = open();
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    await closed;
    expect(text(), path).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(text(), path).not.toMatch(/\r\n\r\nsecret$/);
  }
});

test("OPTIONS and HEAD tell what there is", async () => {
  const { inject } = await appOf();
  const options = async (url: string) => {
    const { statusCode, headers, body } = await inject({ method: "OPTIONS", url });
    return { statusCode, allow: headers.allow, body };
  };
  expect(await options("/api/v1/blockchain")).toEqual({ statusCode: 204, allow: "GET, HEAD, OPTIONS", body: "" });
  expect(await options("/blocks/5")).toEqual({ statusCode: 204, allow: "GET, HEAD, OPTIONS", body: "" });
  expect((await options("/api/admin/mining")).allow).toContain("PUT");
  expect((await options("/api/v1/nothing")).statusCode).toBe(404);
  const head = await inject({ method: "HEAD", url: "/health/live" });
  expect(head.statusCode).toBe(200);
  expect(head.body).toBe("");
  expect(Number(head.headers["content-length"])).toBeGreaterThan(10);
});

describe("other origins", () => {
  const ORIGIN = "https://app.example.com";
  const preflight = {
    method: "OPTIONS" as const,
    url: "/api/v1/blockchain",
    headers: { origin: ORIGIN, "access-control-request-method": "GET", "access-control-request-headers": "x-api-key" },
  };

  test("may not read unless they were named", async () => {
    const { inject } = await appOf();
    expect((await inject(preflight)).headers["access-control-allow-origin"]).toBeUndefined();
    const got = await inject({ url: "/health/live", headers: { origin: ORIGIN } });
    expect(got.headers["access-control-allow-origin"]).toBeUndefined();
  });

  test("that were named may, with a key in a header and without cookies", async () => {
    const { inject } = await appOf({ crossOrigins: [ORIGIN] });
    const { statusCode, headers } = await inject(preflight);
    expect(statusCode).toBe(204);
    expect(headers["access-control-allow-origin"]).toBe(ORIGIN);
    expect(headers["access-control-allow-headers"]).toContain("X-API-Key");
    expect(headers["access-control-allow-headers"]).toContain("If-None-Match");
    expect(headers["access-control-allow-credentials"]).toBeUndefined();
    expect(headers.vary).toContain("Origin");
    const got = await inject({ url: "/health/live", headers: { origin: ORIGIN } });
    expect(got.headers["access-control-allow-origin"]).toBe(ORIGIN);
    expect(got.headers["access-control-expose-headers"]).toContain("ETag");
    const failed = await inject({ url: "/api/v1/nothing", headers: { origin: ORIGIN } });
    expect(failed.headers["access-control-allow-origin"]).toBe(ORIGIN);
    const other = await inject({ url: "/health/live", headers: { origin: "https://evil.example.com" } });
    expect(other.headers["access-control-allow-origin"]).toBeUndefined();
  });

  test("may all with a star, still without cookies", async () => {
    const { inject } = await appOf({ crossOrigins: "*" });
    const { headers } = await inject(preflight);
    expect(headers["access-control-allow-origin"]).toBe("*");
    expect(headers["access-control-allow-credentials"]).toBeUndefined();
  });
});

describe("over a socket", () => {
  test("what is no HTTP request, and one with too large a head, are refused in the envelope", async () => {
    const { open } = await serve();
    for (const [request, status] of [
      ["nonsense\r\n\r\n", "400 Bad Request"],
      ["GET / HTTP/1.1\r\nHost: a\r\nHost : b\r\n\r\n", "400 Bad Request"],
      [`GET /${"a".repeat(9000)} HTTP/1.1\r\nHost: a\r\n\r\n`, "431 Request Header Fields Too Large"],
      [`GET / HTTP/1.1\r\nHost: a\r\nX: ${"a".repeat(9000)}\r\n\r\n`, "431 Request Header Fields Too Large"],
    ] as const) {
      const { socket, closed, text } = open();
      socket.write(request);
      await closed;
      expect(text(), request.slice(0, 40)).toMatch(new RegExp(`^HTTP/1\\.1 ${status}\r\n`));
      expect(JSON.parse(text().split("\r\n\r\n")[1]!)).toMatchObject({ success: false, data: null });
    }
  });

  test("a head that never ends is given up, and others are served meanwhile", async () => {
    const { open, port } = await serve({ headTimeoutMs: 300 });
    const slow = open();
    slow.socket.write("GET / HTTP/1.1\r\nHost: a\r\n");
    const drip = setInterval(() => slow.socket.write("X: a\r\n"), 50);
    const answer = await fetch(`http://127.0.0.1:${port}/health/live`);
    expect(answer.status).toBe(200);
    await slow.closed;
    clearInterval(drip);
    expect(slow.text()).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  });

  test("connections beyond the limit are closed at once, until one ends", async () => {
    const { open } = await serve({ connectionsMax: 2 });
    const held = [open(), open()];
    for (const { socket, text } of held) {
      socket.write("GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n");
      await expect.poll(text).toContain("alive");
    }
    const refused = open();
    refused.socket.write("GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n");
    await refused.closed;
    expect(refused.text()).toBe("");
    held[0]!.socket.end();
    await held[0]!.closed;
    await expect
      .poll(async () => {
        const again = open();
        again.socket.write("GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        await again.closed;
        return again.text();
      })
      .toContain("alive");
  });

  test("metrics and health at an address of their own, and metrics nowhere else", async () => {
    const { port, server: started } = await serve({ metricsListen: { host: "127.0.0.1", port: 0 } });
    const inside = `http://127.0.0.1:${started.metricsAddress!.port}`;
    expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(404);
    const metrics = await fetch(`${inside}/metrics`);
    expect(metrics.status).toBe(200);
    expect(await metrics.text()).toContain("\nbitfleet_ready 0\n");
    expect((await fetch(`${inside}/health/live`)).status).toBe(200);
    expect(await (await fetch(`${inside}/health/ready`)).json()).toMatchObject({ error: "The node is starting." });
    expect((await fetch(`${inside}/api/v1/blockchain`)).status).toBe(404);
  });

  test("metrics may be turned off", async () => {
    const { port } = await serve({ hasMetrics: false, metricsListen: { host: "127.0.0.1", port: 0 } });
    expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(404);
    expect(server!.metricsAddress).toBeUndefined();
  });

  test("health tells of storage and event loop once they were looked at", async () => {
    const { port } = await serve({ watched: { places: [{ name: "data", path: folder }] } });
    const checks = async () => {
      const answer = (await (await fetch(`http://127.0.0.1:${port}/health`)).json()) as { readonly data: Health };
      return answer.data.checks;
    };
    await expect
      .poll(async () => (await checks()).find(({ name }) => name === "storage")?.detail)
      .toContain("MB are free in");
    expect(await checks()).toMatchObject([
      { name: "node", status: "fail", detail: "The node is starting." },
      { name: "storage" },
      { name: "event-loop", status: "pass" },
    ]);
    for (const [path, status] of [
      ["liveness", 200],
      ["readiness", 503],
    ] as const) {
      expect((await fetch(`http://127.0.0.1:${port}/api/health/${path}`)).status).toBe(status);
    }
  });
});
