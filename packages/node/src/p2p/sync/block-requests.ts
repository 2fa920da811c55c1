import { type BlockHash, type HashKey, hashKey } from "@bitfleet/protocol/primitives/types.ts";
import type { PartialBlock } from "@bitfleet/protocol/wire/partial-block.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { Clock } from "../../ports.ts";
import type { Peer } from "../peer.ts";

/** Blocks that are asked of one peer at a time. */
export const BLOCKS_IN_TRANSIT_PER_PEER_MAX = 16;

/** Peers that one block is asked of at a time, by compact block; the last place is for a peer that we chose. */
export const COMPACT_REQUESTS_PER_BLOCK_MAX = 3;

/** A block that a peer was asked for. */
export interface BlockRequest {
  readonly peer: Peer;
  readonly entry: BlockIndexEntry;
  /** What of it is there, where it comes as a compact block. */
  partial: PartialBlock | undefined;
}

/** What is asked of one peer. */
interface PeerQueue {
  /** Oldest first. Never empty. */
  readonly requests: BlockRequest[];
  /** Since when the peer works on the first of them, milliseconds since 1970. */
  downloadingSinceMs: number;
  /** Since when everything waits for this peer. */
  stallingSinceMs: number | undefined;
}

export interface BlockRequestsDependencies {
  readonly clock: Pick<Clock, "nowMs">;
}

/** Which blocks were asked of whom, and which have arrived and are being looked at. */
export class BlockRequests {
  readonly #deps: BlockRequestsDependencies;
  /** In the order in which they were asked of peers. No list is empty. */
  readonly #byBlock = new Map<HashKey, BlockRequest[]>();
  readonly #byPeer = new Map<Peer, PeerQueue>();
  /** Blocks with the chain, and by how many deliveries. */
  readonly #processing = new Map<HashKey, number>();
  #size = 0;

  constructor(deps: BlockRequestsDependencies) {
    this.#deps = deps;
  }

  /** Requests in all; a block that is asked of two peers counts twice. */
  get size(): number {
    return this.#size;
  }

  /** Peers that owe us a block. */
  get peerCount(): number {
    return this.#byPeer.size;
  }

  /** Somebody was asked for the block and has not sent it. */
  isRequested(hash: BlockHash): boolean {
    return this.#byBlock.has(hashKey(hash));
  }

  /** Whether there is no point in asking for the block: somebody owes it, or it is being looked at. */
  isUnderWay(entry: BlockIndexEntry): boolean {
    return this.#byBlock.has(entry.key) || this.#processing.has(entry.key);
  }

  /** Requests of one block, in the order in which they were made. */
  ofBlock(hash: BlockHash): readonly BlockRequest[] {
    return this.#byBlock.get(hashKey(hash)) ?? [];
  }

  /** Requests of one peer, oldest first. */
  ofPeer(peer: Peer): readonly BlockRequest[] {
    return this.#byPeer.get(peer)?.requests ?? [];
  }

  /** The peer's request of a block. */
  find(hash: BlockHash, peer: Peer): BlockRequest | undefined {
    return this.ofBlock(hash).find((request) => request.peer === peer);
  }

  /** Requests more that the peer may get. */
  roomOf(peer: Peer): number {
    return Math.max(0, BLOCKS_IN_TRANSIT_PER_PEER_MAX - this.ofPeer(peer).length);
  }

  /** Notes that the peer was asked for a block. `isNew` is false where it already had been. */
  add(peer: Peer, entry: BlockIndexEntry): { readonly request: BlockRequest; readonly isNew: boolean } {
    const known = this.find(entry.hash, peer);
    if (known !== undefined) return { request: known, isNew: false };
    const request: BlockRequest = { peer, entry, partial: undefined };
    const ofBlock = this.#byBlock.get(entry.key);
    if (ofBlock === undefined) this.#byBlock.set(entry.key, [request]);
    else ofBlock.push(request);
    const queue = this.#byPeer.get(peer);
    if (queue !== undefined) queue.requests.push(request);
    else {
      const downloadingSinceMs = this.#deps.clock.nowMs();
      this.#byPeer.set(peer, { requests: [request], downloadingSinceMs, stallingSinceMs: undefined });
    }
    this.#size++;
    return { request, isNew: true };
  }

  /** Forgets the requests of a block, or only the one that `peer` got: it came, or nobody waits for it any more. */
  remove(hash: BlockHash, peer?: Peer): void {
    for (const request of [...this.ofBlock(hash)])
      if (peer === undefined || request.peer === peer) this.#removeOne(request);
  }

  /** Forgets everything about a peer. To be called in `peerGone`. */
  forget(peer: Peer): void {
    for (const request of [...this.ofPeer(peer)]) this.#removeOne(request);
  }

  /** Since when the peer works on its first request, milliseconds since 1970. */
  downloadingSinceMs(peer: Peer): number | undefined {
    return this.#byPeer.get(peer)?.downloadingSinceMs;
  }

  stallingSinceMs(peer: Peer): number | undefined {
    return this.#byPeer.get(peer)?.stallingSinceMs;
  }

  /** Notes that everything waits for a peer. True where that is news. */
  markStalling(peer: Peer, nowMs: number): boolean {
    const queue = this.#byPeer.get(peer);
    if (queue === undefined || queue.stallingSinceMs !== undefined) return false;
    queue.stallingSinceMs = nowMs;
    return true;
  }

  /** Runs `work` on a block that arrived; until it ends, nobody is asked for the block. */
  async whileProcessing<Value>(hash: BlockHash, work: () => Promise<Value>): Promise<Value> {
    const key = hashKey(hash);
    this.#processing.set(key, (this.#processing.get(key) ?? 0) + 1);
    try {
      return await work();
    } finally {
      const count = this.#processing.get(key)! - 1;
      if (count === 0) this.#processing.delete(key);
      else this.#processing.set(key, count);
    }
  }

  #removeOne(request: BlockRequest): void {
    const { peer, entry } = request;
    const ofBlock = this.#byBlock.get(entry.key)!;
    ofBlock.splice(ofBlock.indexOf(request), 1);
    if (ofBlock.length === 0) this.#byBlock.delete(entry.key);
    const queue = this.#byPeer.get(peer)!;
    const index = queue.requests.indexOf(request);
    queue.requests.splice(index, 1);
    queue.stallingSinceMs = undefined;
    // The time of the next one runs from now.
    if (index === 0) queue.downloadingSinceMs = Math.max(queue.downloadingSinceMs, this.#deps.clock.nowMs());
    if (queue.requests.length === 0) this.#byPeer.delete(peer);
    this.#size--;
  }
}
