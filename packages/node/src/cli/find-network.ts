import { resolve } from "node:path";
import { rpcTargetOf } from "../network/network.ts";
import { callRpc, RpcUnreachable } from "../network/rpc-client.ts";
import {
  chainOf,
  isBitfleet,
  nodesOf,
  type RunningNetwork,
  readRunningNetwork,
  unknownNode,
} from "../network/running-network.ts";

/** How the commands find the network that runs in a folder. */

export const DATA_FOLDER_DEFAULT = "bitfleet-data";
/** A network of processes ends one node after the other. */
const STOP_TIMEOUT_MS = 180_000;
const STOP_POLL_MS = 50;

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
