import type { BlockHash } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { Chain } from "../../chain/chain.ts";
import type { Peer } from "../peer.ts";

/** What we know of the chain that a peer has. */
interface PeerChainState {
  /** The block with the most work that the peer is known to have. */
  best: BlockIndexEntry | undefined;
  /** The last block that it announced and whose header we do not have. */
  lastUnknown: BlockHash | undefined;
  /** The last block that its chain and ours share, or that we have and its chain contains. */
  lastCommon: BlockIndexEntry | undefined;
  /** The block with the most work whose header we told it. */
  bestHeaderSent: BlockIndexEntry | undefined;
}

export interface PeerChainsDependencies {
  readonly chain: Pick<Chain, "find">;
}

/** Which blocks each peer has, as far as it let us know: what to ask it for, and what it needs not be told. */
export class PeerChains {
  readonly #deps: PeerChainsDependencies;
  readonly #states = new Map<Peer, PeerChainState>();

  constructor(deps: PeerChainsDependencies) {
    this.#deps = deps;
  }

  /** Drops what is known of a peer. To be called in `peerGone`. */
  forget(peer: Peer): void {
    this.#states.delete(peer);
  }

  /** The block with the most work that the peer is known to have. */
  best(peer: Peer): BlockIndexEntry | undefined {
    const state = this.#states.get(peer);
    return state && bestOf(state);
  }

  lastCommon(peer: Peer): BlockIndexEntry | undefined {
    return this.#states.get(peer)?.lastCommon;
  }

  setLastCommon(peer: Peer, entry: BlockIndexEntry): void {
    this.#state(peer).lastCommon = entry;
  }

  bestHeaderSent(peer: Peer): BlockIndexEntry | undefined {
    return this.#states.get(peer)?.bestHeaderSent;
  }

  /** Notes the header that the peer was told last; also one with less work, after a reorganisation. */
  setBestHeaderSent(peer: Peer, entry: BlockIndexEntry): void {
    this.#state(peer).bestHeaderSent = entry;
  }

  /** The peer told of a block. Its header may be unknown; then it counts as soon as it is known. */
  updateBlockAvailability(peer: Peer, hash: BlockHash): void {
    this.processBlockAvailability(peer);
    const entry = this.#deps.chain.find(hash);
    const state = this.#state(peer);
    if (entry !== undefined) raiseBest(state, entry);
    // The message that the hash is a view of does not stay in memory for it.
    else state.lastUnknown = hash.slice() as BlockHash;
  }

  /** Looks whether the header of the last unknown block came in meanwhile. */
  processBlockAvailability(peer: Peer): void {
    const state = this.#states.get(peer);
    if (state?.lastUnknown === undefined) return;
    const entry = this.#deps.chain.find(state.lastUnknown);
    if (entry === undefined) return;
    state.lastUnknown = undefined;
    raiseBest(state, entry);
  }

  /** Whether the peer has the header of a block, or was told it by us: then nothing of it is news. */
  peerHasHeader(peer: Peer, entry: BlockIndexEntry): boolean {
    const state = this.#states.get(peer);
    return isOnChainOf(entry, state?.best) || isOnChainOf(entry, state?.bestHeaderSent);
  }

  #state(peer: Peer): PeerChainState {
    let state = this.#states.get(peer);
    if (state === undefined) {
      state = { best: undefined, lastUnknown: undefined, lastCommon: undefined, bestHeaderSent: undefined };
      this.#states.set(peer, state);
    }
    return state;
  }
}

/** Of equal work the later one counts: the peer has just told of it. */
function raiseBest(state: PeerChainState, entry: BlockIndexEntry): void {
  const best = bestOf(state);
  if (best === undefined || entry.chainwork >= best.chainwork) state.best = entry;
}

/** Where the operator has taken our chain back, those of the network's others go back with it: what was set aside counts no longer. */
function bestOf(state: PeerChainState): BlockIndexEntry | undefined {
  while (state.best?.isSetAside) state.best = state.best.previous;
  return state.best;
}

/** Whether `entry` is `top` or one of its ancestors. */
function isOnChainOf(entry: BlockIndexEntry, top: BlockIndexEntry | undefined): boolean {
  return top?.ancestor(entry.height) === entry;
}
