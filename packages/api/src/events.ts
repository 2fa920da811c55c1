import { Union } from "typebox";
import { BlockConnected, BlockDisconnected, ChainRewound, TipChanged } from "./events/chain.ts";
import { Dropped, ErrorEvent, Gap, Hello, Reset, Subscribed } from "./events/control.ts";
import {
  MempoolSummary,
  MinerBlockFound,
  MinerBlockStale,
  MinerChanged,
  PeerConnected,
  PeerDisconnected,
} from "./events/node.ts";
import {
  AddressConfirmed,
  AddressDisconnected,
  AddressRemoved,
  AddressSeen,
  TransactionAdded,
  TransactionConfirmed,
  TransactionDisconnected,
  TransactionRemoved,
} from "./events/transactions.ts";
import type { Static } from "./schema.ts";

/**
 * Live events, as Server-Sent Events (`event: block-connected`, `id: <cursor>`, `data: {…}`) or, where the client asks for an
 * upgrade, over a WebSocket, one JSON text each. What `data` and the text hold is the same: one of {@link eventSchemas}.
 */
export const EVENTS_PATH = "/api/v1/events";
/** The subprotocol of WebSockets here. */
export const EVENTS_PROTOCOL = "bitfleet.events.v1";
/**
 * In front of an API key in base64url, as a second subprotocol: how a browser sends its key, whose WebSocket takes no headers. An
 * address with the key in it would stand in logs.
 */
export const EVENTS_KEY_PROTOCOL_PREFIX = "bitfleet.key.";

/** Every event by its type. */
export const eventSchemas = {
  hello: Hello,
  "block-connected": BlockConnected,
  "block-disconnected": BlockDisconnected,
  "tip-changed": TipChanged,
  "chain-rewound": ChainRewound,
  "transaction-added": TransactionAdded,
  "transaction-removed": TransactionRemoved,
  "transaction-confirmed": TransactionConfirmed,
  "transaction-disconnected": TransactionDisconnected,
  "address-seen": AddressSeen,
  "address-removed": AddressRemoved,
  "address-confirmed": AddressConfirmed,
  "address-disconnected": AddressDisconnected,
  "mempool-summary": MempoolSummary,
  "peer-connected": PeerConnected,
  "peer-disconnected": PeerDisconnected,
  "miner-changed": MinerChanged,
  "miner-block-found": MinerBlockFound,
  "miner-block-stale": MinerBlockStale,
  gap: Gap,
  reset: Reset,
  subscribed: Subscribed,
  error: ErrorEvent,
  dropped: Dropped,
} as const;

/** Names of the events a client may listen to. `hello` comes first and carries the tip of the moment. */
export type EventName = keyof typeof eventSchemas;
/** An event of one type. */
export type EventOf<Name extends EventName> = Static<(typeof eventSchemas)[Name]>;
/** What an event of one type tells, besides its type and its cursor. */
export type EventFields<Name extends EventName> = Omit<EventOf<Name>, "type" | "cursor">;

export const LiveEvent = Union(Object.values(eventSchemas));
/** Any event of the stream; `type` tells which. */
export type LiveEvent = { [Name in EventName]: EventOf<Name> }[EventName];
