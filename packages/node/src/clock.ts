import { randomBytes, randomInt } from "node:crypto";
import type { PreciseClock, Random } from "./ports.ts";
import { Scheduler, TIMER_DELAY_MS_MAX } from "./scheduler.ts";

/** The machine's clock, which `setmocktime` may replace for the consensus rules; durations stay real. */
export class SystemClock implements PreciseClock {
  /** For periodic jobs, which `mockscheduler` may move forward; plain {@link after} is always real time. */
  readonly scheduler = new Scheduler(this);
  #mockSeconds = 0;

  /** Seconds since 1970 that {@link nowMs} stands still at; 0 where time is real. */
  get mockTimeSeconds(): number {
    return this.#mockSeconds;
  }

  /** 0 returns to real time. */
  setMockTime(seconds: number): void {
    this.#mockSeconds = seconds;
  }

  nowMs(): number {
    return this.#mockSeconds > 0 ? this.#mockSeconds * 1000 : Date.now();
  }

  nowUs(): number {
    if (this.#mockSeconds > 0) return this.#mockSeconds * 1_000_000;
    return Math.floor((performance.timeOrigin + performance.now()) * 1000);
  }

  monotonicMs(): number {
    return performance.now();
  }

  /** However long: a timer of Node.js alone would fire at once after more than 24 days. */
  after(delayMs: number, callback: () => void): () => void {
    let timer: NodeJS.Timeout;
    const wait = (leftMs: number) => {
      const partMs = Math.min(leftMs, TIMER_DELAY_MS_MAX);
      timer = setTimeout(partMs < leftMs ? () => wait(leftMs - partMs) : callback, partMs);
      timer.unref();
    };
    wait(delayMs);
    return () => clearTimeout(timer);
  }
}

const UNIT_STEPS = 2 ** 47;

/** The system's cryptographic randomness. */
export const systemRandom: Random = {
  bytes: (size) => new Uint8Array(randomBytes(size)),
  unit: () => randomInt(UNIT_STEPS) / UNIT_STEPS,
};
