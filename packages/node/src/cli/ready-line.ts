import type { PlannedNode } from "../network/topology.ts";

/**
 * Says that a node answers, where, and how far it is: `height`, and the `networkHeight` of the nodes that it has its blocks from, where
 * one is known. A node that has just started has yet to fetch them.
 */
export function readyLine(
  { name, rpcPort, webPort }: Pick<PlannedNode, "name" | "rpcPort" | "webPort">,
  height: number,
  networkHeight = height,
): string {
  const page = webPort === undefined ? "" : `, page http://localhost:${webPort}`;
  const standing = height < networkHeight ? `syncing, at height ${height} of ${networkHeight}` : `height ${height}`;
  return `${name} ready: JSON-RPC http://127.0.0.1:${rpcPort}${page}, ${standing}`;
}
