import { isToldOfPeers } from "./connections/added-nodes.ts";
import type { P2pNode } from "./p2p-node.ts";

/** Whether a peer has told of all headers that it has: one that the node chose, or anybody where the operator has named none. */
export function hasHeardPeer(node: Pick<P2pNode, "addedNodes" | "options" | "network">): boolean {
  const { sync } = node.network;
  return sync.hasHeardPreferred || (!isToldOfPeers(node) && [...sync.heardPeers()].length > 0);
}
