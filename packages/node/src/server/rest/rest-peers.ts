import { JsonNumber } from "@bitfleet/api/json.ts";
import type { PeerView } from "@bitfleet/api/rest/peers.ts";
import { networkClassOf } from "@bitfleet/protocol/wire/address-class.ts";
import { UNSPECIFIED_ADDRESS } from "@bitfleet/protocol/wire/network-address.ts";
import { ServiceFlag, serviceNames } from "@bitfleet/protocol/wire/services.ts";
import type { FastifyInstance } from "fastify";
import { permissionNames } from "../../p2p/addresses/permissions.ts";
import { formatSubnet } from "../../p2p/addresses/subnet.ts";
import type { Peer } from "../../p2p/peer.ts";
import { type RunningWebNode, runningNode } from "../web/web-state.ts";
import { type RouteDependencies, route } from "./rest-route.ts";
import { callHandler } from "./rpc-bridge.ts";

const US_PER_MS = 1000;
const DONE = { done: true };

/** Who is connected, for everybody; whom to connect and whom to keep out, for who has an admin key. */
export function peerRoutes(app: FastifyInstance, deps: RouteDependencies): void {
  const running = () => runningNode(deps.state);

  route(app, deps, "peers", (_params, _query, _body, { isForAdmin }) => {
    const node = running();
    return [...node.p2p.network.peers.all()].map((peer) => peerView(node, peer, isForAdmin));
  });

  route(app, deps, "connectPeer", async (_params, _query, { node: name, keep = false }) => {
    const { handlers, p2p } = running();
    const v2transport = (p2p.ourServices & ServiceFlag.P2P_V2) !== 0n;
    const call = callHandler(handlers, "addnode", { node: name, command: keep ? "add" : "onetry", v2transport });
    if (keep) await call;
    // One attempt may take as long as the network lets it, and its outcome shows among the peers.
    else call.catch(() => {});
    return DONE;
  });

  route(app, deps, "forgetPeer", async (_params, { node: name }) => {
    await callHandler(running().handlers, "addnode", { node: name, command: "remove", v2transport: undefined });
    return DONE;
  });

  route(app, deps, "disconnectPeer", async ({ id }) => {
    await callHandler(running().handlers, "disconnectnode", { address: undefined, nodeid: id });
    return DONE;
  });

  route(app, deps, "bans", () =>
    running()
      .p2p.bans.list()
      .map(({ subnet, createdSeconds, untilSeconds }) => ({
        subnet: formatSubnet(subnet),
        created: createdSeconds,
        until: Number(untilSeconds),
      })),
  );

  route(app, deps, "ban", async (_params, _query, { subnet, seconds }) => {
    const bantime = seconds === undefined ? undefined : new JsonNumber(String(seconds));
    await callHandler(running().handlers, "setban", { subnet, command: "add", bantime, absolute: false });
    return DONE;
  });

  route(app, deps, "unban", async (_params, { subnet }) => {
    await callHandler(running().handlers, "setban", { subnet, command: "remove", bantime: undefined, absolute: false });
    return DONE;
  });
}

function peerView({ p2p, clock }: RunningWebNode, peer: Peer, showsAddress: boolean): PeerView {
  const { options, connection } = peer;
  const ping = p2p.network.ping.times(peer);
  const sync = p2p.network.sync.peerInfo(peer);
  const msOf = (us: number | undefined) => (us === undefined ? null : us / US_PER_MS);
  return {
    id: peer.id,
    address: showsAddress ? options.name : null,
    direction: peer.isInbound ? "inbound" : "outbound",
    connection_type: options.connectionType,
    network: options.isInboundOnion ? "onion" : networkClassOf(options.endpoint?.address ?? UNSPECIFIED_ADDRESS),
    transport: connection.transport,
    protocol_version: peer.version,
    user_agent: peer.userAgent,
    services: [...serviceNames(peer.services)],
    relays_transactions: peer.relaysTransactions,
    connected_seconds: Math.max(0, Math.floor((clock.nowMs() - options.connectedMs) / 1000)),
    bytes_sent: connection.statistics.bytesSent,
    bytes_received: connection.statistics.bytesReceived,
    ping_ms: msOf(ping.lastUs),
    min_ping_ms: msOf(ping.minUs),
    synced_headers: sync.syncedHeaders,
    synced_blocks: sync.syncedBlocks,
    time_offset_seconds: peer.timeOffsetSeconds,
    permissions: [...permissionNames(options.permissions)],
  };
}
