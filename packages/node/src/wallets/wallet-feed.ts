import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { BlockIndexEntry } from "../chain/block-index.ts";
import type { Chain } from "../chain/chain.ts";
import type { ChainEvent } from "../chain/chain-events.ts";
import type { Mempool } from "../mempool/mempool.ts";
import type { MempoolEvent, RemovalReason } from "../mempool/mempool-events.ts";
import type { Logger } from "../ports.ts";

/** What happened to chain and mempool, in the order in which it happened, as far as wallets care. */
export type WalletEvent =
  | { readonly type: "block-connected"; readonly entry: BlockIndexEntry; readonly block: Block }
  | { readonly type: "block-disconnected"; readonly entry: BlockIndexEntry; readonly block: Block }
  | { readonly type: "transaction-added"; readonly tx: Transaction }
  | { readonly type: "transaction-removed"; readonly tx: Transaction; readonly reason: RemovalReason }
  /** Changes of the mempool were left out, as too many came at once: look at it anew. */
  | { readonly type: "mempool-lost" };

/** Takes events in, at once and in order. Must not throw. */
export interface WalletEventSink {
  /** Nobody would look at events now: they need not be kept. */
  readonly isIdle: boolean;
  take(events: readonly WalletEvent[]): void;
}

export interface WalletFeedDependencies {
  readonly chain: Pick<Chain, "events">;
  readonly mempool: Pick<Mempool, "events">;
  readonly sink: WalletEventSink;
  readonly log: Logger;
}

/** Changes of the mempool that may wait. Blocks need no limit of their own: the chain waits for who is behind by too many. */
export const MEMPOOL_EVENTS_MAX = 100_000;
/** Events that are taken in at once, so that wallets write them in one go; then others have a turn. */
const EVENTS_PER_TURN = 64;

/**
 * One queue for what happens to chain and mempool: which of the two came first decides what a transaction is. Wallets take it in off
 * the chain's own path, many events at a time; whoever is asked something takes in first what waits ({@link catchUp}).
 */
export class WalletFeed {
  readonly #deps: WalletFeedDependencies;
  readonly #unsubscribes: (() => void)[];
  #queue: WalletEvent[] = [];
  #mempoolCount = 0;
  #isScheduled = false;

  constructor(deps: WalletFeedDependencies) {
    this.#deps = deps;
    const { chain, mempool } = deps;
    this.#unsubscribes = [
      // Inside the change, so that the order against the mempool's is the real one.
      chain.events.subscribe((event) => this.#onChainEvent(event), { name: "wallets", delivery: "inline" }),
      // The same again in the chain's own queue, which bounds how far it may run ahead, and whose end `drained` waits for.
      chain.events.subscribe(() => this.catchUp(), { name: "wallets" }),
      mempool.events.subscribe((event) => this.#onMempoolEvent(event)),
    ];
  }

  /** Takes in all that has happened so far. */
  catchUp(): void {
    while (this.#queue.length > 0) this.#takeSome();
  }

  /** What waits is taken in; nothing after. */
  stop(): void {
    for (const unsubscribe of this.#unsubscribes) unsubscribe();
    this.catchUp();
  }

  #onChainEvent(event: ChainEvent): void {
    if (this.#deps.sink.isIdle) return;
    if (event.type !== "block-connected" && event.type !== "block-disconnected") return;
    this.#push({ type: event.type, entry: event.entry, block: event.block });
  }

  #onMempoolEvent(event: MempoolEvent): void {
    if (this.#deps.sink.isIdle) return;
    this.#mempoolCount++;
    if (this.#mempoolCount > MEMPOOL_EVENTS_MAX) {
      if (this.#mempoolCount === MEMPOOL_EVENTS_MAX + 1) {
        this.#deps.log.warn("wallets are slower than the mempool, and will look at it anew");
      }
      return;
    }
    const { tx } = event.entry;
    this.#push(
      event.type === "transaction-added" ? { type: event.type, tx } : { type: event.type, tx, reason: event.reason },
    );
  }

  #push(event: WalletEvent): void {
    this.#queue.push(event);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#takeTurn());
  }

  #takeTurn(): void {
    this.#takeSome();
    this.#isScheduled = this.#queue.length > 0;
    if (this.#isScheduled) setImmediate(() => this.#takeTurn());
  }

  #takeSome(): void {
    const events = this.#queue.splice(0, EVENTS_PER_TURN);
    if (this.#queue.length === 0) {
      // Behind all blocks that wait: the mempool as it is now goes with the last of them.
      if (this.#mempoolCount > MEMPOOL_EVENTS_MAX) events.push({ type: "mempool-lost" });
      this.#mempoolCount = 0;
    }
    if (events.length > 0) this.#deps.sink.take(events);
  }
}
