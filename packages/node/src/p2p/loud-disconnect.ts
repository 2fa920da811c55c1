import type { Logger } from "../ports.ts";
import type { Peer } from "./peer.ts";
import type { Peers } from "./peer-module.ts";

/** Ends a connection for a reason that the operator should see without asking for debug lines. */
export function disconnectLoudly(
  peer: Peer,
  why: string,
  deps: { readonly peers: Pick<Peers, "disconnect">; readonly log: Logger },
): void {
  deps.log.info(`${why}, disconnecting ${peer}`);
  deps.peers.disconnect(peer, "");
}
