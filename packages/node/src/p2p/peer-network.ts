import type { NetworkEndpoint } from "@bitfleet/protocol/wire/network-address.ts";
import type { Chain } from "../chain/chain.ts";
import type { ChainEvent } from "../chain/chain-events.ts";
import type { FilterIndex } from "../indexes/filter-index.ts";
import type { Mempool } from "../mempool/mempool.ts";
import type { Orphanage } from "../mempool/orphanage.ts";
import type { Clock, JobScheduler, Logger, Random } from "../ports.ts";
import type { AddressRelay } from "./address-relay.ts";
import type { AddressManager } from "./addresses/address-manager.ts";
import type { BanList } from "./addresses/ban-list.ts";
import type { LocalAddresses } from "./addresses/local-addresses.ts";
import type { NetworkFilter } from "./addresses/network-filter.ts";
import type { BlockAnnouncements } from "./block-announcements.ts";
import type { BlockDownload } from "./block-download.ts";
import type { BlockRequests } from "./block-requests.ts";
import { BlockServing } from "./block-serving.ts";
import { BlockSources } from "./block-sources.ts";
import { BloomServing } from "./bloom-serving.ts";
import type { ChainSyncCheck, OutboundControl } from "./chain-sync-check.ts";
import type { CompactBlockDownload } from "./compact-block-download.ts";
import { DataRequests } from "./data-requests.ts";
import { FeeFilter } from "./fee-filter.ts";
import { FilterServing } from "./filter-serving.ts";
import type { HandshakeModule } from "./handshake.ts";
import type { HeadersSync } from "./headers-sync.ts";
import type { MessagePump } from "./message-pump.ts";
import type { Peer } from "./peer.ts";
import type { PeerChains } from "./peer-chain.ts";
import type { PeerModule } from "./peer-module.ts";
import type { PeerSet } from "./peer-set.ts";
import type { PingModule } from "./ping.ts";
import { RecentBlocks } from "./recent-blocks.ts";
import { Reconciliation } from "./reconciliation.ts";
import type { TxAnnouncements } from "./tx-announcements.ts";
import type { TxDownload } from "./tx-download.ts";
import type { UploadLimit } from "./upload-limit.ts";

export interface PeerNetworkOptions {
  readonly userAgent: string;
  readonly minimumChainwork: bigint;
  readonly peerTimeoutMs: number;
  readonly ignoresTransactions: boolean;
  readonly reconcilesTransactions: boolean;
  readonly extraTransactionsMax: number;
  readonly minRelayFeerate: bigint;
  readonly uploadTargetBytes: number;
}

export interface PeerNetworkDependencies {
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly filterIndex: FilterIndex | undefined;
  readonly addresses: AddressManager;
  readonly bans: BanList;
  readonly localAddresses: LocalAddresses;
  readonly networks: NetworkFilter;
  readonly outbound: OutboundControl;
  readonly clock: Clock;
  readonly scheduler: JobScheduler;
  readonly random: Random;
  readonly log: Logger;
  /** Lets sockets and timers run. */
  readonly yield: () => Promise<void>;
  readonly onFatal: (error: Error) => void;
}

/** The peer protocol of one node: every subject's module, wired together, over whatever connections there are. */
export class PeerNetwork {
  readonly peers: PeerSet;
  readonly pump: MessagePump;
  readonly chains: PeerChains;
  readonly handshake: HandshakeModule;
  readonly ping: PingModule;
  readonly addressRelay: AddressRelay;
  readonly headers: HeadersSync;
  readonly requests: BlockRequests;
  readonly download: BlockDownload;
  readonly compactDownload: CompactBlockDownload;
  readonly chainSync: ChainSyncCheck;
  readonly announcements: TxAnnouncements;
  readonly txDownload: TxDownload;
  readonly orphanage: Orphanage;
  readonly uploadLimit: UploadLimit;
  readonly #deps: PeerNetworkDependencies;
  readonly #blockAnnouncements: BlockAnnouncements;
  readonly #modules: readonly PeerModule[];
  readonly #unsubscribe: (() => void)[] = [];

  constructor(options: PeerNetworkOptions, deps: PeerNetworkDependencies) {
    this.#deps = deps;
  }
}
