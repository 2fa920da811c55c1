import type { Logger } from "../../ports.ts";
import type { Peer } from "../peer.ts";
import type { Peers } from "../peer-module.ts";
import type { BlockRequests } from "./block-requests.ts";
import type { SyncPeers } from "./sync-peers.ts";

/** A peer has so long to bring something before it is compared with others. */
const CONNECT_TIME_MIN_MS = 30 * 1000;

export interface ExtraPeersDependencies {
  readonly peers: Peers;
  readonly requests: Pick<BlockRequests, "ofPeer">;
  readonly log: Logger;
}

/**
 * Ends one block-relay connection: the newest, which is the one beyond the places; but the one before it where the newest
 * has brought a block more recently.
 */
export function evictExtraBlockRelay(nowMs: number, deps: ExtraPeersDependencies): void {
  const [newest, next] = [...deps.peers.all()].filter(({ isBlockOnly }) => isBlockOnly).sort((a, b) => b.id - a.id);
  if (newest === undefined) return;
  const isNewestBetter = next !== undefined && newest.lastBlockSeconds > next.lastBlockSeconds;
  const peer = isNewestBetter ? next : newest;
  // Blocks are asked only of peers whose chain is at least as good as ours, so one that owes us some is of use.
  if (nowMs - peer.options.connectedMs < CONNECT_TIME_MIN_MS || deps.requests.ofPeer(peer).length > 0) {
    deps.log.debug("net", `keeping block-relay-only peer=${peer.id} chosen for eviction (${stateOf(peer, deps)})`);
    return;
  }
  const since = `last block received at time ${peer.lastBlockSeconds}`;
  deps.log.debug("net", `disconnecting extra block-relay-only peer=${peer.id} (${since})`);
  deps.peers.disconnect(peer, "");
}

/** Ends one full-relay connection: of those that may go, that whose last new block is the longest ago. True where one ended. */
export function evictExtraFullRelay(
  nowMs: number,
  deps: ExtraPeersDependencies & { readonly syncPeers: Pick<SyncPeers, "isProtected" | "announcedSeconds"> },
): boolean {
  const { peers, syncPeers, requests, log } = deps;
  const all = [...peers.all()];
  // The only way into a network is not given up.
  const isOnlyOne = (peer: Peer) =>
    all.filter((other) => (other.isManual || other.isFullRelay) && other.options.network === peer.options.network)
      .length <= 1;
  const [worst] = all
    .filter((peer) => peer.isFullRelay && !syncPeers.isProtected(peer) && !isOnlyOne(peer))
    .sort((a, b) => syncPeers.announcedSeconds(a) - syncPeers.announcedSeconds(b) || b.id - a.id);
  if (worst === undefined) return false;
  if (nowMs - worst.options.connectedMs <= CONNECT_TIME_MIN_MS || requests.ofPeer(worst).length > 0) {
    log.debug("net", `keeping outbound peer=${worst.id} chosen for eviction (${stateOf(worst, deps)})`);
    return false;
  }
  const since = `last block announcement received at time ${syncPeers.announcedSeconds(worst)}`;
  log.debug("net", `disconnecting extra outbound peer=${worst.id} (${since})`);
  peers.disconnect(worst, "");
  return true;
}

function stateOf(peer: Peer, { requests }: ExtraPeersDependencies): string {
  const connectedSeconds = Math.floor(peer.options.connectedMs / 1000);
  return `connect time: ${connectedSeconds}, blocks_in_flight: ${requests.ofPeer(peer).length}`;
}
