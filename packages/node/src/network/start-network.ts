import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type JsonValue, toPlain } from "@bitfleet/api/json.ts";
import { SystemClock, systemRandom } from "../clock.ts";
import { freePort } from "./free-port.ts";
import { Network, type NodeStatus, readPartition, writePartition } from "./network.ts";
import { type CallParam, call, mine, reorganize, repartition, tipOf, waitUntilAgreed } from "./operations.ts";
import { type Partition, type PlannedNode, parsePartition, planNetwork } from "./topology.ts";

/** An address of regtest that nobody has the key of. */
const ADDRESS_DEFAULT = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const AGREEMENT_TIMEOUT_MS = 60_000;
const CONNECTED_POLL_MS = 20;

export interface StartNetworkOptions {
  /** Default 1. */
  readonly miners?: number;
  /** Default 0: the first miner serves the page. */
  readonly webservers?: number;
  /** Where data is kept; a temporary folder, removed at the end, where absent. */
  readonly dataDir?: string;
  /** Mean seconds between blocks; absent: blocks come only by {@link RunningTestNetwork.mine}. */
  readonly interval?: number;
  /** Where mined coins go. Default: to nobody. */
  readonly miningAddress?: string;
}

/** One node, for test code. */
export interface TestNetworkNode {
  readonly name: string;
  readonly role: PlannedNode["role"];
  /** With cookie authentication; see `dataDir`. */
  readonly rpcUrl: string;
  readonly p2pPort: number;
  readonly webUrl: string | undefined;
  readonly dataDir: string;
  /** Calls a JSON-RPC method. Rejects with the node's message. */
  rpc(method: string, ...params: readonly CallParam[]): Promise<unknown>;
  /** Ends the node and starts it again. */
  restart(): Promise<void>;
  /** Kills the node's process at once, as a crash would; it is started again. */
  kill(): void;
}

export interface RunningTestNetwork {
  readonly nodes: readonly TestNetworkNode[];
  /** Throws where there is none of that name. */
  node(name: string): TestNetworkNode;
  /** Mines blocks at once and waits until every reachable node has them. The hashes, oldest first. */
  mine(count: number, options?: { readonly node?: string; readonly address?: string }): Promise<readonly string[]>;
  /** Separates groups of nodes, `"miner-0 | miner-1"`; who is not named is in one more group. */
  partition(groups: string): Promise<void>;
  /** Ends a partition and waits until all agree. */
  heal(): Promise<void>;
  /** Replaces the last `depth` blocks by `depth + 1` others, and waits until all agree. */
  reorg(depth: number): Promise<void>;
  waitUntilAgreed(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a private network of real nodes, each in a process of its own, on ports that are free, for tests: miners in a chain and web
 * servers on them. Resolves when every node answers and all are connected as planned.
 */
export async function startNetwork(options: StartNetworkOptions = {}): Promise<RunningTestNetwork> {
  const { miners = 1, webservers = 0, miningAddress = ADDRESS_DEFAULT } = options;
  const planned = planNetwork({ miners, webservers }, { rpc: 0, web: 0 });
  const plan = await Promise.all(planned.map(onFreePorts));
  const folder = options.dataDir ?? mkdtempSync(join(tmpdir(), "bitfleet-network-"));
  const network = new Network(
    {
      folder,
      plan,
      command: [process.execPath, bitfleetProgram()],
      webHost: "127.0.0.1",
      intervalSeconds: options.interval,
      miningAddress,
    },
    { clock: new SystemClock(), random: systemRandom, onChange: () => {} },
  );
  const stop = async () => {
    await network.stop();
    if (options.dataDir === undefined) rmSync(folder, { recursive: true, force: true });
  };
  try {
    await network.start();
    const running = new TestNetwork(network, folder, miningAddress, stop);
    await running.waitUntilConnected();
    return running;
  } catch (error) {
    await stop();
    throw error;
  }
}

class TestNetwork implements RunningTestNetwork {
  readonly #network: Network;
  readonly #folder: string;
  readonly #address: string;
  readonly nodes: readonly TestNetworkNode[];
  readonly stop: () => Promise<void>;

  constructor(network: Network, folder: string, address: string, stop: () => Promise<void>) {
    this.#network = network;
    this.#folder = folder;
    this.#address = address;
    this.stop = stop;
    this.nodes = network.status().map((status) => testNode(network, status));
  }

  node(name: string): TestNetworkNode {
    const node = this.nodes.find((one) => one.name === name);
    if (node === undefined)
      throw new RangeError(`There is no node '${name}'; there are ${this.nodes.map((one) => one.name).join(", ")}.`);
    return node;
  }

  async mine(count: number, { node: name = "miner-0", address = this.#address } = {}): Promise<readonly string[]> {
    const { name: known } = this.node(name);
    const all = this.#network.status();
    const node = all.find((one) => one.name === known)!;
    const hashes = await mine(node, count, address);
    const group = this.#partition().find((names) => names.includes(known));
    const reachable = group === undefined ? all : all.filter((one) => group.includes(one.name));
    await waitUntilAgreed(reachable, AGREEMENT_TIMEOUT_MS);
    return hashes;
  }

  async partition(groups: string): Promise<void> {
    const nodes = this.#network.status();
    const names = nodes.map(({ name }) => name);
    await this.#change(parsePartition(groups, names));
  }

  async heal(): Promise<void> {
    await this.#change([]);
    await this.waitUntilAgreed();
  }

  async reorg(depth: number): Promise<void> {
    await reorganize(this.#network.status()[0]!, depth, this.#address);
    await this.waitUntilAgreed();
  }

  async waitUntilAgreed(): Promise<void> {
    await waitUntilAgreed(this.#network.status(), AGREEMENT_TIMEOUT_MS);
  }

  /** Until each node has the connections that it makes. */
  async waitUntilConnected(): Promise<void> {
    const limitMs = performance.now() + AGREEMENT_TIMEOUT_MS;
    for (const node of this.#network.status()) {
      while (Number(toPlain(await call(node, "getconnectioncount"))) < node.connectsTo.length) {
        if (performance.now() > limitMs) throw new Error(`${node.name} is not connected to ${node.connectsTo}.`);
        await new Promise((resume) => setTimeout(resume, CONNECTED_POLL_MS));
      }
    }
  }

  #partition(): Partition {
    return readPartition(this.#folder);
  }

  async #change(to: Partition): Promise<void> {
    const from = this.#partition();
    writePartition(this.#folder, to);
    await repartition(this.#network.status(), from, to);
  }
}

function testNode(network: Network, status: NodeStatus): TestNetworkNode {
  const { name, role, p2pPort, dataDir, webPort, rpcPort } = status;
  return {
    name,
    role,
    p2pPort,
    dataDir,
    rpcUrl: `http://127.0.0.1:${rpcPort}`,
    webUrl: webPort === undefined ? undefined : `http://127.0.0.1:${webPort}`,
    rpc: async (method, ...params) => toPlain((await call(status, method, ...params)) as JsonValue),
    restart: async () => {
      await network.restart(name);
      await tipOf(status);
    },
    kill: () => {
      const pid = network.status().find((one) => one.name === name)?.pid;
      if (pid !== undefined) process.kill(pid, "SIGKILL");
    },
  };
}

async function onFreePorts(node: PlannedNode): Promise<PlannedNode> {
  const [p2pPort, rpcPort, webPort] = await Promise.all([freePort(), freePort(), freePort()]);
  return { ...node, p2pPort, rpcPort, webPort: node.webPort === undefined ? undefined : webPort };
}

/** `bitfleet` of this installation: beside the bundle in /dist, or above this source file. */
function bitfleetProgram(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const root = here.endsWith("dist") ? resolve(here, "..") : resolve(here, "../../../..");
  return join(root, "packages/node/bin/bitfleet");
}
