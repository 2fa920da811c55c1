import { readPartition, writePartition } from "../network/network.ts";
import {
  type Agreement,
  call,
  mine,
  type NetworkNode,
  reorganize,
  repartition,
  tipOf,
  waitUntilAgreed,
} from "../network/operations.ts";
import { type Partition, parsePartition } from "../network/topology.ts";
import {
  nodesOf,
  type RunningNetwork,
  type RunningNode,
  requireRunningNetwork,
  unknownNode,
} from "./running-network.ts";
import { ProgressLine } from "./terminal-status.ts";

/** Commands on a network that runs. Each throws `Error` with what to do; what it prints says what happened. */

const AGREEMENT_TIMEOUT_MS = 120_000;
const RESTART_TIMEOUT_MS = 120_000;
const RESTART_POLL_MS = 50;

/** `bitfleet mine`. */
export async function runMine(
  folder: string,
  count: number,
  options: { node?: string; address?: string },
): Promise<void> {
  const network = requireRunningNetwork(folder);
  const node = nodeOf(network, options.node);
  const hashes = await mine(node, count, options.address ?? network.miningAddress);
  const { height } = await tipOf(node);
  print(`${node.name} mined ${countOf(hashes.length, "block")}; height ${height}, tip ${hashes.at(-1)}`);
}

/** `bitfleet partition`. */
export async function runPartition(folder: string, groups: string): Promise<void> {
  const network = severalNodes(folder);
  const nodes = nodesOf(network);
  const names = nodes.map(({ name }) => name);
  const partition = parsePartition(groups, names);
  await change(folder, nodes, partition);
  print(`Partitioned: ${partition.map((group) => group.join(",")).join(" | ")}. "bitfleet heal" ends it.`);
}

/** `bitfleet heal`. */
export async function runHeal(folder: string): Promise<void> {
  const nodes = nodesOf(severalNodes(folder));
  await change(folder, nodes, []);
  const tip = await agreed(notFailed(nodes));
  print(`Healed: ${countOf(notFailed(nodes).length, "node")} agree at height ${tip.height}, tip ${tip.hash}`);
}

/** `bitfleet reorg`. */
export async function runReorg(folder: string, depth: number, name?: string): Promise<void> {
  const network = requireRunningNetwork(folder);
  const nodes = nodesOf(network);
  const node = nodeOf(network, name);
  const hashes = await reorganize(node, depth, network.miningAddress);
  const followers = sameGroup(notFailed(nodes), readPartition(folder), node);
  const tip = await agreed(followers);
  print(`${node.name} replaced ${countOf(depth, "block")} by ${hashes.length}; height ${tip.height}, tip ${tip.hash}`);
}

/** `bitfleet restart`: the supervisor starts again what ends. */
export async function runRestart(folder: string, name: string): Promise<void> {
  const pidOf = () => nodeOf(severalNodes(folder), name).pid;
  const node = nodeOf(severalNodes(folder), name);
  if (node.state === "failed")
    throw new Error(`${name} was given up: ${node.lastError}. Stop the network and start it again with "bitfleet up".`);
  const before = node.pid;
  await call(node, "stop");
  const limitMs = performance.now() + RESTART_TIMEOUT_MS;
  while (pidOf() === before || nodeOf(severalNodes(folder), name).state !== "running") {
    if (performance.now() > limitMs) throw new Error(`${name} has not come back; see "bitfleet status".`);
    await new Promise((resolve) => setTimeout(resolve, RESTART_POLL_MS));
  }
  const { height } = await tipOf(node);
  print(`${name} restarted as process ${pidOf()}; height ${height}`);
}

async function change(folder: string, nodes: readonly (NetworkNode & RunningNode)[], to: Partition): Promise<void> {
  const from = readPartition(folder);
  // Written first: a node that starts again meanwhile comes up with the new connections.
  writePartition(folder, to);
  const isGone = (name: string) => nodes.find((node) => node.name === name)!.state === "failed";
  const absent = await repartition(nodes, from, to, isGone);
  for (const name of absent) print(`${name} does not answer; it has the new connections when it starts again.`);
}

async function agreed(nodes: readonly NetworkNode[]) {
  const progress = new ProgressLine();
  const show = ({ agreeing, total }: Agreement) =>
    progress.show(`${agreeing} of ${total} nodes agree`, (agreeing * 100) / total);
  try {
    return await waitUntilAgreed(nodes, AGREEMENT_TIMEOUT_MS, show);
  } finally {
    progress.clear();
  }
}

/** One that is given up would be waited for in vain; `bitfleet status` says why it is. */
const notFailed = <Node extends RunningNode>(nodes: readonly Node[]) => nodes.filter(({ state }) => state !== "failed");

function sameGroup(nodes: readonly NetworkNode[], partition: Partition, { name }: NetworkNode): readonly NetworkNode[] {
  const group = partition.find((names) => names.includes(name));
  return group === undefined ? nodes : nodes.filter((node) => group.includes(node.name));
}

/** The node of that name. Throws `Error` that names the others where there is none. */
export function nodeOf(network: RunningNetwork, name = "miner-0") {
  const node = nodesOf(network).find((one) => one.name === name);
  if (node === undefined) throw new Error(unknownNode(network, name));
  return node;
}

function severalNodes(folder: string): RunningNetwork {
  const network = requireRunningNetwork(folder);
  if (network.nodes !== undefined && network.nodes.length > 1) return network;
  throw new Error(
    'The network is one node. Stop it and start it with more, such as "bitfleet up --miners 3 --webservers 2".',
  );
}

const print = (line: string) => process.stdout.write(`${line}\n`);

const countOf = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;
