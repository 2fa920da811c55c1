/** Which buckets of a table have an entry at all: a new node has a few dozen addresses in a thousand buckets. */
export class TakenBuckets {
  readonly #counts: Uint32Array;
  /** In no order. */
  readonly #taken: number[] = [];
  /** Where in the list each bucket is. */
  readonly #indexes = new Map<number, number>();

  constructor(bucketCount: number) {
    this.#counts = new Uint32Array(bucketCount);
  }

  get list(): readonly number[] {
    return this.#taken;
  }

  added(bucket: number): void {
    const count = this.#counts[bucket]!;
    this.#counts[bucket] = count + 1;
    if (count > 0) return;
    this.#indexes.set(bucket, this.#taken.length);
    this.#taken.push(bucket);
  }

  removed(bucket: number): void {
    const count = this.#counts[bucket]!;
    this.#counts[bucket] = count - 1;
    if (count > 1) return;
    const index = this.#indexes.get(bucket)!;
    const last = this.#taken.pop()!;
    if (last !== bucket) {
      this.#taken[index] = last;
      this.#indexes.set(last, index);
    }
    this.#indexes.delete(bucket);
  }
}
