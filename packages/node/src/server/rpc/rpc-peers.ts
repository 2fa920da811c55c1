import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import type { P2pNode } from "../../p2p/p2p-node.ts";

/** The node's place in the network, or the error where it has none. */
export function requirePeers(p2p: P2pNode | undefined): P2pNode {
  if (p2p !== undefined) return p2p;
  const message = "Error: Peer-to-peer functionality missing or disabled";
  throw new RpcError(RpcErrorCode.CLIENT_P2P_DISABLED, message);
}
