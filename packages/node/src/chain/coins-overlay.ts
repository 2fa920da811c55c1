import type { Coin, CoinLookup } from "@bitfleet/protocol/consensus/chain-view.ts";
import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import { type OutPointKey, outPointKey } from "@bitfleet/protocol/primitives/types.ts";
import type { CoinsChange } from "./coins.ts";
import type { CoinSource } from "./try-block.ts";

/** About what a changed coin takes in memory. */
const ENTRY_BYTES = 300;

/** The coins as they would be after some changes, which stay in memory and are forgotten. */
export class CoinsOverlay implements CoinSource {
  readonly #base: CoinSource;
  readonly #changes = new Map<OutPointKey, Coin | undefined>();

  constructor(base: CoinSource) {
    this.#base = base;
  }

  /** Estimate of the memory it takes. */
  get usageBytes(): number {
    return this.#changes.size * ENTRY_BYTES;
  }

  async fetch(outPoints: readonly OutPoint[]): Promise<CoinLookup> {
    const below = await this.#base.fetch(outPoints.filter((outPoint) => !this.#changes.has(outPointKey(outPoint))));
    return (key) => (this.#changes.has(key) ? this.#changes.get(key) : below(key));
  }

  apply(change: CoinsChange): void {
    for (const key of change.spent) this.#changes.set(key, undefined);
    for (const [key, coin] of change.created) this.#changes.set(key, coin);
  }
}
