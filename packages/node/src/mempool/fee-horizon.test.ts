import { describe, expect, test } from "vitest";
import { emptyRecord, FEE_HORIZONS, HORIZON_SETTINGS, type HorizonSettings, HorizonStats } from "./fee-horizon.ts";
import { seededRandom } from "./test-kit.ts";

const BOUNDS = [100, 200, 400, 1e99];
const SMALL: HorizonSettings = { decay: 0.5, scale: 2, periodCount: 3 };
const statsOf = (settings = SMALL) => new HorizonStats(BOUNDS, emptyRecord(settings, BOUNDS.length));
const rows = (periods: readonly Float64Array[]) => periods.map((counts) => [...counts]);

test("the horizons reach 12, 48 and 1008 blocks", () => {
  const reach = FEE_HORIZONS.map((horizon) => statsOf(HORIZON_SETTINGS[horizon]).targetMax);
  expect(reach).toEqual([12, 48, 1008]);
});

describe("a confirmation", () => {
  test.each([
    [1, [1, 1, 1]],
    [2, [1, 1, 1]],
    [3, [0, 1, 1]],
    [4, [0, 1, 1]],
    [5, [0, 0, 1]],
    [6, [0, 0, 1]],
    [7, [0, 0, 0]],
  ])("after %i blocks counts in the periods that it was in time for", (blocks, expected) => {
    const stats = statsOf();
    stats.confirmed(blocks, 150);
    expect(stats.record.withinPeriod.map((counts) => counts[1])).toEqual(expected);
    expect([...stats.record.confirmed]).toEqual([0, 1, 0, 0]);
    expect([...stats.record.feerates]).toEqual([0, 150, 0, 0]);
  });

  test("decays with every block", () => {
    const stats = statsOf();
    stats.confirmed(1, 100);
    stats.advance(1);
    stats.confirmed(3, 100);
    stats.advance(2);
    expect(stats.record.confirmed[0]).toBe(0.75);
    expect(stats.record.feerates[0]).toBe(75);
    expect(stats.record.withinPeriod.map((counts) => counts[0])).toEqual([0.25, 0.75, 0.75]);
  });
});

describe("a transaction that leaves without a block", () => {
  test.each([
    [0, [0, 0, 0]],
    [1, [0, 0, 0]],
    [2, [1, 0, 0]],
    [3, [1, 0, 0]],
    [4, [1, 1, 0]],
    [6, [1, 1, 1]],
    [9, [1, 1, 1]],
  ])("after %i blocks failed in the periods that it waited through", (blocks, expected) => {
    const stats = statsOf();
    const bucket = stats.entered(10, 300);
    for (let height = 11; height <= 10 + blocks; height++) stats.advance(height);
    expect(stats.waitingFor(bucket, 1, 10 + blocks)).toBe(blocks >= 1 ? 1 : 0);
    stats.left({ height: 10, bucket }, 10 + blocks, false);
    expect(stats.record.failed.map((counts) => counts[2])).toEqual(expected);
    expect(stats.waitingFor(bucket, 1, 10 + blocks)).toBe(0);
  });

  test("by a block has not failed", () => {
    const stats = statsOf();
    const bucket = stats.entered(10, 300);
    for (let height = 11; height <= 16; height++) stats.advance(height);
    stats.left({ height: 10, bucket }, 16, true);
    expect(rows(stats.record.failed).flat()).toEqual(new Array(12).fill(0));
    expect(stats.waitingFor(bucket, 1, 16)).toBe(0);
  });

  test("before any block was seen has waited for none", () => {
    const stats = statsOf();
    stats.entered(0, 100);
    stats.left({ height: 0, bucket: 0 }, 0, false);
    expect(stats.record.failed.map((counts) => counts[0])).toEqual([0, 0, 0]);
  });

  test("that nobody counted, or that came above the best block, changes nothing", () => {
    const stats = statsOf();
    stats.left({ height: 5, bucket: 0 }, 6, true);
    stats.left({ height: 7, bucket: 0 }, 6, false);
    for (let target = 1; target <= 6; target++) expect(stats.waitingFor(0, target, 6)).toBe(0);
    expect(rows(stats.record.failed).flat()).toEqual(new Array(12).fill(0));
  });
});

test("of what waits each counts for the targets that it has waited for, and for all once the ring has passed it", () => {
  const stats = statsOf();
  stats.entered(10, 100);
  stats.advance(11);
  stats.entered(11, 100);
  for (let height = 12; height <= 14; height++) stats.advance(height);
  expect([1, 2, 3, 4, 5].map((target) => stats.waitingFor(0, target, 14))).toEqual([2, 2, 2, 1, 0]);
  for (let height = 15; height <= 16; height++) stats.advance(height);
  expect([1, 5, 6].map((target) => stats.waitingFor(0, target, 16))).toEqual([2, 2, 1]);
});

interface Life {
  readonly came: number;
  readonly bucket: number;
  left: number | undefined;
}

test.each([1, 2, 3])("counts what lists of every transaction count, seed %i", (seed) => {
  const random = seededRandom(seed);
  const settings = { decay: 0.9, scale: 1 + random(3), periodCount: 2 + random(4) };
  const stats = statsOf(settings);
  const lives: Life[] = [];
  const failures: { at: number; waited: number; bucket: number }[] = [];
  const confirmations: { at: number; waited: number; feerate: number; bucket: number }[] = [];
  let height = 1;
  for (let step = 0; step < 400; step++) {
    const kind = random(10);
    const waiting = lives.filter((life) => life.left === undefined);
    if (kind < 5) {
      const bucket = stats.entered(height, BOUNDS[random(3)]!);
      lives.push({ came: height, bucket, left: undefined });
    } else if (kind < 7 && waiting.length > 0) {
      const life = waiting[random(waiting.length)]!;
      stats.left({ height: life.came, bucket: life.bucket }, height, false);
      life.left = height;
      failures.push({ at: height, waited: height - life.came, bucket: life.bucket });
    } else {
      height++;
      stats.advance(height);
      for (const life of waiting.filter(() => random(4) === 0)) {
        stats.left({ height: life.came, bucket: life.bucket }, height, true);
        stats.confirmed(height - life.came, BOUNDS[life.bucket]!);
        life.left = height;
        confirmations.push({
          at: height,
          waited: height - life.came,
          feerate: BOUNDS[life.bucket]!,
          bucket: life.bucket,
        });
      }
    }
  }
  const { scale, periodCount, decay } = settings;
  const weight = (at: number) => decay ** (height - at);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  for (const bucket of BOUNDS.keys()) {
    for (let target = 1; target < stats.targetMax; target++) {
      const expected = lives.filter(
        (life) => life.left === undefined && life.bucket === bucket && height - life.came >= target,
      );
      expect(stats.waitingFor(bucket, target, height)).toBe(expected.length);
    }
    for (let period = 1; period <= periodCount; period++) {
      const inTime = confirmations.filter((one) => one.bucket === bucket && one.waited <= period * scale);
      expect(stats.record.withinPeriod[period - 1]![bucket]).toBeCloseTo(sum(inTime.map(({ at }) => weight(at))), 9);
      const failed = failures.filter((one) => one.bucket === bucket && one.waited >= period * scale);
      expect(stats.record.failed[period - 1]![bucket]).toBeCloseTo(sum(failed.map(({ at }) => weight(at))), 9);
    }
    const own = confirmations.filter((one) => one.bucket === bucket);
    expect(stats.record.confirmed[bucket]).toBeCloseTo(sum(own.map(({ at }) => weight(at))), 9);
    expect(stats.record.feerates[bucket]).toBeCloseTo(sum(own.map(({ at, feerate }) => feerate * weight(at))), 6);
  }
  expect(confirmations.length).toBeGreaterThan(20);
  expect(failures.length).toBeGreaterThan(20);
});
