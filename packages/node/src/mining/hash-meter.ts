/** Older measurements count half when so much time was measured. */
const MEMORY_MS = 10_000;

/** How fast hashes are made while any are made. */
export class HashMeter {
  readonly #hashCount: () => bigint;
  readonly #nowMs: () => number;
  #hashes = 0;
  #durationMs = 0;
  #since: { readonly hashCount: bigint; readonly ms: number } | undefined;

  /** `hashCount` only grows; `nowMs` as well. */
  constructor(hashCount: () => bigint, nowMs: () => number) {
    this.#hashCount = hashCount;
    this.#nowMs = nowMs;
  }

  begin(): void {
    this.#since = { hashCount: this.#hashCount(), ms: this.#nowMs() };
  }

  end(): void {
    this.#take();
    this.#since = undefined;
  }

  /** 0 where nothing has been measured. */
  get hashesPerSecond(): number {
    this.#take();
    return this.#durationMs > 0 ? (this.#hashes * 1000) / this.#durationMs : 0;
  }

  #take(): void {
    const since = this.#since;
    if (since === undefined) return;
    this.begin();
    this.#hashes += Number(this.#since!.hashCount - since.hashCount);
    this.#durationMs += this.#since!.ms - since.ms;
    if (this.#durationMs <= MEMORY_MS) return;
    this.#hashes /= 2;
    this.#durationMs /= 2;
  }
}
