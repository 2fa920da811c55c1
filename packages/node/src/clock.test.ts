import { expect, test, vi } from "vitest";
import { SystemClock } from "./clock.ts";

test("microseconds are whole, and those of the time that is mocked", () => {
  const clock = new SystemClock();
  const real = clock.nowUs();
  expect(Number.isInteger(real)).toBe(true);
  // Of the same epoch as the milliseconds, or an hour would be a century.
  expect(Math.abs(real / 1000 - clock.nowMs())).toBeLessThan(3_600_000);
  clock.setMockTime(1_700_000_000);
  expect(clock.nowUs()).toBe(1_700_000_000_000_000);
  expect(clock.nowUs()).toBe(1_700_000_000_000_000);
  clock.setMockTime(0);
  expect(clock.nowUs()).toBeGreaterThanOrEqual(real);
});

test("a wait of more than 24 days, where timers of Node.js end, is no shorter than a shorter one", () => {
  vi.useFakeTimers();
  try {
    const clock = new SystemClock();
    const DAY_MS = 86_400_000;
    let count = 0;
    clock.after(60 * DAY_MS, () => count++);
    const cancel = clock.after(60 * DAY_MS, () => (count += 100));
    clock.after(Number.POSITIVE_INFINITY, () => (count += 10_000));
    vi.advanceTimersByTime(59 * DAY_MS);
    expect(count).toBe(0);
    cancel();
    vi.advanceTimersByTime(DAY_MS);
    expect(count).toBe(1);
    vi.advanceTimersByTime(60 * DAY_MS);
    expect(count).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});
