import { execFileSync } from "node:child_process";
import type { Agent } from "node:http";
import { join, resolve } from "node:path";
import { createClient } from "@bitfleet/api/client.ts";
import type { Client } from "@bitfleet/api/rest-client.ts";
import { findKubectl } from "../kubernetes/kubectl.ts";
import { Cluster } from "./cluster.ts";
import { applyText, type Manifests, readOverlay, secretTexts } from "./manifests.ts";
import type { NamespaceAgent } from "./namespace-agent.ts";
import type { Pod } from "./pod.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const BITFLEET = join(ROOT, "packages/node/bin/bitfleet");
const REQUEST_TIMEOUT_MS = 30_000;

/** Waits between probes, and before a container is started again, are a fifth of the manifests'. */
const SPEED = 5;
/** So much later than the pods' own changes come those of services and names. */
const ENDPOINT_DELAY_MS = 500;

/** The overlay for one machine as it is shipped, with secrets that the product made, after `adjust` had it. */
export async function startShipped(adjust: (manifests: Manifests) => void = () => {}): Promise<Cluster> {
  const manifests = await shippedManifests();
  adjust(manifests);
  return Cluster.start(manifests, { speed: SPEED, endpointDelayMs: ENDPOINT_DELAY_MS });
}

/** The overlay for one machine, with secrets that the product made. Throws where there is no kubectl. */
export async function shippedManifests(): Promise<Manifests> {
  const kubectl = findKubectl();
  if (kubectl === undefined) throw new Error("There is no kubectl with kustomize 5; .ci/get-deploy-tools gets one.");
  const manifests = await readOverlay(kubectl, "overlays/local");
  applyText(manifests, madeSecrets());
  return manifests;
}

/** What `bitfleet secrets` makes. */
function madeSecrets(): string {
  return execFileSync(process.execPath, [BITFLEET, "secrets", "--format", "kubernetes"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Changes a text of a ConfigMap, as somebody who operates it would; pods that start from now on see it. */
export function setConfig(manifests: Manifests, texts: Readonly<Record<string, string>>): void {
  const config = manifests.configMaps.get("blockchain-config")!;
  for (const name of Object.keys(texts)) {
    if (config.data?.[name] === undefined)
      throw new Error(`blockchain-config has no ${name}: the test would change nothing.`);
  }
  manifests.configMaps.set("blockchain-config", { ...config, data: { ...config.data, ...texts } });
}

/** How many pods a StatefulSet or a Deployment begins with, by its name. */
export function setReplicas(manifests: Manifests, replicas: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(replicas)) {
    const set = manifests.statefulSets.get(name);
    const deployment = manifests.deployments.get(name);
    if (set) manifests.statefulSets.set(name, { ...set, spec: { ...set.spec, replicas: count } });
    if (deployment) manifests.deployments.set(name, { ...deployment, spec: { ...deployment.spec, replicas: count } });
    if (!set && !deployment) throw new Error(`There is neither a StatefulSet nor a Deployment '${name}'.`);
  }
}

/** A key or another text of the deployment's Secret. */
export function secretOf(cluster: Cluster, name: string): string {
  const text = secretTexts(cluster.manifests.secrets.get("blockchain-secrets")!)[name];
  if (text === undefined) throw new Error(`blockchain-secrets has no ${name}.`);
  return text;
}

/**
 * A client outside of the cluster, with the wallet's key: of the service, or of one web server. Nothing is tried twice. `onError` hears
 * why a request had no answer, which the client does not tell.
 */
export function apiOf(
  cluster: Cluster,
  address = cluster.serviceAddress("webserver-service"),
  connections?: Agent,
  onError: (error: Error) => void = () => {},
): Client {
  return createClient({
    baseUrl: `http://${address}:8080`,
    apiKey: secretOf(cluster, "BITCOIN_API_WALLET_KEY"),
    retries: 0,
    fetch: fetchThrough(cluster.client, connections, onError),
  });
}

/** `fetch` from inside of a namespace; each call has a connection of its own where none are given. */
function fetchThrough(
  from: NamespaceAgent,
  connections: Agent | undefined,
  onError: (error: Error) => void,
): typeof fetch {
  return async (input, init = {}) => {
    const { hostname, port, pathname, search } = new URL(String(input));
    const question = {
      address: hostname,
      port: Number(port),
      path: `${pathname}${search}`,
      method: init.method ?? "GET",
      headers: Object.fromEntries(new Headers(init.headers)),
      timeoutMs: REQUEST_TIMEOUT_MS,
      ...(typeof init.body === "string" ? { body: init.body } : {}),
      ...(connections === undefined ? {} : { agent: connections }),
    };
    const answer = await from.http(question).catch((error: Error) => {
      onError(error);
      throw error;
    });
    const headers = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)]);
    return new Response(answer.body, { status: answer.status, headers });
  };
}

/** What `kubectl exec POD -- bitcoin-cli …` prints, read as JSON where it is. Rejects where it ends with an error. */
export async function rpc<Result>(pod: Pod, ...args: (string | number)[]): Promise<Result> {
  const { code, output } = await pod.exec("bitcoin-cli", ...args.map(String));
  if (code !== 0) throw new Error(`bitcoin-cli ${args.join(" ")} in ${pod.name} ended with ${code}: ${output}`);
  try {
    return JSON.parse(output) as Result;
  } catch {
    return output as Result;
  }
}

/** Waits until `look` finds something; an error of its last try is told. Rejects after `timeoutMs`. */
export async function eventually<Found>(look: () => Promise<Found | undefined>, timeoutMs = 120_000): Promise<Found> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = await look().catch((error: Error) => error);
    if (found !== undefined && !(found instanceof Error)) return found;
    if (performance.now() > deadline) throw found ?? new Error("what the test waits for did not come");
    await new Promise((resume) => setTimeout(resume, 100));
  }
}
