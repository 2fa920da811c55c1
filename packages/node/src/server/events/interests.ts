import { TOPIC_KINDS, type TopicKind } from "@bitfleet/api/events/topics.ts";
import type { Clock } from "../../ports.ts";
import type { PartsWanted } from "./block-parts.ts";
import { count, type TopicSet } from "./topic-set.ts";

/**
 * Events that the last client who wanted them was told go on being recorded for so long after it left: it may come back, and is to
 * miss none. Nothing is recorded for nobody: a busy mempool costs a node without clients nothing.
 */
const KEPT_MS = 10 * 60 * 1000;

interface Kind {
  clients: number;
  /** Number of the last event before those that were recorded without a break; `undefined` while none are. */
  since: number | undefined;
  untilMs: number;
}

/** What all clients together want to be told. */
export class Interests {
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #last: () => number;
  readonly #kinds: Readonly<Record<TopicKind, Kind>>;
  readonly #scripts = new Map<string, number>();
  #version = 0;

  /** `last` tells the number of the last event. */
  constructor(clock: Pick<Clock, "monotonicMs">, last: () => number) {
    this.#clock = clock;
    this.#last = last;
    this.#kinds = Object.fromEntries(
      TOPIC_KINDS.map((kind) => [kind, { clients: 0, since: undefined, untilMs: 0 }]),
    ) as unknown as Record<TopicKind, Kind>;
  }

  /** Grows with each client and topic that comes. */
  get version(): number {
    return this.#version;
  }

  /** Whether events of that kind are to be recorded. */
  wants(name: TopicKind): boolean {
    const kind = this.#kinds[name];
    if (kind.since === undefined) return false;
    if (kind.clients > 0 || this.#clock.monotonicMs() < kind.untilMs) return true;
    kind.since = undefined;
    return false;
  }

  /** Whether every event of that kind behind event `sequence` was recorded. */
  isComplete(name: TopicKind, sequence: number): boolean {
    return this.wants(name) && this.#kinds[name].since! <= sequence;
  }

  /** What clients that are here want to know of the inside of blocks; `undefined` where none does. */
  get partsWanted(): PartsWanted | undefined {
    const transactions = this.#kinds.transactions.clients > 0;
    if (!transactions && this.#scripts.size === 0) return undefined;
    return { transactions, ...(this.#scripts.size > 0 && { hasScript: (hash: string) => this.#scripts.has(hash) }) };
  }

  /** A client came, or wants more: these are all topics of one. */
  join(topics: TopicSet): void {
    this.#version++;
    for (const name of topics.kinds()) {
      const isNew = !this.wants(name);
      const kind = this.#kinds[name];
      kind.clients++;
      if (isNew) kind.since = this.#last();
    }
    for (const script of topics.scripts()) count(this.#scripts, script, 1);
  }

  /** It left, or will {@link join} again with others. */
  leave(topics: TopicSet): void {
    for (const name of topics.kinds()) {
      const kind = this.#kinds[name];
      kind.clients--;
      kind.untilMs = this.#clock.monotonicMs() + KEPT_MS;
    }
    for (const script of topics.scripts()) count(this.#scripts, script, -1);
  }

  /** Events of these kinds were lost: what is recorded is complete from here on alone. */
  lost(names: Iterable<TopicKind>): void {
    for (const name of names) {
      const kind = this.#kinds[name];
      if (kind.since !== undefined) kind.since = this.#last();
    }
  }
}
