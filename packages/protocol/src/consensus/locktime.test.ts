import { describe, expect, test } from "vitest";
import {
  isFinal,
  LOCKTIME_THRESHOLD,
  medianTimePast,
  SEQUENCE_FINAL,
  SEQUENCE_LOCKTIME_TYPE_FLAG,
  sequenceLocks,
  sequenceLocksMet,
} from "./locktime.ts";
import { chainOf, input, outPoint, transaction } from "./test-kit.ts";

describe("median time past (BIP113)", () => {
  test("is the middle of eleven", () => {
    const times = [7, 3, 9, 1, 5, 11, 2, 8, 4, 10, 6, 100];
    const chain = chainOf(12, (height) => ({ time: times[height]! }));
    expect(medianTimePast(chain[10]!)).toBe(6);
    // The first block falls out, a late one comes in.
    expect(medianTimePast(chain[11]!)).toBe(6);
    const slower = chainOf(13, (height) => ({ time: height < 12 ? times[height]! : 101 }));
    expect(medianTimePast(slower[12]!)).toBe(8);
  });

  test("is of fewer near genesis, the later middle of an even number", () => {
    const chain = chainOf(4, (height) => ({ time: [40, 10, 30, 20][height]! }));
    expect(chain.map(medianTimePast)).toEqual([40, 40, 30, 30]);
  });
});

describe("lock time", () => {
  const locked = (lockTime: number, sequence = 0) =>
    transaction({
      lockTime,
      inputs: [input(outPoint(1), { sequence }), input(outPoint(2), { sequence: SEQUENCE_FINAL })],
    });

  test("of zero always allows", () => {
    expect(isFinal(locked(0), 0, 0)).toBe(true);
  });

  test("below the threshold is the last height that does not do", () => {
    expect(isFinal(locked(100), 100, 2_000_000_000)).toBe(false);
    expect(isFinal(locked(100), 101, 0)).toBe(true);
    expect(isFinal(locked(LOCKTIME_THRESHOLD - 1), LOCKTIME_THRESHOLD - 1, 2 ** 32)).toBe(false);
    expect(isFinal(locked(LOCKTIME_THRESHOLD - 1), LOCKTIME_THRESHOLD, 0)).toBe(true);
  });

  test("from the threshold on is the last time that does not do", () => {
    expect(isFinal(locked(LOCKTIME_THRESHOLD), 2 ** 31, LOCKTIME_THRESHOLD)).toBe(false);
    expect(isFinal(locked(LOCKTIME_THRESHOLD), 0, LOCKTIME_THRESHOLD + 1)).toBe(true);
    expect(isFinal(locked(0xffffffff), 0, 0xffffffff)).toBe(false);
  });

  test("has no effect once every input is final", () => {
    expect(isFinal(locked(100, SEQUENCE_FINAL), 1, 1)).toBe(true);
    expect(isFinal(locked(100, SEQUENCE_FINAL - 1), 1, 1)).toBe(false);
  });
});

describe("sequence locks (BIP68)", () => {
  // A block every 600 seconds: the median time past of block h is that of block h - 5.
  const chain = chainOf(200, (height) => ({ time: 1_000_000 + height * 600 }));
  const ancestor = (height: number) => chain[height];
  const locks = (sequences: readonly number[], coinHeights: readonly number[], version = 2) =>
    sequenceLocks(
      transaction({ version, inputs: sequences.map((sequence, index) => input(outPoint(index), { sequence })) }),
      coinHeights,
      ancestor,
    );

  test("count blocks from the coin's", () => {
    expect(locks([10], [100])).toEqual({ height: 109, timeSeconds: -1 });
    expect(locks([0], [100])).toEqual({ height: 99, timeSeconds: -1 });
    expect(locks([0xffff], [100])).toEqual({ height: 100 + 0xffff - 1, timeSeconds: -1 });
  });

  test("count units of 512 seconds from the median time before the coin's block", () => {
    const medianBefore = medianTimePast(chain[99]!);
    expect(medianBefore).toBe(1_000_000 + 94 * 600);
    expect(locks([SEQUENCE_LOCKTIME_TYPE_FLAG | 3], [100])).toEqual({
      height: -1,
      timeSeconds: medianBefore + 3 * 512 - 1,
    });
    expect(locks([SEQUENCE_LOCKTIME_TYPE_FLAG | 0xffff], [100]).timeSeconds).toBe(medianBefore + 0xffff * 512 - 1);
  });

  test("of a coin in the genesis block count from genesis", () => {
    expect(locks([SEQUENCE_LOCKTIME_TYPE_FLAG | 1], [0]).timeSeconds).toBe(1_000_000 + 512 - 1);
    expect(locks([1], [0]).height).toBe(0);
  });

  test("look at 16 bits and the type, whatever else is set", () => {
    expect(locks([0x003f0000 | 10], [100])).toEqual({ height: 109, timeSeconds: -1 });
    expect(locks([0x7fbf0000 | 10], [100]).height).toBe(109);
  });

  test("hold of all inputs the strictest, in blocks and in time", () => {
    const sequences = [10, 50, SEQUENCE_LOCKTIME_TYPE_FLAG | 1, SEQUENCE_LOCKTIME_TYPE_FLAG | 2];
    const both = locks(sequences, [100, 70, 60, 20]);
    expect(both.height).toBe(119);
    expect(both.timeSeconds).toBe(medianTimePast(chain[59]!) + 512 - 1);
  });

  test("are switched off by bit 31 and by versions below 2", () => {
    const none = { height: -1, timeSeconds: -1 };
    expect(locks([0x80000000 | 10], [100])).toEqual(none);
    expect(locks([0xffffffff], [100])).toEqual(none);
    expect(locks([10], [100], 1)).toEqual(none);
    expect(locks([10], [100], 0)).toEqual(none);
    // Read without a sign: Core's tests and relay treat 0xffffffff as a high version.
    expect(locks([10], [100], 0xffffffff).height).toBe(109);
  });

  test("are met one block, or one second, later", () => {
    expect(sequenceLocksMet({ height: 109, timeSeconds: -1 }, 109, 0)).toBe(false);
    expect(sequenceLocksMet({ height: 109, timeSeconds: -1 }, 110, 0)).toBe(true);
    expect(sequenceLocksMet({ height: -1, timeSeconds: 5000 }, 1, 5000)).toBe(false);
    expect(sequenceLocksMet({ height: -1, timeSeconds: 5000 }, 1, 5001)).toBe(true);
    expect(sequenceLocksMet({ height: 109, timeSeconds: 5000 }, 110, 5000)).toBe(false);
  });

  test("of a chain without the block they count from are our bug", () => {
    expect(() => locks([SEQUENCE_LOCKTIME_TYPE_FLAG | 1], [1000])).toThrow("lacks the block");
  });
});
