import { hashText, integer, object, type Static } from "../schema.ts";
import { eventOf } from "./event-schema.ts";

/** Events of the topic `blocks`. */

const blockFields = {
  height: integer("Height of the block"),
  hash: hashText("Hash of the block"),
  timestamp: integer("Time of the header, in seconds since 1970"),
  transaction_count: integer("Transactions in the block"),
};

export const BlockEvent = object(blockFields);
/** A block that became, or ceased to be, part of the active chain; or the new tip. */
export type BlockEvent = Static<typeof BlockEvent>;

export const BlockConnected = eventOf(
  "block-connected",
  "The block became the last of the active chain, on top of the one that was",
  blockFields,
);
export const BlockDisconnected = eventOf(
  "block-disconnected",
  "The block was the last of the active chain, and is not part of it any more: the one before it is the last now",
  blockFields,
);
export const TipChanged = eventOf(
  "tip-changed",
  "A run of connected and disconnected blocks is over, with this block as the last of the active chain",
  blockFields,
);
export const ChainRewound = eventOf(
  "chain-rewound",
  "In the place of block-disconnected for blocks that this server never saw: every block above this one is no part of the chain",
  { height: integer("Height of the block that stays the last"), hash: hashText("Its hash") },
);
