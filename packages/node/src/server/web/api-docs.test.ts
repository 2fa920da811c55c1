import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MemoryLog } from "../../chain/test-kit.ts";
import { SystemClock } from "../../clock.ts";
import { EventStream } from "../events/event-stream.ts";
import { createWebApp } from "./web-app.ts";
import { WebState } from "./web-state.ts";

let folder: string;
let app: FastifyInstance;
const clock = new SystemClock();

const appWith = (referenceFolder?: string) =>
  createWebApp(
    { version: "1.2.3", referenceFolder },
    { clock, log: new MemoryLog(), state: new WebState(), events: new EventStream({}, { clock }) },
  );
const get = (url: string, headers: Record<string, string> = {}) => app.inject({ method: "GET", url, headers });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-reference-"));
  await writeFile(join(folder, "swagger-ui.css"), "a{}");
  await writeFile(join(folder, "secret.txt"), "secret");
  app = await appWith(folder);
});
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

describe("the document", () => {
  test("is there before the node is, with the version, and is asked about again by its ETag", async () => {
    const first = await get("/api-docs/openapi.json");
    expect(first.statusCode).toBe(200);
    expect(first.headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(first.headers["cache-control"]).toBe("no-cache");
    expect(first.json()).toMatchObject({ openapi: "3.1.1", info: { version: "1.2.3" } });
    const again = await get("/api-docs/openapi.json", { "if-none-match": String(first.headers.etag) });
    expect([again.statusCode, again.body]).toEqual([304, ""]);
    expect((await get("/api-docs/openapi.json", { "if-none-match": '"other"' })).statusCode).toBe(200);
  });
});

describe("the interactive reference", () => {
  test("is at the path with and without a slash, and allows scripts from files alone", async () => {
    for (const path of ["/swagger-ui", "/swagger-ui/", "/swagger-ui/index.html"]) {
      const { statusCode, headers, body } = await get(path);
      expect(statusCode, path).toBe(200);
      expect(headers["content-type"]).toBe("text/html; charset=utf-8");
      const policy = String(headers["content-security-policy"]);
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("connect-src 'self';");
      expect(policy).not.toContain("unsafe");
      expect(body).not.toMatch(/<script>|https?:/);
    }
    const { headers, body } = await get("/swagger-ui/initializer.js");
    expect(headers["content-type"]).toBe("text/javascript; charset=utf-8");
    expect(body).toContain("/api-docs/openapi.json");
  });

  test("has its own files, no others of the folder, and never the page in their place", async () => {
    expect((await get("/swagger-ui/swagger-ui.css")).body).toBe("a{}");
    for (const path of [
      "secret.txt",
      "swagger-ui-bundle.js",
      "x",
      "..%2fsecret.txt",
      "%2e%2e/secret.txt",
      "swagger-ui.css/",
    ]) {
      const { statusCode, body } = await get(`/swagger-ui/${path}`, { accept: "text/html" });
      expect(statusCode, path).toBeGreaterThanOrEqual(400);
      expect(JSON.parse(body), path).toMatchObject({ success: false, data: null });
    }
    expect((await get("/api-docs/x", { accept: "text/html" })).statusCode).toBe(404);
  });

  test("finds the files where npm put them", async () => {
    const installed = await appWith();
    const { statusCode, headers } = await installed.inject("/swagger-ui/swagger-ui-bundle.js");
    expect([statusCode, headers["content-type"]]).toEqual([200, "application/javascript; charset=utf-8"]);
    await installed.close();
  });
});
