import { Array as ArrayOf, Literal, Object as ObjectOf, Optional, String as StringType, Union } from "typebox";
import { hashText, integer, list, type Static, text } from "../schema.ts";
import { eventOf } from "./event-schema.ts";
import { TOPIC_LENGTH_MAX, TOPICS_MAX } from "./topics.ts";

/** Events about the stream itself, whatever its topics are, and what a client may send over its WebSocket. */

const tip = {
  height: integer("Height of the tip"),
  hash: hashText("Hash of the tip"),
  timestamp: integer("Time of its header, in seconds since 1970"),
  transaction_count: integer("Transactions in it"),
};

export const Hello = eventOf("hello", "The first event of every stream", {
  ...tip,
  topics: list(text("A topic"), "What the client listens to"),
  replay: Union([Literal("none"), Literal("exact"), Literal("rebuilt")], {
    description:
      "none: events begin now. exact: all events since the cursor follow. rebuilt: blocks since the cursor follow, read from the " +
      "chain, and what cannot be read from there is named by a gap",
  }),
});
export const Gap = eventOf(
  "gap",
  "Events of these topics were missed and cannot be had again: ask for the state anew. Everything from here on is told",
  {
    topics: list(text("A kind of topic"), "blocks, transactions, address, mempool, peers or miner"),
    reason: text("Why"),
  },
);
export const Reset = eventOf(
  "reset",
  "What was missed is too much to be told, or starts from a chain that this server does not know: forget the chain, begin at this tip",
  { ...tip, reason: text("Why") },
);
export const Subscribed = eventOf(
  "subscribed",
  "Answer to subscribe and unsubscribe: what is listened to from here on",
  {
    topics: list(text("A topic")),
  },
);
export const ErrorEvent = eventOf("error", "A message of the client was of no use; the stream goes on", {
  message: text("What is wrong, in one sentence"),
});
export const Dropped = eventOf("dropped", "The last event: the server ends the stream", { reason: text("Why") });

const topicList = ArrayOf(StringType({ minLength: 1, maxLength: TOPIC_LENGTH_MAX }), {
  minItems: 1,
  maxItems: TOPICS_MAX,
});

/** What a client may send over its WebSocket: topics to add, topics to leave. */
export const ClientMessage = ObjectOf(
  { subscribe: Optional(topicList), unsubscribe: Optional(topicList) },
  { additionalProperties: false, minProperties: 1 },
);
export type ClientMessage = Static<typeof ClientMessage>;
