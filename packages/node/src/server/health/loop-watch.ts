import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Clock } from "../../ports.ts";

/** Every so often a timer that is late tells by how much. Ten times a second costs nothing that could be measured. */
const RESOLUTION_MS = 100;
/** What is judged are the last one to two of these. */
const WINDOW_MS = 10_000;
const NS_PER_MS = 1e6;

/** What a measurement of intervals says of them, in nanoseconds: `perf_hooks.monitorEventLoopDelay`, or a test. */
export interface IntervalMeter {
  readonly count: number;
  readonly mean: number;
  readonly stddev: number;
  readonly max: number;
  reset(): void;
}

/** Sums over the intervals between the timer's calls, in milliseconds. */
interface Moments {
  readonly sum: number;
  readonly squares: number;
  readonly max: number;
}

const NOTHING: Moments = { sum: 0, squares: 0, max: 0 };

/** Measures how long what comes to the event loop has to wait for it. */
export class LoopWatch {
  readonly #clock: Clock;
  readonly #meter: IntervalMeter & { enable?(): boolean; disable?(): boolean };
  #previous = NOTHING;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, meter: IntervalMeter = monitorEventLoopDelay({ resolution: RESOLUTION_MS })) {
    this.#clock = clock;
    this.#meter = meter;
  }

  start(): void {
    this.#meter.enable?.();
    this.#turnWindow();
  }

  stop(): void {
    this.#cancel?.();
    this.#meter.disable?.();
  }

  /**
   * How long a request that comes at a random moment waits for the loop, on average over the last seconds. One long block
   * counts for more than many short ones that take as long together: more requests come during it, and they wait longer.
   */
  get meanWaitMs(): number {
    const now = this.#read();
    const sum = this.#previous.sum + now.sum;
    if (sum === 0) return 0;
    // The timer's own interval is no delay.
    return Math.max((this.#previous.squares + now.squares) / (2 * sum) - RESOLUTION_MS / 2, 0);
  }

  /** The longest time that the loop was blocked in the last seconds. */
  get longestBlockMs(): number {
    return Math.max(this.#previous.max, this.#read().max);
  }

  #turnWindow(): void {
    this.#previous = this.#read();
    this.#meter.reset();
    this.#cancel = this.#clock.after(WINDOW_MS, () => this.#turnWindow());
  }

  #read(): Moments {
    const { count, mean, stddev, max } = this.#meter;
    if (count === 0) return NOTHING;
    const meanMs = mean / NS_PER_MS;
    const squareMs = meanMs ** 2 + (stddev / NS_PER_MS) ** 2;
    return { sum: count * meanMs, squares: count * squareMs, max: Math.max(max / NS_PER_MS - RESOLUTION_MS, 0) };
  }
}
