import { isActive } from "@bitfleet/protocol/consensus/deployments.ts";
import { type BlockIndexEntry, commonAncestor } from "../../chain/block-index.ts";
import { BlockStatus } from "../../chain/block-index-codec.ts";
import type { Chain } from "../../chain/chain.ts";
import type { Peer } from "../peer.ts";
import type { BlockRequests } from "./block-requests.ts";
import type { PeerChains } from "./peer-chain.ts";

/** Blocks are fetched at most this far ahead of the last one that follows on what we have: they arrive, and lie on disk, out of order. */
export const DOWNLOAD_WINDOW_BLOCKS = 1024;

/** BIP159: blocks that a peer with NODE_NETWORK_LIMITED has, less two that it may drop while it is being asked. */
const LIMITED_PEER_BLOCKS = 288 - 2;

/** Blocks that are looked at in one go. To find the last of them costs as much as to walk along some hundred. */
const WALK_BLOCKS = 128;

export interface NextBlocksOptions {
  readonly minimumChainwork: bigint;
}

export interface NextBlocksDependencies {
  readonly chain: Pick<Chain, "tip" | "isInActiveChain" | "network">;
  readonly chains: PeerChains;
  readonly requests: Pick<BlockRequests, "isUnderWay" | "ofBlock">;
}

export interface NextBlocks {
  /** What to ask the peer for, lowest first. */
  readonly blocks: readonly BlockIndexEntry[];
  /** The peer that keeps the window from moving on, where that is all that stands in the way. */
  readonly staller: Peer | undefined;
}

const NOTHING: NextBlocks = { blocks: [], staller: undefined };

/** The next blocks, `count` at most, that the peer has, that we lack, and that nobody was asked for. */
export function nextBlocksOf(
  peer: Peer,
  count: number,
  options: NextBlocksOptions,
  deps: NextBlocksDependencies,
): NextBlocks {
  const { chain, chains } = deps;
  if (count <= 0) return NOTHING;
  chains.processBlockAvailability(peer);
  const best = chains.best(peer);
  if (best === undefined || best.chainwork < chain.tip.chainwork || best.chainwork < options.minimumChainwork)
    return NOTHING;
  const start = lastCommonOf(peer, best, deps);
  if (start === best) return NOTHING;
  // One block beyond the window, to see whether the window is what stands in the way.
  const windowEnd = start.height + DOWNLOAD_WINDOW_BLOCKS;
  const walk = new Walk(peer, best, { count, windowEnd }, deps);
  for (const entry of blocksBetween(start, best, Math.min(best.height, windowEnd + 1)))
    if (!walk.consider(entry)) break;
  return { blocks: walk.blocks, staller: walk.staller };
}

/** The last block that we and the peer's chain share, as it is now; and notes it. */
function lastCommonOf(peer: Peer, best: BlockIndexEntry, { chain, chains }: NextBlocksDependencies): BlockIndexEntry {
  const fork = commonAncestor(best, chain.tip);
  const known = chains.lastCommon(peer);
  const isStillGood = known !== undefined && known.chainwork >= fork.chainwork && best.ancestor(known.height) === known;
  if (isStillGood) return known;
  chains.setLastCommon(peer, fork);
  return fork;
}

/** The blocks above `start` on the way to `best`, up to a height. */
function* blocksBetween(start: BlockIndexEntry, best: BlockIndexEntry, heightMax: number): Iterable<BlockIndexEntry> {
  for (let height = start.height; height < heightMax; ) {
    const size = Math.min(heightMax - height, WALK_BLOCKS);
    height += size;
    const part = new Array<BlockIndexEntry>(size);
    let entry = best.ancestor(height)!;
    for (let index = size - 1; index >= 0; index--) {
      part[index] = entry;
      entry = entry.previous!;
    }
    yield* part;
  }
}

/** One search for blocks to ask of a peer, block by block upwards. */
class Walk {
  readonly blocks: BlockIndexEntry[] = [];
  staller: Peer | undefined;
  readonly #peer: Peer;
  readonly #best: BlockIndexEntry;
  readonly #limits: { readonly count: number; readonly windowEnd: number };
  readonly #deps: NextBlocksDependencies;
  /** Who owes us the first block on the way that is asked for already. */
  #waitingFor: Peer | undefined;

  constructor(
    peer: Peer,
    best: BlockIndexEntry,
    limits: { readonly count: number; readonly windowEnd: number },
    deps: NextBlocksDependencies,
  ) {
    this.#peer = peer;
    this.#best = best;
    this.#limits = limits;
    this.#deps = deps;
  }

  /** False where the search is over. */
  consider(entry: BlockIndexEntry): boolean {
    const { chain, chains, requests } = this.#deps;
    if (!entry.isValid(BlockStatus.VALID_TREE)) return false;
    if (!this.#peer.servesWitnesses && isActive("segwit", entry.previous, chain.network.params)) return false;
    if (entry.hasData || chain.isInActiveChain(entry)) {
      // Complete up to here: what follows begins above.
      if (entry.chainTransactionCount > 0) chains.setLastCommon(this.#peer, entry);
      return true;
    }
    if (requests.isUnderWay(entry)) {
      this.#waitingFor ??= requests.ofBlock(entry.hash)[0]?.peer;
      return true;
    }
    if (entry.height > this.#limits.windowEnd) {
      if (this.blocks.length === 0 && this.#waitingFor !== this.#peer) this.staller = this.#waitingFor;
      return false;
    }
    if (this.#peer.isLimited && this.#best.height - entry.height >= LIMITED_PEER_BLOCKS) return true;
    this.blocks.push(entry);
    return this.blocks.length < this.#limits.count;
  }
}
