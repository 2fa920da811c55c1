import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { Clock } from "../ports.ts";

/** Seconds in which the minimum halves, while the mempool is more than half full. */
const HALF_LIFE_SECONDS = 12 * 60 * 60;
/** The minimum is worked out anew no more often than this. */
const UPDATE_SECONDS = 10;

export interface RollingMinimumOptions {
  readonly incrementalFeerateSatPerKvb: Sats;
  readonly usageBytesMax: number;
}

/**
 * The feerate that a full mempool asks for: what was thrown out last and a little more, so that the same does not come right
 * back. It falls with time once a block has made room, the faster the emptier the mempool is.
 */
export class RollingMinimum {
  readonly #options: RollingMinimumOptions;
  readonly #clock: Pick<Clock, "nowMs">;
  /** Satoshis a thousand vbytes. No amount, but a guess that decays: it may have a fraction. */
  #feerate = 0;
  #updatedSeconds: number;
  #hadBlock = false;

  constructor(options: RollingMinimumOptions, clock: Pick<Clock, "nowMs">) {
    this.#options = options;
    this.#clock = clock;
    this.#updatedSeconds = this.#nowSeconds();
  }

  /** The minimum now, satoshis a thousand vbytes, with `usageBytes` in the mempool; 0 for none. */
  current(usageBytes: number): Sats {
    const { incrementalFeerateSatPerKvb: increment } = this.#options;
    if (!this.#hadBlock || this.#feerate === 0) return BigInt(Math.round(this.#feerate));
    const nowSeconds = this.#nowSeconds();
    if (nowSeconds > this.#updatedSeconds + UPDATE_SECONDS) {
      this.#feerate /= 2 ** ((nowSeconds - this.#updatedSeconds) / this.#halfLifeSeconds(usageBytes));
      this.#updatedSeconds = nowSeconds;
      if (this.#feerate < Number(increment) / 2) this.#feerate = 0;
      if (this.#feerate === 0) return 0n;
    }
    const feerate = BigInt(Math.round(this.#feerate));
    return feerate > increment ? feerate : increment;
  }

  /** Transactions of this feerate were thrown out for want of room; what the next must pay on that account. */
  thrownOut(feerateSatPerKvb: Sats): Sats {
    const least = feerateSatPerKvb + this.#options.incrementalFeerateSatPerKvb;
    const feerate = Number(least);
    if (feerate > this.#feerate) {
      this.#feerate = feerate;
      this.#hadBlock = false;
    }
    return least;
  }

  blockConnected(): void {
    this.#updatedSeconds = this.#nowSeconds();
    this.#hadBlock = true;
  }

  #halfLifeSeconds(usageBytes: number): number {
    const { usageBytesMax } = this.#options;
    if (usageBytes < usageBytesMax / 4) return HALF_LIFE_SECONDS / 4;
    return usageBytes < usageBytesMax / 2 ? HALF_LIFE_SECONDS / 2 : HALF_LIFE_SECONDS;
  }

  #nowSeconds(): number {
    return Math.floor(this.#clock.nowMs() / 1000);
  }
}
