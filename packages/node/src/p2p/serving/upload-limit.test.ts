import { describe, expect, test } from "vitest";
import { TestClock } from "../test-kit.ts";
import { parseUploadTarget, UploadLimit } from "./upload-limit.ts";

describe("parseUploadTarget", () => {
  test.each([
    ["0", 0],
    ["1", 1024 ** 2],
    ["1k", 1000],
    ["1K", 1024],
    ["2m", 2_000_000],
    ["2M", 2 * 1024 ** 2],
    ["3g", 3_000_000_000],
    ["3G", 3 * 1024 ** 3],
    ["1t", 1_000_000_000_000],
    ["1T", 1024 ** 4],
  ])("%s", (text, bytes) => {
    expect(parseUploadTarget(text)).toBe(bytes);
  });

  test.each(["", "abc", "-1", "1.5M", "1X", "1 M", "9999999999999999T"])("refuses %j", (text) => {
    expect(parseUploadTarget(text)).toBeUndefined();
  });
});

describe("UploadLimit", () => {
  const MB = 1_000_000;

  test("without a target nothing is ever too much", () => {
    const limit = new UploadLimit(0, new TestClock());
    limit.count(5, 10 ** 12);
    expect(limit.isReached(true)).toBe(false);
    expect(limit.isReached(false)).toBe(false);
    expect(limit.bytesReceived).toBe(5);
    expect(limit.bytesSent).toBe(10 ** 12);
  });

  test("old blocks stop while there is room for new ones for the rest of the day", () => {
    const clock = new TestClock();
    // A day has 144 blocks of 4 MB: 576 MB are kept for them.
    const limit = new UploadLimit(800 * MB, clock);
    limit.count(0, 223 * MB);
    expect(limit.isReached(true)).toBe(false);
    limit.count(0, 2 * MB);
    expect(limit.isReached(true)).toBe(true);
    expect(limit.isReached(false)).toBe(false);
    limit.count(0, 575 * MB);
    expect(limit.isReached(false)).toBe(true);
    expect(limit.state()).toMatchObject({ isReached: true, servesHistoricalBlocks: false, bytesLeft: 0 });
  });

  test("a target below a day's blocks serves no old blocks at all", () => {
    const limit = new UploadLimit(500 * MB, new TestClock());
    expect(limit.isReached(true)).toBe(true);
    expect(limit.isReached(false)).toBe(false);
  });

  test("a new day begins after 24 hours", () => {
    const clock = new TestClock();
    const limit = new UploadLimit(800 * MB, clock);
    limit.count(0, 800 * MB);
    expect(limit.isReached(false)).toBe(true);
    clock.advance(24 * 60 * 60 * 1000 + 1000);
    limit.count(0, 1);
    expect(limit.isReached(false)).toBe(false);
    expect(limit.state().bytesLeft).toBe(800 * MB - 1);
  });
});
