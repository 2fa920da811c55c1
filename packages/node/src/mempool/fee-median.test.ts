import { describe, expect, test } from "vitest";
import { emptyRecord, HorizonStats } from "./fee-horizon.ts";
import { type MedianQuery, medianFeerate } from "./fee-median.ts";

const BOUNDS = [100, 200, 400, 1e99];
/** A decay of a half: what is enough is twice `sufficient`. */
const SETTINGS = { decay: 0.5, scale: 1, periodCount: 4 };
const ASK: MedianQuery = { target: 2, success: 0.75, sufficient: 2, height: 100 };

interface Bucket {
  readonly inTime: number;
  readonly confirmed?: number;
  readonly failed?: number;
  readonly feerate?: number;
}

/** Statistics by bucket, the lowest first; all confirmations are those of `inTime` unless there are more. */
function statsOf(...buckets: readonly Bucket[]): HorizonStats {
  const record = emptyRecord(SETTINGS, BOUNDS.length);
  buckets.forEach(({ inTime, confirmed = inTime, failed = 0, feerate = BOUNDS[0]! }, index) => {
    record.withinPeriod[1]![index] = inTime;
    record.confirmed[index] = confirmed;
    record.failed[1]![index] = failed;
    record.feerates[index] = feerate * confirmed;
  });
  return new HorizonStats(BOUNDS, record);
}
const rangeOf = (start: number, end: number, counts = {}) => ({
  start,
  end,
  withinTarget: 0,
  totalConfirmed: 0,
  inMempool: 0,
  leftMempool: 0,
  ...counts,
});

test("of nothing nothing is known, in one range of all buckets", () => {
  const answer = medianFeerate(statsOf(), ASK);
  expect(answer).toEqual({ feerate: -1, pass: undefined, fail: rangeOf(0, 1e99) });
});

test.each([
  [4, 150],
  [3.999, -1],
])("%d transactions in a bucket, of which four are enough", (confirmed, feerate) => {
  expect(medianFeerate(statsOf({ inTime: 0 }, { inTime: confirmed, feerate: 150 }), ASK).feerate).toBe(feerate);
});

test.each([
  [{ inTime: 6, confirmed: 8 }, 150],
  [{ inTime: 5.99, confirmed: 8 }, -1],
  [{ inTime: 6, confirmed: 7, failed: 1 }, 150],
  [{ inTime: 6, confirmed: 7, failed: 1.01 }, -1],
])("three quarters of those confirmed or failed were in time: %o", (bucket, feerate) => {
  expect(medianFeerate(statsOf({ inTime: 0 }, { ...bucket, feerate: 150 }), ASK).feerate).toBe(feerate);
});

test("what has waited for the target counts against a bucket, what has not does not", () => {
  const waitingFor = (blocks: number) => {
    const stats = statsOf({ inTime: 0 }, { inTime: 6, feerate: 150 });
    for (let count = 0; count < 3; count++) stats.entered(ASK.height - blocks, 150);
    return medianFeerate(stats, ASK);
  };
  expect(waitingFor(1)).toMatchObject({ feerate: 150, pass: { inMempool: 0 } });
  expect(waitingFor(2)).toMatchObject({ feerate: -1, fail: { inMempool: 3, withinTarget: 6, totalConfirmed: 6 } });
});

describe("ranges", () => {
  test("go from high to low as long as they pass; the answer is of the lowest", () => {
    const answer = medianFeerate(statsOf({ inTime: 4, feerate: 90 }, { inTime: 4 }, { inTime: 4 }, { inTime: 4 }), ASK);
    const counts = { withinTarget: 4, totalConfirmed: 4 };
    expect(answer).toEqual({ feerate: 90, pass: rangeOf(0, 100, counts), fail: undefined });
  });

  test("take buckets together until there are enough transactions", () => {
    const answer = medianFeerate(
      statsOf({ inTime: 0 }, { inTime: 1.5, feerate: 150 }, { inTime: 2.5, feerate: 300 }),
      ASK,
    );
    expect(answer.pass).toEqual(rangeOf(100, 1e99, { withinTarget: 4, totalConfirmed: 4 }));
    expect(answer.fail).toEqual(rangeOf(0, 100));
    expect(answer.feerate).toBe(300);
  });

  test("that fail end what passes, and the first of them is told", () => {
    const slow = { inTime: 1, confirmed: 4 };
    const answer = medianFeerate(statsOf(slow, slow, { inTime: 4, feerate: 300 }, { inTime: 4 }), ASK);
    expect(answer.pass).toMatchObject({ start: 200, end: 400 });
    expect(answer.fail).toEqual(rangeOf(100, 200, { withinTarget: 1, totalConfirmed: 4 }));
    expect(answer.feerate).toBe(300);
  });

  test("that fail are pulled up by lower ones where all of them together pass", () => {
    const answer = medianFeerate(
      statsOf({ inTime: 12, feerate: 90 }, { inTime: 2, confirmed: 4, feerate: 150 }, { inTime: 4, feerate: 300 }),
      ASK,
    );
    expect(answer.pass).toEqual(rangeOf(0, 200, { withinTarget: 14, totalConfirmed: 16 }));
    expect(answer.fail).toBeUndefined();
    expect(answer.feerate).toBe(90);
  });
});

describe("the median", () => {
  const median = (low: number, high: number) =>
    medianFeerate(statsOf({ inTime: 0 }, { inTime: low, feerate: 150 }, { inTime: high, feerate: 300 }), {
      ...ASK,
      sufficient: 3,
    }).feerate;

  test("is in the lower bucket where that holds half, else in the higher", () => {
    expect(median(3, 3)).toBe(150);
    expect(median(2.99, 3.01)).toBe(300);
  });

  test("of a bucket is its mean", () => {
    const stats = statsOf();
    for (const feerate of [101, 102, 200, 199, 111]) stats.confirmed(1, feerate);
    expect(medianFeerate(stats, ASK).feerate).toBe(713 / 5);
  });
});
