import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { throttle } from "./throttle.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a single call acts at once and only once", () => {
  const action = vi.fn();
  throttle(action, 100)();
  expect(action).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1000);
  expect(action).toHaveBeenCalledTimes(1);
});

test("a burst acts at once and again at the end of the interval", () => {
  const action = vi.fn();
  const throttled = throttle(action, 100);
  for (let count = 0; count < 50; count++) throttled();
  expect(action).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(99);
  expect(action).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1);
  expect(action).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(1000);
  expect(action).toHaveBeenCalledTimes(2);
});

test("calls further apart than the interval each act", () => {
  const action = vi.fn();
  const throttled = throttle(action, 100);
  throttled();
  vi.advanceTimersByTime(101);
  throttled();
  expect(action).toHaveBeenCalledTimes(2);
});
