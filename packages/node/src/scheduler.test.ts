import { describe, expect, test } from "vitest";
import { SystemClock } from "./clock.ts";
import { Scheduler } from "./scheduler.ts";

/** Time that passes only where a test says so. */
class ManualClock {
  #nowMs = 0;
  readonly #timers = new Set<{ readonly atMs: number; readonly callback: () => void }>();

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Lets `ms` pass, firing what falls due on the way. */
  pass(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const next = [...this.#timers].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#nowMs = next.atMs;
      next.callback();
    }
    this.#nowMs = endMs;
  }

  get timerCount(): number {
    return this.#timers.size;
  }
}

const setUp = () => {
  const clock = new ManualClock();
  const ran: string[] = [];
  return { clock, scheduler: new Scheduler(clock), ran, note: (name: string) => () => void ran.push(name) };
};

describe("a job for later", () => {
  test("runs once its time has come, not a millisecond before", () => {
    const { clock, scheduler, ran, note } = setUp();
    scheduler.after(1000, note("job"));
    clock.pass(999);
    expect(ran).toEqual([]);
    clock.pass(1);
    expect(ran).toEqual(["job"]);
    clock.pass(10_000);
    expect(ran).toEqual(["job"]);
    expect(scheduler.waitingCount).toBe(0);
  });

  test("does not run once cancelled", () => {
    const { clock, scheduler, ran, note } = setUp();
    const cancel = scheduler.after(1000, note("job"));
    cancel();
    scheduler.moveForward(5000);
    clock.pass(5000);
    expect(ran).toEqual([]);
    expect(clock.timerCount).toBe(0);
  });

  test("may lie further ahead than one timer reaches", () => {
    const { clock, scheduler, ran, note } = setUp();
    scheduler.after(2 ** 31 + 10, note("job"));
    clock.pass(2 ** 31 + 9);
    expect(ran).toEqual([]);
    clock.pass(1);
    expect(ran).toEqual(["job"]);
  });
});

describe("a repeated job", () => {
  test("runs every period until it is cancelled", () => {
    const { clock, scheduler, ran, note } = setUp();
    const cancel = scheduler.every(100, note("tick"));
    clock.pass(99);
    expect(ran).toHaveLength(0);
    clock.pass(201);
    expect(ran).toHaveLength(3);
    cancel();
    clock.pass(1000);
    expect(ran).toHaveLength(3);
  });

  test("may cancel itself", () => {
    const { clock, scheduler, ran } = setUp();
    const cancel: () => void = scheduler.every(100, () => {
      ran.push("tick");
      cancel();
    });
    clock.pass(1000);
    expect(ran).toEqual(["tick"]);
    expect(clock.timerCount).toBe(0);
  });
});

describe("moved forward", () => {
  test("what is due has run on return, in the order in which it was due; the rest waits less", () => {
    const { clock, scheduler, ran, note } = setUp();
    scheduler.after(3000, note("third"));
    scheduler.after(1000, note("first"));
    scheduler.after(2000, note("second"));
    scheduler.after(3001, note("late"));
    scheduler.moveForward(3000);
    expect(ran).toEqual(["first", "second", "third"]);
    clock.pass(1);
    expect(ran.at(-1)).toBe("late");
    expect(clock.timerCount).toBe(0);
  });

  test("a repeated job runs once and then waits a whole period", () => {
    const { clock, scheduler, ran, note } = setUp();
    scheduler.every(100, note("tick"));
    clock.pass(50);
    scheduler.moveForward(1000);
    expect(ran).toHaveLength(1);
    clock.pass(99);
    expect(ran).toHaveLength(1);
    clock.pass(1);
    expect(ran).toHaveLength(2);
  });

  test("a job may cancel one that is due after it, and begin another", () => {
    const { scheduler, ran, note } = setUp();
    const cancelSecond: () => void = scheduler.after(2000, note("second"));
    scheduler.after(1000, () => {
      cancelSecond();
      scheduler.after(0, note("begun meanwhile"));
    });
    scheduler.moveForward(5000);
    expect(ran).toEqual([]);
    expect(scheduler.waitingCount).toBe(1);
  });
});

test("the machine's clock has a scheduler, which mock time does not touch", () => {
  const clock = new SystemClock();
  const ran: number[] = [];
  clock.scheduler.after(900_000, () => void ran.push(clock.nowMs()));
  clock.setMockTime(4_000_000_000);
  expect(ran).toEqual([]);
  clock.scheduler.moveForward(900_000);
  expect(ran).toEqual([4_000_000_000_000]);
});
