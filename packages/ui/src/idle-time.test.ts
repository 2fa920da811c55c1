import { expect, test } from "vitest";
import { IdleTime } from "./idle-time.ts";

const MINUTE_MS = 60_000;

function idleTime() {
  const clock = { wallMs: 1_000_000, monotonicMs: 500 };
  const idle = new IdleTime({ nowMs: () => clock.wallMs, monotonicMs: () => clock.monotonicMs });
  const pass = (minutes: number) => {
    clock.wallMs += minutes * MINUTE_MS;
    clock.monotonicMs += minutes * MINUTE_MS;
  };
  return { clock, idle, pass };
}

test("counts from when somebody was last there", () => {
  const { idle, pass } = idleTime();
  pass(4);
  expect(idle.hasPassed(5)).toBe(false);
  idle.begin();
  pass(4);
  expect(idle.hasPassed(5)).toBe(false);
  pass(1);
  expect(idle.hasPassed(5)).toBe(true);
});

test("counts the sleep of a machine, whose other clock stood still", () => {
  const { clock, idle } = idleTime();
  clock.wallMs += 20 * MINUTE_MS;
  expect(idle.hasPassed(10)).toBe(true);
});

test("is not made less by a clock that is set back, not even by a year", () => {
  const { clock, idle, pass } = idleTime();
  clock.wallMs -= 365 * 24 * 60 * MINUTE_MS;
  pass(9);
  expect(idle.hasPassed(10)).toBe(false);
  pass(1);
  expect(idle.hasPassed(10)).toBe(true);
});
