import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@bitfleet/api/client.ts";
import { ApiError } from "@bitfleet/api/errors.ts";
import { restRoutes } from "@bitfleet/api/rest-routes.ts";
import { envelopeOf } from "@bitfleet/api/schema.ts";
import type { FastifyInstance } from "fastify";
import { Check } from "typebox/value";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { MemoryLog } from "../../chain/test-kit.ts";
import { SystemClock } from "../../clock.ts";
import { EventStream } from "../events/event-stream.ts";
import { openTestNode, type TestNode } from "../test-kit.ts";
import { createWebApp } from "./web-app.ts";
import { createWebServer } from "./web-server.ts";
import { WebState, webNodeOf } from "./web-state.ts";

const KEY = "a-key-of-the-operator";
const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const PATH = "/api/admin/mining";
const clock = new SystemClock();

let folder: string;
let node: TestNode;
let app: FastifyInstance;

const webNode = () => webNodeOf(node);

async function appWith(keys: readonly string[], isRunning = true): Promise<FastifyInstance> {
  const state = new WebState();
  if (isRunning) state.ready(webNode());
  return createWebApp(
    { version: "1", keys: keys.map((key) => ({ role: "admin", key })) },
    { clock, log: new MemoryLog(), state, events: new EventStream({}, { clock }) },
  );
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-web-mining-"));
  node = await openTestNode(folder);
}, 60_000);

beforeEach(async () => {
  node.miner.configure({ pacing: "off", intervalMs: 10_000, script: undefined });
  app = await appWith([KEY]);
});

afterAll(async () => {
  await node.close();
  await rm(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly data: Record<string, unknown> | null;
  readonly error: string | null;
}

async function put(body: unknown, headers: Record<string, string> = { "x-api-key": KEY }): Promise<Answer> {
  const isText = typeof body === "string";
  const response = await app.inject({
    method: "PUT",
    url: PATH,
    headers: { "content-type": "application/json", ...headers },
    payload: isText ? body : JSON.stringify(body),
  });
  const envelope = JSON.parse(response.body);
  expect(Check(envelopeOf(restRoutes.setMining.data), envelope)).toBe(true);
  expect(envelope.success).toBe(response.statusCode === 200);
  return { status: response.statusCode, data: envelope.data, error: envelope.error };
}

describe("the miner over HTTP", () => {
  test("is started, paced and stopped with the key", async () => {
    expect(await put({ pacing: "interval", interval_seconds: 5000, address: ADDRESS })).toMatchObject({
      status: 200,
      data: { pacing: "interval", interval_seconds: 5000, has_address: true },
    });
    expect(node.miner.status()).toMatchObject({ pacing: "interval", intervalMs: 5_000_000 });
    expect((await put({ interval_seconds: 0.5, pacing: "on-transaction" })).data).toMatchObject({
      pacing: "on-transaction",
      interval_seconds: 0.5,
    });
    expect((await put({ interval_seconds: 7 })).data).toMatchObject({ pacing: "on-transaction", interval_seconds: 7 });
    expect((await put({ pacing: "off" })).data).toMatchObject({
      pacing: "off",
      interval_seconds: 7,
      has_address: true,
    });
  });

  test("is not touched without the key, and the answer says what is missing", async () => {
    const on = { pacing: "continuous", address: ADDRESS };
    for (const headers of [{}, { "x-api-key": "" }, { authorization: KEY }, { cookie: `x-api-key=${KEY}` }]) {
      const answer = await put(on, headers);
      expect(answer).toMatchObject({ status: 401, error: "An admin key is needed, in the header X-API-Key." });
    }
    for (const wrong of [`${KEY}x`, KEY.slice(1), KEY.toUpperCase()]) {
      const { status, error } = await put(on, { "x-api-key": wrong });
      expect([status, error]).toEqual([401, "The key is not known here: it is wrong, was revoked, or has expired."]);
    }
    expect(node.miner.status().pacing).toBe("off");
  });

  test("nor where the node has no key, whatever is sent", async () => {
    app = await appWith([]);
    for (const key of ["", KEY, "undefined"]) {
      const { status, error } = await put({ pacing: "off" }, { "x-api-key": key });
      expect([status, error]).toEqual([
        403,
        'This node has no admin key, so nobody may do that; -webadminkey or "bitfleet keys add <name> --role admin" gives it one.',
      ]);
    }
  });

  test("who is refused learns nothing of the body, not even that it cannot be read", async () => {
    expect((await put("{", {})).status).toBe(401);
    expect((await put("{}", {})).status).toBe(401);
    expect((await put("x".repeat(100_000), {})).status).toBe(401);
  });

  test("refuses what it cannot do, each in a sentence", async () => {
    expect(await put({ pacing: "sometimes" })).toMatchObject({
      status: 400,
      error: "pacing must be one of interval, on-transaction, continuous, off.",
    });
    expect(await put({ pacing: "continuous" })).toMatchObject({
      status: 400,
      error: "An address is needed: where should the coins go?",
    });
    for (const body of [
      {},
      { pacing: "now" },
      { interval_seconds: 0 },
      { interval_seconds: -1 },
      { interval_seconds: 1_000_001 },
      { interval_seconds: "soon" },
      { pacing: "continuous", address: "nowhere" },
      [],
      "{",
    ]) {
      const { status, error } = await put(body);
      expect([status, error], JSON.stringify(body)).toEqual([400, expect.stringMatching(/\.$/)]);
    }
    expect((await put({ interval_seconds: 1_000_000 })).status).toBe(200);
    expect((await put("pacing=off", { "x-api-key": KEY, "content-type": "text/plain" })).status).toBe(415);
    expect((await put("<off/>", { "x-api-key": KEY, "content-type": "text/xml" })).status).toBe(415);
    expect((await put(" ".repeat(2000))).status).toBe(413);
    expect(node.miner.status().pacing).toBe("off");
  });

  test("takes a field that is known and of its type, and no other", async () => {
    for (const [body, error] of [
      [{ interval_seconds: true }, "The field interval_seconds must be a number."],
      [{ interval_seconds: "7" }, "The field interval_seconds must be a number."],
      [{ interval_seconds: null }, "The field interval_seconds must be a number."],
      [{ address: 7 }, "The field address must be a string."],
      [
        { pacing: "off", bogus: 1 },
        'The body has a field "bogus" that is not known; known are pacing, interval_seconds, address.',
      ],
      [{ __proto__x: 1 }, expect.stringContaining("is not known")],
    ] as const) {
      expect(await put(body), JSON.stringify(body)).toMatchObject({ status: 400, error });
    }
    expect(node.miner.status()).toMatchObject({ pacing: "off", intervalMs: 10_000 });
  });

  test("is changed with PUT alone, and may be read", async () => {
    for (const method of ["POST", "DELETE", "PATCH"] as const) {
      const response = await app.inject({ method, url: PATH, headers: { "x-api-key": KEY } });
      expect([response.statusCode, response.headers.allow]).toEqual([405, "GET, HEAD, PUT"]);
      expect(JSON.parse(response.body).error).toBe("That is not possible here: use GET or HEAD or PUT.");
    }
    const { headers, statusCode } = await app.inject({ method: "PUT", url: "/api/v1/mining" });
    expect([statusCode, headers.allow]).toEqual([405, "GET, HEAD"]);
  });

  test("is read by everybody, who do not learn where the coins go", async () => {
    await put({ pacing: "off", address: ADDRESS });
    const { body } = await app.inject({ method: "GET", url: "/api/v1/mining" });
    expect(JSON.parse(body).data).toMatchObject({ pacing: "off", has_address: true });
    expect(body).not.toContain(ADDRESS);
  });

  test("cannot be told anything while the node starts", async () => {
    app = await appWith([KEY], false);
    expect(await put({ pacing: "off" })).toMatchObject({ status: 503, error: "The node is starting." });
  });

  test("the typed client tells it what to do", async () => {
    const listen = { host: "127.0.0.1", port: 0 };
    const server = createWebServer(
      { listen, version: "1", keys: [{ role: "admin", key: KEY }] },
      { clock, log: new MemoryLog() },
    );
    await server.listen();
    server.ready(webNode());
    const baseUrl = `http://127.0.0.1:${server.address.port}`;
    const client = createClient({ baseUrl, apiKey: KEY });
    expect(await client.setMining({ interval_seconds: 3 })).toMatchObject({ interval_seconds: 3, pacing: "off" });
    expect((await client.mining()).interval_seconds).toBe(3);
    const refused = createClient({ baseUrl }).setMining({ interval_seconds: 4 });
    await expect(refused).rejects.toThrow(ApiError);
    await expect(refused).rejects.toMatchObject({ status: 401 });
    await server.close();
  });
});
