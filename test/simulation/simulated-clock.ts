import type { JobScheduler, PreciseClock } from "../../packages/node/src/ports.ts";

interface Timer {
  readonly atMs: number;
  /** Of equal times the one that was set first runs first. */
  readonly order: number;
  /** Undefined once it is cancelled: what it would have called need not be kept. */
  run: (() => void) | undefined;
}

/** Steps between two looks at the world outside: files that are read and written while the clock is held. */
const STEPS_PER_TURN = 64;

const nextTurn = globalThis.setImmediate;

/**
 * Time that stands still while code runs and jumps from one timer to the next: a day of a network passes in seconds, always alike.
 * What gives way by `setImmediate` goes on at the same moment, in order, before the next timer (see {@link captureTurns}), so when a
 * timer runs nothing of what happened before is still under way.
 */
export class SimulatedClock implements PreciseClock {
  #nowMs: number;
  #order = 0;
  readonly #timers: Timer[] = [];
  #turns: (() => void)[] = [];
  #nextTurns: (() => void)[] = [];
  #turnIndex = 0;
  readonly #waiting: (() => Promise<void>)[] = [];
  #isHeld = false;
  #failure: unknown;

  /** `startMs` since 1970. */
  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return Math.floor(this.#nowMs);
  }

  nowUs(): number {
    return Math.floor(this.#nowMs * 1000);
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer: Timer = { atMs: this.#nowMs + Math.max(delayMs, 0), order: this.#order++, run: callback };
    this.#push(timer);
    return () => {
      timer.run = undefined;
    };
  }

  /** Jobs of the node's own, on the same time. */
  readonly scheduler: JobScheduler = {
    after: (delayMs, callback) => this.after(delayMs, callback),
    every: (periodMs, callback) => {
      let cancel = () => {};
      const again = () => {
        cancel = this.after(periodMs, () => {
          again();
          callback();
        });
      };
      again();
      return () => cancel();
    },
  };

  /** From now on `setImmediate` means: later at this moment of this clock. Returns what makes it as it was. */
  captureTurns(): () => void {
    const original = globalThis.setImmediate;
    const replacement = (callback: (...values: unknown[]) => void, ...values: unknown[]) => {
      this.#nextTurns.push(() => callback(...values));
    };
    globalThis.setImmediate = replacement as unknown as typeof setImmediate;
    return () => {
      globalThis.setImmediate = original;
    };
  }

  /**
   * Does `work`, which may wait for the world outside such as files, while time stands still; one after the other, and only when
   * nothing else is under way, so that how long it really takes changes nothing.
   */
  hold(work: () => Promise<void>): void {
    this.#waiting.push(work);
  }

  /** Runs every timer up to `untilMs`, in order, and lets what each one set going run on before the next. */
  runUntil(untilMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let isOver = false;
      const end = (finish: () => void) => {
        isOver = true;
        finish();
      };
      const step = () => {
        if (isOver) return;
        try {
          if (!this.#step(untilMs)) end(resolve);
        } catch (error) {
          end(() => reject(error));
        }
      };
      // Promises settle between any two of these, and looking for events of the system happens once for all of them.
      const turn = () => {
        if (isOver) return;
        const count = this.#isHeld ? 1 : STEPS_PER_TURN;
        for (let index = 0; index < count; index++) nextTurn(step);
        nextTurn(turn);
      };
      turn();
    });
  }

  /** False where all is done up to `untilMs`. */
  #step(untilMs: number): boolean {
    if (this.#failure !== undefined) throw this.#failure;
    const turn = this.#takeTurn();
    if (turn !== undefined) {
      turn();
      return true;
    }
    if (this.#isHeld) return true;
    const work = this.#waiting.shift();
    if (work !== undefined) {
      this.#isHeld = true;
      work()
        .catch((error) => {
          this.#failure = error;
        })
        .finally(() => {
          this.#isHeld = false;
        });
      return true;
    }
    const next = this.#timers[0];
    if (next === undefined || next.atMs > untilMs) {
      this.#nowMs = Math.max(this.#nowMs, untilMs);
      return false;
    }
    this.#pop();
    if (next.run === undefined) return true;
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    next.run();
    return true;
  }

  #takeTurn(): (() => void) | undefined {
    if (this.#turnIndex === this.#turns.length) {
      if (this.#nextTurns.length === 0) return undefined;
      [this.#turns, this.#nextTurns] = [this.#nextTurns, []];
      this.#turnIndex = 0;
    }
    return this.#turns[this.#turnIndex++];
  }

  #push(timer: Timer): void {
    const timers = this.#timers;
    let index = timers.length;
    timers.push(timer);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (isBefore(timers[parent]!, timer)) break;
      timers[index] = timers[parent]!;
      index = parent;
    }
    timers[index] = timer;
  }

  #pop(): void {
    const timers = this.#timers;
    const last = timers.pop()!;
    if (timers.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= timers.length) break;
      if (child + 1 < timers.length && isBefore(timers[child + 1]!, timers[child]!)) child++;
      if (isBefore(last, timers[child]!)) break;
      timers[index] = timers[child]!;
      index = child;
    }
    timers[index] = last;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
