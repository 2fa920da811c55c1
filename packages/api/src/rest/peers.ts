import { Boolean as BooleanType, Integer, Literal, Optional, String as StringType, Union } from "typebox";
import { decimal, flag, integer, list, nullable, object, type Static, text } from "../schema.ts";
import { NoFields, type RestRoute } from "./route.ts";

/** Nodes that this one is connected to, and who may be. */

export const PeerView = object({
  id: integer("Number of the connection, from 0 since the start"),
  address: nullable(text("Address and port; null for who has no admin key")),
  direction: Union([Literal("inbound"), Literal("outbound")], { description: "Who called" }),
  connection_type: text(
    "inbound, manual, outbound-full-relay, block-relay-only, feeler, addr-fetch or private-broadcast",
  ),
  network: text("ipv4, ipv6, onion, i2p, cjdns or not_publicly_routable"),
  transport: text("v1, v2 (BIP324, encrypted) or detecting"),
  protocol_version: integer("Version of the peer protocol that it speaks; 0 before it has said so"),
  user_agent: text("What it calls itself (BIP14)"),
  services: list(text("Name of a service"), "What it offers: NETWORK, WITNESS, …"),
  relays_transactions: flag("Whether it wants transactions"),
  connected_seconds: integer("Seconds since it connected"),
  bytes_sent: integer("Bytes sent to it"),
  bytes_received: integer("Bytes received of it"),
  ping_ms: nullable(decimal("Time of the last ping, in milliseconds; null before the first answer")),
  min_ping_ms: nullable(decimal("Least time of a ping, in milliseconds")),
  synced_headers: integer("Height of the last header that we have in common; -1 where none is known", -1),
  synced_blocks: integer("Height of the last block that we have in common; -1 where none is known", -1),
  time_offset_seconds: Integer({ description: "How far its clock was ahead of ours when it connected, in seconds" }),
  permissions: list(text("Name of a permission"), "What it may do beyond others (-whitelist)"),
});
export type PeerView = Static<typeof PeerView>;

export const Ban = object({
  subnet: text("Address range that may not connect, as 192.0.2.0/24"),
  created: integer("When it was banned, in seconds since 1970"),
  until: integer("When the ban ends, in seconds since 1970"),
});
export type Ban = Static<typeof Ban>;

/** The longest host name with a port. */
const NODE_LENGTH_MAX = 261;
const SUBNET_LENGTH_MAX = 100;
/** About 30 years. */
const BAN_SECONDS_MAX = 1_000_000_000;

const NodeName = StringType({
  minLength: 1,
  maxLength: NODE_LENGTH_MAX,
  pattern: "^[!-~]+$",
  description: "Address or name, with a port where it is not the network's own",
});
const Subnet = StringType({
  minLength: 2,
  maxLength: SUBNET_LENGTH_MAX,
  pattern: "^[0-9a-zA-Z.:/]+$",
  description: "Address, or range of addresses as 192.0.2.0/24",
});
/** Where there is nothing to tell. */
export const Done = object({ done: BooleanType({ description: "Always true: what cannot be done is an error" }) });

export const peerRoutes = {
  peers: {
    path: "/api/v1/peers",
    tag: "peers",
    summary: "Nodes that this one is connected to",
    description: "Their addresses are shown under `/api/admin/peers` alone.",
    params: NoFields,
    query: NoFields,
    data: list(PeerView, "In the order in which they connected"),
    failures: [503],
  },
  connectPeer: {
    method: "POST",
    role: "admin",
    path: "/api/admin/peers",
    tag: "peers",
    summary: "Connects to a node: once, or always again where the connection breaks",
    description:
      "The connection is made behind the answer; it shows among the peers when it stands. 409: it is kept connected already.",
    params: NoFields,
    query: NoFields,
    body: object({
      node: NodeName,
      keep: Optional(
        BooleanType({
          description: "Connect again whenever the connection breaks, until it is removed; false where absent",
        }),
      ),
    }),
    data: Done,
    failures: [400, 409, 503],
    example: { body: { node: "127.0.0.1:18444", keep: true } },
  },
  forgetPeer: {
    method: "DELETE",
    role: "admin",
    path: "/api/admin/peers",
    tag: "peers",
    summary: "Ends keeping a node connected; a connection that stands is not cut",
    params: NoFields,
    query: object({ node: NodeName }),
    data: Done,
    failures: [400, 404, 503],
    example: { query: { node: "127.0.0.1:18444" } },
  },
  disconnectPeer: {
    method: "DELETE",
    role: "admin",
    path: "/api/admin/peers/{id}",
    tag: "peers",
    summary: "Cuts a connection",
    params: object({
      id: Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: "Number of the connection" }),
    }),
    query: NoFields,
    data: Done,
    failures: [400, 404, 503],
    example: { params: { id: 0 } },
  },
  bans: {
    role: "admin",
    path: "/api/admin/bans",
    tag: "peers",
    summary: "Address ranges that may not connect",
    params: NoFields,
    query: NoFields,
    data: list(Ban),
    failures: [503],
  },
  ban: {
    method: "POST",
    role: "admin",
    path: "/api/admin/bans",
    tag: "peers",
    summary: "Bans an address range, and cuts its connections",
    params: NoFields,
    query: NoFields,
    body: object({
      subnet: Subnet,
      seconds: Optional(
        Integer({ minimum: 1, maximum: BAN_SECONDS_MAX, description: "How long; a day (or -bantime) where absent" }),
      ),
    }),
    data: Done,
    failures: [400, 409, 503],
    example: { body: { subnet: "192.0.2.0/24", seconds: 3600 } },
  },
  unban: {
    method: "DELETE",
    role: "admin",
    path: "/api/admin/bans",
    tag: "peers",
    summary: "Ends the ban of an address range",
    params: NoFields,
    query: object({ subnet: Subnet }),
    data: Done,
    failures: [400, 503],
    example: { query: { subnet: "192.0.2.0/24" } },
  },
} as const satisfies Record<string, RestRoute>;
