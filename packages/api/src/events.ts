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
 * Live events. What `data` of a Server-Sent Event and the text of a WebSocket's message hold is the same: JSON of one of
 * {@link eventSchemas}.
 */

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
export type EventOf<Name extends EventName> = EventTypes[Name];
/** What an event of one type tells, besides its type and its cursor. */
export type EventFields<Name extends EventName> = FieldTypes[Name];

/** Worked out once for all names, and looked up where they are used: see the types of the REST routes. */
type EventTypes = { readonly [Name in EventName]: Static<(typeof eventSchemas)[Name]> };
type FieldTypes = { readonly [Name in EventName]: Omit<EventTypes[Name], "type" | "cursor"> };

export const LiveEvent = Union(Object.values(eventSchemas));
/** Any event of the stream; `type` tells which. */
export type LiveEvent = { [Name in EventName]: EventOf<Name> }[EventName];
