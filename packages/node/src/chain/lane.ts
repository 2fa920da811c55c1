/** Tasks that wait for the lane. More are turned away: who sends blocks faster than they connect must slow down. */
export const LANE_TASKS_MAX = 256;

export type LaneResult<Value> = { readonly ran: true; readonly value: Value } | { readonly ran: false };

/** Runs tasks one after the other, in the order in which they came: everything that may move the tip goes through one lane. */
export class Lane {
  #tail: Promise<unknown> = Promise.resolve();
  #waitingCount = 0;
  #isClosed = false;

  get waitingCount(): number {
    return this.#waitingCount;
  }

  /** True where {@link run} would turn a task away. */
  get isFull(): boolean {
    return this.#isClosed || this.#waitingCount >= LANE_TASKS_MAX;
  }

  /** Runs `task` when its turn comes; `ran: false` where too many wait already, or the lane is closed. A throw is the caller's. */
  async run<Value>(task: () => Promise<Value>): Promise<LaneResult<Value>> {
    if (this.isFull) return { ran: false };
    return { ran: true, value: await this.#enqueue(task) };
  }

  /** As {@link run}, for the chain's own few tasks, which are never turned away. */
  always<Value>(task: () => Promise<Value>): Promise<Value> {
    return this.#enqueue(task);
  }

  /** Turns every later task away and waits for those that are queued. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#tail;
  }

  #enqueue<Value>(task: () => Promise<Value>): Promise<Value> {
    this.#waitingCount++;
    const run = this.#tail.then(() => {
      this.#waitingCount--;
      return task();
    });
    this.#tail = run.catch(() => {});
    return run;
  }
}
