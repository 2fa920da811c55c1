import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { WEB_INDEX_ARGUMENTS } from "../config/indexes.ts";
import { makeDirectory } from "../storage/make-directory.ts";
import type { LaunchOptions, NodeRunner, NodeState } from "./node-runner.ts";
import { type NetworkNode, peerName } from "./operations.ts";
import { PRIVATE_NETWORK_ARGUMENTS } from "./private-network.ts";
import { linksOf, type Partition, type PlannedNode } from "./topology.ts";

const RPC_TIMEOUT_MS = 30_000;
/** Time that nodes, which dial again after a pause, have to come back to one that was started again. */
const PEER_WAIT_SECONDS = 10;
const PARTITION_FILE = "partition.json";

/** What the nodes of a private network run. */
export interface PrivateChain {
  /** Also the folder of its data. */
  readonly name: "regtest" | "signet";
  /** Options of a node that choose it. */
  readonly args: readonly string[];
}

export interface NetworkOptions {
  readonly chain: PrivateChain;
  /** Each node has a folder of its own in it. */
  readonly folder: string;
  readonly plan: readonly PlannedNode[];
  /** Where web pages listen. */
  readonly webHost: string;
  /** Mean seconds between blocks of all miners together; `undefined` where none mine by themselves. */
  readonly intervalSeconds: number | undefined;
  readonly miningAddress: string;
  /** Of the API keys that open what changes a node over HTTP; each node has a file of its own where absent. */
  readonly keysFile?: string;
  /** One more admin key, of tests. */
  readonly adminKey?: string;
}

export interface NetworkDependencies {
  /** Where nodes run: in processes of their own, or in this one. */
  readonly launch: (options: LaunchOptions) => NodeRunner;
}

/** A node as the outside sees it. */
export interface NodeStatus extends NetworkNode {
  readonly state: NodeState;
  readonly pid: number | undefined;
  readonly dataDir: string;
  readonly lastError: string;
}

/** The nodes of a network on this machine: started in order, supervised, stopped in reverse. */
export class Network {
  readonly #options: NetworkOptions;
  readonly #nodes: readonly { readonly plan: PlannedNode; readonly runner: NodeRunner }[];
  #isStopping = false;

  constructor(options: NetworkOptions, deps: NetworkDependencies) {
    this.#options = options;
    this.#nodes = options.plan.map((plan) => ({ plan, runner: deps.launch(this.#launchOptionsOf(plan)) }));
  }

  /**
   * Starts every node, each when the one before answers; `onStarted` is awaited after each. Rejects where one does not start; those
   * that run go on.
   */
  async start(onStarted: (node: NodeStatus) => void | Promise<void> = () => {}): Promise<void> {
    for (const { plan, runner } of this.#nodes) {
      if (this.#isStopping) throw new Error("The network was stopped while it started.");
      makeDirectory(dataDirOf(this.#options.folder, plan));
      await runner.start();
      await onStarted(this.#statusOf({ plan, runner }));
    }
  }

  /** Ends every node, the last first. Also in the middle of a start, which then rejects. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const { runner } of [...this.#nodes].reverse()) await runner.stop();
  }

  /** Ends one node and starts it again. Throws `RangeError` where there is none of that name. */
  async restart(name: string): Promise<void> {
    const runner = this.#runnerOf(name);
    await runner.stop();
    await runner.start();
  }

  /** Ends one node at once, as a crash would; it is started again. Throws where there is none, or none that can be killed. */
  kill(name: string): void {
    this.#runnerOf(name).kill();
  }

  status(): readonly NodeStatus[] {
    return this.#nodes.map((node) => this.#statusOf(node));
  }

  #statusOf({ plan, runner }: { readonly plan: PlannedNode; readonly runner: NodeRunner }): NodeStatus {
    return {
      ...plan,
      target: runner.options.target,
      state: runner.state,
      pid: runner.pid,
      dataDir: dataDirOf(this.#options.folder, plan),
      lastError: runner.lastError,
    };
  }

  #runnerOf(name: string): NodeRunner {
    const node = this.#nodes.find(({ plan }) => plan.name === name);
    if (node === undefined) throw new RangeError(`There is no node '${name}' in the network.`);
    return node.runner;
  }

  #launchOptionsOf(plan: PlannedNode): LaunchOptions {
    const dataDir = dataDirOf(this.#options.folder, plan);
    const { name: chain } = this.#options.chain;
    return {
      name: plan.name,
      args: () => this.#arguments(plan, dataDir),
      environment: () => this.#environment(plan),
      target: rpcTargetOf(dataDir, plan.rpcPort, chain),
      logFile: logFileOf(dataDir, chain),
    };
  }

  #arguments({ name, rpcPort, webPort }: PlannedNode, dataDir: string): readonly string[] {
    const { chain, folder, intervalSeconds, webHost, keysFile } = this.#options;
    return [
      ...chain.args,
      `-datadir=${dataDir}`,
      `-rpcport=${rpcPort}`,
      // Both or none: on ::1 alone, callers of 127.0.0.1 would reach whatever else listens there.
      "-rpcbind=127.0.0.1",
      "-rpcallowip=127.0.0.1",
      // Nobody else is to be found, and nobody else to connect.
      "-dnsseed=0",
      ...PRIVATE_NETWORK_ARGUMENTS,
      "-printtoconsole=0",
      ...(intervalSeconds === undefined ? ["-mining=off"] : [`-mininginterval=${intervalSeconds}`]),
      // Nobody is named to the first miner, who at the network's start is to mine at once; started again, it has others to hear.
      ...(this.#runsBeside(name) ? [`-miningpeerwait=${PEER_WAIT_SECONDS}`] : []),
      ...(webPort === undefined
        ? ["-webport=0"]
        : [`-webport=${webPort}`, `-webbind=${webHost}`, `-webnetwork=${folder}`, ...WEB_INDEX_ARGUMENTS]),
      ...(keysFile === undefined ? [] : [`-webkeysfile=${keysFile}`]),
    ];
  }

  /** Whether nodes run that connect to this one, or it to them. */
  #runsBeside(name: string): boolean {
    const links = linksOf(this.#options.plan, readPartition(this.#options.folder));
    const others = links.flatMap(({ from, to }) => (from === name ? to : to === name ? from : []));
    return this.#nodes.some(({ plan, runner }) => others.includes(plan.name) && runner.state === "running");
  }

  /** The environment that a container of the role has. */
  #environment({ name, role, p2pPort, webPort }: PlannedNode): Readonly<Record<string, string>> {
    const { plan, folder, intervalSeconds, miningAddress, adminKey } = this.#options;
    const targets = linksOf(plan, readPartition(folder))
      .filter(({ from }) => from === name)
      .map(({ to }) => peerName(plan.find((one) => one.name === to)!));
    return {
      NODE_IS_MINER: role === "miner" ? "yes" : "no",
      NODE_IS_WEB_SERVER: role === "webserver" ? "yes" : "no",
      NODE_ADDR: `127.0.0.1:${p2pPort}`,
      NODE_CONNECT_NODES: targets.length === 0 ? "local" : targets.join(","),
      NODE_MINING_ADDRESS: role === "miner" && intervalSeconds !== undefined ? miningAddress : "",
      // Nothing of what happens to be in the launcher's own environment.
      BITCOIN_API_ADMIN_KEY: webPort === undefined ? "" : (adminKey ?? ""),
      BITCOIN_API_WALLET_KEY: "",
      REDIS_URL: "",
      RL_SETTINGS_PATH: "",
      POD_IP: "",
    };
  }
}

export const dataDirOf = (folder: string, { name }: Pick<PlannedNode, "name">) => join(folder, name);

/** The log of a node of the network. */
export const logFileOf = (dataDir: string, chain: PrivateChain["name"]) => join(dataDir, chain, "debug.log");

/** Where a node of the network answers. */
export function rpcTargetOf(dataDir: string, rpcPort: number, chain: PrivateChain["name"]): NetworkNode["target"] {
  const cookieFile = join(dataDir, chain, ".cookie");
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
