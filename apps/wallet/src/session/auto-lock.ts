const MINUTE_MS = 60_000;

/** Locks when nobody has touched anything for some minutes. */
export class AutoLock {
  readonly #nowMs: () => number;
  readonly #onDue: () => void;
  #delayMs = 0;
  #dueMs = Number.POSITIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(nowMs: () => number, onDue: () => void) {
    this.#nowMs = nowMs;
    this.#onDue = onDue;
  }

  /** Begins to count; 0 minutes: never. */
  begin(minutes: number): void {
    this.#delayMs = minutes * MINUTE_MS;
    this.#restart();
  }

  touch(): void {
    // A machine that slept did not count the time: whoever wakes it up is not known to be the one who left.
    if (this.#nowMs() > this.#dueMs) this.#onDue();
    else this.#restart();
  }

  stop(): void {
    this.begin(0);
  }

  #restart(): void {
    clearTimeout(this.#timer);
    const isOn = this.#delayMs > 0;
    this.#dueMs = isOn ? this.#nowMs() + this.#delayMs : Number.POSITIVE_INFINITY;
    if (isOn) this.#timer = setTimeout(this.#onDue, this.#delayMs);
  }
}
