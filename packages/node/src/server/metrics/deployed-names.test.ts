import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { GENESIS, MemoryLog, mineMany } from "../../chain/test-kit.ts";
import { SystemClock } from "../../clock.ts";
import { openTestNode, type TestNode } from "../test-kit.ts";
import { createWebServer, type WebServer } from "../web/web-server.ts";
import { webNodeOf } from "../web/web-state.ts";
import { RpcMeter } from "./rpc-meter.ts";

/** The dashboard and the alerts that are shipped, against the metrics of a node. */

const DEPLOY = resolve(import.meta.dirname, "../../../../../deploy");
const readDeployed = (path: string) => readFileSync(join(DEPLOY, path), "utf8");

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
}
interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
}

/** As Grafana has it: not a template of ours. */
const CHOSEN = ["$", "{datasource}"].join("");

const clock = new SystemClock();
let folder: string;
let node: TestNode;
let server: WebServer;
/** Names of series, as the node tells them. */
let told: ReadonlySet<string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-names-"));
  node = await openTestNode(join(folder, "data"), mineMany(GENESIS, 3));
  const rpcMeter = new RpcMeter();
  rpcMeter.count("getblockcount", 0.001, false);
  const place = { name: "data", path: folder };
  server = createWebServer(
    {
      version: "1",
      listen: { host: "127.0.0.1", port: 0 },
      watched: { places: [place], sizes: { chainstate: join(folder, "data", "chainstate") } },
    },
    { clock, log: new MemoryLog(), metricSources: [rpcMeter] },
  );
  await server.listen();
  // What a test node has none of: an index, a thread, a peer and its messages.
  const tip = node.chain.tip;
  const index = { name: "txindex", isSynced: true, best: tip };
  node.p2p.messageTraffic.count("sent", "ping", 32);
  server.ready(
    webNodeOf({
      ...node,
      indexes: { ...node.indexes, all: [index] },
      scripts: { workerCount: 2, waitingBatchCount: 0 },
    }),
  );
  const url = `http://127.0.0.1:${server.address.port}`;
  await (await fetch(`${url}/api/v1/blockchain`)).text();
  const text = await vi.waitFor(async () => {
    const found = await (await fetch(`${url}/metrics`)).text();
    const isLookedAt = ["free_bytes", "write_seconds", "database_bytes"].every((name) =>
      found.includes(`bitfleet_storage_${name}`),
    );
    if (!isLookedAt) throw new Error("the disk was not looked at yet");
    return found;
  }, 50_000);
  told = new Set(text.split("\n").map((line) => /^[a-z_:0-9]+/i.exec(line)?.[0] ?? ""));
}, 60_000);

afterAll(async () => {
  await server.close();
  await node.close();
  await rm(folder, { recursive: true, force: true });
});

/** Only there while peers are connected. */
const OF_PEERS: ReadonlySet<string> = new Set(["bitfleet_peer_connections"]);

/** Metrics that an expression names. */
const namesIn = (expression: string) =>
  [...expression.matchAll(/\b(bitfleet|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => name);

/** Names that expressions have and the node does not tell. */
function unknownNames(expressions: readonly string[]): readonly string[] {
  const names = new Set(expressions.flatMap(namesIn));
  expect(names.size).toBeGreaterThan(10);
  return [...names].filter((name) => !told.has(name) && !OF_PEERS.has(name));
}

test("every panel of the dashboard shows metrics that there are, from the data source that is chosen", () => {
  const { panels, templating } = JSON.parse(readDeployed("grafana/bitfleet-node.json")) as Dashboard;
  expect(templating.list.map(({ name }) => name)).toEqual(["datasource", "job", "instance"]);
  const drawn = panels.filter(({ type }) => type !== "row");
  const targets = drawn.flatMap((panel) => panel.targets ?? []);
  expect(unknownNames(targets.map(({ expr }) => expr))).toEqual([]);
  for (const { datasource } of targets) expect(datasource.uid).toBe(CHOSEN);
  for (const { expr } of targets) expect(expr).toContain('instance=~"$instance"');
  for (const { gridPos, title } of panels) expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
});

test("every metric that is ours is on the dashboard", () => {
  const shown = new Set(namesIn(readDeployed("grafana/bitfleet-node.json")).map(familyOf));
  const own = [...told].filter((name) => name.startsWith("bitfleet_")).map(familyOf);
  expect([...new Set(own)].filter((name) => !shown.has(name))).toEqual([]);
});

const familyOf = (name: string) => name.replace(/_(bucket|sum|count)$/, "");

test("every alert asks for metrics that there are, and says what it is about", () => {
  const text = readDeployed("prometheus/alerts.yaml");
  const alerts = text.split(/^ {6}- alert: /m).slice(1);
  expect(alerts.length).toBeGreaterThan(12);
  const expressions = alerts.map((alert) => /\n {8}expr: (>-\n(?: {10}.*\n)+|.*\n)/.exec(alert)?.[1] ?? "");
  expect(unknownNames(expressions)).toEqual([]);
  for (const alert of alerts) {
    expect(alert).toMatch(/^Bitfleet[A-Z]\w+\n/);
    for (const part of ["severity: ", "summary: ", "description: "]) expect(alert).toContain(part);
  }
});

test("the autoscaler of Kubernetes and the rule that makes its metric ask for metrics that there are", () => {
  const rule = readDeployed("kubernetes/components/requests-per-second/adapter-values.example.yaml");
  const asked = namesIn(rule).filter((name) => name !== "bitfleet_http_requests_per_second");
  expect(asked.length).toBeGreaterThan(1);
  expect(asked.filter((name) => !told.has(name))).toEqual([]);
  const autoscaler = readDeployed("kubernetes/components/requests-per-second/kustomization.yaml");
  const [name] = namesIn(autoscaler);
  expect(rule).toContain(`as: ${name}\n`);
});

test("Prometheus takes the rules and the example, and the alerts fire when they should", (context) => {
  const check = (...args: string[]) =>
    execFileSync("promtool", args, { cwd: join(DEPLOY, "prometheus"), stdio: "pipe" });
  try {
    check("--version");
  } catch {
    console.warn("SKIPPED: the rules of Prometheus are checked where promtool is");
    context.skip();
  }
  check("check", "rules", "alerts.yaml");
  check("check", "config", "prometheus.yaml");
  check("test", "rules", "alerts.test.yaml");
});
