import { isActive } from "@bitfleet/protocol/consensus/deployments.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import { type BlockHash, displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { InventoryType } from "@bitfleet/protocol/wire/relay.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { Chain } from "../../chain/chain.ts";
import type { ChainEvent } from "../../chain/chain-events.ts";
import type { Logger } from "../../ports.ts";
import type { Peer } from "../peer.ts";
import type { MessageHandlers, PeerModule, Peers } from "../peer-module.ts";
import type { PeerChains } from "../sync/peer-chain.ts";
import type { RecentBlocks } from "./recent-blocks.ts";

/** Blocks told of one by one after a change of the tip; who is further behind finds out from the tip alone. */
const BLOCKS_TO_ANNOUNCE_MAX = 8;

/** Items of one `inv` of blocks. */
const INVENTORY_BATCH = 1000;

/** Before this version BIP152 peers may be banned for passing on a block that turns out invalid. */
const FAST_RELAY_VERSION = 70_015;

interface AnnouncementState {
  prefersHeaders: boolean;
  /** New blocks of the best chain, oldest first, that the peer was not told of. */
  news: BlockIndexEntry[];
  /** Hashes to be told of by `inv`. */
  inventory: BlockHash[];
}

export interface BlockAnnouncementsDependencies {
  readonly chain: Pick<Chain, "tip" | "isInActiveChain" | "readBlock" | "network">;
  readonly peers: Peers;
  readonly chains: Pick<PeerChains, "peerHasHeader" | "setBestHeaderSent" | "processBlockAvailability">;
  readonly recent: RecentBlocks;
  readonly log: Logger;
}

/** Tells peers of new blocks, each in the way it asked for: compact block, header, or inventory (BIP130, BIP152). */
export class BlockAnnouncements implements PeerModule {
  readonly #deps: BlockAnnouncementsDependencies;
  readonly #states = new Map<Peer, AnnouncementState>();
  /** Height of the highest block that was passed on before it was fully checked. */
  #fastHeight = 0;

  readonly handlers: MessageHandlers = {
    sendheaders: (peer) => {
      this.#state(peer).prefersHeaders = true;
    },
  };

  constructor(deps: BlockAnnouncementsDependencies) {
    this.#deps = deps;
  }

  peerGone(peer: Peer): void {
    this.#states.delete(peer);
  }

  /** Queues the hash of a block to be told of by `inv`. */
  announceByInventory(peer: Peer, hash: BlockHash): void {
    this.#state(peer).inventory.push(hash);
  }

  /** To be called with every chain event, in order and without delay. */
  onChainEvent(event: ChainEvent): void {
    if (event.type === "block-arrived") this.#relayFast(event.entry, event.block);
    else if (event.type === "tip-changed" && !event.isInitialBlockDownload) this.#queue(event.entry, event.fork);
  }

  tick(peer: Peer): void {
    const state = this.#state(peer);
    if (state.news.length > 0) this.#announce(peer, state);
    this.#sendInventory(peer, state);
  }

  /** A block with right proof of work on top of the tip goes to those who want it at once, before its scripts are checked. */
  #relayFast(entry: BlockIndexEntry, block: Block): void {
    if (entry.height <= this.#fastHeight) return;
    this.#fastHeight = entry.height;
    const { peers, recent, chains, chain, log } = this.#deps;
    if (!isActive("segwit", entry.previous, chain.network.params)) return;
    recent.note(block);
    for (const peer of peers.ready()) {
      if (peer.commonVersion < FAST_RELAY_VERSION || !peer.highBandwidthFrom) continue;
      chains.processBlockAvailability(peer);
      const knowsPrevious = entry.previous !== undefined && chains.peerHasHeader(peer, entry.previous);
      if (chains.peerHasHeader(peer, entry) || !knowsPrevious) continue;
      log.debug(
        "net",
        `PeerManager::NewPoWValidBlock sending header-and-ids ${displayHash(entry.hash)} to peer=${peer.id}`,
      );
      peer.sendEncoded("cmpctblock", recent.compactPayload(block));
      chains.setBestHeaderSent(peer, entry);
    }
  }

  #queue(tip: BlockIndexEntry, fork: BlockIndexEntry | undefined): void {
    const fresh: BlockIndexEntry[] = [];
    let entry: BlockIndexEntry | undefined = tip;
    while (entry !== undefined && entry !== fork && fresh.length < BLOCKS_TO_ANNOUNCE_MAX) {
      fresh.unshift(entry);
      entry = entry.previous;
    }
    for (const peer of this.#deps.peers.all()) {
      const { news } = this.#state(peer);
      // One more than can be told of one by one: then only the last counts.
      news.push(...fresh);
      if (news.length > BLOCKS_TO_ANNOUNCE_MAX + 1) news.splice(0, news.length - BLOCKS_TO_ANNOUNCE_MAX - 1);
    }
    this.#deps.peers.wake();
  }

  #announce(peer: Peer, state: AnnouncementState): void {
    const { chains } = this.#deps;
    chains.processBlockAvailability(peer);
    const { news } = state;
    state.news = [];
    const canSendHeaders = state.prefersHeaders || (peer.highBandwidthFrom && news.length === 1);
    const headers = canSendHeaders && news.length <= BLOCKS_TO_ANNOUNCE_MAX ? this.#connecting(peer, news) : undefined;
    if (headers === undefined) this.#announceLast(peer, state, news.at(-1)!);
    else if (headers.length === 1 && peer.highBandwidthFrom) this.#sendCompact(peer, headers[0]!);
    else if (headers.length > 0 && state.prefersHeaders) this.#sendHeaders(peer, headers);
    else if (headers.length > 0) this.#announceLast(peer, state, news.at(-1)!);
  }

  /** The blocks that the peer lacks, where their headers would connect to what it has; `undefined` where they would not. */
  #connecting(peer: Peer, news: readonly BlockIndexEntry[]): readonly BlockIndexEntry[] | undefined {
    const { chain, chains } = this.#deps;
    const headers: BlockIndexEntry[] = [];
    let before: BlockIndexEntry | undefined;
    for (const entry of news) {
      // After a reorganisation, or where the operator played with the tip, what was queued is no chain any more.
      if (!chain.isInActiveChain(entry) || (before !== undefined && entry.previous !== before)) return undefined;
      before = entry;
      if (headers.length > 0) headers.push(entry);
      else if (chains.peerHasHeader(peer, entry)) continue;
      else if (entry.previous === undefined || chains.peerHasHeader(peer, entry.previous)) headers.push(entry);
      else return undefined;
    }
    return headers;
  }

  #sendHeaders(peer: Peer, entries: readonly BlockIndexEntry[]): void {
    const first = displayHash(entries[0]!.hash);
    const last = displayHash(entries.at(-1)!.hash);
    const what =
      entries.length === 1 ? `sending header ${first}` : `${entries.length} headers, range (${first}, ${last}),`;
    this.#deps.log.debug("net", `SendMessages: ${what} to peer=${peer.id}`);
    peer.send({ type: "headers", headers: entries.map(({ header }) => header) });
    this.#deps.chains.setBestHeaderSent(peer, entries.at(-1)!);
  }

  #sendCompact(peer: Peer, entry: BlockIndexEntry): void {
    const { recent, chains, log, chain } = this.#deps;
    log.debug("net", `SendMessages sending header-and-ids ${displayHash(entry.hash)} to peer=${peer.id}`);
    chains.setBestHeaderSent(peer, entry);
    const block = recent.block(entry.hash);
    if (block !== undefined) {
      peer.sendEncoded("cmpctblock", recent.compactPayload(block));
      return;
    }
    const read = chain.readBlock(entry).then((stored) => peer.sendEncoded("cmpctblock", recent.compactPayload(stored)));
    read.catch((error: Error) => log.error(`Cannot load block from disk, ${peer}`, { error: error.message }));
  }

  /** By inventory, unless the peer's own chain has it. */
  #announceLast(peer: Peer, state: AnnouncementState, entry: BlockIndexEntry): void {
    const { chain, chains, log } = this.#deps;
    const hash = displayHash(entry.hash);
    if (!chain.isInActiveChain(entry)) {
      log.debug("net", `Announcing block ${hash} not on main chain (tip=${displayHash(chain.tip.hash)})`);
    }
    if (chains.peerHasHeader(peer, entry)) return;
    state.inventory.push(entry.hash);
    log.debug("net", `SendMessages: sending inv peer=${peer.id} hash=${hash}`);
  }

  #sendInventory(peer: Peer, state: AnnouncementState): void {
    while (state.inventory.length > 0) {
      const batch = state.inventory.splice(0, INVENTORY_BATCH);
      peer.send({ type: "inv", items: batch.map((hash) => ({ kind: InventoryType.BLOCK, hash })) });
    }
  }

  #state(peer: Peer): AnnouncementState {
    let state = this.#states.get(peer);
    if (state === undefined) {
      state = { prefersHeaders: false, news: [], inventory: [] };
      this.#states.set(peer, state);
    }
    return state;
  }
}
