import { createHash } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { serviceLinks } from "./container-environment.ts";
import { stepOfDeployment } from "./deployment.ts";
import { resolverFile, zoneOf } from "./dns-zone.ts";
import { checkService, type Endpoints, endpointsOf, isHeadless } from "./endpoints.ts";
import type { Deployment, PodTemplate, StatefulSet } from "./kubernetes-types.ts";
import type { Manifests } from "./manifests.ts";
import { bundleAgent, NamespaceAgent } from "./namespace-agent.ts";
import { ClusterNetwork, removeLeftovers } from "./namespaces.ts";
import { Pod } from "./pod.ts";
import { type PodState, stepOfStatefulSet } from "./stateful-set.ts";
import { refusalsOf, rulesetOf, type TrafficPod } from "./traffic-rules.ts";

const CLUSTER_DOMAIN = "cluster.local";
const DNS_ADDRESS = "10.96.0.10";
const DNS_POD: TrafficPod = {
  address: "10.244.255.53",
  namespace: "kube-system",
  labels: { "k8s-app": "kube-dns" },
  portNames: { dns: 53, "dns-tcp": 53 },
};
/** Somebody outside of the cluster, who knows the addresses of its services. */
const CLIENT_ADDRESS = "203.0.113.10";
const NODE_ADDRESS = "169.254.1.1";
const RECONCILE_MS = 100;

export interface ClusterOptions {
  /** By how much waits of probes and back-offs are shorter than the manifests say, apart from liveness probes. */
  readonly speed: number;
  /** How long after a pod is ready, or is to end, services and names follow: in a cluster that is never at once. */
  readonly endpointDelayMs: number;
}

export interface ClusterEvent {
  readonly pod: string;
  readonly what: string;
  readonly atMs: number;
}

type Workload = StatefulSet | Deployment;

let clusters = 0;

/** A cluster of one node without Kubernetes: controllers, services, names and policies over pods that are processes. */
export class Cluster {
  readonly manifests: Manifests;
  readonly events: ClusterEvent[] = [];
  /** Opens connections from outside of the cluster. */
  readonly client: NamespaceAgent;
  readonly #options: ClusterOptions;
  readonly #network: ClusterNetwork;
  readonly #folder: string;
  readonly #node: NamespaceAgent;
  readonly #dns: NamespaceAgent;
  readonly #addresses = new Map<string, string>();
  readonly #pods = new Map<string, { pod: Pod; namespace: string; availableSince: number }>();
  readonly #timer: NodeJS.Timeout;
  readonly #delayed = new Set<NodeJS.Timeout>();
  readonly #watchers = new Set<(event: ClusterEvent) => void>();
  #cuts: [string, string][] = [];
  #endpoints: Endpoints = { balanced: [], named: [] };
  #podsMade = 0;
  #rulesAreDue = false;
  #isClosing = false;

  private constructor(
    manifests: Manifests,
    options: ClusterOptions,
    network: ClusterNetwork,
    folder: string,
    agents: readonly [NamespaceAgent, NamespaceAgent, NamespaceAgent],
  ) {
    this.manifests = manifests;
    this.#options = options;
    this.#network = network;
    this.#folder = folder;
    [this.#node, this.client, this.#dns] = agents;
    let next = 20;
    for (const service of manifests.services.values()) {
      checkService(service);
      if (!isHeadless(service)) this.#addresses.set(service.metadata.name, `10.96.0.${next++}`);
    }
    this.#publish(this.#endpointsNow());
    this.#timer = setInterval(() => this.#reconcile(), RECONCILE_MS);
    this.#reconcile();
  }

  /** Starts everything that the manifests say, and returns at once; {@link settled} waits. */
  static async start(manifests: Manifests, options: ClusterOptions): Promise<Cluster> {
    removeLeftovers();
    const network = new ClusterNetwork(++clusters);
    const folder = network.makeFolder();
    mkdirSync(join(folder, "claims"));
    const bundle = bundleAgent(folder);
    const [client, dns] = [network.add(CLIENT_ADDRESS), network.add(DNS_POD.address)];
    const agents = await Promise.all([
      NamespaceAgent.start(bundle, network.node, join(folder, "node")),
      NamespaceAgent.start(bundle, client, join(folder, "client")),
      NamespaceAgent.start(bundle, dns, join(folder, "dns"), DNS_POD.address),
    ]);
    return new Cluster(manifests, options, network, folder, agents);
  }

  /** Pods that are not gone, of a workload such as `StatefulSet/miner` or of all, the oldest first. */
  pods(owner?: string): Pod[] {
    return [...this.#pods.values()].map(({ pod }) => pod).filter((pod) => owner === undefined || pod.owner === owner);
  }

  /** A pod by its name. Throws where there is none. */
  pod(name: string): Pod {
    const found = this.#pods.get(name);
    if (found === undefined)
      throw new Error(`There is no pod '${name}'; there are ${[...this.#pods.keys()].join(", ")}.`);
    return found.pod;
  }

  /** The address of a service that is not headless. */
  serviceAddress(name: string): string {
    const address = this.#addresses.get(name);
    if (address === undefined) throw new Error(`There is no service '${name}' with an address.`);
    return address;
  }

  scale(owner: string, replicas: number): void {
    const workload = this.#workload(owner);
    this.#replace(owner, { ...workload, spec: { ...workload.spec, replicas } } as Workload);
  }

  /** As `kubectl rollout restart`: another annotation of the template, and thereby another revision. */
  restart(owner: string): void {
    const workload = this.#workload(owner);
    const { metadata, spec } = workload.spec.template;
    const annotations = { ...metadata?.annotations, "kubectl.kubernetes.io/restartedAt": crypto.randomUUID() };
    const template = { metadata: { ...metadata, annotations }, spec };
    this.#replace(owner, { ...workload, spec: { ...workload.spec, template } } as Workload);
  }

  /** As `kubectl delete pod`; with 0 it is killed. Resolves when it is gone. */
  deletePod(name: string, graceSeconds?: number): Promise<void> {
    return this.pod(name).terminate(graceSeconds);
  }

  /** Tells every event from now on; the answer ends it. */
  watch(onEvent: (event: ClusterEvent) => void): () => void {
    this.#watchers.add(onEvent);
    return () => this.#watchers.delete(onEvent);
  }

  /** Why a workload is not as it is wished to be; undefined where it is. */
  unsettled(owner: string): string | undefined {
    const workload = this.#workload(owner);
    const replicas = workload.spec.replicas ?? 1;
    const states = this.#statesOf(owner);
    const current = states.filter(({ revision, isAvailable }) => isAvailable && revision === revisionOf(workload));
    if (current.length === replicas && states.length === replicas) return undefined;
    const details = states.map(
      ({ name, isReady, isTerminating }) => `${name}${isTerminating ? " ends" : isReady ? "" : " is not ready"}`,
    );
    return `${owner}: ${current.length} of ${replicas} pods are ready and new (${details.join(", ")})`;
  }

  /** Waits until all workloads, or those named, have their wished number of pods, all ready and of the newest revision. Rejects after `timeoutMs`. */
  async settled(owners = this.workloads(), timeoutMs = 200_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const why = owners.map((owner) => this.unsettled(owner)).find((one) => one !== undefined);
      if (why === undefined) return;
      if (performance.now() > deadline) throw new Error(`${why}\n${this.tail()}`);
      await new Promise((resume) => setTimeout(resume, 20));
    }
  }

  workloads(): string[] {
    const { statefulSets, deployments } = this.manifests;
    return [
      ...[...statefulSets.keys()].map((name) => `StatefulSet/${name}`),
      ...[...deployments.keys()].map((name) => `Deployment/${name}`),
    ];
  }

  /** The last events and the ends of logs, for people who look at a test that failed. */
  tail(): string {
    const events = this.events.slice(-40).map(({ pod, what, atMs }) => `${(atMs / 1000).toFixed(1)} ${pod}: ${what}`);
    const logs = this.pods().map((pod) => `--- ${pod.name}\n${pod.log.slice(-1000)}`);
    return [...events, ...logs, JSON.stringify(this.refusals())].join("\n");
  }

  /** What network policies refused since the cluster was started, as `webserver-… → redis:6379`; each once. */
  refusals(): string[] {
    const names = new Map(this.pods().map((pod) => [pod.address, pod.name]));
    return refusalsOf(this.#network.rules()).map(
      ({ from, to, port }) => `${names.get(from) ?? from} → ${names.get(to) ?? to}:${port}`,
    );
  }

  /** Lets nothing pass between pods of two groups, also on connections that there are. */
  cut(some: readonly Pod[], others: readonly Pod[]): void {
    for (const a of some) for (const b of others) this.#cuts.push([a.address, b.address]);
    this.#applyRules();
  }

  heal(): void {
    this.#cuts = [];
    this.#applyRules();
  }

  /** Kills everything and leaves nothing behind. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#timer);
    for (const timer of this.#delayed) clearTimeout(timer);
    await Promise.all(this.pods().map((pod) => pod.terminate(0)));
    await Promise.all([this.#node, this.client, this.#dns].map((agent) => agent.close()));
    this.#network.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #reconcile(): void {
    if (this.#isClosing) return;
    for (const owner of this.workloads()) {
      const workload = this.#workload(owner);
      const revision = revisionOf(workload);
      const states = this.#statesOf(owner);
      const { name } = workload.metadata;
      const step =
        workload.kind === "StatefulSet"
          ? stepOfStatefulSet(workload as StatefulSet, revision, states)
          : stepOfDeployment(
              workload as Deployment,
              revision,
              states,
              () => `${name}-${revision}-${crypto.randomUUID().slice(0, 5)}`,
            );
      for (const pod of step.remove) void this.deletePod(pod);
      for (const pod of step.create) this.#create(pod, owner, revision, workload);
    }
  }

  #create(name: string, owner: string, revision: string, workload: Workload): void {
    const number = ++this.#podsMade;
    const address = `10.244.${number >> 8}.${number & 255}`;
    const namespace = this.#network.add(address);
    const claims = (workload as StatefulSet).spec.volumeClaimTemplates ?? [];
    const options = {
      name,
      owner,
      revision,
      template: workload.spec.template,
      claimTemplates: claims.map(({ metadata }) => metadata.name),
      subdomain: (workload as StatefulSet).spec.serviceName,
    };
    const pod = new Pod(options, {
      manifests: this.manifests,
      address,
      nodeAddress: NODE_ADDRESS,
      networkNamespace: namespace,
      node: this.#node,
      speed: this.#options.speed,
      folders: { claims: join(this.#folder, "claims"), pod: join(this.#folder, `pod-${number}`) },
      resolverFile: resolverFile(this.manifests.namespace, CLUSTER_DOMAIN, DNS_ADDRESS),
      clusterDomain: CLUSTER_DOMAIN,
      links: () => this.#links(),
      onEvent: ({ name: podName }, what) => this.#note({ pod: podName, what, atMs: performance.now() }),
      onChange: () => this.#podChanged(),
    });
    this.#pods.set(name, { pod, namespace, availableSince: Number.POSITIVE_INFINITY });
    this.#podChanged();
    this.#applyRules();
  }

  #note(event: ClusterEvent): void {
    this.events.push(event);
    for (const watcher of this.#watchers) watcher(event);
  }

  #podChanged(): void {
    for (const [name, entry] of this.#pods) {
      if (!entry.pod.isReady) entry.availableSince = Number.POSITIVE_INFINITY;
      else if (entry.availableSince === Number.POSITIVE_INFINITY) entry.availableSince = performance.now();
      if (!entry.pod.isGone) continue;
      this.#pods.delete(name);
      this.#network.remove(entry.namespace);
    }
    if (this.#isClosing) return;
    const endpoints = this.#endpointsNow();
    const timer = setTimeout(() => {
      this.#delayed.delete(timer);
      this.#publish(endpoints);
    }, this.#options.endpointDelayMs);
    this.#delayed.add(timer);
    setImmediate(() => this.#reconcile());
  }

  #endpointsNow(): Endpoints {
    return endpointsOf([...this.manifests.services.values()], this.pods(), this.#addresses);
  }

  #publish(endpoints: Endpoints): void {
    this.#endpoints = endpoints;
    this.#dns.setZone(zoneOf(this.manifests.namespace, CLUSTER_DOMAIN, endpoints.named));
    this.#applyRules();
  }

  /** At the end of this turn, once for all that it changes. */
  #applyRules(): void {
    if (this.#rulesAreDue) return;
    this.#rulesAreDue = true;
    queueMicrotask(() => {
      this.#rulesAreDue = false;
      if (this.#isClosing) return;
      const { namespace, namespaceLabels, networkPolicies } = this.manifests;
      const pods = this.pods().map(({ address, labels, portNames }) => ({ address, namespace, labels, portNames }));
      const dns = (["udp", "tcp"] as const).map((protocol) => ({
        address: DNS_ADDRESS,
        port: 53,
        protocol,
        targets: [{ address: DNS_POD.address, port: 53 }],
      }));
      this.#network.setRules(
        rulesetOf({
          pods: [...pods, DNS_POD],
          namespaceLabels: { ...namespaceLabels, "kube-system": { "kubernetes.io/metadata.name": "kube-system" } },
          services: [...dns, ...this.#endpoints.balanced],
          policies: [...networkPolicies.values()],
          cuts: this.#cuts,
        }),
      );
    });
  }

  #links(): Record<string, string> {
    const links = [...this.#addresses].map(([name, address]) =>
      serviceLinks(name, address, this.manifests.services.get(name)!.spec.ports),
    );
    return Object.assign({}, ...links);
  }

  #statesOf(owner: string): PodState[] {
    const minReadyMs = ((this.#workload(owner).spec.minReadySeconds ?? 0) * 1000) / this.#options.speed;
    return [...this.#pods.values()]
      .filter(({ pod }) => pod.owner === owner)
      .map(({ pod: { name, revision, isReady, isTerminating }, availableSince }) => {
        const isAvailable = isReady && performance.now() - availableSince >= minReadyMs;
        return { name, revision, isReady, isAvailable, isTerminating };
      });
  }

  #workload(owner: string): Workload {
    const [kind, name = ""] = owner.split("/");
    const found = kind === "StatefulSet" ? this.manifests.statefulSets.get(name) : this.manifests.deployments.get(name);
    if (found === undefined) throw new Error(`There is no ${owner}.`);
    return found;
  }

  #replace(owner: string, workload: Workload): void {
    const name = owner.split("/")[1]!;
    if (workload.kind === "StatefulSet") this.manifests.statefulSets.set(name, workload as StatefulSet);
    else this.manifests.deployments.set(name, workload as Deployment);
    this.#reconcile();
  }
}

function revisionOf({ spec }: { readonly spec: { readonly template: PodTemplate } }): string {
  return createHash("sha256").update(JSON.stringify(spec.template)).digest("hex").slice(0, 8);
}
