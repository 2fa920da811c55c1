import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { Chain } from "../../chain/chain.ts";
import type { ChainEvent } from "../../chain/chain-events.ts";
import type { Clock, JobScheduler, Logger } from "../../ports.ts";
import { disconnectLoudly } from "../loud-disconnect.ts";
import type { Peer } from "../peer.ts";
import type { MessageHandlers, PeerModule, Peers } from "../peer-module.ts";
import type { BlockRequests } from "./block-requests.ts";
import { canDirectFetch } from "./block-requests-allowed.ts";
import { evictExtraBlockRelay, evictExtraFullRelay } from "./extra-peers.ts";
import { HEADERS_RESPONSE_TIME_MS, type HeaderRequests, locatorOf } from "./header-requests.ts";
import type { PeerChains } from "./peer-chain.ts";
import type { SyncPeers } from "./sync-peers.ts";

/** An outbound peer has so long to show a chain as good as ours. */
const CHAIN_SYNC_TIMEOUT_MS = 20 * 60 * 1000;

const EXTRA_PEER_CHECK_INTERVAL_MS = 45 * 1000;
const STALE_CHECK_INTERVAL_MS = 10 * 60 * 1000;

/** Without a block for so many times their spacing, the tip may be stale. */
const STALE_SPACINGS = 3;

/** What the connection layer is asked to do about outbound connections. */
export interface OutboundControl {
  /** One full-relay connection more than there are places, until told otherwise. */
  setTryExtraOutbound(on: boolean): void;
  /** Now and then one block-relay connection more, from now on. */
  startExtraBlockRelay(): void;
  /** Connections beyond the number of places. */
  extraFullRelayCount(): number;
  extraBlockRelayCount(): number;
  /** Networking is on, and peers are found by the node itself, not named by `-connect`. */
  choosesPeers(): boolean;
}

/** What an outbound peer behind our tip has to reach, and until when. */
interface CatchUp {
  /** Our tip when the time began. */
  readonly target: BlockIndexEntry;
  /** Milliseconds since 1970. */
  readonly dueMs: number;
  /** The last call went out: the next time that is due is the end. */
  readonly wasCalled: boolean;
}

export interface ChainSyncCheckDependencies {
  readonly chain: Pick<Chain, "tip" | "network">;
  readonly peers: Peers;
  readonly chains: Pick<PeerChains, "best">;
  readonly syncPeers: SyncPeers;
  readonly requests: Pick<BlockRequests, "ofPeer" | "size">;
  readonly headerRequests: Pick<HeaderRequests, "send">;
  readonly outbound: OutboundControl;
  readonly clock: Pick<Clock, "nowMs">;
  readonly scheduler: Pick<JobScheduler, "every">;
  readonly log: Logger;
}

/** Sees to it that outbound peers have the best chain, and that there is another look around where no block comes. */
export class ChainSyncCheck implements PeerModule {
  readonly #deps: ChainSyncCheckDependencies;
  readonly #catchUps = new Map<Peer, CatchUp>();
  #lastBlockMs: number | undefined;
  #nextStaleCheckMs = Number.NEGATIVE_INFINITY;
  #isSynced = false;
  #cancel: (() => void) | undefined;

  readonly handlers: MessageHandlers = {};

  constructor(deps: ChainSyncCheckDependencies) {
    this.#deps = deps;
  }

  start(): void {
    this.#cancel = this.#deps.scheduler.every(EXTRA_PEER_CHECK_INTERVAL_MS, () => this.check());
  }

  stop(): void {
    this.#cancel?.();
  }

  peerGone(peer: Peer): void {
    this.#catchUps.delete(peer);
  }

  /** To be called with every chain event. */
  onChainEvent(event: ChainEvent): void {
    if (event.type === "block-connected") this.#lastBlockMs = this.#deps.clock.nowMs();
  }

  tick(peer: Peer, nowMs: number): void {
    const { syncPeers, chains, chain } = this.#deps;
    const isChecked = peer.isOutboundOrBlockRelay && syncPeers.isStarted(peer) && !syncPeers.isProtected(peer);
    if (!isChecked) return;
    const best = chains.best(peer);
    const catchUp = this.#catchUps.get(peer);
    if (best !== undefined && best.chainwork >= chain.tip.chainwork) {
      this.#catchUps.delete(peer);
    } else if (catchUp === undefined || (best !== undefined && best.chainwork >= catchUp.target.chainwork)) {
      // Behind for the first time; or it came as far as we were, and we have moved on since.
      const dueMs = nowMs + CHAIN_SYNC_TIMEOUT_MS;
      this.#catchUps.set(peer, { target: chain.tip, dueMs, wasCalled: false });
    } else if (nowMs > catchUp.dueMs) {
      if (catchUp.wasCalled) this.#giveUp(peer, best);
      else this.#call(peer, best, catchUp.target, nowMs);
    }
  }

  /** Ends connections beyond the number of places, and asks for one more where the tip may be stale. Every 45 seconds. */
  check(): void {
    const { outbound, clock, chain, syncPeers, log } = this.#deps;
    const nowMs = clock.nowMs();
    if (outbound.extraBlockRelayCount() > 0) evictExtraBlockRelay(nowMs, this.#deps);
    // One more was of use: it found a peer. The next stale tip asks for another.
    if (outbound.extraFullRelayCount() > 0 && evictExtraFullRelay(nowMs, { ...this.#deps, syncPeers }))
      outbound.setTryExtraOutbound(false);
    if (nowMs > this.#nextStaleCheckMs) {
      const isStale = outbound.choosesPeers() && this.#tipMayBeStale(nowMs);
      if (isStale) {
        const seconds = Math.floor((nowMs - this.#lastBlockMs!) / 1000);
        const since = `last tip update: ${seconds} seconds ago`;
        log.info(`Potential stale tip detected, will try using extra outbound peer (${since})`);
      }
      outbound.setTryExtraOutbound(isStale);
      this.#nextStaleCheckMs = nowMs + STALE_CHECK_INTERVAL_MS;
    }
    if (!this.#isSynced && canDirectFetch(chain, nowMs)) {
      outbound.startExtraBlockRelay();
      this.#isSynced = true;
    }
  }

  #tipMayBeStale(nowMs: number): boolean {
    const { chain, requests } = this.#deps;
    // No block since the start: the time runs from the first look.
    this.#lastBlockMs ??= nowMs;
    const staleMs = STALE_SPACINGS * chain.network.params.targetSpacingSeconds * 1000;
    return this.#lastBlockMs < nowMs - staleMs && requests.size === 0;
  }

  #call(peer: Peer, best: BlockIndexEntry | undefined, target: BlockIndexEntry, nowMs: number): void {
    const { headerRequests, log } = this.#deps;
    // Where another request is under way already, its answer does as well.
    headerRequests.send(peer, locatorOf(target.previous ?? target));
    const blocks = `current best known block:${nameOf(best)}, benchmark blockhash: ${displayHash(target.hash)}`;
    log.debug("net", `sending getheaders to outbound peer=${peer.id} to verify chain work (${blocks})`);
    this.#catchUps.set(peer, { target, dueMs: nowMs + HEADERS_RESPONSE_TIME_MS, wasCalled: true });
  }

  #giveUp(peer: Peer, best: BlockIndexEntry | undefined): void {
    const why = `Outbound peer has old chain, best known block = ${nameOf(best)}`;
    disconnectLoudly(peer, why, this.#deps);
  }
}

function nameOf(entry: BlockIndexEntry | undefined): string {
  return entry === undefined ? "<none>" : displayHash(entry.hash);
}
