/** Something to do, at once or later. It does not throw and does not reject. */
type Task = () => void | Promise<void>;

/** Runs so many tasks at the same time and lets so many wait. */
export class WorkQueue {
  readonly #concurrency: number;
  readonly #depth: number;
  readonly #waiting: Task[] = [];
  #runningCount = 0;
  #idleCallbacks: (() => void)[] = [];

  constructor(concurrency: number, depth: number) {
    this.#concurrency = Math.max(1, concurrency);
    this.#depth = Math.max(1, depth);
  }

  /** False where too many wait already: the task will not run. */
  run(task: Task): boolean {
    if (this.#runningCount < this.#concurrency) {
      this.#start(task);
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

  #start(task: Task): void {
    this.#runningCount++;
    const end = task();
    if (end === undefined) this.#ended();
    else void end.finally(() => this.#ended());
  }

  #ended(): void {
    this.#runningCount--;
    const next = this.#waiting.shift();
    if (next !== undefined) this.#start(next);
    else if (this.#runningCount === 0) {
      for (const callback of this.#idleCallbacks.splice(0)) callback();
    }
  }
}
