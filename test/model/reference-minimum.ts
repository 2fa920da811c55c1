import type { MempoolOptions } from "../../packages/node/src/mempool/mempool-options.ts";

const HOUR_SECONDS = 3600;

/** The feerate that a full mempool asks for, which halves every twelve hours, six, or three, the emptier it is the faster. */
export class ReferenceMinimum {
  readonly #options: MempoolOptions;
  readonly #now: () => number;
  #satPerKvb = 0;
  #since: number;
  #mayFall = false;

  constructor(options: MempoolOptions, now: () => number) {
    this.#options = options;
    this.#now = now;
    this.#since = now();
  }

  /** What is asked now; looking makes it fall, at most every eleven seconds. */
  read(usageBytes: number): bigint {
    const step = Number(this.#options.incrementalFeerateSatPerKvb);
    if (this.#satPerKvb === 0) return 0n;
    if (!this.#mayFall) return BigInt(Math.round(this.#satPerKvb));
    const seconds = this.#now() - this.#since;
    if (seconds > 10) {
      const share = usageBytes / this.#options.usageBytesMax;
      const hours = share < 0.25 ? 3 : share < 0.5 ? 6 : 12;
      this.#satPerKvb /= 2 ** (seconds / (hours * HOUR_SECONDS));
      this.#since = this.#now();
      if (this.#satPerKvb < step / 2) this.#satPerKvb = 0;
    }
    return this.#satPerKvb === 0 ? 0n : BigInt(Math.max(Math.round(this.#satPerKvb), step));
  }

  thrownOut(satPerKvb: bigint): void {
    const wanted = Number(satPerKvb + this.#options.incrementalFeerateSatPerKvb);
    if (wanted <= this.#satPerKvb) return;
    this.#satPerKvb = wanted;
    this.#mayFall = false;
  }

  blockCame(): void {
    this.#since = this.#now();
    this.#mayFall = true;
  }
}
