import type { Peer } from "../peer.ts";
import type { BlockRequests } from "./block-requests.ts";

/** Outbound peers that are kept however slow they are, once they have shown a chain as good as ours. */
export const PROTECTED_PEERS_MAX = 4;

export interface SyncPeersDependencies {
  readonly requests: Pick<BlockRequests, "size">;
}

/** What each peer is to the download of headers and blocks. */
export class SyncPeers {
  readonly #deps: SyncPeersDependencies;
  readonly #preferred = new Set<Peer>();
  readonly #started = new Set<Peer>();
  readonly #protected = new Set<Peer>();
  readonly #heard = new Set<Peer>();
  readonly #announcedSeconds = new Map<Peer, number>();

  constructor(deps: SyncPeersDependencies) {
    this.#deps = deps;
  }

  /** Their services are known. */
  note(peer: Peer): void {
    const isTrusted = !peer.isInbound || peer.has("noban");
    if (isTrusted && !peer.isAddressFetch && peer.servesBlocks) this.#preferred.add(peer);
  }

  /** To be called in `peerGone`. */
  forget(peer: Peer): void {
    for (const set of [this.#preferred, this.#started, this.#protected, this.#heard]) set.delete(peer);
    this.#announcedSeconds.delete(peer);
  }

  /** Preferred peers other than this one. */
  otherPreferredCount(peer: Peer): number {
    return this.#preferred.size - (this.#preferred.has(peer) ? 1 : 0);
  }

  /** Peers whose headers we follow. */
  get startedCount(): number {
    return this.#started.size;
  }

  /** Whether one of them was chosen by us, or is trusted. */
  get hasStartedPreferred(): boolean {
    for (const peer of this.#started) if (this.#preferred.has(peer)) return true;
    return false;
  }

  /** Chosen by us, or trusted: of who connected to us it is not known whether it has anything. */
  isPreferred(peer: Peer): boolean {
    return this.#preferred.has(peer);
  }

  /** We asked for the peer's headers, and follow them. */
  isStarted(peer: Peer): boolean {
    return this.#started.has(peer);
  }

  setStarted(peer: Peer, isStarted: boolean): void {
    if (isStarted) this.#started.add(peer);
    else this.#started.delete(peer);
  }

  isProtected(peer: Peer): boolean {
    return this.#protected.has(peer);
  }

  /** The peer has told of all headers that it had when it was asked. */
  noteHeard(peer: Peer): void {
    this.#heard.add(peer);
  }

  /** Peers that have, of those that are here. */
  heard(): Iterable<Peer> {
    return this.#heard;
  }

  /** Protects a peer where it is not and there is room. True where that is news. */
  protect(peer: Peer): boolean {
    if (this.#protected.has(peer) || this.#protected.size >= PROTECTED_PEERS_MAX) return false;
    this.#protected.add(peer);
    return true;
  }

  /** When the peer last told of a block better than our tip, seconds since 1970; 0 for never. */
  announcedSeconds(peer: Peer): number {
    return this.#announcedSeconds.get(peer) ?? 0;
  }

  noteAnnouncement(peer: Peer, nowSeconds: number): void {
    this.#announcedSeconds.set(peer, nowSeconds);
  }

  /**
   * Whether headers and blocks may be asked of the peer during the initial download. Who connected to us may sit on a weak
   * line, so it is spared as long as those that we chose, or trust, do the work.
   */
  mayDownloadFrom(peer: Peer): boolean {
    if (this.#preferred.has(peer)) return true;
    const isUsable = peer.servesBlocks && !peer.isAddressFetch;
    return isUsable && (this.#preferred.size === 0 || this.#deps.requests.size === 0);
  }
}
