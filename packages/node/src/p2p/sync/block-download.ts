import { blockMutation } from "@bitfleet/protocol/consensus/check-block.ts";
import { isActive } from "@bitfleet/protocol/consensus/deployments.ts";
import { workOfBits } from "@bitfleet/protocol/consensus/pow.ts";
import { rejectText } from "@bitfleet/protocol/consensus/verdict.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { InventoryType } from "@bitfleet/protocol/wire/relay.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { Chain } from "../../chain/chain.ts";
import type { ChainEvent } from "../../chain/chain-events.ts";
import type { Clock, Logger } from "../../ports.ts";
import { isLargeBlock, socketTurn } from "../../turns.ts";
import { disconnectLoudly } from "../loud-disconnect.ts";
import type { Peer } from "../peer.ts";
import type { MessageHandlers, PeerModule, Peers } from "../peer-module.ts";
import type { BlockIntake } from "./block-intake.ts";
import type { BlockRequests } from "./block-requests.ts";
import { blockKindFor } from "./direct-fetch.ts";
import { nextBlocksOf } from "./next-blocks.ts";
import type { PeerChains } from "./peer-chain.ts";
import type { SyncPeers } from "./sync-peers.ts";
import { antiDosWork } from "./work-threshold.ts";

/** Time for a block that all others wait for, in seconds: at first, at most, and how fast it shrinks with each block connected. */
const STALLING_SECONDS_MIN = 2;
const STALLING_SECONDS_MAX = 64;
const STALLING_DECAY = 0.85;

/** Time for any block, in times of the spacing between blocks; and as much more for each other peer that shares the line. */
const TIMEOUT_SPACINGS = 1;
const TIMEOUT_SPACINGS_PER_PEER = 0.5;

export interface BlockDownloadOptions {
  readonly minimumChainwork: bigint;
}

export interface BlockDownloadDependencies {
  readonly chain: Pick<Chain, "tip" | "find" | "isInActiveChain" | "isInitialBlockDownload" | "network">;
  readonly peers: Peers;
  readonly chains: PeerChains;
  readonly syncPeers: Pick<SyncPeers, "mayDownloadFrom">;
  readonly requests: BlockRequests;
  readonly intake: Pick<BlockIntake, "process">;
  readonly clock: Pick<Clock, "nowMs">;
  readonly log: Logger;
}

/** Fetches blocks from all peers that have them, in a window that moves along with the tip. */
export class BlockDownload implements PeerModule {
  readonly #options: BlockDownloadOptions;
  readonly #deps: BlockDownloadDependencies;
  #stallingSeconds = STALLING_SECONDS_MIN;

  readonly handlers: MessageHandlers = {
    block: (peer, { block }) => this.#received(peer, block),
  };

  constructor(options: BlockDownloadOptions, deps: BlockDownloadDependencies) {
    this.#options = options;
    this.#deps = deps;
  }

  peerGone(peer: Peer): void {
    this.#deps.requests.forget(peer);
  }

  tick(peer: Peer, nowMs: number): void {
    this.#forgetSetAside(peer);
    const overdue = this.#overdueBlock(peer, nowMs);
    if (this.#isStalling(peer, nowMs)) this.#dropStaller(peer);
    else if (overdue === undefined) this.#requestNext(peer, nowMs);
    else disconnectLoudly(peer, `Timeout downloading block ${displayHash(overdue.hash)}`, this.#deps);
  }

  /** To be called with every chain event, in order and without delay. */
  onChainEvent(event: ChainEvent): void {
    if (event.type !== "block-connected" || this.#stallingSeconds === STALLING_SECONDS_MIN) return;
    this.#stallingSeconds = Math.max(Math.trunc(this.#stallingSeconds * STALLING_DECAY), STALLING_SECONDS_MIN);
    this.#deps.log.debug("net", `Decreased stalling timeout to ${this.#stallingSeconds} seconds`);
  }

  /** Asks a peer for a block that the operator wants. Why that is not possible, in Core's words, or `undefined`. */
  fetchBlock(peerId: number, entry: BlockIndexEntry): string | undefined {
    const { peers, requests, log } = this.#deps;
    const peer = peers.find(peerId);
    if (peer === undefined) return "Peer does not exist";
    if (!peer.servesWitnesses) return "Pre-SegWit peer";
    if (!peer.isReady) return "Peer not fully connected";
    // Whoever was asked before, this peer too, is not waited for any more.
    requests.remove(entry.hash);
    requests.add(peer, entry);
    peer.send({ type: "getdata", items: [{ kind: InventoryType.WITNESS_BLOCK, hash: entry.hash }] });
    log.debug("net", `Requesting block ${displayHash(entry.hash)} from peer=${peer.id}`);
    return undefined;
  }

  async #received(peer: Peer, block: Block): Promise<void> {
    const { chain, requests, peers, intake, clock, log } = this.#deps;
    const { hash, header } = block;
    log.debug("net", `received block ${displayHash(hash)} peer=${peer.id}`);
    if (isLargeBlock(block)) await socketTurn();
    const previous = chain.find(header.previousBlockHash);
    if (previous !== undefined && this.#isMutated(block, previous)) {
      log.debug("net", `Received mutated block from peer=${peer.id}`);
      peers.misbehaved(peer, "mutated block");
      requests.remove(hash, peer);
      return;
    }
    if (isLargeBlock(block)) await socketTurn();
    const requested = requests.isRequested(hash);
    requests.remove(hash, peer);
    const work = previous === undefined ? 0n : previous.chainwork + workOfBits(header.bits);
    const minPowChecked = previous !== undefined && work >= antiDosWork(chain, this.#options.minimumChainwork);
    const processed = intake.process(peer, block, { requested, minPowChecked, viaCompactBlock: false });
    // The peer sends the next while this one is checked.
    this.#requestNext(peer, clock.nowMs());
    // What nobody asked for may be no block at all: of that only one is kept in memory for each peer.
    if (requested && chain.isInitialBlockDownload) await peer.backlog.add(processed, block.bytes.length);
    else await processed;
  }

  /** Whether the transactions are others than the header's, which says nothing against the block of that hash. */
  #isMutated(block: Block, previous: BlockIndexEntry): boolean {
    const mutation = blockMutation(block, isActive("segwit", previous, this.#deps.chain.network.params));
    if (mutation === undefined) return false;
    this.#deps.log.debug("validation", `Block mutated: ${rejectText(mutation)}`);
    return true;
  }

  #isStalling(peer: Peer, nowMs: number): boolean {
    const sinceMs = this.#deps.requests.stallingSinceMs(peer);
    return sinceMs !== undefined && sinceMs < nowMs - this.#stallingSeconds * 1000;
  }

  /** What the chain was taken back from is sent by nobody any more, and would be waited for in vain. */
  #forgetSetAside(peer: Peer): void {
    const { requests } = this.#deps;
    for (const { entry } of requests.ofPeer(peer).filter(({ entry: { isSetAside } }) => isSetAside)) {
      requests.remove(entry.hash);
    }
  }

  /** Everything waits for the peer, so it goes. Perhaps it is our own line that is slow: the next one gets more time. */
  #dropStaller(peer: Peer): void {
    disconnectLoudly(peer, "Peer is stalling block download", this.#deps);
    const seconds = Math.min(2 * this.#stallingSeconds, STALLING_SECONDS_MAX);
    if (seconds === this.#stallingSeconds) return;
    this.#stallingSeconds = seconds;
    this.#deps.log.debug("net", `Increased stalling timeout temporarily to ${seconds} seconds`);
  }

  /** The block that the peer takes too long for. Peers share our line, so each gets more time where there are many. */
  #overdueBlock(peer: Peer, nowMs: number): BlockIndexEntry | undefined {
    const { requests, chain } = this.#deps;
    const [first] = requests.ofPeer(peer);
    const sinceMs = requests.downloadingSinceMs(peer);
    if (first === undefined || sinceMs === undefined) return undefined;
    const spacings = TIMEOUT_SPACINGS + TIMEOUT_SPACINGS_PER_PEER * (requests.peerCount - 1);
    const isLate = nowMs > sinceMs + spacings * chain.network.params.targetSpacingSeconds * 1000;
    return isLate ? first.entry : undefined;
  }

  #requestNext(peer: Peer, nowMs: number): void {
    const { requests, chain, syncPeers, log } = this.#deps;
    const room = requests.roomOf(peer);
    if (room === 0 || !peer.servesBlocks) return;
    const isOfUse = !peer.isLimited && syncPeers.mayDownloadFrom(peer);
    if (chain.isInitialBlockDownload && !isOfUse) return;
    const { blocks, staller } = nextBlocksOf(peer, room, this.#options, this.#deps);
    const kind = blockKindFor(peer);
    for (const entry of blocks) {
      requests.add(peer, entry);
      log.debug("net", `Requesting block ${displayHash(entry.hash)} (${entry.height}) peer=${peer.id}`);
    }
    if (blocks.length > 0) peer.send({ type: "getdata", items: blocks.map(({ hash }) => ({ kind, hash })) });
    const isIdle = requests.ofPeer(peer).length === 0;
    if (isIdle && staller !== undefined && requests.markStalling(staller, nowMs))
      log.debug("net", `Stall started peer=${staller.id}`);
  }
}
