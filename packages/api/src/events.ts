import { hashText, integer, object, type Static } from "./schema.ts";

/** Live events as Server-Sent Events: `event: block-connected`, `data: {…}`. A browser's EventSource reconnects by itself. */
export const EVENTS_PATH = "/api/v1/events";

export const BlockEvent = object({
  height: integer("Height of the block"),
  hash: hashText("Hash of the block"),
  timestamp: integer("Time of the header, in seconds since 1970"),
  transaction_count: integer("Transactions in the block"),
});
/** A block that became, or ceased to be, part of the active chain; or the new tip. */
export type BlockEvent = Static<typeof BlockEvent>;

/** Names of the events a client may listen to. `hello` comes first and carries the tip of the moment. */
export const EVENT_NAMES = ["hello", "block-connected", "block-disconnected", "tip-changed"] as const;
export type EventName = (typeof EVENT_NAMES)[number];
