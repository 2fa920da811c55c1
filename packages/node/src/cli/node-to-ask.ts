import { containerTargetArguments } from "../config/container/cli-places.ts";
import { hasRole } from "../config/container/variables.ts";
import { loadCommandLine } from "../config/files.ts";
import { machineEnvironment } from "../machine.ts";
import type { NamedTarget } from "../network/operations.ts";
import { readRunningNetwork } from "../network/running-network.ts";
import { cliTarget } from "./bitcoin-cli.ts";
import { DATA_FOLDER_DEFAULT } from "./find-network.ts";
import { lonelyNode } from "./lonely-node.ts";
import { nodeOf } from "./network-commands.ts";

export const DATA_HELP = `where the network is kept, or the data directory of a node that runs by itself (default: the node of this container, else ${DATA_FOLDER_DEFAULT})`;
export const PORT_HELP =
  "where such a node answers JSON-RPC (default: as its bitcoin.conf says, else the usual port of its chain)";

/** Which node a command means. */
export interface NodeChoice {
  readonly data?: string;
  readonly node?: string;
  readonly rpcPort?: number;
}

/**
 * The node of the container that this is, unless a folder is named; else one of the network in the folder, or the node that runs there by
 * itself. Rejects with `Error` and what to do.
 */
export async function nodeToAsk({ data, node, rpcPort }: NodeChoice): Promise<NamedTarget> {
  if (data === undefined && hasRole(process.env)) {
    const port = rpcPort === undefined ? [] : [`-rpcport=${rpcPort}`];
    const args = [...(await containerTargetArguments(process.env, loadCommandLine([]))), ...port];
    return { name: "The node of this container", target: cliTarget(args, machineEnvironment()) };
  }
  const folder = data ?? DATA_FOLDER_DEFAULT;
  const network = readRunningNetwork(folder);
  return network === undefined ? lonelyNode(folder, rpcPort) : nodeOf(network, node);
}
