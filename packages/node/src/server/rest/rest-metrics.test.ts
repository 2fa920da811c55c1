import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { GENESIS, KEY_SCRIPT, MemoryLog, mineMany, rewardOf, spend } from "../../chain/test-kit.ts";
import { SystemClock } from "../../clock.ts";
import { EventStream } from "../events/event-stream.ts";
import { openTestNode, type TestNode } from "../test-kit.ts";
import { createWebApp } from "../web/web-app.ts";
import { WebState, webNodeOf } from "../web/web-state.ts";

const clock = new SystemClock();
const tips = mineMany(GENESIS, 102);
const state = new WebState();

let folder: string;
let node: TestNode;
let app: FastifyInstance;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-metrics-"));
  node = await openTestNode(folder, tips);
  app = await createWebApp(
    { version: "1.2.3" },
    { clock, log: new MemoryLog(), state, events: new EventStream({}, { clock }) },
  );
}, 60_000);

afterAll(async () => {
  await app.close();
  await node.close();
  await rm(folder, { recursive: true, force: true });
});

/** Every sample by its name and labels; names of metrics that are described or typed twice, or not at all, fail. */
async function samples(): Promise<Map<string, number>> {
  const response = await app.inject({ method: "GET", url: "/metrics" });
  expect(response.statusCode).toBe(200);
  expect(response.headers["content-type"]).toContain("text/plain; version=0.0.4");
  expect(response.headers["cache-control"]).toBe("no-store");
  const lines = response.body.split("\n").filter((line) => line !== "");
  const described = lines.filter((line) => line.startsWith("# HELP ")).map((line) => line.split(" ")[2]!);
  const typed = lines.filter((line) => line.startsWith("# TYPE ")).map((line) => line.split(" ")[2]!);
  expect(new Set(described).size).toBe(described.length);
  expect(typed.toSorted()).toEqual(described.toSorted());
  // As promtool checks it.
  expect(lines.filter((line) => /^# TYPE \S+_total (?!counter$)/.test(line))).toEqual([]);
  const values = lines.filter((line) => !line.startsWith("#"));
  return new Map(
    values.map((line) => {
      const [, name, value] = /^(\S+|\S+\{.*\}) (\S+)$/.exec(line) ?? [];
      expect(name, line).toBeDefined();
      expect(Number(value), line).not.toBeNaN();
      return [name!, Number(value)];
    }),
  );
}

test("a node that starts tells of its process alone, and no zeros of what it does not know", async () => {
  const found = await samples();
  expect(found.get("process_resident_memory_bytes")).toBeGreaterThan(1e6);
  expect(found.has("nodejs_eventloop_lag_seconds")).toBe(true);
  expect(found.get("bitfleet_ready")).toBe(0);
  expect([...found.keys()].filter((name) => /^bitfleet_(info|chain|coins|mempool|peer|p2p|miner)/.test(name))).toEqual(
    [],
  );
});

test("looks that follow each other at once have numbers alone: a mean of no samples is left out", async () => {
  for (let look = 0; look < 5; look++) expect((await samples()).size).toBeGreaterThan(10);
});

test("handles and requests are never listed: to list one that closes aborts the process", async () => {
  const internals = process as unknown as Record<"_getActiveHandles" | "_getActiveRequests", () => unknown[]>;
  const lists = (["_getActiveHandles", "_getActiveRequests"] as const).map((name) => vi.spyOn(internals, name));
  const found = await samples();
  for (const list of lists) {
    expect(list).not.toHaveBeenCalled();
    list.mockRestore();
  }
  const names = [...found.keys()].filter((name) => name.startsWith("nodejs_active_"));
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => !/^nodejs_active_resources\{type="[^"]+"\}$/.test(name))).toEqual([]);
});

test("chain, mempool, peers and miner, as they are at each look", async () => {
  state.ready(webNodeOf(node));
  const before = await samples();
  expect(Object.fromEntries([...before].filter(([name]) => /^bitfleet/.test(name)))).toMatchObject({
    'bitfleet_info{version="1.2.3",network="regtest"}': 1,
    bitfleet_chain_height: 102,
    bitfleet_chain_headers_height: 102,
    bitfleet_chain_tip_timestamp_seconds: tips[101]!.block.header.time,
    bitfleet_chain_transactions: 103,
    bitfleet_chain_difficulty: 4.6565423739069247e-10,
    bitfleet_chain_initial_block_download: Number(node.chain.isInitialBlockDownload),
    bitfleet_mempool_transactions: 0,
    bitfleet_mempool_virtual_bytes: 0,
    bitfleet_mempool_min_feerate_sat_per_kvb: Number(node.mempool.minFeerateSatPerKvb),
    'bitfleet_peers{direction="inbound"}': 0,
    'bitfleet_peers{direction="outbound"}': 0,
    bitfleet_miner_hashes_total: 0,
    bitfleet_miner_blocks_found_total: 0,
    bitfleet_miner_blocks_stale: 0,
    bitfleet_miner_hashrate: 0,
    bitfleet_miner_interval_seconds: 10,
    bitfleet_miner_miners: 1,
    'bitfleet_miner_pacing{pacing="off"}': 1,
    'bitfleet_miner_pacing{pacing="interval"}': 0,
  });

  const tx = spend([rewardOf(tips[0]!)]);
  expect(await node.mempool.accept(tx)).toMatchObject({ kind: "accepted" });
  const waiting = await samples();
  expect(waiting.get("bitfleet_mempool_transactions")).toBe(1);
  expect(waiting.get("bitfleet_mempool_virtual_bytes")).toBe(tx.virtualSize);
  expect(waiting.get("bitfleet_mempool_usage_bytes")).toBeGreaterThan(tx.size);

  node.miner.configure({ pacing: "continuous", script: KEY_SCRIPT });
  while (node.miner.status().foundCount < 2) await new Promise((resume) => setTimeout(resume, 5));
  node.miner.configure({ pacing: "off" });
  await node.chain.invalidateBlock(node.chain.blockAt(104)!.hash);
  const after = await samples();
  const { foundCount, staleCount } = node.miner.status();
  expect(after.get("bitfleet_miner_blocks_found_total")).toBe(foundCount);
  expect(after.get("bitfleet_miner_blocks_stale")).toBe(staleCount);
  expect(staleCount).toBeGreaterThanOrEqual(1);
  expect(after.get("bitfleet_chain_height")).toBe(103);
  // One block at least was taken back, and all that were found had been connected.
  expect(after.get("bitfleet_chain_reorg_depth_blocks_count")).toBe(1);
  expect(after.get("bitfleet_chain_reorg_depth_blocks_sum")).toBe(staleCount);
  expect(after.get("bitfleet_chain_block_connect_seconds_count")).toBe(foundCount);
  expect(before.get("bitfleet_chain_block_connect_seconds_count")).toBe(0);
  expect(after.get("bitfleet_coins_cache_entries")).toBeGreaterThan(100);
  const coinbases = after.get('bitfleet_coins_lookups_total{result="hit"}')!;
  expect(coinbases).toBeGreaterThan(before.get('bitfleet_coins_lookups_total{result="hit"}')!);
  expect(
    after.get('bitfleet_http_request_duration_seconds_count{route="/metrics",method="GET",status="2xx"}'),
  ).toBeGreaterThan(2);
  expect(after.get('bitfleet_health_check{check="chain"}')).toBe(0);
  expect(after.get("bitfleet_mempool_transactions")).toBe(0);
});
