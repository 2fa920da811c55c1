import { ApiError } from "@bitfleet/api/errors.ts";
import {
  ADDRESS_TOPIC_PREFIX,
  PLAIN_TOPICS,
  type PlainTopic,
  TOPIC_LENGTH_MAX,
  TOPICS_MAX,
  type TopicKind,
} from "@bitfleet/api/events/topics.ts";
import { toReversedHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { type AddressPrefixes, decodeAddress } from "@bitfleet/protocol/script/address.ts";

/** A topic as the server knows it: a word, or the script hash of an address. */
export type Topic =
  | { readonly name: string; readonly kind: PlainTopic; readonly scriptHash?: undefined }
  | { readonly name: string; readonly kind: "address"; readonly scriptHash: string };

/** SHA-256 of an output script as hex, last byte first. */
export const scriptHashOf = (script: Uint8Array) => toReversedHex(sha256(script));

/** Reads a topic as clients write it. Throws `ApiError` 400. */
export function parseTopic(text: string, prefixes: AddressPrefixes): Topic {
  const kind = PLAIN_TOPICS.find((name) => name === text);
  if (kind !== undefined) return { name: text, kind };
  if (!text.startsWith(ADDRESS_TOPIC_PREFIX) || text.length > TOPIC_LENGTH_MAX) {
    const known = [...PLAIN_TOPICS, `${ADDRESS_TOPIC_PREFIX}…`].join(", ");
    throw new ApiError(400, `There is no topic "${printable(text)}"; there are ${known}.`);
  }
  const address = text.slice(ADDRESS_TOPIC_PREFIX.length);
  if (/^[0-9a-fA-F]{64}$/.test(address)) return { name: text, kind: "address", scriptHash: address.toLowerCase() };
  const decoded = decodeAddress(address, prefixes);
  if ("error" in decoded) {
    throw new ApiError(400, `"${printable(address)}" is neither an address of this network nor a script hash.`);
  }
  return { name: text, kind: "address", scriptHash: scriptHashOf(decoded.script) };
}

const SHOWN_MAX = 100;
const printable = (text: string) => text.slice(0, SHOWN_MAX).replace(/[^ -~]/g, "?");

/** What one client listens to. */
export class TopicSet {
  readonly #topics = new Map<string, Topic>();
  readonly #kinds = new Map<TopicKind, number>();
  /** Script hashes, each with how many topics name it: as an address and as a hash. */
  readonly #scripts = new Map<string, number>();

  constructor(topics: Iterable<Topic> = []) {
    for (const topic of topics) this.add(topic);
  }

  /** As the client wrote them. */
  names(): string[] {
    return [...this.#topics.keys()];
  }

  kinds(): TopicKind[] {
    return [...this.#kinds.keys()];
  }

  scripts(): Iterable<string> {
    return this.#scripts.keys();
  }

  has(kind: TopicKind): boolean {
    return this.#kinds.has(kind);
  }

  hasScript(scriptHash: string): boolean {
    return this.#scripts.has(scriptHash);
  }

  /** Whether it wants to know what is in a block. */
  get looksIntoBlocks(): boolean {
    return this.has("transactions") || this.has("address");
  }

  /** Whether the chain tells anything that it wants to know. */
  get followsChain(): boolean {
    return this.has("blocks") || this.looksIntoBlocks;
  }

  /** Throws `ApiError` 400 where that is one too many. */
  add(topic: Topic): void {
    if (this.#topics.has(topic.name)) return;
    if (this.#topics.size >= TOPICS_MAX) throw new ApiError(400, `A client may have ${TOPICS_MAX} topics.`);
    this.#topics.set(topic.name, topic);
    count(this.#kinds, topic.kind, 1);
    if (topic.kind === "address") count(this.#scripts, topic.scriptHash, 1);
  }

  remove(topic: Topic): void {
    if (!this.#topics.delete(topic.name)) return;
    count(this.#kinds, topic.kind, -1);
    if (topic.kind === "address") count(this.#scripts, topic.scriptHash, -1);
  }
}

/** Counts up or down; what is at zero leaves the map. */
export function count<Key>(counts: Map<Key, number>, key: Key, by: 1 | -1): void {
  const next = (counts.get(key) ?? 0) + by;
  if (next > 0) counts.set(key, next);
  else counts.delete(key);
}
