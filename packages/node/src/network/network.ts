import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock, Random } from "../ports.ts";
import { NodeProcess, type NodeState } from "./node-process.ts";
import { type NetworkNode, peerName } from "./operations.ts";
import { linksOf, type Partition, type PlannedNode } from "./topology.ts";

const RPC_TIMEOUT_MS = 30_000;
const PARTITION_FILE = "partition.json";

export interface NetworkOptions {
  /** Each node has a folder of its own in it. */
  readonly folder: string;
  readonly plan: readonly PlannedNode[];
  /** Runs `bitfleet`: program and script. */
  readonly command: readonly [string, ...string[]];
  /** Where web pages listen. */
  readonly webHost: string;
  /** Mean seconds between blocks of all miners together; `undefined` where none mine by themselves. */
  readonly intervalSeconds: number | undefined;
  readonly miningAddress: string;
}

export interface NetworkDependencies {
  readonly clock: Clock;
  readonly random: Pick<Random, "unit">;
  /** A node changed its state. */
  readonly onChange: () => void;
}

/** A node as the outside sees it. */
export interface NodeStatus extends NetworkNode {
  readonly state: NodeState;
  readonly pid: number | undefined;
  readonly dataDir: string;
  readonly lastError: string;
}

/** The nodes of a network as processes of this machine: started in order, supervised, stopped in reverse. */
export class Network {
  readonly #options: NetworkOptions;
  readonly #nodes: readonly { readonly plan: PlannedNode; readonly process: NodeProcess }[];

  constructor(options: NetworkOptions, deps: NetworkDependencies) {
    this.#options = options;
    this.#nodes = options.plan.map((plan) => ({ plan, process: this.#processOf(plan, deps) }));
  }

  /** Starts every node, each when the one before answers; `onStarted` is awaited after each. Rejects where one does not start; those that run go on. */
  async start(onStarted: (node: NodeStatus) => void | Promise<void> = () => {}): Promise<void> {
    for (const { plan, process } of this.#nodes) {
      mkdirSync(dataDirOf(this.#options.folder, plan), { recursive: true });
      await process.start();
      await onStarted(this.status().find(({ name }) => name === plan.name)!);
    }
  }

  async stop(): Promise<void> {
    for (const { process } of [...this.#nodes].reverse()) await process.stop();
  }

  /** Ends one node and starts it again. Rejects where there is none of that name. */
  async restart(name: string): Promise<void> {
    const node = this.#nodes.find(({ plan }) => plan.name === name);
    if (node === undefined) throw new RangeError(`There is no node '${name}' in the network.`);
    await node.process.stop();
    await node.process.start();
  }

  status(): readonly NodeStatus[] {
    return this.#nodes.map(({ plan, process }) => ({
      ...plan,
      target: process.options.target,
      state: process.state,
      pid: process.pid,
      dataDir: dataDirOf(this.#options.folder, plan),
      lastError: process.lastError,
    }));
  }

  #processOf(plan: PlannedNode, deps: NetworkDependencies): NodeProcess {
    const { folder, command } = this.#options;
    const dataDir = dataDirOf(folder, plan);
    return new NodeProcess(
      {
        name: plan.name,
        command: [...command, "node"],
        args: () => this.#arguments(plan, dataDir),
        environment: () => this.#environment(plan),
        target: rpcTargetOf(dataDir, plan.rpcPort),
      },
      deps,
    );
  }

  #arguments({ rpcPort, webPort }: PlannedNode, dataDir: string): readonly string[] {
    const { intervalSeconds, plan, webHost } = this.#options;
    const minerCount = plan.filter(({ role }) => role === "miner").length;
    return [
      "-regtest",
      `-datadir=${dataDir}`,
      `-rpcport=${rpcPort}`,
      // Both or none: on ::1 alone, callers of 127.0.0.1 would reach whatever else listens there.
      "-rpcbind=127.0.0.1",
      "-rpcallowip=127.0.0.1",
      // Nobody else is to be found, and nobody else to connect.
      "-dnsseed=0",
      "-printtoconsole=0",
      ...(intervalSeconds === undefined ? [] : [`-mininginterval=${intervalSeconds * minerCount}`]),
      ...(webPort === undefined ? ["-webport=0"] : [`-webport=${webPort}`, `-webbind=${webHost}`]),
    ];
  }

  /** The environment that a container of the role has. */
  #environment({ name, role, p2pPort }: PlannedNode): Readonly<Record<string, string>> {
    const { plan, folder, intervalSeconds, miningAddress } = this.#options;
    const targets = linksOf(plan, readPartition(folder))
      .filter(({ from }) => from === name)
      .map(({ to }) => peerName(plan.find((one) => one.name === to)!));
    return {
      NODE_IS_MINER: role === "miner" ? "yes" : "no",
      NODE_IS_WEB_SERVER: role === "webserver" ? "yes" : "no",
      NODE_ADDR: `127.0.0.1:${p2pPort}`,
      NODE_CONNECT_NODES: targets.length === 0 ? "local" : targets.join(","),
      NODE_MINING_ADDRESS: role === "miner" && intervalSeconds !== undefined ? miningAddress : "",
      POD_IP: "",
    };
  }
}

export const dataDirOf = (folder: string, { name }: Pick<PlannedNode, "name">) => join(folder, name);

/** Where a node of the network answers. */
export function rpcTargetOf(dataDir: string, rpcPort: number): NetworkNode["target"] {
  const cookieFile = join(dataDir, "regtest", ".cookie");
  return { host: "127.0.0.1", port: rpcPort, credentials: { cookieFile }, path: "/", timeoutMs: RPC_TIMEOUT_MS };
}

/** The partition that the network in `folder` is under; `[]` for none. Nodes that start again keep to it. */
export function readPartition(folder: string): Partition {
  const file = join(folder, PARTITION_FILE);
  if (!existsSync(file)) return [];
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Partition;
  } catch {
    throw new Error(`${file} cannot be read; remove it, and run "bitfleet heal".`);
  }
}

export function writePartition(folder: string, partition: Partition): void {
  const file = join(folder, PARTITION_FILE);
  if (partition.length === 0) {
    rmSync(file, { force: true });
    return;
  }
  writeFileSync(`${file}.new`, `${JSON.stringify(partition)}\n`);
  renameSync(`${file}.new`, file);
}
