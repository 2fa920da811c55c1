import type { Clock, JobScheduler } from "./ports.ts";

/** Longest wait of a timer of Node.js, in milliseconds; beyond it `setTimeout` fires at once. */
export const TIMER_DELAY_MS_MAX = 2 ** 31 - 1;

interface Job {
  /** On the clock's monotonic time, in milliseconds. */
  dueMs: number;
  readonly run: () => void;
  cancelTimer: () => void;
}

/**
 * Jobs for later that do not depend on the time consensus rules see: they follow the machine's monotonic time, which
 * `mockscheduler` can move forward, so that a test need not wait a quarter of an hour for a quarter-hourly job.
 */
export class Scheduler implements JobScheduler {
  readonly #clock: Pick<Clock, "monotonicMs" | "after">;
  readonly #jobs = new Set<Job>();

  constructor(clock: Pick<Clock, "monotonicMs" | "after">) {
    this.#clock = clock;
  }

  /** How many jobs wait. */
  get waitingCount(): number {
    return this.#jobs.size;
  }

  after(delayMs: number, callback: () => void): () => void {
    const job: Job = { dueMs: this.#clock.monotonicMs() + delayMs, run: callback, cancelTimer: () => {} };
    this.#jobs.add(job);
    this.#startTimer(job);
    return () => this.#forget(job);
  }

  every(periodMs: number, callback: () => void): () => void {
    let cancel = () => {};
    const again = () => {
      cancel = this.after(periodMs, () => {
        // Started before the call, so that the callback itself may cancel.
        again();
        callback();
      });
    };
    again();
    return () => cancel();
  }

  /**
   * Takes `deltaMs` off every wait. What is due by then has run when the call returns, in the order in which it was due; a
   * repeated job runs once however many periods were skipped, and waits a whole period from now.
   */
  moveForward(deltaMs: number): void {
    const nowMs = this.#clock.monotonicMs();
    for (const job of this.#jobs) {
      job.dueMs -= deltaMs;
      job.cancelTimer();
      this.#startTimer(job);
    }
    const due = [...this.#jobs].filter((job) => job.dueMs <= nowMs).sort((a, b) => a.dueMs - b.dueMs);
    // A job may cancel one that is due after it.
    for (const job of due) if (this.#jobs.has(job)) this.#run(job);
  }

  #startTimer(job: Job): void {
    const waitMs = Math.max(job.dueMs - this.#clock.monotonicMs(), 0);
    if (waitMs > TIMER_DELAY_MS_MAX) {
      job.cancelTimer = this.#clock.after(TIMER_DELAY_MS_MAX, () => this.#startTimer(job));
      return;
    }
    job.cancelTimer = this.#clock.after(waitMs, () => this.#run(job));
  }

  #run(job: Job): void {
    this.#forget(job);
    job.run();
  }

  #forget(job: Job): void {
    job.cancelTimer();
    this.#jobs.delete(job);
  }
}
