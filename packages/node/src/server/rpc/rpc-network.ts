import { amountNumber } from "@bitfleet/api/amount.ts";
import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { helpFor } from "@bitfleet/api/rpc/rpc-methods.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { isValid, type NetworkClass, networkClassOf } from "@bitfleet/protocol/wire/address-class.ts";
import { formatAddress, formatEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { type NetworkKind, UNSPECIFIED_ADDRESS } from "@bitfleet/protocol/wire/network-address.ts";
import { ServiceFlag, serviceNames } from "@bitfleet/protocol/wire/services.ts";
import { systemOf } from "../../p2p/addresses/asmap.ts";
import { permissionNames } from "../../p2p/addresses/permissions.ts";
import { placeText } from "../../p2p/connections/sockets.ts";
import type { P2pNode } from "../../p2p/p2p-node.ts";
import type { Peer } from "../../p2p/peer.ts";
import { PROTOCOL_VERSION } from "../../p2p/versions.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";
import { requirePeers } from "./rpc-peers.ts";

/** Version number that clients compare: we answer as Core of this version does. */
export const CORE_COMPATIBLE_VERSION = 319_900;
const US_PER_SECOND = 1_000_000;
const NETWORKS: readonly NetworkKind[] = ["ipv4", "ipv6", "onion", "i2p", "cjdns"];

/** Calls about connections: who is connected, and to whom to connect. */
export function networkHandlers(deps: Pick<RpcDependencies, "chain" | "mempool" | "userAgent" | "p2p">) {
  const { chain, mempool } = deps;
  const peersOf = () => requirePeers(deps.p2p);

  return {
    getconnectioncount: () => peersOf().network.peers.size,

    ping: () => {
      peersOf().network.ping.pingAll();
      return null;
    },

    getpeerinfo: () => {
      const p2p = peersOf();
      return [...p2p.network.peers.all()].map((peer) => peerJson(p2p, peer));
    },

    getnettotals: () => {
      const { uploadLimit } = peersOf().network;
      const target = uploadLimit.state();
      return {
        totalbytesrecv: uploadLimit.bytesReceived,
        totalbytessent: uploadLimit.bytesSent,
        // The machine's own time, also where `setmocktime` holds for all else.
        timemillis: Date.now(),
        uploadtarget: {
          timeframe: target.timeframeSeconds,
          target: target.targetBytes,
          target_reached: target.isReached,
          serve_historical_blocks: target.servesHistoricalBlocks,
          bytes_left_in_cycle: target.bytesLeft,
          time_left_in_cycle: target.secondsLeft,
        },
      };
    },

    getnetworkinfo: () => {
      const { p2p } = deps;
      const peers = [...(p2p?.network.peers.all() ?? [])];
      const inboundCount = peers.filter((peer) => peer.isInbound).length;
      const services = p2p?.ourServices ?? 0n;
      return {
        version: CORE_COMPATIBLE_VERSION,
        subversion: deps.userAgent,
        protocolversion: PROTOCOL_VERSION,
        localservices: services.toString(16).padStart(16, "0"),
        localservicesnames: serviceNames(services),
        localrelay: p2p !== undefined && !p2p.options.ignoresTransactions,
        timeoffset: medianTimeOffset(peers),
        networkactive: p2p?.connections.isActive ?? false,
        connections: peers.length,
        connections_in: inboundCount,
        connections_out: peers.length - inboundCount,
        networks: NETWORKS.map((name) => networkJson(p2p, name)),
        relayfee: amountNumber(mempool.options.minRelayFeerateSatPerKvb),
        incrementalfee: amountNumber(mempool.options.incrementalFeerateSatPerKvb),
        localaddresses: (p2p?.localAddresses.list() ?? []).map(({ endpoint, score }) => ({
          address: formatAddress(endpoint.address),
          port: endpoint.port,
          score,
        })),
        warnings: chain.warnings(),
      };
    },

    addnode: async ({ node, command, v2transport }) => {
      const { addedNodes, dialer, ourServices } = peersOf();
      if (command !== "onetry" && command !== "add" && command !== "remove")
        throw new RpcError(RpcErrorCode.MISC_ERROR, helpFor("addnode"));
      const canV2 = (ourServices & ServiceFlag.P2P_V2) !== 0n;
      const useV2 = v2transport ?? canV2;
      if (useV2 && !canV2) {
        const message = "Error: v2transport requested but not enabled (see -v2transport)";
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
      }
      if (command === "onetry") await dialer.dial({ target: node, connectionType: "manual", useV2 });
      else if (command === "add" && !addedNodes.add({ name: node, useV2 })) {
        throw new RpcError(RpcErrorCode.CLIENT_NODE_ALREADY_ADDED, "Error: Node already added");
      } else if (command === "remove" && !addedNodes.remove(node)) {
        const message = "Error: Node could not be removed. It has not been added previously.";
        throw new RpcError(RpcErrorCode.CLIENT_NODE_NOT_ADDED, message);
      }
      return null;
    },

    addconnection: async ({ address, connection_type: text, v2transport }) => {
      if (chain.network.name !== "regtest") {
        const message = "addconnection is for regression testing (-regtest mode) only.";
        throw new RpcError(RpcErrorCode.MISC_ERROR, message);
      }
      const connectionType = AUTOMATIC_TYPES.find((type) => type === text.trim());
      if (connectionType === undefined) throw new RpcError(RpcErrorCode.INVALID_PARAMETER, helpFor("addconnection"));
      const p2p = peersOf();
      if (v2transport && (p2p.ourServices & ServiceFlag.P2P_V2) === 0n) {
        const message = "Error: Adding v2transport connections requires -v2transport init flag to be set.";
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
      }
      if (!(await p2p.addConnection(address, connectionType, v2transport))) {
        const message = "Error: Already at capacity for specified connection type.";
        throw new RpcError(RpcErrorCode.CLIENT_NODE_CAPACITY_REACHED, message);
      }
      return { address, connection_type: connectionType };
    },

    disconnectnode: ({ address, nodeid: id }) => {
      const p2p = peersOf();
      if ((address === undefined && id === undefined) || (id !== undefined && address !== undefined && address !== ""))
        throw new RpcError(RpcErrorCode.INVALID_PARAMS, "Only one of address and nodeid should be provided.");
      const isFound = id === undefined ? p2p.disconnectByName(address!) : p2p.disconnectById(id);
      if (!isFound) {
        throw new RpcError(RpcErrorCode.CLIENT_NODE_NOT_CONNECTED, "Node not found in connected nodes");
      }
      return null;
    },

    getaddednodeinfo: ({ node }) => {
      const all = peersOf().addedNodes.states();
      const wanted = node === undefined ? all : all.filter(({ name }) => name === node);
      if (node !== undefined && wanted.length === 0)
        throw new RpcError(RpcErrorCode.CLIENT_NODE_NOT_ADDED, "Error: Node has not been added.");
      return wanted.map(({ name, peer }) => ({
        addednode: name,
        connected: peer !== undefined,
        addresses: peer === undefined ? [] : [{ address: endpointText(peer), connected: directionOf(peer) }],
      }));
    },

    setnetworkactive: ({ state }) => {
      const { connections } = peersOf();
      connections.setActive(state);
      return connections.isActive;
    },

    getorphantxs: ({ verbosity }, { positional }) => {
      if (typeof positional[0] === "boolean")
        throw new RpcError(RpcErrorCode.TYPE_ERROR, "Verbosity was boolean but only integer allowed");
      const orphans = [...(deps.p2p?.network.orphanage.entries() ?? [])];
      if (verbosity === 0) return orphans.map(({ tx }) => displayHash(tx.txid));
      if (verbosity !== 1 && verbosity !== 2)
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, `Invalid verbosity value ${verbosity}`);
      return orphans.map(({ tx, peers }) => ({
        txid: displayHash(tx.txid),
        wtxid: displayHash(tx.wtxid),
        bytes: tx.size,
        vsize: tx.virtualSize,
        weight: tx.weight,
        from: [...peers].sort((a, b) => a - b),
        ...(verbosity === 2 && { hex: toHex(tx.bytes) }),
      }));
    },

    sendmsgtopeer: ({ peer_id: id, msg_type: type, msg }) => {
      const { peers } = peersOf().network;
      if (type.length > MESSAGE_TYPE_SIZE_MAX) {
        const message = `Error: msg_type too long, max length is ${MESSAGE_TYPE_SIZE_MAX}`;
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
      }
      if (!/^([0-9a-fA-F]{2})*$/.test(msg))
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, "Error parsing input for msg");
      const peer = peers.find(id);
      if (peer === undefined) throw new RpcError(RpcErrorCode.MISC_ERROR, "Error: Could not send message to peer");
      peer.sendEncoded(type, Uint8Array.from(Buffer.from(msg, "hex")));
      return {};
    },
  } satisfies Partial<RpcHandlers>;
}

const AUTOMATIC_TYPES = ["outbound-full-relay", "block-relay-only", "addr-fetch", "feeler"] as const;
const MESSAGE_TYPE_SIZE_MAX = 12;

function mappedAs({ asmap }: P2pNode, { options: { endpoint } }: Peer) {
  const system = endpoint === undefined ? 0 : systemOf(asmap, endpoint.address);
  return system === 0 ? {} : { mapped_as: system };
}

function peerJson(p2p: P2pNode, peer: Peer) {
  const { network } = p2p;
  const { options, connection } = peer;
  const { statistics } = connection;
  const relay = network.announcements.statistics(peer);
  const ping = network.ping.times(peer);
  const sync = network.sync.peerInfo(peer);
  const addresses = p2p.addressRelay.statistics(peer);
  return {
    id: peer.id,
    addr: options.name,
    ...(options.localEndpoint && { addrbind: formatEndpoint(options.localEndpoint) }),
    ...(peer.ourEndpoint && isValid(peer.ourEndpoint.address) && { addrlocal: formatEndpoint(peer.ourEndpoint) }),
    network: networkText(peer),
    ...mappedAs(p2p, peer),
    services: peer.services.toString(16).padStart(16, "0"),
    servicesnames: serviceNames(peer.services),
    relaytxes: peer.relaysTransactions,
    last_inv_sequence: relay?.lastSequence ?? 0,
    inv_to_send: relay?.queuedCount ?? 0,
    lastsend: statistics.lastSendSeconds,
    lastrecv: statistics.lastReceiveSeconds,
    last_transaction: peer.lastTransactionSeconds,
    last_block: peer.lastBlockSeconds,
    bytessent: statistics.bytesSent,
    bytesrecv: statistics.bytesReceived,
    conntime: Math.floor(options.connectedMs / 1000),
    timeoffset: peer.timeOffsetSeconds,
    ...(ping.lastUs !== undefined && { pingtime: ping.lastUs / US_PER_SECOND }),
    ...(ping.minUs !== undefined && { minping: ping.minUs / US_PER_SECOND }),
    ...(ping.waitUs !== undefined && ping.waitUs > 0 && { pingwait: ping.waitUs / US_PER_SECOND }),
    version: peer.version,
    subver: peer.userAgent,
    inbound: peer.isInbound,
    bip152_hb_to: peer.highBandwidthTo,
    bip152_hb_from: peer.highBandwidthFrom,
    presynced_headers: sync.presyncedHeaders,
    synced_headers: sync.syncedHeaders,
    synced_blocks: sync.syncedBlocks,
    inflight: sync.inflight,
    addr_relay_enabled: addresses.isEnabled,
    addr_processed: addresses.processedCount,
    addr_rate_limited: addresses.rateLimitedCount,
    permissions: permissionNames(options.permissions),
    minfeefilter: amountNumber(relay?.feerateMin ?? 0n),
    bytessent_per_msg: sortedObject(statistics.bytesSentByType),
    bytesrecv_per_msg: sortedObject(statistics.bytesReceivedByType),
    connection_type: options.connectionType,
    transport_protocol_type: connection.transport,
    session_id: connection.sessionId === undefined ? "" : toHex(connection.sessionId),
  };
}

function networkJson(p2p: P2pNode | undefined, name: NetworkKind) {
  const proxy = p2p?.options.proxies[name];
  const isReachable = p2p?.networks.isReachable(name) ?? false;
  return {
    name,
    limited: !isReachable,
    reachable: isReachable,
    proxy: proxy === undefined ? "" : placeText(proxy),
    proxy_randomize_credentials: proxy?.credentials === "random",
  };
}

/** Where we do not know the address, as behind a proxy, we do not know its network either. */
function networkText({ options }: Peer): NetworkClass {
  return options.isInboundOnion ? "onion" : networkClassOf(options.endpoint?.address ?? UNSPECIFIED_ADDRESS);
}

function endpointText({ options }: Peer): string {
  return options.endpoint === undefined ? options.name : formatEndpoint(options.endpoint);
}

const directionOf = (peer: Peer) => (peer.isInbound ? "inbound" : "outbound");

function sortedObject(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Of peers that we chose: others could make it anything. */
function medianTimeOffset(peers: readonly Peer[]): number {
  const offsets = peers.filter((peer) => peer.isReady && !peer.isInbound).map((peer) => peer.timeOffsetSeconds);
  return offsets.sort((a, b) => a - b)[offsets.length >> 1] ?? 0;
}
