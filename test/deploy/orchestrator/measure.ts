/**
 * What a cluster costs, measured with the shipped manifests as pods: `npx tsx test/deploy/orchestrator/measure.ts [height …]`, as root on
 * Linux. At each height (default 1,000 and 20,000): from nothing to all pods ready, from a scale-up to a web server that is ready,
 * with medians of several runs, and memory of each pod. Probes are as often as the manifests say.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { Cluster } from "./cluster.ts";
import { missingForPods } from "./namespaces.ts";
import type { Pod } from "./pod.ts";
import { rpc, setConfig, shippedManifests } from "./shipped.ts";

const HEIGHTS = [1_000, 20_000];
const RUNS = 5;
const SETTLE_TIMEOUT_MS = 900_000;
const WEB = "Deployment/webserver";
const MIB = 1 << 20;

async function measure(height: number): Promise<void> {
  const manifests = await shippedManifests();
  setConfig(manifests, { MINER_MINING_FIRST_BLOCKS: String(height), MINER_MINING_INTERVAL_SECONDS: "86400" });
  const beganMs = performance.now();
  const cluster = await Cluster.start(manifests, { speed: 1, endpointDelayMs: 500 });
  try {
    await cluster.settled(undefined, SETTLE_TIMEOUT_MS);
    const readyMs = new Map(
      cluster.events.filter(({ what }) => what === "ready").map(({ pod, atMs }) => [pod, atMs - beganMs]),
    );
    console.log(`\nheight ${height.toLocaleString("en")}`);
    for (const pod of cluster.pods())
      console.log(`  ${pod.name} ready ${seconds(readyMs.get(pod.name)!)} after the cluster's start`);
    await everywhereAt(cluster, height);
    const scaled: number[] = [];
    const replicas = cluster.pods(WEB).length;
    for (let run = 0; run < RUNS; run++) {
      scaled.push(await scaleUp(cluster, replicas, height));
      cluster.scale(WEB, replicas);
      await cluster.settled([WEB], SETTLE_TIMEOUT_MS);
    }
    console.log(`  scale-up to ready: median ${seconds(median(scaled))} of ${scaled.map(seconds).join(", ")}`);
    for (const pod of cluster.pods()) {
      const { residentBytes, proportionalBytes } = memoryOf(pod);
      const text = `${(residentBytes / MIB).toFixed(0)} MiB resident, ${(proportionalBytes / MIB).toFixed(0)} MiB its fair part`;
      console.log(`  ${pod.name}: ${text}`);
    }
  } finally {
    await cluster.close();
  }
}

/** Milliseconds from the order to the new web server's being ready. */
async function scaleUp(cluster: Cluster, replicas: number, height: number): Promise<number> {
  const before = new Set(cluster.pods(WEB).map(({ name }) => name));
  const ready = new Promise<number>((resolve) => {
    const end = cluster.watch(({ pod, what, atMs }) => {
      if (what !== "ready" || before.has(pod)) return;
      end();
      resolve(atMs);
    });
  });
  const beganMs = performance.now();
  cluster.scale(WEB, replicas + 1);
  const tookMs = (await ready) - beganMs;
  const added = cluster.pods(WEB).find(({ name }) => !before.has(name))!;
  const own = await rpc<number>(added, "getblockcount");
  if (own !== height) throw new Error(`${added.name} was ready at height ${own}; the chain is at ${height}.`);
  return tookMs;
}

async function everywhereAt(cluster: Cluster, height: number): Promise<void> {
  for (const pod of cluster.pods()) {
    if (pod.name.startsWith("redis")) continue;
    while ((await rpc<number>(pod, "getblockcount")) < height) await new Promise((resume) => setTimeout(resume, 500));
  }
}

/** What the processes of a pod's first container have in memory, and their fair part of what they share with others. */
function memoryOf(pod: Pod): { residentBytes: number; proportionalBytes: number } {
  const namespaceOf = (id: string | number) => {
    try {
      return readlinkSync(`/proc/${id}/ns/pid`);
    } catch {
      return undefined;
    }
  };
  const wanted = namespaceOf(pod.processId!);
  const memory = { residentBytes: 0, proportionalBytes: 0 };
  for (const id of readdirSync("/proc").filter((name) => /^\d+$/.test(name) && namespaceOf(name) === wanted)) {
    const text = readFileSync(`/proc/${id}/smaps_rollup`, "utf8");
    const bytesOf = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0) * 1024;
    memory.residentBytes += bytesOf("Rss");
    memory.proportionalBytes += bytesOf("Pss");
  }
  return memory;
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const seconds = (timeMs: number) => `${(timeMs / 1000).toFixed(1)} s`;

const missing = missingForPods();
if (missing !== undefined) {
  console.error(`Nothing can be measured here: ${missing}.`);
  process.exit(1);
}
const heights = process.argv.length > 2 ? process.argv.slice(2).map(Number) : HEIGHTS;
for (const height of heights) await measure(height);
