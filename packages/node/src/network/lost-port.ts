import { isPortFree } from "./free-port.ts";
import type { NodeStatus } from "./network.ts";
import type { WalletApi } from "./network-wallet.ts";

/** Another program may take a port between our look and the start of its node; so often a network is started in all. */
export const STARTS_MAX = 3;

/** Whether somebody else has a port of a node that failed: its start may do better with others. The first node has the wallets' API. */
export async function hasLostPort(nodes: readonly NodeStatus[], walletApi: WalletApi | undefined): Promise<boolean> {
  const failed = nodes.filter(({ state }) => state === "failed");
  const ports = failed.flatMap(({ p2pPort, rpcPort, webPort = 0 }) => [p2pPort, rpcPort, webPort]);
  if (failed.includes(nodes[0]!)) ports.push(walletApi?.port ?? 0);
  const areFree = await Promise.all(ports.map(isPortFree));
  return areFree.includes(false);
}
