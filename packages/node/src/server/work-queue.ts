/** Runs so many tasks at the same time and lets so many wait. */
export class WorkQueue {
  readonly #concurrency: number;
  readonly #depth: number;
  readonly #waiting: (() => Promise<void>)[] = [];
  #runningCount = 0;
  #idleCallbacks: (() => void)[] = [];

  constructor(concurrency: number, depth: number) {
    this.#concurrency = Math.max(1, concurrency);
    this.#depth = Math.max(1, depth);
  }

  /** False where too many wait already: the task will not run. */
  run(task: () => Promise<void>): boolean {
    if (this.#runningCount < this.#concurrency) {
      void this.#start(task);
      return true;
    }
    if (this.#waiting.length >= this.#depth) return false;
    this.#waiting.push(task);
    return true;
  }

  /** Resolves when nothing runs and nothing waits. */
  idle(): Promise<void> {
    if (this.#runningCount === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleCallbacks.push(resolve));
  }

  async #start(task: () => Promise<void>): Promise<void> {
    this.#runningCount++;
    try {
      await task();
    } finally {
      this.#runningCount--;
      const next = this.#waiting.shift();
      if (next !== undefined) void this.#start(next);
      else if (this.#runningCount === 0) {
        for (const callback of this.#idleCallbacks.splice(0)) callback();
      }
    }
  }
}
