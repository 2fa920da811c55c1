import type { Chain } from "../../chain/chain.ts";
import type { ChainEvent } from "../../chain/chain-events.ts";
import type { Metric } from "./exposition.ts";
import { DURATION_BOUNDS_SECONDS, Histogram } from "./histogram.ts";

const DEPTH_BOUNDS_BLOCKS: readonly number[] = [1, 2, 3, 6, 10, 100];

/** Counts what the chain does: how long blocks took to connect, and how deep reorganisations went. */
export class ChainMeter {
  readonly #connects = new Histogram(DURATION_BOUNDS_SECONDS);
  readonly #depths = new Histogram(DEPTH_BOUNDS_BLOCKS);
  #height: number;

  constructor({ height, events }: Pick<Chain, "height" | "events">) {
    this.#height = height;
    // Inline: it costs next to nothing, and a queue of its own would hold blocks.
    events.subscribe((event) => this.#take(event), { name: "metrics", delivery: "inline" });
  }

  #take(event: ChainEvent): void {
    if (event.type === "block-connected") this.#connects.observe(event.elapsedMs / 1000);
    if (event.type !== "tip-changed") return;
    const depth = this.#height - (event.fork?.height ?? this.#height);
    if (depth > 0) this.#depths.observe(depth);
    this.#height = event.entry.height;
  }

  metrics(): readonly Metric[] {
    return [
      {
        name: "bitfleet_chain_block_connect_seconds",
        type: "histogram",
        help: "Time that a block took from its turn to being the tip, scripts and coins included",
        samples: () => [{ value: this.#connects }],
      },
      {
        name: "bitfleet_chain_reorg_depth_blocks",
        type: "histogram",
        help: "Blocks that reorganisations took back from the chain",
        samples: () => [{ value: this.#depths }],
      },
    ];
  }
}
