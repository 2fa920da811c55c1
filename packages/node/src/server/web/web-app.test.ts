import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@bitfleet/api/client.ts";
import { type RestRouteName, restRoutes } from "@bitfleet/api/rest-routes.ts";
import { envelopeOf } from "@bitfleet/api/schema.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { FastifyInstance } from "fastify";
import { Check } from "typebox/value";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MemoryLog, mine, type Tip } from "../../chain/test-kit.ts";
import { SystemClock } from "../../clock.ts";
import { EventStream } from "../events/event-stream.ts";
import { ListenError } from "../listen-address.ts";
import { openTestNode, spendingChain, type TestNode } from "../test-kit.ts";
import { createWebApp } from "./web-app.ts";
import { createWebServer } from "./web-server.ts";
import { WebState, webNodeOf } from "./web-state.ts";

const tips: readonly Tip[] = spendingChain();
const hashAt = (height: number) => displayHash(tips[height - 1]!.block.hash);
const clock = new SystemClock();

let folder: string;
let node: TestNode;
let app: FastifyInstance;

/** An application over the node; without it where the node is still starting. */
async function appOf(options: { pageFolder?: string; running?: boolean } = {}) {
  const fresh = new WebState();
  const stream = new EventStream({}, { clock });
  const made = await createWebApp(
    { version: "1.2.3", pageFolder: options.pageFolder },
    { clock, log: new MemoryLog(), state: fresh, events: stream },
  );
  const webNode = webNodeOf(node);
  if (options.running !== false) {
    fresh.ready(webNode);
    stream.follow(webNode);
  }
  return { app: made, state: fresh, events: stream };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-web-"));
  node = await openTestNode(join(folder, "data"), tips);
  await node.mempoolKeeper.load();
  ({ app } = await appOf());
}, 60_000);

afterAll(async () => {
  await app.close();
  await node.close();
  await rm(folder, { recursive: true, force: true });
});

const read = async (url: string, on: FastifyInstance = app) => {
  const response = await on.inject({ method: "GET", url });
  return { status: response.statusCode, headers: response.headers, ...JSON.parse(response.body) };
};
/** The data of an answer, checked against the route's schema. */
const dataOf = async (name: RestRouteName, url: string) => {
  const { status, success, error, data, timestamp } = await read(url);
  expect(status).toBe(200);
  expect(Check(envelopeOf(restRoutes[name].data), { success, error, data, timestamp })).toBe(true);
  expect(success).toBe(true);
  expect(new Date(timestamp).toISOString()).toBe(timestamp);
  return data;
};

describe("the chain", () => {
  test("at a glance, with true values", async () => {
    const data = await dataOf("blockchain", "/api/v1/blockchain");
    expect(data).toMatchObject({
      chain: "regtest",
      height: 120,
      total_blocks: 121,
      total_transactions: tips.reduce((sum, { block }) => sum + block.transactions.length, 1),
      mempool_size: 0,
      connected_peers: 0,
      sync: { phase: "idle", target_height: 120, percent: 100, seconds_left: null },
      last_block_hash: hashAt(120),
      last_block_timestamp: tips[119]!.block.header.time,
      difficulty: 4.6565423739069247e-10,
    });
  });

  test("in pages, the newest first, the last page shorter", async () => {
    const first = await dataOf("blocks", "/api/v1/blockchain/blocks");
    expect(first.items.map((item: { height: number }) => item.height)).toEqual(
      Array.from({ length: 10 }, (_, i) => 120 - i),
    );
    expect(first).toMatchObject({ page: 0, limit: 10, total: 121, total_pages: 13, has_next: true, has_prev: false });
    const last = await dataOf("blocks", "/api/v1/blockchain/blocks?page=1&limit=100");
    expect(last.items.map((item: { height: number }) => item.height)).toEqual(
      Array.from({ length: 21 }, (_, i) => 20 - i),
    );
    expect(last).toMatchObject({ page: 1, limit: 100, total_pages: 2, has_next: false, has_prev: true });
    const behind = await dataOf("blocks", "/api/v1/blockchain/blocks?page=5&limit=100");
    expect(behind).toMatchObject({ items: [], has_next: false, has_prev: true });
    expect((await dataOf("latestBlocks", "/api/v1/blockchain/blocks/latest?limit=3")).length).toBe(3);
  });

  test("one block, by hash and by height", async () => {
    const { block } = tips[119]!;
    const byHash = await dataOf("block", `/api/v1/blockchain/blocks/${hashAt(120)}`);
    expect(await dataOf("block", "/api/v1/blockchain/blocks/120")).toEqual(byHash);
    expect(await dataOf("block", `/api/v1/blockchain/blocks/${hashAt(120).toUpperCase()}`)).toEqual(byHash);
    expect(byHash).toMatchObject({
      hash: hashAt(120),
      previous_hash: hashAt(119),
      next_hash: null,
      height: 120,
      confirmations: 1,
      nonce: block.header.nonce,
      merkle_root: displayHash(block.header.merkleRoot),
      transaction_count: block.transactions.length,
      size_bytes: block.size,
      weight: block.weight,
      timestamp: block.header.time,
    });
    const genesis = await dataOf("block", "/api/v1/blockchain/blocks/0");
    expect(genesis).toMatchObject({
      height: 0,
      previous_hash: "0".repeat(64),
      next_hash: hashAt(1),
      confirmations: 121,
    });
  });

  test("headers, one or several, as far as the active chain goes", async () => {
    const [header] = await dataOf("headers", `/api/v1/blockchain/headers/${hashAt(119)}`);
    const { block } = tips[118]!;
    expect(header).toMatchObject({
      hash: hashAt(119),
      previous_hash: hashAt(118),
      next_hash: hashAt(120),
      height: 119,
      confirmations: 2,
      transaction_count: block.transactions.length,
      hex: Buffer.from(block.bytes.subarray(0, 80)).toString("hex"),
    });
    const heights = async (path: string) =>
      (await dataOf("headers", `/api/v1/blockchain/headers/${path}`)).map(({ height }: { height: number }) => height);
    expect(await heights("119?count=2000")).toEqual([119, 120]);
    expect(await heights("0?count=3")).toEqual([0, 1, 2]);
    expect(await heights("120")).toEqual([120]);
    for (const [path, status] of [
      ["5?count=0", 400],
      ["5?count=2001", 400],
      ["121", 404],
      ["11".repeat(32), 404],
    ] as const) {
      expect(await read(`/api/v1/blockchain/headers/${path}`)).toMatchObject({ status, success: false });
    }
  });

  test("a block's transactions, with what they spend", async () => {
    const page = await dataOf("blockTransactions", "/api/v1/blockchain/blocks/120/transactions");
    const [coinbase, split, joined] = page.items;
    expect(coinbase).toMatchObject({ is_coinbase: true, fee: null, index: 0, total_output: 5_000_000_000 });
    expect(coinbase.inputs[0]).toMatchObject({ txid: null, vout: null, prevout: null });
    expect(split).toMatchObject({ fee: 1000, is_coinbase: false, index: 1 });
    expect(split.inputs[0].prevout).toMatchObject({ value: 5_000_000_000, is_coinbase: true });
    expect(split.inputs[0].prevout.script).toMatchObject({ type: "witness_v0_keyhash" });
    expect(split.inputs[0].prevout.script.address).toMatch(/^bcrt1q/);
    expect(joined.inputs[0].txid).toBe(split.txid);
    const second = await dataOf("blockTransactions", "/api/v1/blockchain/blocks/120/transactions?page=1&limit=2");
    expect(second.items[0].txid).toBe(joined.txid);
    const genesis = await dataOf("blockTransactions", "/api/v1/blockchain/blocks/0/transactions");
    expect(genesis.items[0].outputs[0].script).toMatchObject({ type: "pubkey", address: null });
  });

  test.each([
    ["/api/v1/blockchain/blocks?limit=0", 400],
    ["/api/v1/blockchain/blocks?limit=101", 400],
    ["/api/v1/blockchain/blocks?limit=ten", 400],
    ["/api/v1/blockchain/blocks?page=-1", 400],
    ["/api/v1/blockchain/blocks?page=1e99", 400],
    ["/api/v1/blockchain/blocks?page=1e999", 400],
    ["/api/v1/blockchain/blocks?page=-Infinity", 400],
    ["/api/v1/blockchain/blocks?limit=Infinity", 400],
    ["/api/v1/blockchain/blocks?limit=NaN", 400],
    ["/api/v1/blockchain/blocks/latest?limit=1.5", 400],
    ["/api/v1/blockchain/blocks/xyz", 400],
    ["/api/v1/blockchain/blocks/-1", 400],
    [`/api/v1/blockchain/blocks/${"ab".repeat(31)}`, 400],
    ["/api/v1/blockchain/blocks/121", 404],
    [`/api/v1/blockchain/blocks/${"11".repeat(32)}`, 404],
    [`/api/v1/blockchain/blocks/${"11".repeat(32)}/transactions`, 404],
    ["/api/v1/nothing", 404],
    ["/api", 404],
    ["/api/v2/blockchain", 404],
    ["/health/nothing", 404],
    ["/api/v1/blockchain/blocks/%00", 400],
    ["/api/v1/%zz", 400],
  ])("%s is answered %i in the envelope", async (url, status) => {
    const answer = await read(url);
    expect(answer).toMatchObject({ status, success: false, data: null });
    expect(answer.error).toMatch(/^[A-Z].*\.$|^[a-z]+ .*\.$|^'.*/);
    expect(answer.headers["content-type"]).toContain("application/json");
  });

  test("where there is nothing, no method finds anything; beside the table of routes there is something to read", async () => {
    for (const method of ["POST", "PUT", "DELETE"] as const) {
      for (const url of ["/api/v1/nothing", "/api/v1/wallet", "/api/wallet/nothing", "/api", "/health/nothing"])
        expect((await app.inject({ method, url })).statusCode, `${method} ${url}`).toBe(404);
      for (const url of ["/health", "/api/health/ready", "/metrics", "/api-docs/openapi.json", "/api/v1/events"])
        expect((await app.inject({ method, url })).statusCode, `${method} ${url}`).toBe(405);
    }
  });

  test("only reading is possible", async () => {
    for (const method of ["POST", "PUT", "DELETE", "PATCH"] as const) {
      const response = await app.inject({ method, url: "/api/v1/blockchain" });
      expect(response.statusCode).toBe(405);
      expect(response.headers.allow).toBe("GET, HEAD");
    }
    expect((await app.inject({ method: "HEAD", url: "/api/v1/blockchain" })).statusCode).toBe(200);
  });
});

test("the miner: what it does, and what it found", async () => {
  const off = {
    pacing: "off",
    interval_seconds: 10,
    miners: 1,
    hashes_per_second: 0,
    found_blocks: 0,
    stale_blocks: 0,
    has_address: false,
    has_network: false,
    has_faucet: false,
  };
  expect(await dataOf("mining", "/api/v1/mining")).toEqual(off);
  node.miner.configure({ intervalMs: 2500 });
  expect(await dataOf("mining", "/api/v1/mining")).toEqual({ ...off, interval_seconds: 2.5 });
});

describe("health", () => {
  test.each(["", "/api"])("of a running node, under %j", async (prefix) => {
    expect(await read(`${prefix}/health/live`)).toMatchObject({ status: 200, data: "alive" });
    expect(await read(`${prefix}/health/ready`)).toMatchObject({ status: 200, data: "ready" });
    const { data } = await read(`${prefix}/health`);
    expect(data).toMatchObject({ status: "healthy", version: "1.2.3", blockchain_height: 120, connected_peers: 0 });
    expect(data.memory_usage_mb).toBeGreaterThan(10);
  });

  test("of a starting node: alive, not ready, nothing to read", async () => {
    const starting = await appOf({ running: false });
    expect((await read("/health/live", starting.app)).status).toBe(200);
    expect(await read("/health/ready", starting.app)).toMatchObject({ status: 503, error: "The node is starting." });
    expect((await read("/health", starting.app)).data.status).toBe("starting");
    for (const url of ["/api/v1/blockchain", "/api/v1/blockchain/blocks", "/api/v1/events"]) {
      expect((await read(url, starting.app)).status).toBe(503);
    }
    await starting.app.close();
  });

  test("of an empty and of a draining node: not ready", async () => {
    const empty = await openTestNode(join(folder, "empty"));
    const fresh = new WebState();
    fresh.ready(webNodeOf({ ...node, chain: empty.chain }));
    expect(fresh.standing).toEqual({ problem: "The node has no block but the first yet." });
    await empty.close();
    const draining = await appOf();
    draining.state.drain();
    expect(await read("/health/ready", draining.app)).toMatchObject({ status: 503, error: "The node is stopping." });
    expect((await read("/health/live", draining.app)).status).toBe(200);
    await draining.app.close();
  });
});

describe("the page", () => {
  test("is strict about what it may load", async () => {
    const { headers } = await app.inject({ method: "GET", url: "/" });
    const policy = String(headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe-eval");
    expect(policy).not.toContain("upgrade-insecure-requests");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["strict-transport-security"]).toBeUndefined();
  });

  test("that is not built says how to build it", async () => {
    const response = await app.inject({ method: "GET", url: "/", headers: { accept: "text/html" } });
    expect(response.statusCode).toBe(503);
    expect(response.body).toContain("npm run build");
  });

  test("that is built answers its own paths, and no others", async () => {
    const pageFolder = join(folder, "dist");
    await mkdir(join(pageFolder, "assets"), { recursive: true });
    await writeFile(join(pageFolder, "index.html"), "<!doctype html><title>page</title>");
    await writeFile(join(pageFolder, "assets", "main-abc.js"), "export {};");
    await writeFile(join(folder, "secret.txt"), "secret");
    const built = await appOf({ pageFolder });
    const page = async (url: string, accept = "text/html") =>
      built.app.inject({ method: "GET", url, headers: { accept } });
    for (const url of ["/", "/blocks/5", "/blocks?page=3", "/wallet/my.shop"]) {
      const response = await page(url);
      expect(response.statusCode).toBe(200);
      expect(response.body).toContain("<title>page</title>");
      expect(response.headers["cache-control"]).toBe("no-cache");
    }
    const script = await page("/assets/main-abc.js", "*/*");
    expect(script.headers["content-type"]).toContain("javascript");
    expect(script.headers["cache-control"]).toContain("immutable");
    expect((await page("/assets/gone.js", "*/*")).statusCode).toBe(404);
    expect((await page("/blocks/5", "application/json")).statusCode).toBe(404);
    expect((await page("/api/nothing")).statusCode).toBe(404);
    for (const url of ["/esplora", "/esplora/", "/esplora/nothing"])
      expect(await page(url)).toMatchObject({ statusCode: 404, body: "endpoint does not exist" });
    for (const url of [
      "/../secret.txt",
      "/%2e%2e/secret.txt",
      "/assets/..%2f..%2fsecret.txt",
      "/assets//../../secret.txt",
    ]) {
      expect((await page(url)).body).not.toContain("secret\n");
      expect((await page(url)).body).not.toBe("secret");
    }
    await built.app.close();
  });
});

describe("over a socket", () => {
  test("live events follow the chain, the typed client reads it, and closing ends both", async () => {
    const server = createWebServer(
      { listen: { host: "127.0.0.1", port: 0 }, version: "1.2.3" },
      { clock, log: new MemoryLog() },
    );
    await server.listen();
    server.ready(webNodeOf(node));
    const baseUrl = `http://127.0.0.1:${server.address.port}`;
    let text = "";
    const ended = new Promise<void>((resolve) => {
      get(`${baseUrl}/api/v1/events`, (response) => {
        expect(response.statusCode).toBe(200);
        expect(response.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
        expect(response.headers["cache-control"]).toBe("no-store");
        response.on("data", (part) => {
          text += part.toString();
        });
        response.on("close", resolve);
      });
    });
    await expect.poll(() => text).toContain("event: hello");
    expect(text).toContain(`"hash":"${hashAt(120)}"`);

    const next = mine(tips[119]!, { salt: 77 });
    await node.chain.submitBlock(next.block);
    const hash = displayHash(next.block.hash);
    await expect.poll(() => text).toContain("event: tip-changed");
    const fields = `"height":121,"hash":"${hash}","timestamp":${next.block.header.time},"transaction_count":1}`;
    for (const name of ["block-connected", "tip-changed"]) {
      expect(text).toMatch(
        new RegExp(`event: ${name}\nid: (\\S+)\ndata: {"type":"${name}","cursor":"\\1",${fields}\n\n`),
      );
    }

    const client = createClient({ baseUrl });
    expect((await client.blockchain()).last_block_hash).toBe(hash);
    expect((await client.blocks({ page: 1, limit: 5 })).items[0]!.height).toBe(116);
    expect((await client.block({ block: hash })).height).toBe(121);
    expect((await client.blockTransactions({ block: "121", limit: 1 })).items.length).toBe(1);
    await expect(client.block({ block: "999" })).rejects.toThrow("There is no block at height 999.");

    await node.chain.invalidateBlock(next.block.hash);
    await expect.poll(() => text).toContain("event: block-disconnected");
    await server.close();
    await ended;
  });

  test("a taken port is said in one sentence", async () => {
    const options = { version: "1", listen: { host: "127.0.0.1", port: 0 } };
    const deps = { clock, log: new MemoryLog() };
    const first = createWebServer(options, deps);
    await first.listen();
    const second = createWebServer({ ...options, listen: first.address }, deps);
    await expect(second.listen()).rejects.toThrow(ListenError);
    await first.close();
  });
});
