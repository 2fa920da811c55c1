import { displayHash, hashKey } from "@bitfleet/protocol/primitives/types.ts";
import { PAYLOAD_SIZE_MAX } from "@bitfleet/protocol/wire/codec.ts";
import { ADDED_CONNECTIONS_MAX } from "../../packages/node/src/p2p/connections/added-nodes.ts";
import { FEELER_CONNECTIONS_MAX } from "../../packages/node/src/p2p/connections/automatic-connections.ts";
import type { Peer } from "../../packages/node/src/p2p/peer.ts";
import {
  BLOCKS_IN_TRANSIT_PER_PEER_MAX,
  COMPACT_REQUESTS_PER_BLOCK_MAX,
} from "../../packages/node/src/p2p/sync/block-requests.ts";
import { HIGH_BANDWIDTH_PEERS_MAX } from "../../packages/node/src/p2p/sync/compact-block-peers.ts";
import { RECEIVE_BUFFER_SIZE, SEND_BUFFER_SIZE, type SimulatedNode } from "./simulated-node.ts";
import type { SimulatedInternet } from "./simulated-sockets.ts";

/** What must hold of every node at every moment. */

/** Limits that their modules keep to themselves. */
const ORPHAN_ANNOUNCEMENTS_MAX = 3000;
const ORPHAN_WEIGHT_PER_PEER = 404_000;
const QUEUED_ANNOUNCEMENTS_MAX = 50_000;
const REQUESTED_ANNOUNCEMENTS_PER_PEER_MAX = 5000 + 16;
const BLOCK_SOURCES_MAX = 4096;
/** Messages that are begun on before the limit is looked at, with what is kept of each beside its payload. */
const BUFFER_SLACK_BYTES = 2 * PAYLOAD_SIZE_MAX;

/** What a node has too much of, in one sentence each; nothing where all is well. */
export function excessesOf(node: SimulatedNode, internet: SimulatedInternet): readonly string[] {
  const { p2p, mempool } = node;
  if (p2p === undefined || mempool === undefined) return [];
  const { peers, sync, orphanage, announcements, txDownload } = p2p.network;
  const { limits } = p2p;
  const excesses: string[] = [];
  const atMost = (what: string, value: number, max: number) => {
    if (value > max) excesses.push(`${node.name} has ${value} ${what}, of ${max} at most`);
  };
  const inboundCount = peers.count((peer) => peer.isInbound);
  atMost("inbound connections", inboundCount, limits.inboundMax);
  const automaticCount = peers.count((peer) => !peer.isInbound && !peer.isManual);
  // One full-relay and one block-relay connection more where the tip may be stale.
  atMost(
    "automatic connections",
    automaticCount,
    limits.fullRelayMax + limits.blockRelayMax + FEELER_CONNECTIONS_MAX + 1,
  );
  atMost(
    "manual connections",
    peers.count((peer) => peer.isManual),
    ADDED_CONNECTIONS_MAX,
  );
  atMost(
    "peers that may send blocks unasked",
    peers.count((peer) => peer.highBandwidthTo),
    HIGH_BANDWIDTH_PEERS_MAX,
  );
  atMost("announced orphans", orphanage.announcementCount, ORPHAN_ANNOUNCEMENTS_MAX);
  atMost("weight of orphans", orphanage.weight, ORPHAN_WEIGHT_PER_PEER * Math.max(1, peers.size));
  atMost("bytes of transactions", mempool.usageBytes, mempool.options.usageBytesMax);
  atMost("sources of blocks", sync.sourceCount, BLOCK_SOURCES_MAX);
  atMost("bytes to be sent to one peer", internet.queuedSizeMax(node.host), SEND_BUFFER_SIZE + BUFFER_SLACK_BYTES);
  let requestCount = 0;
  let allAnnouncedCount = 0;
  let orphanWeight = 0;
  for (const { peer, connection } of peers.records()) {
    const requests = sync.requests.ofPeer(peer);
    requestCount += requests.length;
    atMost(`blocks asked of ${peer}`, requests.length, BLOCKS_IN_TRANSIT_PER_PEER_MAX);
    for (const { entry } of requests) {
      const count = sync.requests.ofBlock(entry.hash).length;
      atMost(`peers asked for block ${displayHash(entry.hash)}`, count, COMPACT_REQUESTS_PER_BLOCK_MAX);
    }
    const queuedCount = announcements.statistics(peer)?.queuedCount ?? 0;
    atMost(`announcements for ${peer}`, queuedCount, QUEUED_ANNOUNCEMENTS_MAX);
    const announcedCount = txDownload.announcementCountOf(peer);
    allAnnouncedCount += announcedCount;
    orphanWeight += orphanage.weightOf(peer.id);
    atMost(`transactions announced by ${peer}`, announcedCount, REQUESTED_ANNOUNCEMENTS_PER_PEER_MAX);
    atMost(`bytes received of ${peer}`, connection.waitingBytes, RECEIVE_BUFFER_SIZE + BUFFER_SLACK_BYTES);
  }
  atMost("blocks asked of all peers, those that are gone too", sync.requests.size, requestCount);
  atMost(
    "transactions announced by all peers, those that are gone too",
    txDownload.announcementCount,
    allAnnouncedCount,
  );
  atMost("weight of orphans, of those of peers that are gone too", orphanage.weight, orphanWeight);
  return excesses;
}

/** Honest nodes that a node shuts out, in one sentence each. */
export function shutOutBy(node: SimulatedNode, others: readonly SimulatedNode[]): readonly string[] {
  const bans = node.p2p?.bans;
  if (bans === undefined) return [];
  return others
    .filter(({ options: { address } }) => bans.isDiscouraged(address) || bans.isBanned(address))
    .map((other) => `${node.name} shuts out ${other.name}`);
}

/** Tells whether what belongs to peers goes when they do. */
export class PeerLeaks {
  readonly #peers: { readonly node: SimulatedNode; readonly peer: WeakRef<Peer> }[] = [];

  note(node: SimulatedNode, peer: Peer): void {
    this.#peers.push({ node, peer: new WeakRef(peer) });
  }

  /** Peers of each running node that are gone and in memory still. To be called after garbage was collected. */
  counts(): ReadonlyMap<SimulatedNode, number> {
    const counts = new Map<SimulatedNode, number>();
    for (const { node, peer } of this.#peers) {
      const kept = peer.deref();
      if (kept === undefined || kept.connection.isOpen) continue;
      counts.set(node, (counts.get(node) ?? 0) + 1);
    }
    return counts;
  }
}

/** All blocks and headers that a node keeps, and that nobody has made in this simulation. */
export function strangersOf(node: SimulatedNode, made: ReadonlySet<string>): readonly string[] {
  const strangers = [...(node.chain?.entries() ?? [])].filter(({ hash }) => !made.has(hashKey(hash)));
  return strangers.map(({ hash, height }) => `${node.name} keeps ${displayHash(hash)} at height ${height}`);
}
