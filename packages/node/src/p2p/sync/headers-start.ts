import { type BlockHash, displayHash, type HashKey, hashKey } from "@bitfleet/protocol/primitives/types.ts";
import { formatInventoryItem, type InventoryMessage, InventoryType } from "@bitfleet/protocol/wire/relay.ts";
import type { Chain } from "../../chain/chain.ts";
import type { Clock, Logger } from "../../ports.ts";
import { disconnectLoudly } from "../loud-disconnect.ts";
import type { Peer } from "../peer.ts";
import type { MessageHandlers, PeerModule, Peers } from "../peer-module.ts";
import { SEND_HEADERS_VERSION } from "../versions.ts";
import type { BlockRequests } from "./block-requests.ts";
import { type HeaderRequests, locatorOf } from "./header-requests.ts";
import type { PeerChains } from "./peer-chain.ts";
import type { SyncPeers } from "./sync-peers.ts";

/** As long as the best header is older than this, one peer's headers are followed, so that no other sends them in vain. */
const RECENT_MS = 24 * 60 * 60 * 1000;

/** Time for all headers, and for each that may be missing. */
const TIMEOUT_BASE_MS = 15 * 60 * 1000;
const TIMEOUT_PER_HEADER_MS = 1;

interface StartState {
  /** BIP130: they know that we want headers. */
  hasSentSendHeaders: boolean;
  /** When the headers must be there, milliseconds since 1970; `undefined` where nothing hurries. */
  dueMs: number | undefined;
  /** An announcement made us ask, before it was the peer's turn. */
  wasAskedEarly: boolean;
}

export interface HeadersStartOptions {
  readonly minimumChainwork: bigint;
}

export interface HeadersStartDependencies {
  readonly chain: Pick<Chain, "bestHeader" | "find" | "network">;
  readonly peers: Peers;
  readonly chains: PeerChains;
  readonly syncPeers: SyncPeers;
  readonly requests: Pick<BlockRequests, "isRequested">;
  readonly headerRequests: HeaderRequests;
  readonly clock: Pick<Clock, "nowMs">;
  readonly log: Logger;
}

/** Decides of whom headers are asked, and when: at the start, when blocks are announced, and when nothing comes. */
export class HeadersStart implements PeerModule {
  readonly #options: HeadersStartOptions;
  readonly #deps: HeadersStartDependencies;
  readonly #states = new Map<Peer, StartState>();
  /** The announced block by which we last asked one more peer. */
  #lastEarlyBlock: HashKey | undefined;

  readonly handlers: MessageHandlers = {
    inv: (peer, message) => this.#inventory(peer, message),
  };

  constructor(options: HeadersStartOptions, deps: HeadersStartDependencies) {
    this.#options = options;
    this.#deps = deps;
  }

  peerVersion(peer: Peer): void {
    this.#deps.syncPeers.note(peer);
  }

  peerGone(peer: Peer): void {
    this.#deps.syncPeers.forget(peer);
    this.#states.delete(peer);
  }

  tick(peer: Peer, nowMs: number): void {
    const state = this.#state(peer);
    this.#sendSendHeaders(peer, state);
    this.#start(peer, state, nowMs);
    this.#checkTimeout(peer, state, nowMs);
  }

  /** BIP130: not before the peer's headers are all here, which announcements in between would disturb. */
  #sendSendHeaders(peer: Peer, state: StartState): void {
    if (state.hasSentSendHeaders || peer.commonVersion < SEND_HEADERS_VERSION) return;
    const best = this.#deps.chains.best(peer);
    if (best === undefined || best.chainwork <= this.#options.minimumChainwork) return;
    peer.send({ type: "sendheaders" });
    state.hasSentSendHeaders = true;
  }

  #start(peer: Peer, state: StartState, nowMs: number): void {
    const { chain, syncPeers, headerRequests, log } = this.#deps;
    if (syncPeers.isStarted(peer) || !peer.servesBlocks) return;
    const { bestHeader } = chain;
    // A node that the operator named is asked also behind those that connected to us. They may have nothing and wait for what we have, for
    // good where no block is announced that would show it.
    const isNamed = peer.isManual && !syncPeers.hasStartedPreferred;
    const isFirst = (syncPeers.startedCount === 0 || isNamed) && syncPeers.mayDownloadFrom(peer);
    if (!isFirst && !isRecent(bestHeader.time, nowMs)) return;
    // From the one before, so that a peer with the same chain answers with a header, which tells that it has it.
    const from = bestHeader.previous ?? bestHeader;
    if (!headerRequests.send(peer, locatorOf(from))) return;
    log.debug("net", `initial getheaders (${from.height}) to peer=${peer.id}`);
    syncPeers.setStarted(peer, true);
    const headerCount = (nowMs / 1000 - bestHeader.time) / chain.network.params.targetSpacingSeconds;
    state.dueMs = nowMs + TIMEOUT_BASE_MS + TIMEOUT_PER_HEADER_MS * headerCount;
  }

  #checkTimeout(peer: Peer, state: StartState, nowMs: number): void {
    const { chain, syncPeers, log } = this.#deps;
    if (state.dueMs === undefined || !syncPeers.isStarted(peer)) return;
    if (isRecent(chain.bestHeader.time, nowMs)) {
      state.dueMs = undefined;
      return;
    }
    // Slow is better than nobody.
    const isReplaceable = syncPeers.startedCount === 1 && syncPeers.otherPreferredCount(peer) > 0;
    if (nowMs <= state.dueMs || !isReplaceable) return;
    if (!peer.has("noban")) {
      disconnectLoudly(peer, "Timeout downloading headers", this.#deps);
      return;
    }
    log.info(`Timeout downloading headers from noban peer, not disconnecting ${peer}`);
    syncPeers.setStarted(peer, false);
    state.dueMs = undefined;
  }

  #inventory(peer: Peer, { items }: InventoryMessage): void {
    const { chain, chains, requests, log } = this.#deps;
    let newest: BlockHash | undefined;
    for (const item of items) {
      if (item.kind !== InventoryType.BLOCK) continue;
      const hash = item.hash as BlockHash;
      const isKnown = chain.find(hash) !== undefined;
      log.debug("net", `got inv: ${formatInventoryItem(item)} ${isKnown ? "have" : "new"} peer=${peer.id}`);
      chains.updateBlockAvailability(peer, hash);
      // The last should be the highest.
      if (!isKnown && !requests.isRequested(hash)) newest = hash;
    }
    if (newest !== undefined) this.#askFor(peer, newest);
  }

  /**
   * Asks for the headers up to an announced block. Before it is the peer's turn only once, and one more peer for each block:
   * should the one whose headers we follow be dead, the download goes on at the next block at the latest.
   */
  #askFor(peer: Peer, block: BlockHash): void {
    const { chain, syncPeers, headerRequests, log } = this.#deps;
    const isStarted = syncPeers.isStarted(peer);
    const key = hashKey(block);
    const state = this.#state(peer);
    if (!isStarted && (state.wasAskedEarly || key === this.#lastEarlyBlock)) return;
    const { bestHeader } = chain;
    if (headerRequests.send(peer, locatorOf(bestHeader)))
      log.debug("net", `getheaders (${bestHeader.height}) ${displayHash(block)} to peer=${peer.id}`);
    if (isStarted) return;
    state.wasAskedEarly = true;
    this.#lastEarlyBlock = key;
  }

  #state(peer: Peer): StartState {
    let state = this.#states.get(peer);
    if (state === undefined) {
      state = { hasSentSendHeaders: false, dueMs: undefined, wasAskedEarly: false };
      this.#states.set(peer, state);
    }
    return state;
  }
}

function isRecent(timeSeconds: number, nowMs: number): boolean {
  return timeSeconds * 1000 > nowMs - RECENT_MS;
}
