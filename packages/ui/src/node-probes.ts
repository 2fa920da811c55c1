import { textWithin } from "@bitfleet/api/bounded-answer.ts";
import type { HEALTH_PATHS, Health } from "@bitfleet/api/rest/health.ts";
import { networkFetch } from "./network-scope.ts";
import { nodeAddress } from "./node-address.ts";

/** What a node answers outside of its table of routes, open to everybody: how it is, whether it takes traffic, its metrics. */

/** Stated here too, held to the table by the compiler: its schemas stay out of the page. */
const PATHS: typeof HEALTH_PATHS = { health: "/health", live: "/health/live", ready: "/health/ready" };

/** Bytes of an answer: metrics of a busy node are some 100 kB. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024;

/** A probe's answer: its status code says the same to machines. */
export interface Probe {
  readonly isGood: boolean;
  /** "ready", or why not. */
  readonly text: string;
}

/** The health of the node with every check. Rejects where it does not answer. */
export async function askHealth(signal: AbortSignal): Promise<Health> {
  const response = await networkFetch()(nodeAddress + PATHS.health, { signal });
  return (JSON.parse(await textWithin(response, ANSWER_BYTES_MAX)) as { readonly data: Health }).data;
}

/** Whether the process is alive, or takes traffic, as an orchestrator is told. */
export async function askProbe(name: "live" | "ready", signal: AbortSignal): Promise<Probe> {
  const response = await networkFetch()(nodeAddress + PATHS[name], { signal });
  const { data, error } = JSON.parse(await textWithin(response, ANSWER_BYTES_MAX)) as {
    readonly data: string | null;
    readonly error: string | null;
  };
  return { isGood: response.ok, text: error ?? data ?? "" };
}

/** The metrics as Prometheus reads them. */
export async function askMetrics(signal: AbortSignal): Promise<string> {
  const response = await networkFetch()(`${nodeAddress}/metrics`, { signal });
  if (!response.ok) throw new Error(`The node answered with status ${response.status}.`);
  return textWithin(response, ANSWER_BYTES_MAX);
}
