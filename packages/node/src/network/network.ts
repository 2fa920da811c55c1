import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CONTAINER_VARIABLES } from "../config/environment.ts";
import { WEB_INDEX_ARGUMENTS } from "../config/indexes.ts";
import { makeDirectory } from "../storage/make-directory.ts";
import { mockTimeArguments } from "./mock-time.ts";
import {
  importMiningKey,
  isOfWallet,
  minerAddressOf,
  NETWORK_WALLET_ARGUMENTS,
  type WalletApi,
} from "./network-wallet.ts";
import type { LaunchOptions, NodeRunner, NodeState } from "./node-runner.ts";
import { type NetworkNode, peerName } from "./operations.ts";
import { noFaucetReason, type Payee } from "./payee.ts";
import type { PrivateChain } from "./private-chain.ts";
import { PRIVATE_NETWORK_ARGUMENTS } from "./private-network.ts";
import { linksOf, type Partition, type PlannedNode } from "./topology.ts";

const RPC_TIMEOUT_MS = 30_000;
/** Time that nodes, which dial again after a pause, have to come back to one that was started again. */
const PEER_WAIT_SECONDS = 10;
const PARTITION_FILE = "partition.json";

export interface NetworkOptions extends Payee {
  readonly chain: PrivateChain;
  /** Each node has a folder of its own in it. */
  readonly folder: string;
  readonly plan: readonly PlannedNode[];
  /** Where web pages listen. */
  readonly webHost: string;
  /** Mean seconds between blocks of all miners together; `undefined` where none mine by themselves. */
  readonly intervalSeconds: number | undefined;
  /** How web servers reach the wallet; they have none where absent. */
  readonly walletApi?: WalletApi;
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
  #miningAddress: string | undefined;
  #noFaucet: string | undefined;

  constructor(options: NetworkOptions, deps: NetworkDependencies) {
    this.#options = options;
    this.#miningAddress = options.miningAddress;
    this.#nodes = options.plan.map((plan) => ({ plan, runner: deps.launch(this.#launchOptionsOf(plan)) }));
  }

  /** Where the coins go. Throws before the first node has been started, whose wallet may have the address. */
  get miningAddress(): string {
    if (this.#miningAddress === undefined) throw new Error("The network has no mining address before it is started.");
    return this.#miningAddress;
  }

  /** Why the faucet has nothing to pay from; `undefined` where the first miner's wallet has what is mined. */
  get noFaucet(): string | undefined {
    return this.#noFaucet;
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
      const status = this.#statusOf({ plan, runner });
      if (isFirst(plan)) await this.#openWallet(status);
      await onStarted(status);
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

  async #openWallet(first: NodeStatus): Promise<void> {
    const { miningKey, walletProblem } = this.#options;
    const hasWallet = walletProblem === undefined;
    if (hasWallet && miningKey !== undefined) await importMiningKey(first, miningKey);
    this.#miningAddress ??= await minerAddressOf(first);
    const isPayer = hasWallet && (await isOfWallet(first, this.#miningAddress));
    this.#noFaucet = isPayer ? undefined : noFaucetReason(this.#options, this.#miningAddress);
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

  #arguments(plan: PlannedNode, dataDir: string): readonly string[] {
    const { name, rpcPort } = plan;
    const { chain, intervalSeconds, keysFile, walletProblem } = this.#options;
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
      ...(isFirst(plan) && walletProblem === undefined ? NETWORK_WALLET_ARGUMENTS : []),
      ...this.#webArguments(plan),
      ...(keysFile === undefined ? [] : [`-webkeysfile=${keysFile}`]),
      ...mockTimeArguments(this.#options.folder),
    ];
  }

  #webArguments(plan: PlannedNode): readonly string[] {
    const { folder, webHost, walletApi } = this.#options;
    const { webPort } = plan;
    if (webPort !== undefined) {
      return [`-webport=${webPort}`, `-webbind=${webHost}`, `-webnetwork=${folder}`, ...WEB_INDEX_ARGUMENTS];
    }
    if (walletApi === undefined || !isFirst(plan)) return ["-webport=0"];
    // For web servers of this machine alone, who have the page and its indexes themselves.
    return [`-webport=${walletApi.port}`, "-webbind=127.0.0.1", "-addressindex=0"];
  }

  /** Whether nodes run that connect to this one, or it to them. */
  #runsBeside(name: string): boolean {
    const links = linksOf(this.#options.plan, readPartition(this.#options.folder));
    const others = links.flatMap(({ from, to }) => (from === name ? to : to === name ? from : []));
    return this.#nodes.some(({ plan, runner }) => others.includes(plan.name) && runner.state === "running");
  }

  /** The environment that a container of the role has. */
  #environment(node: PlannedNode): Readonly<Record<string, string>> {
    const { name, role, p2pPort, webPort } = node;
    const { plan, folder, intervalSeconds, adminKey } = this.#options;
    const targets = linksOf(plan, readPartition(folder))
      .filter(({ from }) => from === name)
      .map(({ to }) => peerName(plan.find((one) => one.name === to)!));
    return {
      // Nothing of what happens to be in the launcher's own environment.
      ...NO_VARIABLES,
      NODE_IS_MINER: role === "miner" ? "yes" : "no",
      NODE_IS_WEB_SERVER: role === "webserver" ? "yes" : "no",
      NODE_ADDR: `127.0.0.1:${p2pPort}`,
      NODE_CONNECT_NODES: targets.length === 0 ? "local" : targets.join(","),
      NODE_MINING_ADDRESS: role === "miner" && intervalSeconds !== undefined ? (this.#miningAddress ?? "") : "",
      BITCOIN_API_ADMIN_KEY: webPort === undefined ? "" : (adminKey ?? ""),
      ...this.#walletEnvironment(node),
    };
  }

  #walletEnvironment(node: PlannedNode): Readonly<Record<string, string>> {
    const { walletApi } = this.#options;
    const isForwarding = walletApi !== undefined && node.role === "webserver";
    return {
      // Of the role admin, so that web servers hand on calls of JSON-RPC too: who may make those there leads the whole network anyway.
      ...(walletApi !== undefined && isFirst(node) && { BITCOIN_API_ADMIN_KEY: walletApi.key }),
      WALLET_NODE_URL: isForwarding ? `http://127.0.0.1:${walletApi.port}` : "",
      WALLET_NODE_KEY: isForwarding ? walletApi.key : "",
    };
  }
}

const NO_VARIABLES = Object.fromEntries(CONTAINER_VARIABLES.map((name) => [name, ""]));

/** The one with the wallet. */
const isFirst = ({ name }: PlannedNode) => name === "miner-0";

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
