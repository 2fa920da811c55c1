/** Answers as they go out, ready for the next who asks the same. */

export interface ReadyAnswer {
  /** Name of the route in the table. */
  readonly route: string;
  /** Up to where the headers that differ between requests stand; all of the answer where there are none. */
  readonly before: Buffer;
  /** What comes behind them. */
  readonly after: Buffer | undefined;
  /** Both together, of which they are parts, for a request that nothing comes between of. */
  readonly whole?: Buffer;
  /** Which state of the node it tells of: see `NodeVersions`. */
  readonly version: number;
  /** By the monotonic clock, before the answer was made. */
  readonly askedMs: number;
}

export const READY_ANSWERS_MAX = 4096;
export const READY_BYTES_MAX = 16 * 1024 * 1024;

/** A bounded store: the answer that was made first makes room. */
export class ReadyAnswers {
  readonly #answers = new Map<string, ReadyAnswer>();
  #sizeBytes = 0;

  get count(): number {
    return this.#answers.size;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get(key: string): ReadyAnswer | undefined {
    return this.#answers.get(key);
  }

  put(key: string, answer: ReadyAnswer): void {
    this.delete(key);
    this.#answers.set(key, answer);
    this.#sizeBytes += sizeOf(answer);
    while (this.#answers.size > READY_ANSWERS_MAX || this.#sizeBytes > READY_BYTES_MAX) {
      this.delete(this.#answers.keys().next().value!);
    }
  }

  delete(key: string): void {
    const old = this.#answers.get(key);
    if (old === undefined) return;
    this.#answers.delete(key);
    this.#sizeBytes -= sizeOf(old);
  }

  /** Forgets what was asked for before `sinceMs`. */
  expire(sinceMs: number): void {
    for (const [key, { askedMs }] of this.#answers) {
      if (askedMs >= sinceMs) return;
      this.delete(key);
    }
  }
}

const sizeOf = ({ before, after }: ReadyAnswer) => before.length + (after?.length ?? 0);
