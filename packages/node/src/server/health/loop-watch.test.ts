import { expect, test } from "vitest";
import { SystemClock } from "../../clock.ts";
import type { Clock } from "../../ports.ts";
import { LoopWatch } from "./loop-watch.ts";

const MS = 1e6;

/** A meter of given intervals, and a clock whose timers are called by hand. */
function watchOf(intervalsMs: number[]) {
  const meter = {
    intervals: intervalsMs,
    get count() {
      return this.intervals.length;
    },
    get mean() {
      return (this.intervals.reduce((sum, value) => sum + value, 0) / this.count) * MS;
    },
    get stddev() {
      const mean = this.mean / MS;
      return Math.sqrt(this.intervals.reduce((sum, value) => sum + (value - mean) ** 2, 0) / this.count) * MS;
    },
    get max() {
      return Math.max(...this.intervals) * MS;
    },
    reset() {
      this.intervals = [];
    },
  };
  let turn = () => {};
  const clock: Clock = {
    nowMs: () => 0,
    monotonicMs: () => 0,
    after: (_delay, callback) => {
      turn = callback;
      return () => {};
    },
  };
  const watch = new LoopWatch(clock, meter);
  return { watch, meter, turn: () => turn() };
}

test("a loop that is never late has no wait", () => {
  const { watch } = watchOf(Array.from({ length: 50 }, () => 100));
  expect(watch.meanWaitMs).toBeCloseTo(0);
  expect(watch.longestBlockMs).toBeCloseTo(0);
  expect(watchOf([]).watch.meanWaitMs).toBe(0);
});

test("one long block weighs more than many short ones of the same time", () => {
  // Five of ten seconds are one block: half of all requests come during it, and wait half of it.
  const long = watchOf([...Array.from({ length: 50 }, () => 100), 5000]).watch.meanWaitMs;
  expect(long).toBeCloseTo(0.5 * 2500 + 0.5 * 50 - 50, 0);
  const short = watchOf(Array.from({ length: 50 }, () => 200)).watch.meanWaitMs;
  expect(short).toBeCloseTo(50, 0);
});

test("a block is remembered for one window more, and then forgotten", () => {
  const { watch, meter, turn } = watchOf([]);
  watch.start();
  meter.intervals = [100, 3100];
  expect(watch.longestBlockMs).toBeCloseTo(3000);
  turn();
  expect(meter.count).toBe(0);
  expect(watch.longestBlockMs).toBeCloseTo(3000);
  meter.intervals = [100, 100];
  turn();
  expect(watch.longestBlockMs).toBeCloseTo(0);
});

test("a loop that is really blocked is seen to be", async () => {
  const watch = new LoopWatch(new SystemClock());
  watch.start();
  // The timer must run once before its being late can be told.
  await new Promise((resolve) => setTimeout(resolve, 250));
  const end = performance.now() + 1000;
  while (performance.now() < end);
  await expect.poll(() => watch.longestBlockMs).toBeGreaterThan(500);
  expect(watch.meanWaitMs).toBeGreaterThan(100);
  watch.stop();
});
