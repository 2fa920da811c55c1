import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { containerEnvironment, expand, type PodIdentity } from "./container-environment.ts";
import { imageOf } from "./container-image.ts";
import { Container, type ContainerOptions, type Mount } from "./container-process.ts";
import type { Container as ContainerSpec, PodSpec, PodTemplate } from "./kubernetes-types.ts";
import type { Manifests } from "./manifests.ts";
import type { NamespaceAgent } from "./namespace-agent.ts";
import { PodContainer } from "./pod-container.ts";
import { pause } from "./probes.ts";
import { type PreparedVolume, prepareVolumes } from "./volumes.ts";

const GRACE_SECONDS = 30;

export interface PodOptions {
  readonly name: string;
  /** `StatefulSet/miner`: whose pod it is. */
  readonly owner: string;
  readonly revision: string;
  readonly template: PodTemplate;
  readonly claimTemplates: readonly string[];
  /** The headless service in which its name is found. */
  readonly subdomain: string | undefined;
}

/** What a pod has of the cluster. */
export interface PodSurroundings {
  readonly manifests: Manifests;
  readonly address: string;
  readonly nodeAddress: string;
  /** Name of its network namespace. */
  readonly networkNamespace: string;
  readonly node: NamespaceAgent;
  readonly speed: number;
  readonly folders: { readonly claims: string; readonly pod: string };
  readonly resolverFile: string;
  readonly clusterDomain: string;
  readonly links: () => Readonly<Record<string, string>>;
  readonly onEvent: (pod: Pod, what: string) => void;
  readonly onChange: () => void;
}

/** A pod as the kubelet leads it. */
export class Pod {
  readonly name: string;
  readonly owner: string;
  readonly revision: string;
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly subdomain: string | undefined;
  readonly spec: PodSpec;
  readonly containers: PodContainer[] = [];
  isTerminating = false;
  isGone = false;
  readonly #options: PodOptions;
  readonly #surroundings: PodSurroundings;
  readonly #identity: PodIdentity;
  readonly #initialized: Promise<void>;
  #init: Container | undefined;
  readonly #stopping = new AbortController();

  constructor(options: PodOptions, surroundings: PodSurroundings) {
    this.#options = options;
    this.#surroundings = surroundings;
    this.name = options.name;
    this.owner = options.owner;
    this.revision = options.revision;
    this.subdomain = options.subdomain;
    this.spec = options.template.spec;
    this.address = surroundings.address;
    this.labels = options.template.metadata?.labels ?? {};
    if (this.spec.hostNetwork || this.spec.readinessGates) {
      throw new Error(`${this.name}: the orchestrator knows neither hostNetwork nor readinessGates.`);
    }
    this.#identity = {
      name: this.name,
      namespace: surroundings.manifests.namespace,
      uid: crypto.randomUUID(),
      address: this.address,
      nodeAddress: surroundings.nodeAddress,
      labels: this.labels,
      annotations: options.template.metadata?.annotations ?? {},
    };
    surroundings.onEvent(this, "created");
    this.#initialized = this.#start();
  }

  get isReady(): boolean {
    const isComplete = this.containers.length === this.spec.containers.length;
    return isComplete && !this.isTerminating && this.containers.every((container) => container.isReady);
  }

  /** Number on this machine of the first process of its first container. */
  get processId(): number | undefined {
    return this.containers[0]?.process?.processId;
  }

  get log(): string {
    return this.containers[0]?.process?.log ?? "";
  }

  /** Numbers of its ports by their names. */
  get portNames(): Readonly<Record<string, number>> {
    const ports = this.spec.containers.flatMap((container) => container.ports ?? []);
    return Object.fromEntries(
      ports.flatMap(({ name, containerPort }) => (name === undefined ? [] : [[name, containerPort]])),
    );
  }

  /** Runs a command in its first container, as `kubectl exec` does. */
  async exec(...command: string[]): Promise<{ code: number; output: string }> {
    return (await this.containers[0]?.run(command)) ?? { code: -1, output: "not started" };
  }

  /** Ends it in order, within its own grace period or the one given; 0 kills it. Resolves when it is gone. */
  async terminate(graceSeconds = this.spec.terminationGracePeriodSeconds ?? GRACE_SECONDS): Promise<void> {
    if (this.isTerminating) return;
    this.isTerminating = true;
    this.#stopping.abort();
    this.#surroundings.onEvent(this, "terminating");
    this.#surroundings.onChange();
    this.#init?.kill("SIGKILL");
    await this.#initialized;
    await Promise.all(this.containers.map((container) => container.stop(graceSeconds)));
    const { folders } = this.#surroundings;
    // For who looks for why something went wrong: POD_LOGS names a folder that keeps what pods said.
    const keep = process.env.POD_LOGS;
    if (keep) writeFileSync(join(keep, `${this.name}-${this.address}.log`), this.log);
    rmSync(folders.pod, { recursive: true, force: true });
    this.isGone = true;
    this.#surroundings.onEvent(this, "gone");
    this.#surroundings.onChange();
  }

  async #start(): Promise<void> {
    const { folders, manifests, onEvent, onChange, node, speed } = this.#surroundings;
    mkdirSync(folders.pod, { recursive: true });
    let volumes: Map<string, PreparedVolume>;
    try {
      volumes = prepareVolumes(this.spec, this.name, this.#options.claimTemplates, folders, manifests);
    } catch (error) {
      onEvent(this, `FailedMount: ${(error as Error).message}`);
      return;
    }
    for (const spec of this.spec.initContainers ?? []) {
      for (;;) {
        if (this.isTerminating) return;
        const why = await this.#runInit(spec, volumes);
        if (why === undefined) break;
        onEvent(this, `${spec.name} ${why}`);
        await pause(10_000 / speed, this.#stopping.signal);
      }
    }
    if (this.isTerminating) return;
    for (const spec of this.spec.containers) {
      const container = new PodContainer({
        spec,
        address: this.address,
        graceSeconds: this.spec.terminationGracePeriodSeconds ?? GRACE_SECONDS,
        speed,
        process: () => this.#process(spec, volumes),
        node,
        onEvent: (what) => onEvent(this, what),
        onChange,
      });
      this.containers.push(container);
      container.start();
    }
  }

  /** Runs a container to its end. Answers why it failed. */
  async #runInit(spec: ContainerSpec, volumes: ReadonlyMap<string, PreparedVolume>): Promise<string | undefined> {
    try {
      this.#init = new Container(this.#process(spec, volumes));
    } catch (error) {
      return `CreateContainerConfigError: ${(error as Error).message}`;
    }
    const { code, signal } = await this.#init.exited;
    return code === 0 ? undefined : `ended with ${signal ?? code}: ${this.#init.log.slice(-500)}`;
  }

  /** How a container of the pod is to run; throws where its variables or its user cannot be as the manifest says. */
  #process(spec: ContainerSpec, volumes: ReadonlyMap<string, PreparedVolume>): ContainerOptions {
    const { manifests, folders, networkNamespace, resolverFile, clusterDomain, links } = this.#surroundings;
    const image = imageOf(spec.image);
    const serviceLinks = (this.spec.enableServiceLinks ?? true) ? links() : {};
    const environment = containerEnvironment(spec, image.environment, serviceLinks, this.#identity, manifests);
    const security = { ...this.spec.securityContext, ...spec.securityContext };
    const user = security.runAsUser ?? image.user;
    const group = security.runAsGroup ?? user;
    if (security.runAsNonRoot && user === 0) throw new Error("container has runAsNonRoot and image will run as root");
    const fsGroup = this.spec.securityContext?.fsGroup;
    const command = spec.command ?? image.entrypoint;
    const args = spec.args ?? (spec.command === undefined ? image.command : []);
    const fullName = this.subdomain && `${this.name}.${this.subdomain}.${manifests.namespace}.svc.${clusterDomain}`;
    return {
      namespace: networkNamespace,
      hostname: this.name,
      folder: join(folders.pod, spec.name),
      command: [...command, ...args].map((text) => expand(text, environment)),
      environment: { HOSTNAME: this.name, ...environment },
      workingDir: spec.workingDir ?? image.workingDir,
      user,
      group,
      groups: fsGroup === undefined ? [] : [fsGroup],
      isRootReadOnly: security.readOnlyRootFilesystem ?? false,
      mounts: [
        ...Object.entries(image.folders).map(([to, from]): Mount => ({ from, to, isReadOnly: true })),
        ...(spec.volumeMounts ?? []).map((mount) => mountOf(mount, volumes)),
      ],
      etc: {
        hosts: `127.0.0.1 localhost\n${this.address} ${[fullName, this.name].filter(Boolean).join(" ")}\n`,
        hostname: `${this.name}\n`,
        "resolv.conf": resolverFile,
        passwd: `root:x:0:0:root:/root:/bin/sh\nuser:x:${user}:${group}::${image.workingDir}:/usr/sbin/nologin\n`,
        group: `root:x:0:\nuser:x:${group}:\n`,
      },
    };
  }
}

function mountOf(
  { name, mountPath, subPath, readOnly }: { name: string; mountPath: string; subPath?: string; readOnly?: boolean },
  volumes: ReadonlyMap<string, PreparedVolume>,
): Mount {
  const volume = volumes.get(name);
  if (volume === undefined) throw new Error(`There is no volume '${name}' to be mounted at ${mountPath}.`);
  const isReadOnly = volume.isReadOnly || (readOnly ?? false);
  if (volume.isMemory && subPath === undefined) return { to: mountPath, isReadOnly };
  return { from: subPath === undefined ? volume.path : join(volume.path, subPath), to: mountPath, isReadOnly };
}
