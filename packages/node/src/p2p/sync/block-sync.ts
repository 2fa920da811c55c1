import type { Chain } from "../../chain/chain.ts";
import type { ChainEvent } from "../../chain/chain-events.ts";
import type { Clock, JobScheduler, Logger, Random } from "../../ports.ts";
import type { Peer } from "../peer.ts";
import type { PeerModule, Peers } from "../peer-module.ts";
import { BlockDownload } from "./block-download.ts";
import { BlockIntake } from "./block-intake.ts";
import { BlockRequests } from "./block-requests.ts";
import { BlockSources } from "./block-sources.ts";
import { ChainSyncCheck, type OutboundControl } from "./chain-sync-check.ts";
import { CompactBlockDownload, type CompactBlockMempool } from "./compact-block-download.ts";
import { CompactBlockPeers } from "./compact-block-peers.ts";
import { DirectFetch } from "./direct-fetch.ts";
import { ExtraTransactions } from "./extra-transactions.ts";
import { HeaderIntake } from "./header-intake.ts";
import { HeaderRequests, locatorOf } from "./header-requests.ts";
import { HeadersStart } from "./headers-start.ts";
import { HeadersSync } from "./headers-sync.ts";
import { LowWorkHeaders } from "./low-work-headers.ts";
import { PeerChains } from "./peer-chain.ts";
import { SyncPeers } from "./sync-peers.ts";
import { SyncProgress } from "./sync-progress.ts";

export interface BlockSyncOptions {
  /** `-minimumchainwork`, or the network's. */
  readonly minimumChainwork: bigint;
  /** `-blocksonly`. */
  readonly ignoresTransactions: boolean;
  /** `-blockreconstructionextratxn`. */
  readonly extraTransactionsMax: number;
}

export interface BlockSyncDependencies {
  readonly chain: Chain;
  readonly mempool: CompactBlockMempool;
  readonly peers: Peers;
  readonly outbound: OutboundControl;
  readonly clock: Clock;
  readonly scheduler: Pick<JobScheduler, "every">;
  readonly random: Random;
  readonly log: Logger;
  /** Lets sockets and timers run. */
  readonly yield: () => Promise<void>;
}

/** What `getpeerinfo` shows of the download from a peer. */
export interface PeerSyncInfo {
  /** Height of the first pass over its headers; -1 where there is none. */
  readonly presyncedHeaders: number;
  /** Height of the best block that it has, as far as it is known; -1 for none. */
  readonly syncedHeaders: number;
  /** Height of the last block that its chain and ours share; -1 where it was not looked at. */
  readonly syncedBlocks: number;
  /** Heights of the blocks that it was asked for, oldest request first. */
  readonly inflight: readonly number[];
}

/** Everything that brings headers and blocks from peers into the chain, wired together. */
export class BlockSync {
  readonly chains: PeerChains;
  readonly requests: BlockRequests;
  readonly headers: HeadersSync;
  readonly download: BlockDownload;
  readonly compactDownload: CompactBlockDownload;
  readonly chainSync: ChainSyncCheck;
  readonly progress: SyncProgress;
  /** Whose turn is before announcements of our own. */
  readonly headerModules: readonly PeerModule[];
  /** Whose turn is after them. */
  readonly blockModules: readonly PeerModule[];
  readonly #chain: Pick<Chain, "bestHeader">;
  readonly #headerRequests: HeaderRequests;
  readonly #syncPeers: SyncPeers;
  readonly #lowWork: LowWorkHeaders;
  readonly #sources: BlockSources;

  constructor(options: BlockSyncOptions, all: BlockSyncDependencies) {
    const chains = new PeerChains(all);
    const requests = new BlockRequests(all);
    const headerRequests = new HeaderRequests(all);
    const syncPeers = new SyncPeers({ requests });
    const compactPeers = new CompactBlockPeers(options);
    const deps = { ...all, chains, requests, headerRequests, syncPeers, compactPeers };
    const lowWork = new LowWorkHeaders(options, deps);
    const sources = new BlockSources(deps);
    const intake = new BlockIntake({ ...deps, sources });
    const headerIntake = new HeaderIntake(deps);
    const directFetch = new DirectFetch(options, deps);
    const extra = new ExtraTransactions(options.extraTransactionsMax);
    this.chains = chains;
    this.requests = requests;
    this.#chain = all.chain;
    this.#headerRequests = headerRequests;
    this.#syncPeers = syncPeers;
    this.#lowWork = lowWork;
    this.#sources = sources;
    this.headers = new HeadersSync(options, { ...deps, lowWork, intake: headerIntake, directFetch });
    this.download = new BlockDownload(options, { ...deps, intake });
    const compactDeps = { ...deps, intake, headerIntake, extra, headersSync: this.headers };
    this.compactDownload = new CompactBlockDownload(options, compactDeps);
    this.chainSync = new ChainSyncCheck(deps);
    this.progress = new SyncProgress({ ...deps, lowWork });
    this.headerModules = [new HeadersStart(options, deps), this.headers];
    this.blockModules = [compactPeers, this.compactDownload, this.chainSync, this.download];
  }

  start(): void {
    this.chainSync.start();
    this.progress.start();
  }

  stop(): void {
    this.chainSync.stop();
    this.progress.stop();
  }

  /** To be called with every chain event, inline: a bad block must have its consequence before its peer is heard again. */
  onChainEvent(event: ChainEvent): void {
    this.#sources.onChainEvent(event);
    this.download.onChainEvent(event);
    this.chainSync.onChainEvent(event);
    this.progress.onChainEvent(event);
  }

  /** Peers that are here and have told of all headers that they had when they were asked: what they know, we know. */
  heardPeers(): Iterable<Peer> {
    return this.#syncPeers.heard();
  }

  /** Whether one of them was chosen by us, or is trusted: those that connected to us may just be waiting for what we have. */
  get hasHeardPreferred(): boolean {
    return [...this.#syncPeers.heard()].some((peer) => this.#syncPeers.isPreferred(peer));
  }

  /** Whether the peer was chosen by us, or is trusted, and serves blocks. */
  isPreferred(peer: Peer): boolean {
    return this.#syncPeers.isPreferred(peer);
  }

  /** Asks a peer once more what headers it has; not while it has yet to answer. */
  askAgain(peer: Peer): void {
    const { bestHeader } = this.#chain;
    // From the one before, so that it answers with a header also where it has no more than that.
    this.#headerRequests.send(peer, locatorOf(bestHeader.previous ?? bestHeader));
  }

  /** Blocks that wait to be checked and whose sender is remembered. */
  get sourceCount(): number {
    return this.#sources.size;
  }

  peerInfo(peer: Peer): PeerSyncInfo {
    return {
      presyncedHeaders: this.#lowWork.presyncedHeight(peer),
      syncedHeaders: this.chains.best(peer)?.height ?? -1,
      syncedBlocks: this.chains.lastCommon(peer)?.height ?? -1,
      inflight: this.requests.ofPeer(peer).map(({ entry }) => entry.height),
    };
  }
}
