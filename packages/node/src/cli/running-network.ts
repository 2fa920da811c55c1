import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { type PrivateChain, rpcTargetOf } from "../network/network.ts";
import type { NodeState } from "../network/node-runner.ts";
import type { NetworkNode } from "../network/operations.ts";
import { callRpc, RpcUnreachable } from "../network/rpc-client.ts";
import type { PlannedNode } from "../network/topology.ts";

/** What `bitfleet up` leaves in its folder so that the other commands find it while it runs. */

export const DATA_FOLDER_DEFAULT = "bitfleet-data";
const FILE_NAME = "running.json";
/** A network of processes ends one node after the other. */
const STOP_TIMEOUT_MS = 180_000;
const STOP_POLL_MS = 50;
/** Nodes whose launcher was killed end by themselves; what they have to write may take so long. */
const LEFT_BEHIND_TIMEOUT_MS = 30_000;

export interface RunningNetwork {
  /** Process that holds the network together. */
  readonly pid: number;
  /** The first miner's. */
  readonly nodeDataDir: string;
  readonly rpcPort: number;
  readonly webUrl: string;
  readonly miningAddress: string;
  /** regtest where absent. */
  readonly chain?: PrivateChain["name"];
  /** Every node, where each is a process of its own; absent where one process is all of it. */
  readonly nodes?: readonly RunningNode[];
}

/** A node of a network of processes, as it last was. */
export interface RunningNode extends PlannedNode {
  readonly dataDir: string;
  readonly state: NodeState;
  readonly pid?: number | undefined;
  readonly lastError?: string;
}

/** Whoever reads sees the old file or the new one, never half of one. */
export function writeRunningNetwork(folder: string, network: RunningNetwork): void {
  const file = join(folder, FILE_NAME);
  writeFileSync(`${file}.new`, `${JSON.stringify(network, undefined, 2)}\n`);
  renameSync(`${file}.new`, file);
}

export function removeRunningNetwork(folder: string): void {
  rmSync(join(folder, FILE_NAME), { force: true });
}

/** The network that runs in `folder`; `undefined` where none does, also where one ended without tidying up. */
export function readRunningNetwork(folder: string): RunningNetwork | undefined {
  const network = readNote(folder);
  return network !== undefined && isBitfleet(network.pid) ? network : undefined;
}

function readNote(folder: string): RunningNetwork | undefined {
  try {
    return JSON.parse(readFileSync(join(resolve(folder), FILE_NAME), "utf8")) as RunningNetwork;
  } catch {
    return undefined;
  }
}

/**
 * For who has the folder to himself: waits until the nodes of a launcher that was killed have ended, which they do by themselves, and
 * calls `onWait` where there are any. Throws `Error` with what to do where one does not.
 */
export async function awaitLeftBehind(folder: string, onWait: (names: readonly string[]) => void): Promise<void> {
  const { nodes = [] } = readNote(folder) ?? {};
  const alive = () => nodes.filter(({ pid }) => pid !== undefined && isBitfleet(pid));
  if (alive().length > 0) onWait(alive().map(({ name }) => name));
  const limitMs = performance.now() + LEFT_BEHIND_TIMEOUT_MS;
  for (let left = alive(); left.length > 0; left = alive()) {
    if (performance.now() > limitMs) {
      const pids = left.map(({ pid }) => pid).join(" ");
      const names = left.map(({ name }) => name).join(", ");
      throw new Error(`${names} of an earlier run work in ${folder} still. End them with "kill ${pids}".`);
    }
    await new Promise((resume) => setTimeout(resume, STOP_POLL_MS));
  }
}

/** Whether that process is one of ours. After a restart of the machine the number may be another program's, which is not ours to end. */
function isBitfleet(pid: number): boolean {
  if (!isAlive(pid)) return false;
  if (process.platform !== "linux") return true;
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    // Of a process that has ended, and whose parent has not asked how, nothing is left here.
    return words.some((word) => /^bitfleet(-entry)?(\.[a-z]+)?$/.test(basename(word)));
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The network that runs in `folder`. Throws `Error` with what to do where none does. */
export function requireRunningNetwork(folder: string): RunningNetwork {
  const network = readRunningNetwork(folder);
  if (network !== undefined) return network;
  const remedy = 'Start one with "bitfleet up", or name its folder with --data.';
  throw new Error(`No network is running in ${resolve(folder)}. ${remedy}`);
}

/** bitcoin-cli options that lead to a node of the network in `folder`: the first miner where none is named. Throws `Error`. */
export function targetArguments(folder: string, name?: string): readonly string[] {
  const network = requireRunningNetwork(folder);
  const node = name === undefined ? undefined : nodesOf(network).find((one) => one.name === name);
  if (name !== undefined && node === undefined) throw new Error(unknownNode(network, name));
  const { dataDir, rpcPort } = node ?? { dataDir: network.nodeDataDir, rpcPort: network.rpcPort };
  return [`-${chainOf(network)}`, `-datadir=${dataDir}`, `-rpcport=${rpcPort}`];
}

const chainOf = ({ chain = "regtest" }: RunningNetwork) => chain;

export const unknownNode = (network: RunningNetwork, name: string) =>
  `There is no node '${name}' in the network; there are ${nodesOf(network)
    .map((node) => node.name)
    .join(", ")}.`;

/** The nodes of a network; of one that is a single process, that one. */
export function nodesOf(network: RunningNetwork): readonly (RunningNode & NetworkNode)[] {
  const { nodes = [singleNode(network)] } = network;
  return nodes.map((node) => ({ ...node, target: rpcTargetOf(node.dataDir, node.rpcPort, chainOf(network)) }));
}

function singleNode({ pid, nodeDataDir, rpcPort, webUrl }: RunningNetwork): RunningNode {
  const webPort = Number(new URL(webUrl).port);
  const plan = { name: "miner-0", role: "miner", p2pPort: 0, rpcPort, webPort, connectsTo: [] } as const;
  return { ...plan, dataDir: nodeDataDir, state: "running", pid };
}

/** `bitfleet down`: asks the network to stop and waits until it has. */
export async function stopNetwork(folder: string): Promise<number> {
  const network = readRunningNetwork(folder);
  if (network === undefined) {
    process.stdout.write(`No network is running in ${resolve(folder)}.\n`);
    return 0;
  }
  await askToStop(network);
  const startedMs = performance.now();
  while (isBitfleet(network.pid)) {
    if (performance.now() - startedMs > STOP_TIMEOUT_MS) {
      process.stderr.write(`Error: process ${network.pid} has not stopped within three minutes.\n`);
      return 1;
    }
    await new Promise((resume) => setTimeout(resume, STOP_POLL_MS));
  }
  process.stdout.write("Stopped.\n");
  return 0;
}

async function askToStop(network: RunningNetwork): Promise<void> {
  if (network.nodes !== undefined) {
    process.kill(network.pid, "SIGTERM");
    return;
  }
  try {
    await callRpc(rpcTargetOf(network.nodeDataDir, network.rpcPort, chainOf(network)), "stop", []);
  } catch (error) {
    // It may be ending already, in which case nobody answers any more.
    if (!(error instanceof RpcUnreachable)) throw error;
  }
}
