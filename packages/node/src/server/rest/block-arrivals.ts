import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { Chain } from "../../chain/chain.ts";
import type { ChainEvent } from "../../chain/chain-events.ts";
import type { Clock } from "../../ports.ts";

/** Blocks whose time of arrival is remembered, the newest. */
const ARRIVALS_MAX = 4096;

/** When blocks came, since the node runs: as the tip, or on top of it. Those of a branch count from when the chain takes it. */
export class BlockArrivals {
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #seconds = new Map<BlockIndexEntry, number>();

  constructor({ events }: Pick<Chain, "events">, clock: Pick<Clock, "nowMs">) {
    this.#clock = clock;
    events.subscribe((event) => this.#take(event), { name: "block arrivals", delivery: "inline" });
  }

  /** In seconds since 1970; `undefined` where it is not known. */
  of(entry: BlockIndexEntry): number | undefined {
    return this.#seconds.get(entry);
  }

  #take(event: ChainEvent): void {
    if (event.type !== "block-arrived" && event.type !== "block-connected") return;
    const { entry } = event;
    // What comes back after a reorganisation was seen before.
    if (this.#seconds.has(entry)) return;
    if (this.#seconds.size >= ARRIVALS_MAX) this.#seconds.delete(this.#seconds.keys().next().value!);
    this.#seconds.set(entry, Math.floor(this.#clock.nowMs() / 1000));
  }
}
