import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { rpcTargetOf } from "./network.ts";
import type { NodeState } from "./node-runner.ts";
import type { NetworkNode } from "./operations.ts";
import type { PrivateChain } from "./private-chain.ts";
import type { PlannedNode } from "./topology.ts";

/** What `bitfleet up` leaves in its folder so that the other commands find it while it runs. */

const FILE_NAME = "running.json";
const LEFT_BEHIND_POLL_MS = 50;
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
  /** Why the faucet has nothing to pay from; absent where the first miner's wallet has what is mined. */
  readonly noFaucet?: string;
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

/** The note in `folder`, whether or not the process that wrote it is there. */
export function readNote(folder: string): RunningNetwork | undefined {
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
    await new Promise((resume) => setTimeout(resume, LEFT_BEHIND_POLL_MS));
  }
}

/** Whether that process is one of ours. After a restart of the machine the number may be another program's, which is not ours to end. */
export function isBitfleet(pid: number): boolean {
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

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** What its nodes run. */
export const chainOf = ({ chain = "regtest" }: RunningNetwork) => chain;

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
