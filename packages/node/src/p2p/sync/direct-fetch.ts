import { isActive } from "@bitfleet/protocol/consensus/deployments.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { type InventoryItem, InventoryType } from "@bitfleet/protocol/wire/relay.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import { BlockStatus } from "../../chain/block-index-codec.ts";
import type { Chain } from "../../chain/chain.ts";
import type { Clock, Logger } from "../../ports.ts";
import type { Peer } from "../peer.ts";
import { BLOCKS_IN_TRANSIT_PER_PEER_MAX, type BlockRequests } from "./block-requests.ts";
import { canDirectFetch } from "./block-requests-allowed.ts";
import type { CompactBlockPeers } from "./compact-block-peers.ts";

export interface DirectFetchOptions {
  /** `-blocksonly`: no transactions at hand that a compact block could be made of. */
  readonly ignoresTransactions: boolean;
}

export interface DirectFetchDependencies {
  readonly chain: Pick<Chain, "tip" | "isInActiveChain" | "network">;
  readonly requests: BlockRequests;
  readonly compactPeers: Pick<CompactBlockPeers, "provides">;
  readonly clock: Pick<Clock, "nowMs">;
  readonly log: Logger;
}

/** Kind of inventory by which a whole block is asked of a peer. */
export function blockKindFor(peer: Peer): number {
  return peer.servesWitnesses ? InventoryType.WITNESS_BLOCK : InventoryType.BLOCK;
}

/** Asks a peer for blocks as soon as it tells of their headers, where we are up to date: nothing to plan then. */
export class DirectFetch {
  readonly #options: DirectFetchOptions;
  readonly #deps: DirectFetchDependencies;

  constructor(options: DirectFetchOptions, deps: DirectFetchDependencies) {
    this.#options = options;
    this.#deps = deps;
  }

  /** `last` is the last of the headers that the peer has just sent. */
  fetchTowards(peer: Peer, last: BlockIndexEntry): void {
    const { chain, clock, requests, log } = this.#deps;
    const isWanted = last.isValid(BlockStatus.VALID_TREE) && chain.tip.chainwork <= last.chainwork;
    if (!isWanted || !canDirectFetch(chain, clock.nowMs())) return;
    const missing = this.#missing(peer, last);
    if (missing === undefined) {
      log.debug("net", `Large reorg, won't direct fetch to ${displayHash(last.hash)} (${last.height})`);
      return;
    }
    const items: InventoryItem[] = [];
    for (const entry of missing) {
      if (requests.roomOf(peer) === 0) break;
      requests.add(peer, entry);
      items.push({ kind: blockKindFor(peer), hash: entry.hash });
      log.debug("net", `Requesting block ${displayHash(entry.hash)} from peer=${peer.id}`);
    }
    if (items.length > 1) {
      const where = `${displayHash(last.hash)} (${last.height})`;
      log.debug("net", `Downloading blocks toward ${where} via headers direct fetch`);
    }
    const [only] = items;
    if (only === undefined) return;
    const usesCompact = items.length === 1 && this.#prefersCompact(peer, last);
    peer.send({ type: "getdata", items: usesCompact ? [{ ...only, kind: InventoryType.COMPACT_BLOCK }] : items });
  }

  /** The blocks on the way to `last` that we lack, lowest first; `undefined` where the way is too long. */
  #missing(peer: Peer, last: BlockIndexEntry): readonly BlockIndexEntry[] | undefined {
    const { chain, requests } = this.#deps;
    const missing: BlockIndexEntry[] = [];
    let entry = last;
    while (!chain.isInActiveChain(entry) && missing.length <= BLOCKS_IN_TRANSIT_PER_PEER_MAX) {
      const needsWitnesses = isActive("segwit", entry.previous, chain.network.params);
      const isServed = !needsWitnesses || peer.servesWitnesses;
      if (!entry.hasData && isServed && !requests.isUnderWay(entry)) missing.unshift(entry);
      entry = entry.previous!;
    }
    return chain.isInActiveChain(entry) ? missing : undefined;
  }

  /** One new block on top of one that was checked, and nothing else under way: most of it is in the mempool. */
  #prefersCompact(peer: Peer, last: BlockIndexEntry): boolean {
    const { compactPeers, requests } = this.#deps;
    return (
      !this.#options.ignoresTransactions &&
      compactPeers.provides(peer) &&
      requests.size === 1 &&
      last.previous?.isValid(BlockStatus.VALID_CHAIN) === true
    );
  }
}
