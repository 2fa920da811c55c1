import { join, resolve } from "node:path";
import type { Network } from "@bitfleet/protocol/consensus/networks.ts";
import { isPrivateNetwork } from "@bitfleet/protocol/consensus/private-network.ts";
import { isRoutable, isValid } from "@bitfleet/protocol/wire/address-class.ts";
import { parseEndpoint, splitHostPort } from "@bitfleet/protocol/wire/address-text.ts";
import type { NetworkEndpoint } from "@bitfleet/protocol/wire/network-address.ts";
import { ServiceFlag } from "@bitfleet/protocol/wire/services.ts";
import type { Chain } from "../chain/chain.ts";
import { StartupError } from "../chain/startup-error.ts";
import type { FilterIndex } from "../indexes/filter-index.ts";
import type { Mempool } from "../mempool/mempool.ts";
import type { JobScheduler, Logger, PreciseClock, Random } from "../ports.ts";
import type { AddressManager } from "./addresses/address-manager.ts";
import { AddressRelay } from "./addresses/address-relay.ts";
import { AddressSeeding } from "./addresses/address-seeding.ts";
import { saveAnchors, takeAnchors } from "./addresses/anchors-file.ts";
import type { Asmap } from "./addresses/asmap.ts";
import { loadAsmap } from "./addresses/asmap-file.ts";
import { watchAsmapHealth } from "./addresses/asmap-health.ts";
import { type Ban, BanList } from "./addresses/ban-list.ts";
import { loadBans, saveBans } from "./addresses/ban-list-file.ts";
import { CheckedFileError } from "./addresses/checked-file.ts";
import { interfaceAddresses, LocalAddresses, LocalScore, listensOnAny } from "./addresses/local-addresses.ts";
import { NetworkFilter } from "./addresses/network-filter.ts";
import { loadPeers, savePeers } from "./addresses/peers-file.ts";
import { formatSubnet, isInSubnet, type Subnet } from "./addresses/subnet.ts";
import { ADDED_CONNECTIONS_MAX, AddedNodes } from "./connections/added-nodes.ts";
import {
  AutomaticConnections,
  BLOCK_RELAY_CONNECTIONS_MAX,
  FEELER_CONNECTIONS_MAX,
  FULL_RELAY_CONNECTIONS_MAX,
} from "./connections/automatic-connections.ts";
import { bindFailure } from "./connections/bind-failure.ts";
import { ConnectionManager } from "./connections/connection-manager.ts";
import { Dialer, type DialRequest } from "./connections/dialer.ts";
import { inactivityReason } from "./connections/inactivity.ts";
import { MessageTraffic } from "./connections/message-traffic.ts";
import { SocketError, type SocketPort } from "./connections/sockets.ts";
import type { P2pConfig } from "./p2p-options.ts";
import type { ConnectionType, Peer } from "./peer.ts";
import { PeerNetwork } from "./peer-network.ts";

/** How often connections are looked at for silence. */
const INACTIVITY_CHECK_MS = 100;
const SAVE_PEERS_INTERVAL_MS = 15 * 60 * 1000;
/** `-connect` names as many nodes as it likes. */
const CONNECT_COUNT_MAX = 1000;

export interface P2pNodeOptions extends P2pConfig {
  readonly network: Network;
  /** Where peers.dat, anchors.dat and banlist.json are. */
  readonly networkDir: string;
  readonly userAgent: string;
  readonly minimumChainwork: bigint;
  /** sat/kvB. */
  readonly minRelayFeerate: bigint;
  /** See `TxAnnouncementsOptions`. */
  readonly isOwnNetwork: boolean;
}

export interface P2pNodeDependencies {
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly filterIndex: FilterIndex | undefined;
  readonly sockets: SocketPort;
  readonly clock: PreciseClock;
  readonly scheduler: JobScheduler;
  readonly random: Random;
  readonly log: Logger;
  readonly yield: () => Promise<void>;
  readonly onFatal: (error: Error) => void;
}

/** Connections that the node makes by itself. */
export type AutomaticType = Exclude<ConnectionType, "inbound" | "manual">;

/** What was read from disk. */
interface Remembered {
  readonly asmap: Asmap | undefined;
  readonly addresses: AddressManager;
  readonly bans: readonly Ban[];
}

/** Numbers of connections by purpose. */
interface ConnectionLimits {
  readonly fullRelayMax: number;
  readonly blockRelayMax: number;
  /** Of all that the node makes by itself. */
  readonly outboundMax: number;
  readonly inboundMax: number;
}

/** The node's place in the network: whom it connects to and who connects to it, and what it remembers of both. */
export class P2pNode {
  readonly network: PeerNetwork;
  readonly addresses: AddressManager;
  /** With `-asmap`. */
  readonly asmap: Asmap | undefined;
  readonly bans: BanList;
  readonly localAddresses: LocalAddresses;
  readonly networks: NetworkFilter;
  readonly connections: ConnectionManager;
  readonly messageTraffic = new MessageTraffic();
  readonly dialer: Dialer;
  readonly addedNodes: AddedNodes;
  readonly automatic: AutomaticConnections;
  readonly addressRelay: AddressRelay;
  readonly limits: ConnectionLimits;
  readonly ourServices: bigint;
  readonly options: P2pNodeOptions;
  readonly #deps: P2pNodeDependencies;
  readonly #connectList: AddedNodes;
  readonly #seeding: AddressSeeding;
  readonly #stopping = new AbortController();
  #cancelInactivity: (() => void) | undefined;
  #cancelSaving: (() => void) | undefined;
  #cancelAsmapHealth: (() => void) | undefined;
  #savingBans: Promise<void> = Promise.resolve();

  /** Reads what is remembered. Throws `StartupError` where peers.dat or the map of `-asmap` is damaged. */
  static async load(options: P2pNodeOptions, deps: P2pNodeDependencies): Promise<P2pNode> {
    const { log } = deps;
    const { networkDir, network, asmapPath } = options;
    const asmap = await loadAsmap(asmapPath === undefined ? undefined : resolve(networkDir, asmapPath), log);
    const file = {
      path: join(networkDir, "peers.dat"),
      magic: network.magic,
      hasKnownKey: options.hasKnownAddressKey,
      checkRatio: options.addressCheckRatio,
    };
    const addresses = await loadPeers(file, { ...deps, asmap }).catch((error) => {
      throw error instanceof CheckedFileError ? new StartupError(error.message, { cause: error }) : error;
    });
    const bans = await loadBans(join(networkDir, "banlist.json"), log);
    if (bans === undefined) log.info("Recreating the banlist database");
    const node = new P2pNode(options, deps, { asmap, addresses, bans: bans ?? [] });
    // Whoever sees the node started finds the file there.
    if (bans === undefined) await node.#saveBans();
    return node;
  }

  private constructor(options: P2pNodeOptions, deps: P2pNodeDependencies, { asmap, addresses, bans }: Remembered) {
    const { clock, random, log } = deps;
    this.options = options;
    this.#deps = deps;
    this.addresses = addresses;
    this.asmap = asmap;
    this.limits = limitsOf(options.connectionsMax);
    this.ourServices = servicesOf(options, deps.chain.pruneMode !== undefined);
    this.bans = new BanList(options, { clock, random, log, onChange: () => void this.#saveBans() }, bans);
    this.networks = new NetworkFilter({ ...options, hasOnionProxy: options.proxies.onion !== undefined });
    const isReachable = this.networks.isReachable.bind(this.networks);
    this.localAddresses = new LocalAddresses(
      { discovers: options.discovers, listens: options.listen.length > 0 },
      { isReachable, log },
    );
    const { localAddresses, networks } = this;
    const shared = { ...deps, addresses, bans: this.bans, networks, asmap };
    this.addressRelay = new AddressRelay(
      { listens: options.listen.length > 0, discovers: options.discovers, port: options.port },
      {
        ...shared,
        localAddresses,
        peers: () => this.network.peers,
        hasDesirableServices: (services) => this.network.handshake.hasDesirableServices(services),
      },
    );
    this.network = new PeerNetwork(options, {
      ...shared,
      outbound: {
        setTryExtraOutbound: (on) => this.automatic.setTryExtraOutbound(on),
        startExtraBlockRelay: () => this.automatic.startExtraBlockRelay(),
        extraFullRelayCount: () => this.automatic.extraFullRelayCount(),
        extraBlockRelayCount: () => this.automatic.extraBlockRelayCount(),
        choosesPeers: () => options.connect === undefined && this.connections.isActive,
      },
      addressRelay: this.addressRelay,
      onOurAddress: (endpoint) => this.localAddresses.seen(endpoint.address),
    });
    const { peers, handshake, uploadLimit } = this.network;
    const hasDesirableServices = (services: bigint) => handshake.hasDesirableServices(services);
    this.connections = new ConnectionManager(
      {
        ...options,
        magic: options.network.magic,
        ourServices: this.ourServices,
        inboundCountMax: this.limits.inboundMax,
      },
      {
        ...shared,
        peers,
        pump: () => this.network.pump,
        hasDesirableServices,
        greet: (peer) => handshake.greet(peer),
        retryWithV1: (peer) => this.#retryWithV1(peer),
        onTraffic: (received, sent) => uploadLimit.count(received, sent),
        messageTraffic: this.messageTraffic,
      },
    );
    if (!options.isActive) this.connections.setActive(false);
    const isOurs = (endpoint: NetworkEndpoint) => this.localAddresses.has(endpoint);
    this.dialer = new Dialer(
      {
        defaultPort: options.network.p2pPort,
        timeoutMs: options.connectTimeoutMs,
        proxies: options.proxies,
        resolvesNames: options.resolvesNames,
      },
      {
        ...shared,
        connections: this.connections,
        peers,
        isUnwanted: ({ address }) => this.bans.isBanned(address) || this.bans.isDiscouraged(address),
        isOurs,
        signal: this.#stopping.signal,
      },
    );
    const listOptions = { defaultPort: options.network.p2pPort, isPrivate: isPrivateNetwork(options.network) };
    const listDeps = { dialer: this.dialer, peers, networks, clock, random };
    this.addedNodes = new AddedNodes({ ...listOptions, connectionsMax: ADDED_CONNECTIONS_MAX }, listDeps);
    this.#connectList = new AddedNodes({ ...listOptions, connectionsMax: CONNECT_COUNT_MAX }, listDeps);
    this.automatic = new AutomaticConnections(
      { ...options, ...this.limits, ourServices: this.ourServices },
      {
        ...shared,
        dialer: this.dialer,
        peers,
        addedNodes: this.addedNodes,
        isReachable,
        isOurs,
        isActive: () => this.connections.isActive,
        hasDesirableServices,
      },
    );
    this.#seeding = new AddressSeeding(
      {
        ...options,
        hasAddedNodes: options.addNodes.length > 0,
        hasNameProxy: options.proxies.name !== undefined,
      },
      {
        ...shared,
        reachableNetworks: this.networks.reachable,
        fullRelayCount: () => peers.count((peer) => peer.isReady && peer.isFullRelay),
        isActive: () => this.connections.isActive,
        fetchFrom: (name) => void this.#fetchAddresses(name),
      },
    );
  }

  /** Listens, and begins to connect. Throws `StartupError` where an address cannot be used. */
  async start(): Promise<void> {
    const { options } = this;
    const { scheduler, log } = this.#deps;
    await this.#noteLocalAddresses();
    await this.#listen();
    if (this.asmap !== undefined)
      this.#cancelAsmapHealth = watchAsmapHealth(this.asmap, { ...this.#deps, addresses: this.addresses });
    this.network.start();
    this.#watchInactivity();
    for (const name of options.addNodes) this.addedNodes.add({ name, useV2: options.usesV2 });
    for (const name of options.connect ?? []) this.#connectList.add({ name, useV2: options.usesV2 });
    this.addedNodes.start();
    this.#connectList.start();
    this.#cancelSaving = scheduler.every(SAVE_PEERS_INTERVAL_MS, () => void this.#savePeers());
    if (options.connect !== undefined) {
      this.#seeding.startDns();
      return;
    }
    const anchors = await takeAnchors(this.#file("anchors.dat"), log);
    log.info(`${anchors.length} block-relay-only anchors will be tried for connections.`);
    this.automatic.start(anchors.map(({ services, ...endpoint }) => ({ endpoint, services })));
    this.#seeding.start();
  }

  /** Ends every connection and writes down what is to be remembered. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#cancelInactivity?.();
    this.#cancelSaving?.();
    this.#cancelAsmapHealth?.();
    this.#seeding.stop();
    this.automatic.stop();
    this.addedNodes.stop();
    this.#connectList.stop();
    const anchors = this.automatic.anchorCandidates();
    await this.connections.close();
    this.network.stop();
    if (this.options.connect === undefined) {
      const stored = anchors.map(({ endpoint, services }) => ({ ...endpoint, services, timeSeconds: 0 }));
      await saveAnchors(this.#file("anchors.dat"), stored, this.#deps.log);
    }
    await this.#savePeers();
    await this.#savingBans;
  }

  /**
   * Connects to `address` as if it had been chosen, for tests. False where there are as many connections of the type as may be; else
   * true, whether the connection came about or not.
   */
  async addConnection(address: string, connectionType: AutomaticType, useV2: boolean): Promise<boolean> {
    const { peers } = this.network;
    const { fullRelayMax, blockRelayMax } = this.limits;
    const limits = { "outbound-full-relay": fullRelayMax, "block-relay-only": blockRelayMax };
    const limit = connectionType in limits ? limits[connectionType as keyof typeof limits] : Number.POSITIVE_INFINITY;
    if (peers.count((peer) => peer.options.connectionType === connectionType) >= limit) return false;
    if (!this.#hasOutboundPlace()) return false;
    await this.dialer.dial({ target: address, connectionType, useV2 });
    return true;
  }

  #hasOutboundPlace(): boolean {
    return this.network.peers.count((peer) => !peer.isInbound && !peer.isManual) < this.limits.outboundMax;
  }

  /** Ends the connection of that name, `host:port`. False where there is none. */
  disconnectByName(name: string): boolean {
    const detail = this.options.logsAddresses ? `=${name}` : "";
    return this.#disconnectAll((peer) => peer.options.name === name, `disconnect by address${detail} match`, 1);
  }

  disconnectById(id: number): boolean {
    return this.#disconnectAll((peer) => peer.id === id, "disconnect by id", 1);
  }

  /** Ends every connection to the range, those with the noban permission too: it is the operator who says so. */
  disconnectSubnet(subnet: Subnet): boolean {
    const detail = this.options.logsAddresses ? `=${formatSubnet(subnet)}` : "";
    const isInside = ({ options: { endpoint } }: Peer) =>
      endpoint !== undefined && isInSubnet(subnet, endpoint.address);
    return this.#disconnectAll(isInside, `disconnect by subnet${detail} match`);
  }

  #disconnectAll(isMeant: (peer: Peer) => boolean, why: string, countMax = Number.POSITIVE_INFINITY): boolean {
    const { peers } = this.network;
    const meant = [...peers.all()].filter(isMeant).slice(0, countMax);
    for (const peer of meant) peers.disconnect(peer, why);
    return meant.length > 0;
  }

  #file(name: string) {
    return { path: join(this.options.networkDir, name), magic: this.options.network.magic };
  }

  async #listen(): Promise<void> {
    const { listen, isListeningOnAny } = this.options;
    for (const option of listen) {
      try {
        const endpoint = await this.connections.listen(option);
        const isTold = isRoutable(endpoint.address) && !option.isOnion;
        if (isTold) this.localAddresses.add(endpoint, LocalScore.BIND);
      } catch (error) {
        if (!(error instanceof SocketError)) throw error;
        // A machine without IPv6 is no fault of the operator's.
        if (isListeningOnAny && option.endpoint.address.network === "ipv6") continue;
        throw bindFailure(option.endpoint, error.message);
      }
    }
  }

  async #noteLocalAddresses(): Promise<void> {
    const { externalAddresses, discovers, listen, port } = this.options;
    for (const text of externalAddresses) {
      const endpoint = parseEndpoint(text, port) ?? (await this.#resolved(text));
      const isAddress = endpoint !== undefined && isValid(endpoint.address);
      if (!isAddress) throw new StartupError(`Cannot resolve -externalip address: '${text}'`);
      this.localAddresses.add(endpoint, LocalScore.MANUAL);
    }
    if (!discovers || !listensOnAny(listen)) return;
    for (const address of interfaceAddresses()) this.localAddresses.add({ address, port }, LocalScore.INTERFACE);
  }

  async #resolved(text: string): Promise<NetworkEndpoint | undefined> {
    if (!this.options.resolvesNames) return undefined;
    const { host, port = this.options.port } = splitHostPort(text);
    const [address] = await this.#deps.sockets.resolve(host, 1);
    return address && { address, port };
  }

  #watchInactivity(): void {
    const { clock } = this.#deps;
    const { peers } = this.network;
    this.#cancelInactivity = clock.after(INACTIVITY_CHECK_MS, () => {
      for (const { peer } of peers.records()) {
        const why = inactivityReason(peer, clock.nowMs(), this.options.peerTimeoutMs);
        if (why !== undefined) peers.disconnect(peer, why);
      }
      this.#watchInactivity();
    });
  }

  #retryWithV1(peer: Peer): void {
    const { connectionType, name, endpoint } = peer.options;
    this.#deps.log.debug("net", `retrying with v1 transport protocol for peer=${peer.id}`);
    const target = peer.isManual || peer.isAddressFetch || endpoint === undefined ? name : endpoint;
    void this.dialer.dial({ target, connectionType, useV2: false });
  }

  /** Connects to a node for its addresses, where a connection is free. */
  async #fetchAddresses(name: string): Promise<void> {
    if (this.options.connect !== undefined || !this.#hasOutboundPlace()) return;
    const request: DialRequest = { target: name, connectionType: "addr-fetch", useV2: this.options.usesV2 };
    await this.dialer.dial(request);
  }

  async #savePeers(): Promise<void> {
    const { log } = this.#deps;
    try {
      await savePeers(this.#file("peers.dat"), this.addresses);
      log.debug("net", `Flushed ${this.addresses.size()} addresses to peers.dat`);
    } catch (error) {
      log.error(`peers.dat could not be written: ${(error as Error).message}`);
    }
  }

  /** One write after the other, the last with the last state. */
  #saveBans(): Promise<void> {
    const path = join(this.options.networkDir, "banlist.json");
    this.#savingBans = this.#savingBans
      .then(() => saveBans(path, this.bans.list()))
      .catch((error: Error) => this.#deps.log.error(`banlist.json could not be written: ${error.message}`));
    return this.#savingBans;
  }
}

function limitsOf(connectionsMax: number): ConnectionLimits {
  const fullRelayMax = Math.min(FULL_RELAY_CONNECTIONS_MAX, connectionsMax);
  const blockRelayMax = Math.min(BLOCK_RELAY_CONNECTIONS_MAX, connectionsMax - fullRelayMax);
  const placesCount = fullRelayMax + blockRelayMax + FEELER_CONNECTIONS_MAX;
  return {
    fullRelayMax,
    blockRelayMax,
    outboundMax: Math.min(placesCount, connectionsMax),
    inboundMax: Math.max(connectionsMax - placesCount, 0),
  };
}

/** A node that prunes has the newest blocks for others alone (BIP159). */
function servicesOf({ usesV2, servesBloomFilters, servesBlockFilters }: P2pConfig, isPruning: boolean): bigint {
  return (
    (isPruning ? 0n : ServiceFlag.NETWORK) |
    ServiceFlag.WITNESS |
    ServiceFlag.NETWORK_LIMITED |
    (usesV2 ? ServiceFlag.P2P_V2 : 0n) |
    (servesBloomFilters ? ServiceFlag.BLOOM : 0n) |
    (servesBlockFilters ? ServiceFlag.COMPACT_FILTERS : 0n)
  );
}
