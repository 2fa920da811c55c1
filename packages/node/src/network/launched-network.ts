import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { systemRandom } from "../clock.ts";
import type { TimeChange } from "../server/network-control.ts";
import { FolderNetworkControl } from "./folder-control.ts";
import { freePorts } from "./free-port.ts";
import { launcherOf } from "./launcher.ts";
import { hasLostPort, STARTS_MAX } from "./lost-port.ts";
import { dataDirOf, Network, type NetworkOptions, type NodeStatus, readPartition, writePartition } from "./network.ts";
import type {
  BitfleetNetwork,
  BitfleetNode,
  FaucetOptions,
  FaucetPayment,
  MineOptions,
  NetworkSnapshot,
  StartNetworkOptions,
} from "./network-api.ts";
import { walletApiFor } from "./network-wallet.ts";
import { callPlain, mine, type NetworkNode, repartition, waitUntilAgreed } from "./operations.ts";
import { payeeOf } from "./payee.ts";
import { chainOfFolder, type PrivateChain } from "./private-chain.ts";
import { reorganize } from "./reorganize.ts";
import { type RunningNetwork, removeRunningNetwork, writeRunningNetwork } from "./running-network.ts";
import { checkMiningAddress, checkStartOptions, makeDataFolder } from "./start-options.ts";
import { waitUntilMet } from "./tie.ts";
import { linksOf, type Partition, type PlannedNode, parsePartition, partitionOf, planNetwork } from "./topology.ts";

const BLOCK_TIME_SECONDS_DEFAULT = 10;
const AGREEMENT_TIMEOUT_MS = 60_000;
const CONNECTED_TIMEOUT_MS = 60_000;
const CONNECTED_POLL_MS = 20;
/** For the plan's sake; every node gets ports that are free. */
const PORTS_PLANNED = { rpc: 18443, web: 8080 };

/** What `startNetwork` does; see there. */
export async function launchNetwork(options: StartNetworkOptions): Promise<BitfleetNetwork> {
  const { miners = 1, webservers = 0, mode = "in-process", interval, adminKey } = options;
  checkStartOptions(options);
  // Throws where there is no such mode, before anything is made.
  launcherOf(mode, () => {});
  const planned = planNetwork({ miners, webservers }, PORTS_PLANNED);
  const folder = folderOf(options.dataDir);
  const removeFolder = () => {
    if (options.dataDir === undefined) rmSync(folder, { recursive: true, force: true });
  };
  const { chain, ...payee } = await chainAndPayee(options, folder).catch((error: unknown) => {
    removeFolder();
    throw error;
  });
  for (let attempt = 1; ; attempt++) {
    const plan = await onFreePorts(planned);
    const walletApi = await walletApiFor(plan, payee, systemRandom);
    const settings: NetworkOptions = {
      ...{ chain, folder, plan, webHost: "127.0.0.1", intervalSeconds: interval },
      ...payee,
      ...(walletApi !== undefined && { walletApi }),
      ...(adminKey !== undefined && { adminKey }),
    };
    const note = () => writeRunningNetwork(folder, noteOf(network, chain));
    let isStarted = false;
    const launch = launcherOf(mode, () => isStarted && note());
    const network: Network = new Network(settings, { launch });
    try {
      await network.start();
      isStarted = true;
      note();
      const forget = () => {
        isStarted = false;
        removeRunningNetwork(folder);
        removeFolder();
      };
      const launched = new LaunchedNetwork(network, { mode, folder, chain, forget });
      await launched.waitUntilConnected();
      return launched;
    } catch (error) {
      const taken = await hasLostPort(network.status(), walletApi);
      await network.stop();
      if (taken && attempt < STARTS_MAX) continue;
      removeFolder();
      throw error;
    }
  }
}

/** What was begun in the folder goes on. Throws `Error`, `RangeError` for an address of another chain. */
async function chainAndPayee(options: StartNetworkOptions, folder: string) {
  const { signet = false, interval = BLOCK_TIME_SECONDS_DEFAULT } = options;
  const { key, blockTime = interval } = typeof signet === "object" ? signet : {};
  const isBegun = existsSync(dataDirOf(folder, { name: "miner-0" }));
  const wanted = { isSignet: signet !== false, blockTimeSeconds: blockTime, signetKey: key, isBegun };
  const chain = chainOfFolder(folder, wanted, systemRandom);
  if (options.miningAddress !== undefined) checkMiningAddress(options.miningAddress, chain.name);
  return { chain, ...(await payeeOf(folder, chain, systemRandom, options.miningAddress)) };
}

function folderOf(dataDir: string | undefined): string {
  if (dataDir === undefined) return mkdtempSync(join(tmpdir(), "bitfleet-network-"));
  const folder = resolve(dataDir);
  makeDataFolder(folder);
  return folder;
}

async function onFreePorts(planned: readonly PlannedNode[]): Promise<readonly PlannedNode[]> {
  const ports = await freePorts(planned.length * 3);
  return planned.map((node, index) => ({
    ...node,
    p2pPort: ports[index * 3]!,
    rpcPort: ports[index * 3 + 1]!,
    webPort: node.webPort === undefined ? undefined : ports[index * 3 + 2]!,
  }));
}

/** For the web servers of the nodes, which act on the network by it. */
function noteOf(network: Network, chain: PrivateChain): RunningNetwork {
  const nodes = network.status().map(({ target: _, ...node }) => node);
  const [{ dataDir, rpcPort }] = nodes as [NodeStatus];
  const { miningAddress, noFaucet } = network;
  const place = { pid: process.pid, nodeDataDir: dataDir, rpcPort, webUrl: "" };
  return { ...place, miningAddress, ...(noFaucet !== undefined && { noFaucet }), chain: chain.name, nodes };
}

interface LaunchedOptions {
  readonly mode: BitfleetNetwork["mode"];
  readonly folder: string;
  readonly chain: PrivateChain;
  /** Takes away what is to be gone with the network. */
  readonly forget: () => void;
}

class LaunchedNetwork implements BitfleetNetwork {
  readonly #network: Network;
  readonly #options: LaunchedOptions;
  readonly nodes: readonly BitfleetNode[];
  #stopped: Promise<void> | undefined;

  constructor(network: Network, options: LaunchedOptions) {
    this.#network = network;
    this.#options = options;
    this.nodes = network.status().map((status) => this.#nodeOf(status));
  }

  get mode(): BitfleetNetwork["mode"] {
    return this.#options.mode;
  }

  get chain(): BitfleetNetwork["chain"] {
    return this.#options.chain.name;
  }

  node(name: string): BitfleetNode {
    const node = this.nodes.find((one) => one.name === name);
    if (node === undefined)
      throw new RangeError(`There is no node '${name}'; there are ${this.nodes.map((one) => one.name).join(", ")}.`);
    return node;
  }

  async mine(count: number, on: string | MineOptions = {}): Promise<readonly string[]> {
    const { node = "miner-0", address = this.#network.miningAddress } = typeof on === "string" ? { node: on } : on;
    if (!Number.isSafeInteger(count) || count < 1)
      throw new RangeError(`A number of blocks from 1 is expected, not ${count}.`);
    const status = this.#statusOf(node);
    const hashes = await mine(status, count, address);
    await this.#agreed(this.#reachableFrom(status));
    return hashes;
  }

  async partition(groups: string | Partition): Promise<void> {
    const names = this.nodes.map(({ name }) => name);
    await this.#change(typeof groups === "string" ? parsePartition(groups, names) : partitionOf(groups, names));
  }

  async heal(): Promise<void> {
    await this.#change([]);
    const { height, tied } = await waitUntilMet(this.#status(), AGREEMENT_TIMEOUT_MS, () => this.#refuseFailed());
    if (tied.length > 0)
      throw new Error(`At height ${height} the groups have the same work: the next block decides; mine one.`);
  }

  async reorg(depth: number, on = "miner-0"): Promise<readonly string[]> {
    const status = this.#statusOf(on);
    const hashes = await reorganize(status, depth, this.#network.miningAddress);
    await this.#agreed(this.#reachableFrom(status));
    return hashes;
  }

  async faucet(address: string, sats: bigint | number, options: FaucetOptions = {}): Promise<FaucetPayment> {
    const amount = typeof sats === "bigint" ? sats : wholeSats(sats);
    const { txid, feeSats, hashes } = await this.#control().faucet({ address, sats: amount, ...options });
    return { txid, feeSats, blocks: hashes };
  }

  async snapshot(name?: string): Promise<NetworkSnapshot> {
    const taken = await this.#control().snapshot(name);
    return { name: taken.name, height: taken.height, hash: taken.hash, transactions: taken.transactions };
  }

  async revert(snapshot: string | NetworkSnapshot): Promise<void> {
    await this.#control().revert(typeof snapshot === "string" ? snapshot : snapshot.name);
  }

  async setTime(change: TimeChange): Promise<number | undefined> {
    return (await this.#control().setTime(change)).mockTimeSeconds;
  }

  async restart(name: string): Promise<void> {
    this.#statusOf(name);
    await this.#network.restart(name);
    await this.waitUntilConnected();
  }

  async waitForSync({ timeoutMs = AGREEMENT_TIMEOUT_MS }: { readonly timeoutMs?: number } = {}): Promise<void> {
    const all = this.#status();
    const partition = readPartition(this.#options.folder);
    const groups =
      partition.length === 0 ? [all] : partition.map((names) => all.filter(({ name }) => names.includes(name)));
    await Promise.all(groups.map((group) => this.#agreed(group, timeoutMs)));
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#network.stop().finally(this.#options.forget);
    return this.#stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Until each node has all the connections, made by it and by others, that the plan and a partition give it. */
  async waitUntilConnected(): Promise<void> {
    const nodes = this.#status();
    const links = linksOf(nodes, readPartition(this.#options.folder));
    const limitMs = performance.now() + CONNECTED_TIMEOUT_MS;
    for (const node of nodes) {
      const expected = links.filter(({ from, to }) => from === node.name || to === node.name).length;
      for (;;) {
        const count = await connectionCount(node);
        if (count >= expected) break;
        this.#refuseFailed();
        if (performance.now() > limitMs)
          throw new Error(
            `${node.name} has ${count} of ${expected} connections after ${CONNECTED_TIMEOUT_MS / 1000} s; its log is in ${node.dataDir}.`,
          );
        await new Promise((resume) => setTimeout(resume, CONNECTED_POLL_MS));
      }
    }
  }

  async #agreed(nodes: readonly NetworkNode[], timeoutMs = AGREEMENT_TIMEOUT_MS): Promise<void> {
    await waitUntilAgreed(nodes, timeoutMs, () => this.#refuseFailed());
  }

  /** What waits for a node that is given up would wait in vain. */
  #refuseFailed(): void {
    if (this.#stopped !== undefined) throw new Error(STOPPED_TEXT);
    const failed = this.#network.status().find(({ state }) => state === "failed");
    if (failed !== undefined)
      throw new Error(
        `${failed.name} has failed: ${failed.lastError || "it ended again and again"}; its data is in ${failed.dataDir}.`,
      );
  }

  /** Throws where the network is stopped. */
  #status(): readonly NodeStatus[] {
    if (this.#stopped !== undefined) throw new Error(STOPPED_TEXT);
    return this.#network.status();
  }

  #control(): FolderNetworkControl {
    const { folder, chain } = this.#options;
    const network = () => {
      this.#refuseFailed();
      return noteOf(this.#network, chain);
    };
    return new FolderNetworkControl({ folder, network, agreementTimeoutMs: AGREEMENT_TIMEOUT_MS });
  }

  #statusOf(name: string): NodeStatus {
    const { name: known } = this.node(name);
    return this.#status().find((one) => one.name === known)!;
  }

  #reachableFrom({ name }: NodeStatus): readonly NodeStatus[] {
    const group = readPartition(this.#options.folder).find((names) => names.includes(name));
    return this.#status().filter((one) => group === undefined || group.includes(one.name));
  }

  async #change(to: Partition): Promise<void> {
    const nodes = this.#status();
    const from = readPartition(this.#options.folder);
    // Written first: a node that starts again meanwhile comes up with the new connections.
    writePartition(this.#options.folder, to);
    const isGone = (name: string) => nodes.find((node) => node.name === name)!.state === "failed";
    await repartition(nodes, from, to, isGone);
  }

  #nodeOf(planned: NodeStatus): BitfleetNode {
    const network = this.#network;
    const { name, role, p2pPort, dataDir, webPort, rpcPort } = planned;
    const call = <Result>(method: string, params: object): Promise<Result> =>
      this.#stopped === undefined
        ? (callPlain(planned, method, params) as Promise<Result>)
        : Promise.reject(new Error(STOPPED_TEXT));
    return {
      name,
      role,
      get state() {
        return network.status().find((one) => one.name === name)!.state;
      },
      p2pPort,
      dataDir,
      rpcUrl: `http://127.0.0.1:${rpcPort}`,
      cookieFile: join(dataDir, this.#options.chain.name, ".cookie"),
      webUrl: webPort === undefined ? undefined : `http://127.0.0.1:${webPort}`,
      rpc: (method, ...params) => call(method, params),
      call: (method, params = []) => call(method, params),
      restart: () => this.restart(name),
      kill: () => network.kill(name),
    };
  }
}

function wholeSats(sats: number): bigint {
  if (!Number.isSafeInteger(sats)) throw new RangeError(`A whole number of satoshis is expected, not ${sats}.`);
  return BigInt(sats);
}

const STOPPED_TEXT = "The network has been stopped.";

/** 0 while it does not answer: it may be starting again. */
async function connectionCount(node: NetworkNode): Promise<number> {
  try {
    return Number(await callPlain(node, "getconnectioncount", []));
  } catch {
    return 0;
  }
}
