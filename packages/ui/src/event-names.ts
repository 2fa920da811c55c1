import type { PlainTopic } from "@bitfleet/api/events/topics.ts";
import type { EventName } from "@bitfleet/api/events.ts";

/** What of the node may change, as first part of the keys of queries, and the events after which such an answer is out of date. */
export const EVENTS_OF_TOPIC = {
  chain: ["block-connected", "block-disconnected", "tip-changed"],
  // What is asked of a transaction that waits is answered otherwise when a block has it, also where the mempool stays as it was.
  mempool: ["mempool-summary", "block-connected", "block-disconnected", "tip-changed"],
  peers: ["peer-connected", "peer-disconnected"],
  miner: ["miner-changed", "miner-block-found", "miner-block-stale"],
} as const satisfies Readonly<Record<string, readonly EventName[]>>;

export type Topic = keyof typeof EVENTS_OF_TOPIC;

/** All of them. The opening of the stream renews everything by itself. */
export const EVENT_NAMES: readonly EventName[] = [...new Set(Object.values(EVENTS_OF_TOPIC).flat())];

/** What the page asks the node to tell. */
export const EVENT_TOPICS: readonly PlainTopic[] = ["blocks", "mempool", "peers", "miner"];

/** The topics that an event puts out of date. */
export function topicsOf(event: string): readonly Topic[] {
  const topics = Object.keys(EVENTS_OF_TOPIC) as Topic[];
  return topics.filter((topic) => (EVENTS_OF_TOPIC[topic] as readonly string[]).includes(event));
}
