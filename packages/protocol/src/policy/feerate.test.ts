import { describe, expect, test } from "vitest";
import {
  adjustedWeight,
  BYTES_PER_SIGOP_DEFAULT,
  compareFeerates,
  feeFor,
  feerateSatPerKvb,
  feerateText,
  virtualSizeOf,
} from "./feerate.ts";

describe("feerates", () => {
  test("a fee is rounded up to a satoshi", () => {
    expect(feeFor(100n, 10)).toBe(1n);
    expect(feeFor(100n, 11)).toBe(2n);
    expect(feeFor(100n, 20)).toBe(2n);
    expect(feeFor(1n, 1)).toBe(1n);
    expect(feeFor(1n, 1000)).toBe(1n);
    expect(feeFor(1n, 1001)).toBe(2n);
    expect(feeFor(0n, 1000)).toBe(0n);
    expect(feeFor(100n, 0)).toBe(0n);
  });

  test("a feerate is rounded down, below zero too", () => {
    expect(feerateSatPerKvb(1n, 3)).toBe(333n);
    expect(feerateSatPerKvb(2n, 3)).toBe(666n);
    expect(feerateSatPerKvb(3n, 3)).toBe(1000n);
    expect(feerateSatPerKvb(-1n, 3)).toBe(-334n);
    expect(feerateSatPerKvb(-3n, 3)).toBe(-1000n);
    expect(feerateSatPerKvb(5n, 0)).toBe(0n);
  });

  test("are compared without rounding", () => {
    expect(compareFeerates({ fee: 1n, size: 3 }, { fee: 333n, size: 1000 })).toBe(1);
    expect(compareFeerates({ fee: 333n, size: 1000 }, { fee: 1n, size: 3 })).toBe(-1);
    expect(compareFeerates({ fee: 2n, size: 4 }, { fee: 1n, size: 2 })).toBe(0);
    expect(compareFeerates({ fee: -1n, size: 2 }, { fee: -1n, size: 1 })).toBe(1);
    // Products beyond 53 bits.
    expect(
      compareFeerates({ fee: 2_100_000_000_000_001n, size: 400_000 }, { fee: 2_100_000_000_000_000n, size: 400_000 }),
    ).toBe(1);
  });

  test("as text", () => {
    expect(feerateText(0n)).toBe("0.00000000 BTC/kvB");
    expect(feerateText(1000n)).toBe("0.00001000 BTC/kvB");
    expect(feerateText(123_456_789n)).toBe("1.23456789 BTC/kvB");
    expect(feerateText(-1n)).toBe("-0.00000001 BTC/kvB");
  });
});

describe("sizes", () => {
  test("signature operations count for twenty weight units at least", () => {
    expect(adjustedWeight(400, 20, BYTES_PER_SIGOP_DEFAULT)).toBe(400);
    expect(adjustedWeight(400, 21, BYTES_PER_SIGOP_DEFAULT)).toBe(420);
    expect(adjustedWeight(400, 21, 0)).toBe(400);
  });

  test("vbytes are rounded up", () => {
    expect([400, 401, 403, 404].map(virtualSizeOf)).toEqual([100, 101, 101, 101]);
  });
});
