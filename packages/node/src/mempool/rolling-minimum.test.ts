import { describe, expect, test } from "vitest";
import { RollingMinimum } from "./rolling-minimum.ts";

const HOUR = 60 * 60;
const FULL = 1_000_000;

function open(usageBytesMax = FULL) {
  const clock = { seconds: 1_700_000_000, nowMs: () => clock.seconds * 1000 };
  return { clock, minimum: new RollingMinimum({ incrementalFeerateSatPerKvb: 1000n, usageBytesMax }, clock) };
}

describe("the minimum", () => {
  test("is nothing while nothing was thrown out", () => {
    const { clock, minimum } = open();
    expect(minimum.current(FULL)).toBe(0n);
    minimum.blockConnected();
    clock.seconds += 12 * HOUR;
    expect(minimum.current(FULL)).toBe(0n);
  });

  test("is what was thrown out and the increment, and the highest of several", () => {
    const { minimum } = open();
    expect(minimum.thrownOut(9000n)).toBe(10_000n);
    expect(minimum.current(FULL)).toBe(10_000n);
    expect(minimum.thrownOut(8999n)).toBe(9999n);
    expect(minimum.current(FULL)).toBe(10_000n);
    minimum.thrownOut(9001n);
    expect(minimum.current(FULL)).toBe(10_001n);
  });

  test("does not fall before a block made room", () => {
    const { clock, minimum } = open();
    minimum.thrownOut(9000n);
    clock.seconds += 1000 * HOUR;
    expect(minimum.current(0)).toBe(10_000n);
    minimum.blockConnected();
    // Time counts from the block.
    expect(minimum.current(FULL)).toBe(10_000n);
    clock.seconds += 12 * HOUR;
    expect(minimum.current(FULL)).toBe(5000n);
    // Something thrown out at no more than that changes nothing; at more it stands still again.
    minimum.thrownOut(4000n);
    clock.seconds += 12 * HOUR;
    expect(minimum.current(FULL)).toBe(2500n);
    minimum.thrownOut(4000n);
    clock.seconds += 12 * HOUR;
    expect(minimum.current(FULL)).toBe(5000n);
  });

  test.each([
    ["full", FULL, 12],
    ["half full", FULL / 2, 12],
    ["less than half full", FULL / 2 - 1, 6],
    ["a quarter full", FULL / 4, 6],
    ["less than a quarter full", FULL / 4 - 1, 3],
    ["empty", 0, 3],
  ])("of a mempool that is %s halves in due time", (_, usageBytes, hours) => {
    const { clock, minimum } = open();
    minimum.thrownOut(15_000n);
    minimum.blockConnected();
    clock.seconds += hours * HOUR;
    expect(minimum.current(usageBytes)).toBe(8000n);
    clock.seconds += hours * HOUR;
    expect(minimum.current(usageBytes)).toBe(4000n);
  });

  test("is worked out anew after more than ten seconds", () => {
    const { clock, minimum } = open();
    minimum.thrownOut(99_999_000n);
    minimum.blockConnected();
    clock.seconds += 10;
    expect(minimum.current(FULL)).toBe(100_000_000n);
    clock.seconds += 1;
    // 100,000,000 / 2^(11 / 43,200)
    expect(minimum.current(FULL)).toBe(99_982_352n);
  });

  test("is at least the increment, and nothing below half of it", () => {
    const { clock, minimum } = open();
    minimum.thrownOut(1000n);
    minimum.blockConnected();
    clock.seconds += 12 * HOUR;
    expect(minimum.current(FULL)).toBe(1000n);
    clock.seconds += 12 * HOUR;
    // Exactly half the increment: still there, and shown as the increment.
    expect(minimum.current(FULL)).toBe(1000n);
    clock.seconds += 11;
    expect(minimum.current(FULL)).toBe(0n);
    clock.seconds += 11;
    expect(minimum.current(FULL)).toBe(0n);
  });
});
