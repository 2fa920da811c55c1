/** Two clocks: the one of the wall may be set, the other may stand still while the machine sleeps. */
export interface IdleClocks {
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
}

/** How long nobody has been there, by whichever clock says more: neither sleep nor a clock that was set back makes it less. */
export class IdleTime {
  readonly #clocks: IdleClocks;
  #lastMs = 0;
  #lastMonotonicMs = 0;

  constructor(clocks: IdleClocks) {
    this.#clocks = clocks;
    this.begin();
  }

  /** Somebody is there. */
  begin(): void {
    this.#lastMs = this.#clocks.nowMs();
    this.#lastMonotonicMs = this.#clocks.monotonicMs();
  }

  hasPassed(minutes: number): boolean {
    const { nowMs, monotonicMs } = this.#clocks;
    return Math.max(nowMs() - this.#lastMs, monotonicMs() - this.#lastMonotonicMs) >= minutes * 60_000;
  }
}
