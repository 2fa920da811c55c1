import { SipHasher } from "@bitfleet/protocol/crypto/siphash.ts";
import { isLocal } from "@bitfleet/protocol/wire/address-class.ts";
import { formatEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { isMessageType } from "@bitfleet/protocol/wire/message.ts";
import type { NetworkEndpoint } from "@bitfleet/protocol/wire/network-address.ts";
import { ServiceFlag } from "@bitfleet/protocol/wire/services.ts";
import type { Transport } from "@bitfleet/protocol/wire/transport.ts";
import { V1Transport } from "@bitfleet/protocol/wire/v1-framing.ts";
import { V2Transport } from "@bitfleet/protocol/wire/v2-transport.ts";
import type { Clock, Logger, Random } from "../../ports.ts";
import type { Asmap } from "../addresses/asmap.ts";
import type { BanList } from "../addresses/ban-list.ts";
import type { NetworkFilter } from "../addresses/network-filter.ts";
import { networkGroup } from "../addresses/network-group.ts";
import { hasPermission, type PermissionFlags, permissionsFor, type WhitelistEntry } from "../addresses/permissions.ts";
import type { MessagePump } from "../message-pump.ts";
import { type ConnectionType, Peer } from "../peer.ts";
import type { PeerRecord, PeerSet } from "../peer-set.ts";
import { randomSipHashKey, randomUint64 } from "../random-values.ts";
import { Connection } from "./connection.ts";
import { type EvictionCandidate, selectPeerToEvict } from "./eviction.ts";
import type { MessageTraffic } from "./message-traffic.ts";
import type { Listener, PeerSocket, SocketPort } from "./sockets.ts";

/** An address to listen on, and what those who connect there may do. */
export interface ListenOption {
  readonly endpoint: NetworkEndpoint;
  readonly permissions: PermissionFlags;
  /** Tor forwards its connections here: the other side's address says nothing. */
  readonly isOnion: boolean;
}

export interface ConnectionManagerOptions {
  readonly magic: Uint8Array;
  readonly ourServices: bigint;
  readonly inboundCountMax: number;
  readonly receiveBufferSize: number;
  readonly sendBufferSize: number;
  readonly whitelist: { readonly incoming: readonly WhitelistEntry[]; readonly outgoing: readonly WhitelistEntry[] };
  readonly whitelistRelay: boolean;
  readonly whitelistForceRelay: boolean;
  /** `-logips`. */
  readonly logsAddresses: boolean;
}

export interface ConnectionManagerDependencies {
  readonly sockets: SocketPort;
  readonly peers: PeerSet;
  readonly pump: () => MessagePump;
  readonly bans: Pick<BanList, "isBanned" | "isDiscouraged">;
  readonly networks: Pick<NetworkFilter, "withCjdns">;
  /** Says which addresses are of one network, for the choice of whom to evict. */
  readonly asmap?: Asmap | undefined;
  readonly hasDesirableServices: (services: bigint) => boolean;
  /** Sends our `version`. */
  readonly greet: (peer: Peer) => void;
  /** A v2 attempt failed early: try again with v1. */
  readonly retryWithV1: (peer: Peer) => void;
  readonly onTraffic: (received: number, sent: number) => void;
  readonly messageTraffic: MessageTraffic;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** What a connection that we made is for. */
export interface OutboundPurpose {
  readonly connectionType: ConnectionType;
  readonly useV2: boolean;
  /** `host:port` as it was asked for, or the endpoint's text. */
  readonly name: string;
}

/** Turns sockets into peers: those that others open, within limits and bans, and those that we opened. */
export class ConnectionManager {
  readonly #options: ConnectionManagerOptions;
  readonly #deps: ConnectionManagerDependencies;
  readonly #groupHasher: SipHasher;
  readonly #listeners: { readonly listener: Listener; readonly option: ListenOption }[] = [];
  #nextId = 0;
  #isActive = true;

  constructor(options: ConnectionManagerOptions, deps: ConnectionManagerDependencies) {
    this.#options = options;
    this.#deps = deps;
    this.#groupHasher = new SipHasher(randomSipHashKey(deps.random));
  }

  /** False while `setnetworkactive false` holds. */
  get isActive(): boolean {
    return this.#isActive;
  }

  /** Switches all of the network on or off; off ends every connection. */
  setActive(isActive: boolean): void {
    this.#deps.log.info(`SetNetworkActive: ${isActive}`);
    if (this.#isActive === isActive) return;
    this.#isActive = isActive;
    if (isActive) return;
    for (const { peer } of this.#deps.peers.records()) this.#deps.peers.disconnect(peer, "Network not active");
  }

  get listenEndpoints(): readonly NetworkEndpoint[] {
    return this.#listeners.map(({ listener }) => listener.endpoint);
  }

  /** Rejects with `SocketError` where the address cannot be used. */
  async listen(option: ListenOption): Promise<NetworkEndpoint> {
    const listener = await this.#deps.sockets.listen(option.endpoint, (socket) => this.#accept(socket, option));
    this.#listeners.push({ listener, option });
    this.#deps.log.info(`Bound to ${formatEndpoint(listener.endpoint)}`);
    return listener.endpoint;
  }

  /** Takes no more connections and ends those there are. */
  async close(): Promise<void> {
    this.#isActive = false;
    const closing = this.#listeners.map(({ listener }) => listener.close());
    for (const { peer } of this.#deps.peers.records()) this.#deps.peers.disconnect(peer, "");
    await Promise.all(closing);
  }

  /** Makes a peer of a socket that we opened, and greets it. */
  adopt(socket: PeerSocket, purpose: OutboundPurpose): Peer {
    const { connectionType, name, useV2 } = purpose;
    const permissions = this.#permissionsFor(
      this.#withCjdns(socket.remote),
      connectionType === "manual" ? this.#options.whitelist.outgoing : [],
      0,
    );
    const transport = useV2 ? this.#v2(true) : new V1Transport({ magic: this.#options.magic });
    const peer = this.#addPeer(socket, transport, {
      connectionType,
      name,
      permissions,
      isPreferredForEviction: false,
      isInboundOnion: false,
    });
    if (useV2) this.#deps.log.debug("net", `start sending v2 handshake to peer=${peer.id}`);
    this.#deps.greet(peer);
    return peer;
  }

  #accept(socket: PeerSocket, option: ListenOption): void {
    const remote = this.#withCjdns(socket.remote);
    if (remote === undefined) {
      socket.destroy();
      return;
    }
    const refusal = this.#refusal(remote, option);
    if (refusal !== undefined) {
      this.#deps.log.debug("net", refusal);
      socket.destroy();
      return;
    }
    const { ourServices, magic } = this.#options;
    const transport = (ourServices & ServiceFlag.P2P_V2) !== 0n ? this.#v2(false) : new V1Transport({ magic });
    this.#addPeer(socket, transport, {
      connectionType: "inbound",
      name: formatEndpoint(remote),
      permissions: this.#inboundPermissions(remote, option),
      isPreferredForEviction: this.#deps.bans.isDiscouraged(remote.address),
      isInboundOnion: option.isOnion,
    });
    this.#deps.log.debug("net", `connection from ${formatEndpoint(remote)} accepted`);
  }

  /** Why a connection is not taken, as the log says it. May evict another to make room. */
  #refusal(remote: NetworkEndpoint, option: ListenOption): string | undefined {
    const { bans, peers } = this.#deps;
    const from = `connection from ${formatEndpoint(remote)} dropped`;
    if (!this.#isActive) return `${from}: not accepting new connections`;
    const isExempt = hasPermission(this.#inboundPermissions(remote, option), "noban");
    if (!isExempt && bans.isBanned(remote.address)) return `${from} (banned)`;
    const inboundCount = peers.count((peer) => peer.isInbound);
    const { inboundCountMax } = this.#options;
    if (!isExempt && inboundCount + 1 >= inboundCountMax && bans.isDiscouraged(remote.address))
      return `${from} (discouraged)`;
    if (inboundCount < inboundCountMax || this.#evictOne()) return undefined;
    return "failed to find an eviction candidate - connection dropped (full)";
  }

  #evictOne(): boolean {
    const { peers, log } = this.#deps;
    const candidates = peers.records().map(({ peer }) => this.#candidateOf(peer));
    const id = selectPeerToEvict(candidates);
    const peer = id === undefined ? undefined : peers.find(id);
    if (peer === undefined) return false;
    log.debug("net", `selected ${peer.options.connectionType} connection for eviction, disconnecting ${peer}`);
    peers.disconnect(peer, "");
    return true;
  }

  #candidateOf(peer: Peer): EvictionCandidate {
    const { options } = peer;
    return {
      id: peer.id,
      isInbound: peer.isInbound,
      isProtected: peer.has("noban"),
      connectedMs: options.connectedMs,
      minPingUs: peer.minPingUs,
      lastBlockSeconds: peer.lastBlockSeconds,
      lastTransactionSeconds: peer.lastTransactionSeconds,
      hasRelevantServices: this.#deps.hasDesirableServices(peer.services),
      relaysTransactions: peer.relaysTransactions,
      hasBloomFilter: peer.hasBloomFilter,
      networkGroupKey: options.networkGroupKey,
      isPreferredForEviction: options.isPreferredForEviction,
      isLocal: options.endpoint !== undefined && isLocal(options.endpoint.address),
      network: options.network,
    };
  }

  #inboundPermissions(remote: NetworkEndpoint, option: ListenOption): PermissionFlags {
    // Behind Tor all have one address: no permission goes by it.
    return this.#permissionsFor(
      option.isOnion ? undefined : remote,
      this.#options.whitelist.incoming,
      option.permissions,
    );
  }

  #permissionsFor(
    endpoint: NetworkEndpoint | undefined,
    entries: readonly WhitelistEntry[],
    given: PermissionFlags,
  ): PermissionFlags {
    const { whitelistRelay, whitelistForceRelay } = this.#options;
    return permissionsFor(endpoint?.address, entries, given, { whitelistRelay, whitelistForceRelay });
  }

  #v2(isInitiating: boolean): Transport {
    const { random } = this.#deps;
    return new V2Transport({ magic: this.#options.magic, initiating: isInitiating, random });
  }

  #addPeer(
    socket: PeerSocket,
    transport: Transport,
    facts: Pick<
      Peer["options"],
      "connectionType" | "name" | "permissions" | "isPreferredForEviction" | "isInboundOnion"
    >,
  ): Peer {
    const { clock, random, peers, onTraffic, messageTraffic } = this.#deps;
    const { receiveBufferSize, sendBufferSize, ourServices, logsAddresses } = this.#options;
    const id = this.#nextId++;
    const endpoint = this.#withCjdns(socket.remote);
    const connection = new Connection(
      { receiveBufferSize, sendBufferSize, isKnownType: isMessageType },
      { socket, transport, clock },
    );
    const peer = new Peer(
      {
        ...facts,
        id,
        label: logsAddresses ? `peer=${id}, peeraddr=${facts.name}` : `peer=${id}`,
        endpoint,
        localEndpoint: this.#withCjdns(socket.local),
        network: facts.isInboundOnion ? "onion" : (endpoint?.address.network ?? "ipv4"),
        connectedMs: clock.nowMs(),
        // BIP111: who may load filters although the rest may not is told so.
        ourServices: hasPermission(facts.permissions, "bloomfilter") ? ourServices | ServiceFlag.BLOOM : ourServices,
        networkGroupKey: this.#groupKeyOf(endpoint),
        nonce: randomUint64(random),
      },
      connection,
    );
    const record: PeerRecord = { peer, connection };
    peers.add(record);
    const { log } = this.#deps;
    log.debug("net", logsAddresses ? `Added connection to ${facts.name} ${peer}` : `Added connection ${peer}`);
    connection.start({
      onSending: (type, size) => log.debug("net", `sending ${type} (${size} bytes) peer=${id}`),
      onTransportError: (what) => log.debug("net", `${what}, peer=${id}`),
      onMessages: () => this.#deps.pump().run(record),
      onDrain: () => this.#deps.pump().run(record),
      onClosed: (why) => this.#closed(record, why),
      onTraffic,
      onMessage: (direction, type, size) => messageTraffic.count(direction, type, size),
    });
    return peer;
  }

  #closed(record: PeerRecord, why: string | undefined): void {
    const { peer, connection } = record;
    this.#deps.peers.forget(record, why);
    if (why !== undefined && !peer.isInbound && connection.shouldRetryV1 && this.#isActive)
      this.#deps.retryWithV1(peer);
  }

  /** Sockets know CJDNS addresses only as those of IPv6. */
  #withCjdns(endpoint: NetworkEndpoint | undefined): NetworkEndpoint | undefined {
    return endpoint && { ...endpoint, address: this.#deps.networks.withCjdns(endpoint.address) };
  }

  #groupKeyOf(endpoint: NetworkEndpoint | undefined): bigint {
    const group = endpoint === undefined ? new Uint8Array(0) : networkGroup(endpoint.address, this.#deps.asmap);
    return this.#groupHasher.hash(group);
  }
}
