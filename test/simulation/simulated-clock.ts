import type { Clock, JobScheduler, Random } from "../../packages/node/src/ports.ts";

interface Timer {
  readonly atMs: number;
  /** Of equal times the one that was set first runs first. */
  readonly order: number;
  readonly run: () => void;
  isCancelled: boolean;
}

/** Time that stands still while code runs and jumps from one timer to the next: a day of a network passes in seconds, always alike. */
export class SimulatedClock implements Clock {
  #nowMs: number;
  #order = 0;
  readonly #timers: Timer[] = [];

  /** `startMs` since 1970. */
  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return Math.floor(this.#nowMs);
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(delayMs, 0), order: this.#order++, run: callback, isCancelled: false };
    this.#push(timer);
    return () => {
      timer.isCancelled = true;
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

  /**
   * Runs every timer up to `untilMs`, in order, and lets what each one set going run on before the next. Ends early where `isDone`
   * says so. Without real I/O the order of everything depends on nothing but the timers.
   */
  async runUntil(untilMs: number, isDone: () => boolean = () => false): Promise<void> {
    while (!isDone()) {
      await settle();
      const next = this.#timers[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#pop();
      if (next.isCancelled) continue;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
    }
    await settle();
    if (!isDone()) this.#nowMs = Math.max(this.#nowMs, untilMs);
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

/** Turns of the event loop between two timers: what a timer set going (promises, yields) goes on as far as it gets in these. */
const TURNS_PER_TIMER = 4;

async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS_PER_TIMER; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** xoshiro128**: small, fast, the same everywhere. Not for secrets: a simulation must not have any. */
export class SeededRandom implements Random {
  readonly #state = new Uint32Array(4);

  constructor(seed: number) {
    // SplitMix32 spreads a small seed over the whole state.
    let value = seed >>> 0;
    for (let index = 0; index < 4; index++) {
      value = (value + 0x9e3779b9) >>> 0;
      let mixed = value;
      mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
      this.#state[index] = mixed ^ (mixed >>> 15);
    }
  }

  uint32(): number {
    const s = this.#state;
    const result = Math.imul(rotate(Math.imul(s[1]!, 5), 7), 9) >>> 0;
    const shifted = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= shifted;
    s[3] = rotate(s[3]!, 11);
    return result;
  }

  unit(): number {
    return this.uint32() / 2 ** 32;
  }

  bytes(size: number): Uint8Array {
    return Uint8Array.from({ length: size }, () => this.uint32() & 0xff);
  }

  /** A whole number from 0 up to, not including, `bound`. */
  below(bound: number): number {
    return Math.floor(this.unit() * bound);
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** A source of its own, so that what one part draws does not shift what another gets. */
  fork(): SeededRandom {
    return new SeededRandom(this.uint32());
  }
}

function rotate(value: number, by: number): number {
  return ((value << by) | (value >>> (32 - by))) >>> 0;
}
