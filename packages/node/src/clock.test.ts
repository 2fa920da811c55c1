import { expect, test } from "vitest";
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
