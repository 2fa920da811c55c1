import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { rpcTargetOf } from "../network/network.ts";
import type { NodeState } from "../network/node-process.ts";
import type { NetworkNode } from "../network/operations.ts";
import { callRpc, RpcUnreachable } from "../network/rpc-client.ts";
import type { PlannedNode } from "../network/topology.ts";

/** What `bitfleet up` leaves in its folder so that the other commands find it while it runs. */

export const DATA_FOLDER_DEFAULT = "bitfleet-data";
const FILE_NAME = "running.json";
/** A network of processes ends one node after the other. */
const STOP_TIMEOUT_MS = 180_000;
const STOP_POLL_MS = 50;

export interface RunningNetwork {
  /** Process that holds the network together. */
  readonly pid: number;
  /** The first miner's. */
  readonly nodeDataDir: string;
  readonly rpcPort: number;
  readonly webUrl: string;
  readonly miningAddress: string;
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
  let network: RunningNetwork;
  try {
    network = JSON.parse(readFileSync(join(resolve(folder), FILE_NAME), "utf8")) as RunningNetwork;
  } catch {
    return undefined;
  }
  return isAlive(network.pid) ? network : undefined;
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
  return ["-regtest", `-datadir=${dataDir}`, `-rpcport=${rpcPort}`];
}

export const unknownNode = (network: RunningNetwork, name: string) =>
  `There is no node '${name}' in the network; there are ${nodesOf(network)
    .map((node) => node.name)
    .join(", ")}.`;

/** The nodes of a network; of one that is a single process, that one. */
export function nodesOf(network: RunningNetwork): readonly (RunningNode & NetworkNode)[] {
  const { nodes = [singleNode(network)] } = network;
  return nodes.map((node) => ({ ...node, target: rpcTargetOf(node.dataDir, node.rpcPort) }));
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
  while (isAlive(network.pid)) {
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
    await callRpc(rpcTargetOf(network.nodeDataDir, network.rpcPort), "stop", []);
  } catch (error) {
    // It may be ending already, in which case nobody answers any more.
    if (!(error instanceof RpcUnreachable)) throw error;
  }
}
