import { isBlockMutated } from "@bitfleet/protocol/consensus/check-block.ts";
import { isActive } from "@bitfleet/protocol/consensus/deployments.ts";
import { workOfBits } from "@bitfleet/protocol/consensus/pow.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { BlockHash } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockTransactionsMessage, CompactBlockMessage } from "@bitfleet/protocol/wire/compact-blocks.ts";
import { PartialBlock, type PartialBlockStatus } from "@bitfleet/protocol/wire/partial-block.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import { BlockStatus } from "../../chain/block-index-codec.ts";
import type { Chain } from "../../chain/chain.ts";
import type { Clock, Logger } from "../../ports.ts";
import type { Peer } from "../peer.ts";
import type { MessageHandlers, PeerModule, Peers } from "../peer-module.ts";
import type { BlockIntake } from "./block-intake.ts";
import { punishForBlock } from "./block-punishment.ts";
import { type BlockRequest, type BlockRequests, COMPACT_REQUESTS_PER_BLOCK_MAX } from "./block-requests.ts";
import { canDirectFetch } from "./block-requests-allowed.ts";
import { logInitialized, logReconstructed } from "./compact-block-log.ts";
import type { CompactBlockPeers } from "./compact-block-peers.ts";
import { blockKindFor } from "./direct-fetch.ts";
import type { ExtraTransactions } from "./extra-transactions.ts";
import type { HeaderIntake } from "./header-intake.ts";
import { type HeaderRequests, locatorOf } from "./header-requests.ts";
import { type HeadersSync, logNewHeader } from "./headers-sync.ts";
import type { PeerChains } from "./peer-chain.ts";
import type { SyncPeers } from "./sync-peers.ts";
import { antiDosWork } from "./work-threshold.ts";

/** Compact blocks higher above the tip are not worth a search: their transactions are hardly in the mempool. */
const BLOCKS_AHEAD_MAX = 2;

/** Transactions that are looked at first for each that a block has. */
const LIKELY_PER_WANTED = 1.25;

export interface CompactBlockDownloadOptions {
  readonly minimumChainwork: bigint;
  /** `-blocksonly`. */
  readonly ignoresTransactions: boolean;
}

/** What is at hand to make a block of. */
export interface CompactBlockMempool {
  entries(): Iterable<{ readonly tx: Transaction }>;
  chunksInMiningOrder(): Iterable<{ readonly entries: readonly { readonly tx: Transaction }[] }>;
}

export interface CompactBlockDownloadDependencies {
  readonly chain: Pick<
    Chain,
    "tip" | "height" | "bestHeader" | "find" | "isInitialBlockDownload" | "network" | "isInActiveChain"
  >;
  readonly mempool: CompactBlockMempool;
  readonly peers: Peers;
  readonly chains: PeerChains;
  readonly syncPeers: Pick<SyncPeers, "noteAnnouncement">;
  readonly requests: BlockRequests;
  readonly compactPeers: Pick<CompactBlockPeers, "provides">;
  readonly extra: ExtraTransactions;
  readonly headerRequests: Pick<HeaderRequests, "send">;
  readonly headerIntake: Pick<HeaderIntake, "submit">;
  readonly headersSync: Pick<HeadersSync, "process">;
  readonly intake: Pick<BlockIntake, "process">;
  readonly clock: Pick<Clock, "nowMs">;
  readonly log: Logger;
}

/** Takes blocks of which only short ids are sent, and puts them together from what is in the mempool (BIP152). */
export class CompactBlockDownload implements PeerModule {
  readonly #options: CompactBlockDownloadOptions;
  readonly #deps: CompactBlockDownloadDependencies;

  readonly handlers: MessageHandlers = {
    cmpctblock: (peer, message) => this.#compactBlock(peer, message),
    blocktxn: (peer, message) => this.#blockTransactions(peer, message),
  };

  constructor(options: CompactBlockDownloadOptions, deps: CompactBlockDownloadDependencies) {
    this.#options = options;
    this.#deps = deps;
  }

  /** Keeps a transaction that the mempool refused or replaced: a block may have it all the same. */
  noteExtraTransaction(tx: Transaction): void {
    this.#deps.extra.note(tx);
  }

  async #compactBlock(peer: Peer, message: CompactBlockMessage): Promise<void> {
    const refusal = this.#refusal(peer);
    if (refusal !== undefined) {
      this.#log(`${peer} ${refusal}`);
      return;
    }
    const entry = await this.#acceptHeader(peer, message);
    if (entry === undefined || entry.hasData) return;
    const { chain, requests, clock } = this.#deps;
    const isRequested = requests.find(entry.hash, peer) !== undefined;
    if (!isRequested && !peer.highBandwidthTo) {
      this.#log(`${peer}, not marked as high-bandwidth, sent us an unsolicited compact block!`);
      return;
    }
    // Not better than what we have, or had once: the mempool will hardly help.
    if (entry.chainwork <= chain.tip.chainwork || entry.transactionCount > 0) {
      if (isRequested) this.#fetchWhole(peer, entry.hash);
      return;
    }
    if (requests.ofBlock(entry.hash).length === 0 && !canDirectFetch(chain, clock.nowMs())) return;
    if (entry.height <= chain.height + BLOCKS_AHEAD_MAX) await this.#assemble(peer, message, entry);
    else if (isRequested) this.#fetchWhole(peer, entry.hash);
    // Passed on before it was checked, which BIP152 allows: the header counts, and its block may be bad.
    else await this.#deps.headersSync.process(peer, [message.header], true);
  }

  /** Why a compact block of this peer is of no interest, whatever it says. */
  #refusal(peer: Peer): string | undefined {
    if (this.#options.ignoresTransactions) return "sent us a compact block even though we are blocksonly!";
    return this.#deps.compactPeers.provides(peer)
      ? undefined
      : "sent us a compact block despite never having sent us a SENDCMPCT!";
  }

  /** Takes the header as one that was announced. `undefined` where it leads nowhere. */
  async #acceptHeader(peer: Peer, { header }: CompactBlockMessage): Promise<BlockIndexEntry | undefined> {
    const { chain, chains, headerIntake, syncPeers, clock, log } = this.#deps;
    const previous = chain.find(header.previousBlockHash);
    if (previous === undefined) {
      if (!chain.isInitialBlockDownload) this.#deps.headerRequests.send(peer, locatorOf(chain.bestHeader));
      return undefined;
    }
    if (previous.chainwork + workOfBits(header.bits) < antiDosWork(chain, this.#options.minimumChainwork)) {
      log.debug("net", `Ignoring low-work compact block from peer ${peer.id}`);
      return undefined;
    }
    const isNew = chain.find(header.hash) === undefined;
    const submission = await headerIntake.submit(peer, [header]);
    if (submission === undefined) return undefined;
    if (submission.reject !== undefined) {
      const offence = { reject: submission.reject, viaCompactBlock: true, why: "invalid header via cmpctblock" };
      punishForBlock(peer, offence, this.#deps);
      return undefined;
    }
    const entry = submission.last!;
    if (isNew) logNewHeader(this.#deps, peer, entry, true);
    chains.updateBlockAvailability(peer, entry.hash);
    if (isNew && entry.chainwork > chain.tip.chainwork)
      syncPeers.noteAnnouncement(peer, Math.floor(clock.nowMs() / 1000));
    return entry;
  }

  async #assemble(peer: Peer, message: CompactBlockMessage, entry: BlockIndexEntry): Promise<void> {
    const { requests } = this.#deps;
    const others = requests.ofBlock(entry.hash);
    const isRequested = others.some((request) => request.peer === peer);
    const hasRoom = others.length < COMPACT_REQUESTS_PER_BLOCK_MAX && requests.roomOf(peer) > 0;
    if (hasRoom || isRequested) await this.#begin(peer, message, entry);
    else await this.#tryAtOnce(peer, message, entry);
  }

  /** Makes what can be made of a compact block, and asks for the rest. */
  async #begin(peer: Peer, message: CompactBlockMessage, entry: BlockIndexEntry): Promise<void> {
    const { requests, peers, log } = this.#deps;
    const before = requests.ofBlock(entry.hash);
    const requestCount = before.length;
    const isFirst = requestCount === 0 || before[0]!.peer === peer;
    const { request } = requests.add(peer, entry);
    if (request.partial !== undefined) {
      log.debug("net", "Peer sent us compact block we were already syncing!");
      return;
    }
    request.partial = new PartialBlock();
    const status = this.#initialize(request.partial, message);
    if (status === "invalid") {
      requests.remove(entry.hash, peer);
      peers.misbehaved(peer, "invalid compact block");
      return;
    }
    if (status === "failed") {
      if (isFirst) this.#fetchWhole(peer, entry.hash);
      else requests.remove(entry.hash, peer);
      return;
    }
    const indexes = request.partial.missingIndexes();
    if (indexes.length === 0) await this.#fill(request, isFirst, []);
    else if (isFirst || this.#mayAskToo(peer, entry, requestCount))
      peer.send({ type: "getblocktxn", blockHash: entry.hash, indexes });
    else requests.remove(entry.hash, peer);
  }

  /** Whether a peer may be asked for the rest of a block while others are. The last place is for a peer of our choice. */
  #mayAskToo(peer: Peer, entry: BlockIndexEntry, requestCount: number): boolean {
    if (!peer.highBandwidthTo) return false;
    const isAskedOfOutbound = this.#deps.requests.ofBlock(entry.hash).some((request) => !request.peer.isInbound);
    return !peer.isInbound || isAskedOfOutbound || requestCount < COMPACT_REQUESTS_PER_BLOCK_MAX - 1;
  }

  /** The block is on its way from others: only where nothing is missing is this one of use. */
  async #tryAtOnce(peer: Peer, message: CompactBlockMessage, entry: BlockIndexEntry): Promise<void> {
    const partial = new PartialBlock();
    if (this.#initialize(partial, message) !== "ok") return;
    const block = this.#filled(partial, entry, []);
    if (block === "invalid" || block === "failed") return;
    await this.#process(peer, block);
    // Not before it has proved to be the block: others may still send the right one.
    if (entry.isValid(BlockStatus.VALID_TRANSACTIONS)) this.#deps.requests.remove(entry.hash);
  }

  async #blockTransactions(peer: Peer, { blockHash, transactions }: BlockTransactionsMessage): Promise<void> {
    const { requests, peers, log } = this.#deps;
    const request = requests.find(blockHash, peer);
    if (request?.partial === undefined) {
      log.debug("net", `Peer ${peer.id} sent us block transactions for block we weren't expecting`);
      return;
    }
    if (request.partial.header === undefined) {
      requests.remove(blockHash, peer);
      peers.misbehaved(peer, "previous compact block reconstruction attempt failed");
      log.debug("net", `Peer ${peer.id} sent compact block transactions multiple times`);
      return;
    }
    const isFirst = requests.ofBlock(blockHash)[0] === request;
    await this.#fill(request, isFirst, transactions);
  }

  /** Puts the missing transactions in. `isFirst`: nobody was asked for the block before this peer. */
  async #fill(request: BlockRequest, isFirst: boolean, transactions: readonly Transaction[]): Promise<void> {
    const { requests, peers, log } = this.#deps;
    const { peer, entry, partial } = request;
    const block = this.#filled(partial!, entry, transactions);
    if (block === "invalid") {
      requests.remove(entry.hash, peer);
      peers.misbehaved(peer, "invalid compact block/non-matching block transactions");
    } else if (block === "failed" && isFirst) {
      // Short ids may have collided. The used-up partial block stays, so that the peer cannot begin again with another.
      this.#fetchWhole(peer, entry.hash);
    } else if (block === "failed") {
      requests.remove(entry.hash, peer);
      const what = "sent us a compact block but it failed to reconstruct, waiting on first download to complete";
      log.debug("net", `Peer ${peer.id} ${what}`);
    } else {
      requests.remove(entry.hash, peer);
      await this.#process(peer, block);
    }
  }

  #initialize(partial: PartialBlock, message: CompactBlockMessage): PartialBlockStatus {
    const { mempool, extra, log } = this.#deps;
    const status = partial.init(message, candidatesOf(mempool, message.shortIds.length), extra.all());
    if (status === "ok") logInitialized(log, message);
    return status;
  }

  #filled(
    partial: PartialBlock,
    entry: BlockIndexEntry,
    transactions: readonly Transaction[],
  ): Block | "invalid" | "failed" {
    const hasWitnessRules = isActive("segwit", entry.previous, this.#deps.chain.network.params);
    const block = partial.fill(transactions, (made) => isBlockMutated(made, hasWitnessRules));
    if (block !== "invalid" && block !== "failed")
      logReconstructed(this.#deps.log, entry.hash, partial.counts, transactions);
    return block;
  }

  /** The header has enough work and is close to the tip, so the block counts as asked for. */
  #process(peer: Peer, block: Block): Promise<void> {
    const options = { requested: true, minPowChecked: true, viaCompactBlock: true };
    return this.#deps.intake.process(peer, block, options);
  }

  #fetchWhole(peer: Peer, hash: BlockHash): void {
    peer.send({ type: "getdata", items: [{ kind: blockKindFor(peer), hash }] });
  }

  #log(message: string): void {
    this.#deps.log.debug("cmpctblock", message);
  }
}

/**
 * The transactions of the mempool, some of them twice: first those that the next block should have, since a miner who knows the same
 * has chosen the same, and the search ends where all are found; then all, in the order that takes least to walk through.
 */
export function* candidatesOf(mempool: CompactBlockMempool, wantedCount: number): Iterable<Transaction> {
  let likelyCount = LIKELY_PER_WANTED * wantedCount;
  for (const { entries } of mempool.chunksInMiningOrder()) {
    for (const { tx } of entries) yield tx;
    likelyCount -= entries.length;
    if (likelyCount <= 0) break;
  }
  for (const { tx } of mempool.entries()) yield tx;
}
