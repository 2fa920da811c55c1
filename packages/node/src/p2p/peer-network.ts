import type { NetworkEndpoint } from "@bitfleet/protocol/wire/network-address.ts";
import type { BlockIndexEntry } from "../chain/block-index.ts";
import type { Chain } from "../chain/chain.ts";
import type { ChainEvent } from "../chain/chain-events.ts";
import type { FilterIndex } from "../indexes/filter-index.ts";
import type { Mempool } from "../mempool/mempool.ts";
import { Orphanage } from "../mempool/orphanage.ts";
import type { JobScheduler, Logger, PreciseClock, Random } from "../ports.ts";
import type { AddressManager } from "./addresses/address-manager.ts";
import type { BanList } from "./addresses/ban-list.ts";
import { HandshakeModule } from "./handshake.ts";
import { MessagePump } from "./message-pump.ts";
import type { Peer } from "./peer.ts";
import type { PeerModule } from "./peer-module.ts";
import { type PeerRecord, PeerSet } from "./peer-set.ts";
import { PingModule } from "./ping.ts";
import { BlockAnnouncements } from "./serving/block-announcements.ts";
import { BlockServing } from "./serving/block-serving.ts";
import { BloomServing } from "./serving/bloom-serving.ts";
import { DataRequests } from "./serving/data-requests.ts";
import { FilterServing } from "./serving/filter-serving.ts";
import { RecentBlocks } from "./serving/recent-blocks.ts";
import { UploadLimit } from "./serving/upload-limit.ts";
import { BlockSync } from "./sync/block-sync.ts";
import type { OutboundControl } from "./sync/chain-sync-check.ts";
import { FeeFilter, isSyncingFeerate } from "./transactions/fee-filter.ts";
import { Reconciliation } from "./transactions/reconciliation.ts";
import { TxAnnouncements } from "./transactions/tx-announcements.ts";
import { TxDownload } from "./transactions/tx-download.ts";

export interface PeerNetworkOptions {
  readonly userAgent: string;
  readonly minimumChainwork: bigint;
  readonly peerTimeoutMs: number;
  readonly ignoresTransactions: boolean;
  readonly reconcilesTransactions: boolean;
  readonly extraTransactionsMax: number;
  readonly isOwnNetwork: boolean;
  /** sat/kvB. */
  readonly minRelayFeerate: bigint;
  readonly uploadTargetBytes: number;
}

export interface PeerNetworkDependencies {
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly filterIndex: FilterIndex | undefined;
  readonly addresses: AddressManager;
  readonly bans: BanList;
  readonly outbound: OutboundControl;
  /** Gossip of addresses; absent where there is none, as in some simulations. */
  readonly addressRelay: PeerModule | undefined;
  /** An inbound peer saw us at this routable address. */
  readonly onOurAddress: (endpoint: NetworkEndpoint) => void;
  readonly clock: PreciseClock;
  readonly scheduler: JobScheduler;
  readonly random: Random;
  readonly log: Logger;
  /** Lets sockets and timers run. */
  readonly yield: () => Promise<void>;
  /** A bug of ours: the node must stop. */
  readonly onFatal: (error: Error) => void;
}

/** What a peer that has told of all its headers has. */
export interface HeardPeer {
  /** The block with the most work; `undefined` where it named none. */
  readonly best: BlockIndexEntry | undefined;
  /** It is in its own initial download, as the feerate that it asks for says (BIP133): what it has is not all there is. */
  readonly isSyncing: boolean;
}

/** The peer protocol of one node: the modules of all subjects, wired together, over whatever connections there are. */
export class PeerNetwork {
  readonly peers: PeerSet;
  readonly pump: MessagePump;
  readonly handshake: HandshakeModule;
  readonly ping: PingModule;
  readonly sync: BlockSync;
  readonly announcements: TxAnnouncements;
  readonly orphanage: Orphanage;
  readonly txDownload: TxDownload;
  readonly uploadLimit: UploadLimit;
  readonly #deps: PeerNetworkDependencies;
  readonly #blockAnnouncements: BlockAnnouncements;
  readonly #recent: RecentBlocks;
  readonly #modules: readonly PeerModule[];
  readonly #unsubscribe: (() => void)[] = [];

  constructor(options: PeerNetworkOptions, all: PeerNetworkDependencies) {
    const { chain, clock, random, log, mempool } = all;
    const peers = new PeerSet(all);
    const deps = { ...all, peers };
    this.#deps = all;
    this.peers = peers;
    this.uploadLimit = new UploadLimit(options.uploadTargetBytes, clock);
    this.#recent = new RecentBlocks(random);
    this.ping = new PingModule(options, deps);
    this.handshake = new HandshakeModule(options, {
      ...deps,
      modules: () => this.#modules,
      height: () => chain.height,
      blocksBehind: () => blocksBehind(chain, clock.nowMs()),
    });
    const rejectsTransactions = (peer: Peer) => this.handshake.rejectsTransactions(peer);
    this.sync = new BlockSync(options, deps);
    const { chains } = this.sync;
    const bloom = new BloomServing({
      peers,
      uploadLimit: this.uploadLimit,
      onMempoolRequest: (peer) => this.announcements.requestMempool(peer),
    });
    this.announcements = new TxAnnouncements(options, {
      ...deps,
      recent: this.#recent,
      bloomFilterOf: (peer) => bloom.filterOf(peer),
    });
    this.#blockAnnouncements = new BlockAnnouncements({ ...deps, chains, recent: this.#recent });
    const blocks = new BlockServing(options, {
      ...deps,
      chains,
      announcements: this.#blockAnnouncements,
      recent: this.#recent,
      uploadLimit: this.uploadLimit,
      sendFiltered: (peer, block) => bloom.sendFiltered(peer, block),
    });
    this.orphanage = new Orphanage({}, { random, log });
    this.txDownload = new TxDownload(
      { rejectsTransactions, isOwnNetwork: options.isOwnNetwork },
      {
        ...deps,
        orphanage: this.orphanage,
        announcements: this.announcements,
        onExtraTransaction: (tx) => this.sync.compactDownload.noteExtraTransaction(tx),
        isPreferred: (peer) => (!peer.isInbound || peer.has("noban")) && !peer.isAddressFetch && peer.servesBlocks,
      },
    );
    const { addressRelay } = all;
    this.#modules = [
      this.handshake,
      new Reconciliation({ ...options, isEnabled: options.reconcilesTransactions, rejectsTransactions }, deps),
      this.ping,
      ...(addressRelay === undefined ? [] : [addressRelay]),
      ...this.sync.headerModules,
      this.#blockAnnouncements,
      blocks,
      new FilterServing({ ...deps, index: all.filterIndex }),
      bloom,
      new DataRequests({
        blocks,
        relaysTransactions: (peer) => this.announcements.relaysTo(peer),
        findTransaction: (peer, item) => this.announcements.findTransaction(peer, item),
        log,
      }),
      this.announcements,
      ...this.sync.blockModules,
      this.txDownload,
      new FeeFilter(options, { chain, random, minFeerate: () => mempool.rollingFeerateSatPerKvb }),
    ];
    this.pump = new MessagePump({ ...deps, modules: this.#modules });
    peers.observe({ onGone: (record) => this.#gone(record), onWake: () => this.pump.wake() });
  }

  /** Peers that have told of all headers that they have, of those that we chose or that are trusted: others may be waiting for what we have. */
  *heardPeers(): Iterable<HeardPeer> {
    for (const peer of this.sync.heardPeers()) {
      if (!this.sync.isPreferred(peer)) continue;
      const best = this.sync.chains.best(peer);
      yield { best, isSyncing: this.#isSyncing(peer) };
    }
  }

  /** Asks those of them that are fetching their own chain what they have by now: until they are done they announce nothing. */
  askSyncingPeers(): void {
    for (const peer of this.sync.heardPeers()) {
      if (this.#isSyncing(peer)) this.sync.askAgain(peer);
    }
  }

  #isSyncing(peer: Peer): boolean {
    return isSyncingFeerate(this.announcements.statistics(peer)?.feerateMin ?? 0n);
  }

  start(): void {
    const { chain } = this.#deps;
    this.#unsubscribe.push(
      chain.events.subscribe((event) => this.#onChainEvent(event), { name: "peers", delivery: "inline" }),
    );
    this.sync.start();
    this.announcements.start();
    this.pump.start();
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    this.pump.stop();
    this.announcements.stop();
    this.sync.stop();
  }

  #onChainEvent(event: ChainEvent): void {
    this.sync.onChainEvent(event);
    if (event.type === "block-connected") {
      this.#recent.note(event.block);
      this.txDownload.blockConnected(event.block);
    } else if (event.type === "block-disconnected") this.txDownload.blockDisconnected();
    else if (event.type === "tip-changed") this.txDownload.tipChanged();
    this.#blockAnnouncements.onChainEvent(event);
  }

  #gone({ peer }: PeerRecord): void {
    const { addresses, clock, log } = this.#deps;
    for (const module of this.#modules) module.peerGone?.(peer);
    const { endpoint } = peer.options;
    // What block-relay connections lead to is nobody's business.
    if (peer.isReady && !peer.isInbound && !peer.isBlockOnly && endpoint !== undefined)
      addresses.connected(endpoint, Math.floor(clock.nowMs() / 1000));
    log.debug("net", `Cleared nodestate for peer=${peer.id}`);
  }
}

/** How many blocks the tip is behind the time, about. */
function blocksBehind(chain: Pick<Chain, "tip" | "network">, nowMs: number): number {
  return (nowMs / 1000 - chain.tip.time) / chain.network.params.targetSpacingSeconds;
}
