import { Resolver } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { printable } from "../../telemetry.ts";
import { askHealth } from "./ask-health.ts";

const ANSWER_TIMEOUT_MS = 3_000;
const PAUSE_MS = 500;
const REPORT_EVERY_MS = 10_000;
/** After that it goes on by itself: a set whose first node is gone for good would never start again. */
const WAIT_MS_MAX = 120_000;
const QUERY_TIMEOUT_MS = 1_000;

/** The node that another one waits for. */
export interface EarlierNode {
  readonly name: string;
  readonly host: string;
  /** Of its health. */
  readonly port: number;
}

/** What the waiting itself needs. */
export interface WaitingDependencies {
  /** Why the node is not ready; `undefined` where it is. Rejects where the signal ends it. */
  readonly ask: (signal: AbortSignal) => Promise<string | undefined>;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly nowMs: () => number;
  /** Takes one line for the operator. */
  readonly say: (line: string) => void;
}

/** Waits until the node is ready, and tells why it waits. Whether it is: `false` after the longest wait. Rejects where `signal` ends it. */
export async function waitForEarlier(
  { name, host, port }: EarlierNode,
  { ask, pause, nowMs, say }: WaitingDependencies,
  signal: AbortSignal,
): Promise<boolean> {
  const startedMs = nowMs();
  let nextReportMs = 0;
  for (;;) {
    const problem = await ask(signal);
    const waitedMs = nowMs() - startedMs;
    if (problem === undefined) {
      say(`${name} is ready after ${Math.round(waitedMs / 1000)} s`);
      return true;
    }
    if (waitedMs >= WAIT_MS_MAX) return false;
    if (waitedMs >= nextReportMs) {
      say(
        `Waiting for ${name} (http://${host}:${port}/health/ready), ${Math.round(waitedMs / 1000)} s so far: ${printable(problem.split("\n", 1)[0]!)}`,
      );
      nextReportMs = waitedMs + REPORT_EVERY_MS;
    }
    await pause(PAUSE_MS, signal);
  }
}

/** What the operator is told who sees a node start without the one before it. */
export const waitedInVain = ({ name }: EarlierNode) =>
  `${name} is not ready after ${WAIT_MS_MAX / 1000} s; this node starts without it, and connects when it can (SEQUENTIAL_STARTUP).`;

/** Asks over HTTP, by real time. */
export function realWaiting(
  node: EarlierNode,
  say: (line: string) => void,
  servers?: readonly string[],
): WaitingDependencies {
  const question = { ...node, path: "/health/ready", timeoutMs: ANSWER_TIMEOUT_MS, lookup: lookupBy(servers) } as const;
  return {
    ask: (signal) => askHealth(question, signal),
    pause: (ms, signal) => pause(ms, undefined, { signal }),
    nowMs: () => performance.now(),
    say,
  };
}

/** Not the system's own way, whose lookups cannot be ended: with a resolver that is silent the process would hang at its end. */
function lookupBy(servers: readonly string[] | undefined): LookupFunction {
  return (host, options, callback) => {
    const resolver = new Resolver({ timeout: QUERY_TIMEOUT_MS, tries: 2 });
    if (servers !== undefined) resolver.setServers(servers);
    const ask =
      isIP(host) !== 0 ? Promise.resolve([host]) : resolver.resolve4(host).catch(() => resolver.resolve6(host));
    ask.then(
      (addresses) => {
        const all = addresses.map((address) => ({ address, family: isIP(address) }));
        if (options.all) callback(null, all);
        else callback(null, all[0]!.address, all[0]!.family);
      },
      (error) => callback(error, "", 0),
    );
  };
}
