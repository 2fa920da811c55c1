/** Bounds of durations in seconds, from half a millisecond to half a minute: what Prometheus calls buckets. */
export const DURATION_BOUNDS_SECONDS: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

/** How often a value was at most each of some bounds. One call takes a value in; nothing is computed until it is read. */
export class Histogram {
  /** Ascending. */
  readonly bounds: readonly number[];
  /** Values above the bound before and not above this one; the last are above every bound. */
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  get sum(): number {
    return this.#sum;
  }

  observe(value: number): void {
    const { bounds } = this;
    let index = 0;
    while (index < bounds.length && value > bounds[index]!) index++;
    this.#counts[index]!++;
    this.#sum += value;
  }

  /** How many values were at most each bound, and last how many there were. */
  cumulative(): readonly number[] {
    let total = 0;
    return Array.from(this.#counts, (count) => {
      total += count;
      return total;
    });
  }
}
