import type { BlockReject } from "@bitfleet/protocol/consensus/verdict.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import type { Logger } from "../ports.ts";
import type { BlockIndexEntry } from "./block-index.ts";

/** What happened to the chain, in the order in which it happened. */
export type ChainEvent =
  /** `entry` became the tip on top of its previous block, `elapsedMs` after its turn had come. */
  | {
      readonly type: "block-connected";
      readonly entry: BlockIndexEntry;
      readonly block: Block;
      readonly elapsedMs: number;
    }
  /** `entry` was the tip; its previous block is now. `isGivenUp`: what is in the block need not wait for another one. */
  | {
      readonly type: "block-disconnected";
      readonly entry: BlockIndexEntry;
      readonly block: Block;
      readonly isGivenUp: boolean;
    }
  /** A run of connects and disconnects is over. `fork` is the highest block that the chain before and after share. */
  | {
      readonly type: "tip-changed";
      readonly entry: BlockIndexEntry;
      readonly fork: BlockIndexEntry | undefined;
      readonly isInitialBlockDownload: boolean;
    }
  /** The header with the most work that is not known to be invalid changed. */
  | { readonly type: "header-tip"; readonly entry: BlockIndexEntry; readonly isInitialBlockDownload: boolean }
  /**
   * A new block on top of the tip is about to be stored: header, proof of work and merkle root are right, coins and scripts are
   * still to be checked. Not during the initial download. For who passes blocks on as fast as can be (BIP152).
   */
  | { readonly type: "block-arrived"; readonly entry: BlockIndexEntry; readonly block: Block }
  /** A block's rules were all checked; `reject` says which it broke. */
  | { readonly type: "block-checked"; readonly block: Block; readonly reject?: BlockReject }
  /** Something that the operator should look into came up: see `Chain.warnings`. Not during the initial download. */
  | { readonly type: "warning-raised"; readonly warning: string }
  /** Events were thrown away because this subscriber was slow and had chosen `overflow: "lose"`: read the chain anew. */
  | { readonly type: "events-lost"; readonly count: number };

export type ChainListener = (event: ChainEvent) => void | Promise<void>;

export interface SubscriptionOptions {
  /** For the log, where the listener throws or is slow. */
  readonly name?: string;
  /**
   * `queued` (default): called one event after the other, its promise awaited, off the chain's own path.
   * `inline`: called synchronously inside the state change and must not throw or return a promise; for what must never be
   * behind the tip (the mempool).
   */
  readonly delivery?: "queued" | "inline";
  /**
   * What happens when {@link EVENT_QUEUE_MAX} events wait: the chain waits (default), or the events are lost. A listener that
   * the chain waits for must not itself await a change of the chain.
   */
  readonly overflow?: "wait" | "lose";
}

/** Events that wait for one subscriber. They hold whole blocks, so the number is small. */
export const EVENT_QUEUE_MAX = 128;

/** What everyone but the chain itself sees of its events. */
export interface ChainEvents {
  /** Calls `listener` with every later event, in order. Returns the function that ends it. */
  subscribe(listener: ChainListener, options?: SubscriptionOptions): () => void;
  /** Resolves when every subscriber has handled all that happened before the call (`syncwithvalidationinterfacequeue`). */
  drained(): Promise<void>;
}

interface Subscriber {
  readonly listener: ChainListener;
  readonly name: string;
  readonly overflow: "wait" | "lose";
  readonly queue: ChainEvent[];
  lostCount: number;
  isRunning: boolean;
  /** The first of the queue is with the listener. */
  isHandling: boolean;
}

/** The chain's side of {@link ChainEvents}: one ordered, bounded queue for each subscriber. */
export class ChainEventHub implements ChainEvents {
  readonly #log: Logger;
  readonly #inline = new Set<{ readonly listener: ChainListener }>();
  readonly #subscribers = new Set<Subscriber>();
  /** Who waits for queues to get shorter: the chain (`room`), or somebody who wants them empty (`drained`). */
  readonly #waiting = new Set<{ readonly isOver: () => boolean; readonly resolve: () => void }>();

  constructor(log: Logger) {
    this.#log = log;
  }

  subscribe(listener: ChainListener, options: SubscriptionOptions = {}): () => void {
    if (options.delivery === "inline") {
      const entry = { listener };
      this.#inline.add(entry);
      return () => void this.#inline.delete(entry);
    }
    const subscriber: Subscriber = {
      listener,
      name: options.name ?? "unnamed",
      overflow: options.overflow ?? "wait",
      queue: [],
      lostCount: 0,
      isRunning: false,
      isHandling: false,
    };
    this.#subscribers.add(subscriber);
    return () => {
      subscriber.lostCount = 0;
      subscriber.queue.length = 0;
      this.#subscribers.delete(subscriber);
      this.#wake();
    };
  }

  /** Hands an event to everyone. What happened has happened: full queues that wait are honoured by {@link room}. */
  emit(event: ChainEvent): void {
    for (const { listener } of this.#inline) listener(event);
    for (const subscriber of this.#subscribers) {
      if (subscriber.overflow === "lose" && subscriber.queue.length >= EVENT_QUEUE_MAX) {
        // The event that is being handled stays at the head.
        const keptCount = subscriber.isHandling ? 1 : 0;
        subscriber.lostCount += subscriber.queue.length - keptCount;
        subscriber.queue.length = keptCount;
      }
      if (subscriber.lostCount > 0) subscriber.lostCount++;
      else subscriber.queue.push(event);
      if (!subscriber.isRunning) void this.#run(subscriber);
    }
  }

  /** Resolves when no queue that the chain waits for is full: awaited between two steps of the chain. */
  room(): Promise<void> {
    return this.#when(() =>
      [...this.#subscribers].every(({ overflow, queue }) => overflow === "lose" || queue.length < EVENT_QUEUE_MAX),
    );
  }

  drained(): Promise<void> {
    // Up to the last event of each queue, so that events that arrive meanwhile do not put the answer off.
    const pending = [...this.#subscribers].map((subscriber) => ({ subscriber, last: subscriber.queue.at(-1) }));
    return this.#when(() =>
      pending.every(({ subscriber: { queue }, last }) => last === undefined || !queue.includes(last)),
    );
  }

  async #run(subscriber: Subscriber): Promise<void> {
    subscriber.isRunning = true;
    // Off the caller's path: the chain goes on before a subscriber's code runs.
    await Promise.resolve();
    while (subscriber.queue.length > 0 || subscriber.lostCount > 0) {
      const event = this.#next(subscriber);
      subscriber.isHandling = subscriber.queue[0] === event;
      try {
        await subscriber.listener(event);
      } catch (error) {
        this.#log.error("a subscriber of chain events failed", { subscriber: subscriber.name, error: String(error) });
      }
      // The event leaves the queue when it was handled, so that `drained` waits for it.
      subscriber.isHandling = false;
      if (subscriber.queue[0] === event) subscriber.queue.shift();
      this.#wake();
    }
    subscriber.isRunning = false;
    this.#wake();
  }

  #next(subscriber: Subscriber): ChainEvent {
    const [first] = subscriber.queue;
    if (first !== undefined) return first;
    const count = subscriber.lostCount;
    subscriber.lostCount = 0;
    this.#log.warn("chain events were lost: a subscriber is too slow", { subscriber: subscriber.name, count });
    return { type: "events-lost", count };
  }

  #when(isOver: () => boolean): Promise<void> {
    if (isOver()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.add({ isOver, resolve }));
  }

  #wake(): void {
    for (const waiter of this.#waiting) {
      if (!waiter.isOver()) continue;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
  }
}
