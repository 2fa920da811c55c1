import { readFileSync } from "node:fs";
import type { JsonNumber } from "@bitfleet/api/json.ts";
import { networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import {
  type FaucetRequest,
  type FaucetResult,
  type HealResult,
  type LogPart,
  type MineResult,
  type MinerOrder,
  type MinerView,
  type NetworkControl,
  NetworkFault,
  type NetworkTip,
  type NetworkView,
  type NodeView,
  type PartitionResult,
  type RestartResult,
  type RevertResult,
  type SnapshotView,
  type TimeChange,
  type TimeResult,
} from "../server/network-control.ts";
import { payFromFaucet } from "./faucet.ts";
import { logPart } from "./log-tail.ts";
import { changedTime, readMockTime, writeMockTime } from "./mock-time.ts";
import { logFileOf, readPartition, writePartition } from "./network.ts";
import { networkFaultOf } from "./network-fault.ts";
import { minerOf, tellMiner } from "./node-miner.ts";
import { whileLocked } from "./operation-lock.ts";
import {
  type Agreement,
  call,
  callPlain,
  mine,
  type NetworkNode,
  repartition,
  tipOf,
  waitUntilAgreed,
} from "./operations.ts";
import { reorganize } from "./reorganize.ts";
import { RpcError, RpcUnreachable } from "./rpc-client.ts";
import { chainOf, nodesOf, type RunningNetwork, type RunningNode, unknownNode } from "./running-network.ts";
import { finishReverts, impatient, revertNetwork, type SnapshotNetwork, takeSnapshot } from "./snapshot.ts";
import {
  nameForNew,
  readSnapshot,
  readSnapshots,
  removeSnapshotFile,
  viewOf,
  writeSnapshot,
} from "./snapshot-store.ts";
import { waitUntilMet } from "./tie.ts";
import { linksOf, type Partition, partitionOf } from "./topology.ts";

const AGREEMENT_TIMEOUT_MS = 120_000;
const RESTART_TIMEOUT_MS = 120_000;
const RESTART_POLL_MS = 50;
/** A payment that hangs on others comes behind them. */
const PAYMENT_TIMEOUT_MS = 10_000;
/** More of a log is for other means. */
const LOG_LINES_MAX = 1_000;
const LOG_BYTES_MAX = 512 * 1024;

export interface FolderControlOptions {
  /** Of the network. */
  readonly folder: string;
  /** What runs in it now. Throws where nothing does. */
  readonly network: () => RunningNetwork;
  /** The node whose process this is. */
  readonly self?: string | undefined;
  readonly agreementTimeoutMs?: number;
  /** Hears of every look at how far the nodes agree. What it throws ends the wait. */
  readonly onProgress?: (agreement: Agreement) => void;
}

type Node = RunningNode & NetworkNode;

/** A network of this machine, by its folder and by JSON-RPC: from any process, of the nodes, of the commands and of tests. */
export class FolderNetworkControl implements NetworkControl {
  readonly #options: FolderControlOptions;

  constructor(options: FolderControlOptions) {
    this.#options = options;
  }

  async status(): Promise<NetworkView> {
    return this.#asked(async (network, nodes) => {
      const partition = readPartition(this.#options.folder);
      const links = linksOf(nodes, partition);
      const linksFrom = (name: string) => links.filter(({ from }) => from === name).map(({ to }) => to);
      const views = await Promise.all(nodes.map((node) => viewOfNode(node, linksFrom(node.name))));
      const mockTimeSeconds = readMockTime(this.#options.folder);
      return { chain: chainOf(network), self: this.#options.self, nodes: views, partition, mockTimeSeconds };
    });
  }

  partition(groups: Partition): Promise<PartitionResult> {
    return this.#changing("partition", async (network, nodes) => {
      requireSeveral(network);
      const names = nodes.map(({ name }) => name);
      const partition = partitionOf(groups, names);
      return { partition, absent: await this.#repartition(nodes, partition) };
    });
  }

  heal(): Promise<HealResult> {
    return this.#changing("heal", async (network, nodes) => {
      requireSeveral(network);
      const absent = await this.#repartition(nodes, []);
      const alive = nodes.filter(isAlive);
      const { agreementTimeoutMs = AGREEMENT_TIMEOUT_MS, onProgress } = this.#options;
      return { ...(await waitUntilMet(alive, agreementTimeoutMs, onProgress)), absent };
    });
  }

  reorg(depth: number, name?: string): Promise<MineResult> {
    return this.#changing("reorg", async (network, nodes) => {
      const node = await nodeOrFirst(network, nodes, name);
      const hashes = await reorganize(node, depth, network.miningAddress);
      const tip = await this.#agreed(this.#reachedBy(node, nodes));
      return { node: node.name, hashes, ...tip };
    });
  }

  mine(
    count: number,
    { address, node: name }: { readonly address?: string | undefined; readonly node?: string | undefined } = {},
  ): Promise<MineResult> {
    return this.#changing("mine", async (network, nodes) => {
      if (!Number.isSafeInteger(count) || count < 1)
        throw new RangeError(`A number of blocks from 1 is expected, not ${count}.`);
      const node = await nodeOrFirst(network, nodes, name);
      const hashes = await mine(node, count, address ?? network.miningAddress);
      return { node: node.name, hashes, ...(await tipOf(node)) };
    });
  }

  restart(name: string): Promise<RestartResult> {
    return this.#changing("restart", async (network) => {
      requireSeveral(network);
      const find = () => nodeNamed(this.#options.network(), name);
      const node = find();
      const cookie = cookieOf(node);
      if (node.state === "failed") {
        const remedy = 'Stop the network and start it again with "bitfleet up".';
        throw new NetworkFault("conflict", `${name} was given up: ${node.lastError}. ${remedy}`);
      }
      await call(node, "stop");
      // Who answers cannot wait for its own end.
      if (name === this.#options.self) return { node: name, height: undefined, pid: undefined };
      const limitMs = performance.now() + RESTART_TIMEOUT_MS;
      // Each run has a cookie of its own.
      while (["", cookie].includes(cookieOf(node)) || find().state !== "running") {
        if (performance.now() > limitMs)
          throw new NetworkFault("unavailable", `${name} has not come back; see "bitfleet status".`);
        await new Promise((resolve) => setTimeout(resolve, RESTART_POLL_MS));
      }
      return { node: name, height: (await tipOf(node)).height, pid: find().pid };
    });
  }

  setTime(change: TimeChange): Promise<TimeResult> {
    const { folder } = this.#options;
    return this.#changing("change of time", async (network, nodes) => {
      if (chainOf(network) !== "regtest")
        throw new NetworkFault("conflict", "Only the time of a regtest network can be changed; this is a signet.");
      const now = { mockSeconds: readMockTime(folder), realSeconds: Math.floor(Date.now() / 1000) };
      const mockTimeSeconds = changedTime(change, now);
      // Written first: a node that starts again meanwhile comes up with it.
      writeMockTime(folder, mockTimeSeconds);
      const answers = await Promise.all(nodes.map((node) => tellTime(node, mockTimeSeconds)));
      return { mockTimeSeconds, absent: nodes.filter((_, at) => !answers[at]).map(({ name }) => name) };
    });
  }

  hasFaucet(): boolean {
    try {
      return this.#options.network().noFaucet === undefined;
    } catch {
      return false;
    }
  }

  faucet({ address, sats, mine: blockCount = 0, node: name }: FaucetRequest): Promise<FaucetResult> {
    return this.#changing("payment of the faucet", async (network, nodes) => {
      const payer = nodes[0]!;
      const node = name === undefined ? payer : nodeNamed(network, name);
      if (network.noFaucet !== undefined) throw new NetworkFault("conflict", network.noFaucet);
      if (!this.#reachedBy(payer, nodes).some((one) => one.name === node.name))
        throw new NetworkFault(
          "conflict",
          `${node.name} is parted from ${payer.name}, which pays; heal the network first.`,
        );
      await requirePayer(payer);
      const prefixes = networkByName(chainOf(network))!.addressPrefixes;
      const { txid, feeSats, hex } = await payFromFaucet({ address, sats }, { node: payer, prefixes });
      if (node !== payer) await handOn(node, txid, hex);
      const hashes = blockCount > 0 ? await mine(node, blockCount, network.miningAddress) : [];
      if (blockCount > 0) await this.#agreed(this.#reachedBy(node, nodes));
      return { txid, address, sats, feeSats, hashes };
    });
  }

  snapshot(wanted?: string): Promise<SnapshotView> {
    const { folder } = this.#options;
    return this.#changing("snapshot", async (network, nodes) => {
      if (readPartition(folder).length > 0)
        throw new NetworkFault(
          "conflict",
          "The network is partitioned; a snapshot is of one that agrees: heal it first.",
        );
      const name = nameForNew(folder, wanted);
      const snapshot = await takeSnapshot(snapshotNetwork(folder, network, nodes), name);
      writeSnapshot(folder, snapshot);
      return viewOf(snapshot);
    });
  }

  async snapshots(): Promise<readonly SnapshotView[]> {
    return readSnapshots(this.#options.folder).map(viewOf);
  }

  async removeSnapshot(name: string): Promise<void> {
    readSnapshot(this.#options.folder, name);
    removeSnapshotFile(this.#options.folder, name);
  }

  revert(name: string): Promise<RevertResult> {
    const { folder } = this.#options;
    return this.#changing("revert", async (network, nodes) => {
      const snapshot = readSnapshot(folder, name);
      const result = await revertNetwork(snapshotNetwork(folder, network, nodes), snapshot);
      // All that have one have the same, unless somebody set one by hand: the latest keeps every block valid.
      const times = Object.values(snapshot.mockTimes);
      if (chainOf(network) === "regtest") writeMockTime(folder, times.length === 0 ? undefined : Math.max(...times));
      return result;
    });
  }

  miner(name: string, blockCount: number) {
    return this.#asked((network) => minerOf(impatient(nodeNamed(network, name)), blockCount));
  }

  setMiner(name: string, order: MinerOrder): Promise<MinerView> {
    return this.#asked(async (network) => {
      const node = impatient(nodeNamed(network, name));
      const isStart = order.pacing !== undefined && order.pacing !== "off" && order.address === undefined;
      const lacksAddress = isStart && !(await minerOf(node)).hasAddress;
      return tellMiner(node, lacksAddress ? { ...order, address: network.miningAddress } : order);
    });
  }

  async logs(name: string, lines: number, after?: number): Promise<LogPart> {
    return this.#asked(async (network) => {
      if (!Number.isSafeInteger(lines) || lines < 1 || lines > LOG_LINES_MAX)
        throw new RangeError(`A number of lines from 1 to ${LOG_LINES_MAX} is expected, not ${lines}.`);
      const { dataDir } = nodeNamed(network, name);
      return logPart(logFileOf(dataDir, chainOf(network)), { count: lines, after, bytesMax: LOG_BYTES_MAX });
    });
  }

  /** What only looks. */
  async #asked<Value>(work: (network: RunningNetwork, nodes: readonly Node[]) => Promise<Value>): Promise<Value> {
    try {
      const network = this.#options.network();
      return await work(network, nodesOf(network));
    } catch (error) {
      throw networkFaultOf(error);
    }
  }

  /** One change at a time; what an earlier one left undone comes first. */
  #changing<Value>(
    what: string,
    work: (network: RunningNetwork, nodes: readonly Node[]) => Promise<Value>,
  ): Promise<Value> {
    const { folder } = this.#options;
    return this.#asked((network) =>
      whileLocked(folder, what, async () => {
        const nodes = nodesOf(this.#options.network());
        await finishReverts(snapshotNetwork(folder, network, nodes));
        return work(network, nodes);
      }),
    );
  }

  async #repartition(nodes: readonly Node[], to: Partition): Promise<readonly string[]> {
    const { folder } = this.#options;
    const from = readPartition(folder);
    // Written first: a node that starts again meanwhile comes up with the new connections.
    writePartition(folder, to);
    const isGone = (name: string) => nodes.find((node) => node.name === name)!.state === "failed";
    return repartition(nodes, from, to, isGone);
  }

  async #agreed(nodes: readonly NetworkNode[]): Promise<NetworkTip> {
    const { agreementTimeoutMs = AGREEMENT_TIMEOUT_MS, onProgress } = this.#options;
    return waitUntilAgreed(nodes, agreementTimeoutMs, onProgress);
  }

  /** Nodes that are given up would be waited for in vain; so would those of other groups. */
  #reachedBy({ name }: Node, nodes: readonly Node[]): readonly Node[] {
    const group = readPartition(this.#options.folder).find((names) => names.includes(name));
    return nodes.filter(isAlive).filter((node) => group === undefined || group.includes(node.name));
  }
}

const snapshotNetwork = (folder: string, network: RunningNetwork, nodes: readonly Node[]): SnapshotNetwork => ({
  folder,
  chain: chainOf(network),
  nodes,
});

const isAlive = ({ state }: Node) => state !== "failed";

/** Whether the node is there and has been told. `undefined` is real time. */
async function tellTime(node: Node, seconds: number | undefined): Promise<boolean> {
  if (!isAlive(node)) return false;
  try {
    await call(node, "setmocktime", seconds ?? 0);
    return true;
  } catch (error) {
    if (error instanceof RpcUnreachable) return false;
    throw error;
  }
}

async function viewOfNode(node: Node, connectsTo: readonly string[]): Promise<NodeView> {
  const { name, role, state, p2pPort, webPort } = node;
  const asked = impatient(node);
  const facts = await Promise.all([tipOf(asked), call(asked, "getconnectioncount"), minerOf(asked)]).catch(
    () => undefined,
  );
  return {
    name,
    role,
    state,
    tip: facts?.[0],
    peerCount: facts && Number((facts[1] as JsonNumber).text),
    p2pPort: p2pPort === 0 ? undefined : p2pPort,
    webUrl: webPort === undefined ? undefined : `http://localhost:${webPort}`,
    connectsTo,
    miner: facts?.[2],
  };
}

/** "" while the node is not there. */
function cookieOf({ target: { credentials } }: Node): string {
  try {
    const file = typeof credentials === "string" ? undefined : credentials.cookieFile;
    return file === undefined ? "" : readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Throws {@link NetworkFault} that names the others where there is none. */
function nodeNamed(network: RunningNetwork, name: string): Node {
  const node = nodesOf(network).find((one) => one.name === name);
  if (node === undefined) throw new NetworkFault("unknown", unknownNode(network, name));
  return node;
}

/** Throws {@link NetworkFault} where the node does not answer, so that nobody waits for a payment of it. */
async function requirePayer(node: Node): Promise<void> {
  await tipOf(impatient(node)).catch((error: Error) => {
    const message = `${node.name}, whose wallet the faucet pays from, does not answer; see "bitfleet status".`;
    throw new NetworkFault("unavailable", message, { cause: error });
  });
}

/** Has the node know the payment now, whether or not it has come to it of its peers; what came before it may be on its way still. */
async function handOn(node: Node, txid: string, hex: string): Promise<void> {
  const limitMs = performance.now() + PAYMENT_TIMEOUT_MS;
  for (;;) {
    try {
      await callPlain(node, "sendrawtransaction", [hex]);
      return;
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      const isThere = await callPlain(node, "getrawtransaction", [txid]).then(
        () => true,
        () => false,
      );
      if (isThere) return;
      if (performance.now() > limitMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, RESTART_POLL_MS));
    }
  }
}

/** The node of that name; the first that answers where none is named. */
async function nodeOrFirst(network: RunningNetwork, nodes: readonly Node[], name: string | undefined): Promise<Node> {
  if (name !== undefined) return nodeNamed(network, name);
  for (const node of nodes) {
    const isThere = await tipOf(impatient(node)).then(
      () => true,
      () => false,
    );
    if (isThere) return node;
  }
  throw new NetworkFault("unavailable", "No node of the network answers.");
}

function requireSeveral({ nodes }: RunningNetwork): void {
  if (nodes !== undefined && nodes.length > 1) return;
  throw new NetworkFault(
    "conflict",
    'The network is one node. Stop it and start it with more, such as "bitfleet up --miners 3 --webservers 2".',
  );
}
