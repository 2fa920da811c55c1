import { expect, test } from "vitest";
import { MemoryLog } from "../../chain/test-kit.ts";
import { SystemClock } from "../../clock.ts";
import { WebState } from "../web/web-state.ts";
import {
  FREE_BYTES_LOW,
  FREE_BYTES_MIN,
  type HealthSubjects,
  LOOP_WAIT_MS_MAX,
  LOOP_WAIT_MS_SLOW,
} from "./health-checks.ts";
import { HealthMonitor } from "./health-monitor.ts";

const clock = new SystemClock();

/** A monitor of a node that runs, as far as the subjects need one; see `web-app.test.ts` for the checks of a real one. */
function monitorOf(subjects: Partial<HealthSubjects>, changes: object = {}) {
  const tip = { height: 120 };
  const node = {
    chain: { tip, bestHeader: tip, network: { name: "regtest" }, isInitialBlockDownload: false },
    indexes: { all: [] },
    mempool: { size: 3 },
    mempoolKeeper: { isLoaded: true },
    peers: () => ({ inbound: 1, outbound: 0 }),
    p2p: { addedNodes: { states: () => [] }, options: {} },
    ...changes,
  };
  const state = { node, status: "healthy", standing: {} };
  const log = new MemoryLog();
  const monitor = new HealthMonitor({ state: state as never, ...subjects }, { clock, log });
  const statusOf = (name: string) => monitor.checks().find((check) => check.name === name);
  return { monitor, statusOf, log, state };
}

const placeWith = (freeBytes: number | undefined, problem?: string) => ({
  places: [{ name: "data", path: "/data", freeBytes, problem, writeSeconds: 0.01 }],
});

test.each([
  [FREE_BYTES_LOW, "pass"],
  [FREE_BYTES_LOW - 1, "warn"],
  [FREE_BYTES_MIN, "warn"],
  [FREE_BYTES_MIN - 1, "fail"],
] as const)("with %i bytes free storage is: %s", (freeBytes, status) => {
  const { monitor, statusOf } = monitorOf({ storage: placeWith(freeBytes) });
  expect(statusOf("storage")).toMatchObject({ status });
  expect(statusOf("storage")!.detail).toContain(`${Math.floor(freeBytes / 1e6)} MB are free in /data.`);
  expect(monitor.notReady === undefined).toBe(status !== "fail");
  expect(monitor.notLive).toBeUndefined();
});

test("storage that takes no writes fails, whatever is free; the place with least is told", () => {
  const refused = monitorOf({ storage: placeWith(1e12, "No space left on the disk while writing to /data.") });
  expect(refused.monitor.notReady).toBe("No space left on the disk while writing to /data.");
  const two = { places: [...placeWith(1e12).places, ...placeWith(5e8).places] };
  expect(monitorOf({ storage: two }).statusOf("storage")).toMatchObject({ status: "warn" });
  expect(monitorOf({ storage: placeWith(undefined) }).statusOf("storage")).toMatchObject({ status: "pass" });
});

test.each([
  [LOOP_WAIT_MS_SLOW, "pass"],
  [LOOP_WAIT_MS_SLOW + 1, "warn"],
  [LOOP_WAIT_MS_MAX, "warn"],
  [LOOP_WAIT_MS_MAX + 1, "fail"],
] as const)("with %i ms to wait for the event loop it is: %s", (meanWaitMs, status) => {
  const { monitor, statusOf } = monitorOf({ loop: { meanWaitMs } });
  expect(statusOf("event-loop")).toMatchObject({ status });
  expect(monitor.notLive === undefined).toBe(status !== "fail");
});

test.each([
  [{ store: "memory" }, "pass", "Rates are counted in memory."],
  [{ store: "redis", redis: "up" }, "pass", "Rates are counted in Redis."],
  [{ store: "redis", redis: "down" }, "warn", "Redis is down: each server counts for itself."],
  [{ store: "redis", redis: "down", onFailure: "open" }, "warn", "Redis is down: nobody's rate is limited."],
  [
    { store: "redis", redis: "down", onFailure: "closed" },
    "fail",
    "Redis is down, and requests whose rate cannot be told are refused.",
  ],
] as const)("rate limits %j: %s", (store, status, detail) => {
  expect(monitorOf({ rateLimits: () => store }).statusOf("rate-limits")).toMatchObject({ status, detail });
});

test("an index that is being built turns traffic away only where routes read it", () => {
  const best = { height: 7 };
  const building = (name: string) => monitorOf({}, { indexes: { all: [{ name, isSynced: false, best }] } });
  expect(building("txindex").monitor.notReady).toBe("Being built: txindex is at height 7 of 120.");
  expect(building("basic block filter index").monitor.notReady).toBeUndefined();
  expect(building("basic block filter index").statusOf("indexes")).toMatchObject({ status: "warn" });
});

test("without peers a node alone is well, and one that is told of others degraded but ready", () => {
  const nobody = { peers: () => ({ inbound: 0, outbound: 0 }) };
  expect(monitorOf({}, nobody).statusOf("peers")).toMatchObject({ status: "pass" });
  const told = monitorOf({}, { ...nobody, p2p: { addedNodes: { states: () => [{}] }, options: {} } });
  expect(told.statusOf("peers")).toMatchObject({ status: "warn", detail: "Connected to 0 nodes." });
  const one = { peers: () => ({ inbound: 1, outbound: 0 }) };
  expect(monitorOf({}, one).statusOf("peers")).toMatchObject({ status: "pass", detail: "Connected to 1 node." });
  const connects = { addedNodes: { states: () => [] }, options: { connect: ["miner-0:2001"] } };
  expect(monitorOf({}, { ...nobody, p2p: connects }).statusOf("peers")).toMatchObject({ status: "warn" });
  expect(told.monitor.notReady).toBeUndefined();
  expect(told.monitor.overall(told.monitor.checks())).toBe("degraded");
});

test("a mempool that is still read warns", () => {
  const { monitor, statusOf } = monitorOf({}, { mempoolKeeper: { isLoaded: false } });
  expect(statusOf("mempool")).toMatchObject({ status: "warn" });
  expect(monitor.notReady).toBeUndefined();
});

test("since when a check is as it is stays until it changes, and changes are logged once", async () => {
  const loop = { meanWaitMs: 0 };
  const { monitor, statusOf, log } = monitorOf({ loop });
  const { since } = statusOf("event-loop")!;
  expect(new Date(since).toISOString()).toBe(since);
  await new Promise((resolve) => setTimeout(resolve, 2));
  expect(statusOf("event-loop")!.since).toBe(since);
  expect(log.lines).toEqual([]);
  loop.meanWaitMs = 10_000;
  const failed = statusOf("event-loop")!;
  expect(failed.since > since).toBe(true);
  expect(statusOf("event-loop")!.since).toBe(failed.since);
  expect(log.lines).toEqual(["Health"]);
  expect(monitor.overall(monitor.checks())).toBe("unhealthy");
});

test("starting and stopping come before everything else", () => {
  const state = new WebState();
  const monitor = new HealthMonitor({ state }, { clock, log: new MemoryLog() });
  expect(monitor.notReady).toBe("The node is starting.");
  expect(monitor.overall(monitor.checks())).toBe("starting");
  state.drain();
  expect(monitor.notReady).toBe("The node is stopping.");
  expect(monitor.overall(monitor.checks())).toBe("stopping");
  expect(monitor.notLive).toBeUndefined();
});

test("a chain that may not be the network's warns, and one that is not keeps traffic away", () => {
  const of = (standing: object) => {
    const { monitor, statusOf, state } = monitorOf({});
    Object.assign(state, { standing });
    return { chain: statusOf("chain"), notReady: monitor.notReady };
  };
  expect(of({ doubt: "Perhaps." })).toMatchObject({
    chain: { status: "warn", detail: "Perhaps." },
    notReady: undefined,
  });
  expect(of({ problem: "No." })).toMatchObject({ chain: { status: "fail", detail: "No." }, notReady: "No." });
});
