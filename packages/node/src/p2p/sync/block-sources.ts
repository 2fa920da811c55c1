import { type BlockHash, type HashKey, hashKey } from "@bitfleet/protocol/primitives/types.ts";
import type { Chain } from "../../chain/chain.ts";
import type { ChainEvent } from "../../chain/chain-events.ts";
import type { Logger } from "../../ports.ts";
import type { Peer } from "../peer.ts";
import type { Peers } from "../peer-module.ts";
import { punishForBlock } from "./block-punishment.ts";
import type { BlockRequests } from "./block-requests.ts";
import type { CompactBlockPeers } from "./compact-block-peers.ts";

/** Blocks whose source is kept. A block on a branch that is never tried is never checked, so the oldest go. */
const SOURCES_MAX = 4096;

interface BlockSource {
  readonly peer: Peer;
  readonly viaCompactBlock: boolean;
}

export interface BlockSourcesDependencies {
  readonly chain: Pick<Chain, "isInitialBlockDownload">;
  readonly peers: Pick<Peers, "misbehaved">;
  readonly requests: Pick<BlockRequests, "ofBlock" | "size">;
  readonly compactPeers: Pick<CompactBlockPeers, "choose">;
  readonly log: Logger;
}

/** Who brought each block that is not yet checked: to be punished for a bad one, and asked for more after a good one. */
export class BlockSources {
  readonly #deps: BlockSourcesDependencies;
  readonly #sources = new Map<HashKey, BlockSource>();

  constructor(deps: BlockSourcesDependencies) {
    this.#deps = deps;
  }

  /** Blocks whose source is known. */
  get size(): number {
    return this.#sources.size;
  }

  /** Notes who brings a block, unless somebody else brings it already. */
  note(hash: BlockHash, peer: Peer, viaCompactBlock: boolean): void {
    const key = hashKey(hash);
    if (this.#sources.has(key)) return;
    this.#sources.set(key, { peer, viaCompactBlock });
    const [oldest] = this.#sources.keys();
    if (this.#sources.size > SOURCES_MAX) this.#sources.delete(oldest!);
  }

  forget(hash: BlockHash): void {
    this.#sources.delete(hashKey(hash));
  }

  /** To be called with every chain event, in order and without delay: before who brought the block is heard again. */
  onChainEvent(event: ChainEvent): void {
    if (event.type !== "block-checked") return;
    const { hash } = event.block;
    const source = this.#sources.get(hashKey(hash));
    if (source === undefined) return;
    this.forget(hash);
    const { peer, viaCompactBlock } = source;
    if (!peer.connection.isOpen) return;
    if (event.reject !== undefined)
      punishForBlock(peer, { reject: event.reject, viaCompactBlock, why: "" }, this.#deps);
    else if (this.#isNewest(hash)) this.#deps.compactPeers.choose(peer);
  }

  /** Nothing else is under way, so a valid block is the newest there is. */
  #isNewest(hash: BlockHash): boolean {
    const { chain, requests } = this.#deps;
    return !chain.isInitialBlockDownload && requests.ofBlock(hash).length === requests.size;
  }
}
