import type { ClientMessage } from "@bitfleet/api/events/control.ts";
import { TOPIC_LENGTH_MAX, TOPICS_MAX } from "@bitfleet/api/events/topics.ts";

/** Messages of one client within {@link WINDOW_MS}. */
const MESSAGES_MAX = 60;
const WINDOW_MS = 10_000;

const FORM = 'A message is {"subscribe": ["<topic>", …]}, {"unsubscribe": […]} or both.';

/** What a client wrote over its WebSocket, or, in one sentence, why that is nothing. */
export function parseClientMessage(text: string): ClientMessage | string {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return `That is no JSON. ${FORM}`;
  }
  if (typeof message !== "object" || message === null || Array.isArray(message)) return FORM;
  const names = Object.keys(message);
  if (names.length === 0 || names.some((name) => name !== "subscribe" && name !== "unsubscribe")) return FORM;
  return Object.values(message).every(isTopicList) ? (message as ClientMessage) : FORM;
}

function isTopicList(list: unknown): boolean {
  const isTopic = (topic: unknown) => typeof topic === "string" && topic.length > 0 && topic.length <= TOPIC_LENGTH_MAX;
  return Array.isArray(list) && list.length > 0 && list.length <= TOPICS_MAX && list.every(isTopic);
}

/** Counts the messages of one client. */
export class MessageMeter {
  #windowMs = Number.NEGATIVE_INFINITY;
  #count = 0;

  /** Whether one more at `nowMs` is not too many. */
  takes(nowMs: number): boolean {
    if (nowMs - this.#windowMs >= WINDOW_MS) {
      this.#windowMs = nowMs;
      this.#count = 0;
    }
    this.#count++;
    return this.#count <= MESSAGES_MAX;
  }
}
