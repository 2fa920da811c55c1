import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { GENESIS, MemoryLog, mineMany } from "../../chain/test-kit.ts";
import { SystemClock } from "../../clock.ts";
import { ListenError } from "../listen-address.ts";
import { RpcMeter } from "../metrics/rpc-meter.ts";
import { openTestNode, type TestNode } from "../test-kit.ts";
import { ProbeServer } from "./probe-server.ts";
import { webNodeOf } from "./web-state.ts";

const clock = new SystemClock();
let folder: string;
let node: TestNode;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-probes-"));
  node = await openTestNode(join(folder, "data"), mineMany(GENESIS, 3));
}, 60_000);
afterAll(async () => {
  await node.close();
  await rm(folder, { recursive: true, force: true });
});

const serverAt = (port: number) =>
  new ProbeServer(
    { listen: { host: "127.0.0.1", port }, version: "1", watched: { places: [{ name: "data", path: folder }] } },
    { clock, log: new MemoryLog(), metricSources: [new RpcMeter()] },
  );

test("a node without a page tells how it is, and its metrics, and nothing else", async () => {
  const server = serverAt(0);
  await server.listen();
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${server.address.port}${path}`);
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  expect((await get("/health/live")).status).toBe(200);
  expect(await get("/health/ready")).toMatchObject({ status: 503, text: expect.stringContaining("is starting") });
  server.ready(webNodeOf(node));
  expect((await get("/health/ready")).status).toBe(200);
  const metrics = await get("/metrics");
  expect(metrics.text).toContain("\nbitfleet_chain_height 3\n");
  expect(metrics.text).toContain("\nbitfleet_ready 1\n");
  expect(metrics.headers.get("cache-control")).toBe("no-store");
  for (const path of ["/", "/api/v1/blockchain", "/api/v1/events"]) expect((await get(path)).status, path).toBe(404);
  await server.close();
});

test("a taken port is said in one sentence", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const server = serverAt((other.address() as { readonly port: number }).port);
  await expect(server.listen()).rejects.toThrow(ListenError);
  await server.close();
  await new Promise((resolve) => other.close(resolve));
});
