import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MemoryLog } from "../../chain/test-kit.ts";
import { SystemClock } from "../../clock.ts";
import { openTestNode, spendingChain, type TestNode } from "../test-kit.ts";
import { createWebServer, type WebServer } from "../web/web-server.ts";
import { webNodeOf } from "../web/web-state.ts";
import { get, RawClient } from "./test-kit.ts";

let folder: string;
let node: TestNode;
let server: WebServer;
const log = new MemoryLog();

async function start(logsRequests: boolean): Promise<RawClient> {
  const listen = { host: "127.0.0.1", port: 0 };
  server = createWebServer({ listen, version: "1", logsRequests }, { clock: new SystemClock(), log });
  await server.listen();
  server.ready(webNodeOf(node));
  return RawClient.open(server.address.port);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-web-lane-"));
  node = await openTestNode(join(folder, "data"), spendingChain());
}, 60_000);

afterAll(async () => {
  await node.close();
  await rm(folder, { recursive: true, force: true });
});

const HOT = get("/api/v1/blockchain/blocks/5");
const counted = (metrics: string) =>
  /^bitfleet_http_request_duration_seconds_count\{.*route="block".*\} (\d+)$/m.exec(metrics)?.[1];

test("metrics count what the lane answers, and closing does not wait for its connections", async () => {
  const client = await start(false);
  for (let time = 0; time < 3; time++) await client.ask(HOT);
  const metrics = await (await fetch(`http://127.0.0.1:${server.address.port}/metrics`)).text();
  expect(counted(metrics)).toBe("3");
  expect(metrics).toMatch(/^bitfleet_http_requests_in_flight 1$/m);
  await server.close();
  expect(await client.closed()).toBe("");
});

test("the log has each request where it is to have them", async () => {
  const client = await start(true);
  for (let time = 0; time < 3; time++) await client.ask(HOT);
  expect(log.lines.filter((line) => line === "Request")).toHaveLength(3);
  client.socket.destroy();
  await server.close();
});
