/** What a client of the live events may listen to, as it writes it: `blocks`, `address:bcrt1…`. */

/** Topics of one word each. Their events are what their name says; docs/api.md has each. */
export const PLAIN_TOPICS = ["blocks", "transactions", "mempool", "peers", "miner"] as const;
export type PlainTopic = (typeof PLAIN_TOPICS)[number];

/** In front of an address, or of the 64 hex digits of a script hash: the SHA-256 of the output script, last byte first. */
export const ADDRESS_TOPIC_PREFIX = "address:";

/** The kind of a topic: `address` stands for each topic that names one. */
export type TopicKind = PlainTopic | "address";
export const TOPIC_KINDS: readonly TopicKind[] = [...PLAIN_TOPICS, "address"];

/** Topics of one client. */
export const TOPICS_MAX = 100;
/** Characters of one topic. */
export const TOPIC_LENGTH_MAX = 128;
/** What a client that names no topic listens to. */
export const TOPICS_DEFAULT: readonly PlainTopic[] = ["blocks"];
