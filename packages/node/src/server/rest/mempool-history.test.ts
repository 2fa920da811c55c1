import { HISTORY_POINTS_MAX, HISTORY_SAMPLES_MAX } from "@bitfleet/api/rest/mempool.ts";
import { expect, test } from "vitest";
import { ManualClock } from "../../chain/test-kit.ts";
import type { MempoolEntry } from "../../mempool/entry.ts";
import { MempoolEvents } from "../../mempool/mempool-events.ts";
import { MempoolSamples } from "./mempool-history.ts";

/** A mempool of so many transactions of 100 vbytes, each paying 5 satoshis. */
function openHistory() {
  const clock = new ManualClock();
  clock.seconds = 1_700_000_003;
  const mempool = { events: new MempoolEvents(), size: 0, virtualSize: 0, usageBytes: 0, totalFee: 0n };
  const samples = new MempoolSamples(mempool as never, clock);
  const entry = { virtualSize: 100 } as MempoolEntry;
  const change = (count: number) => {
    mempool.size += count;
    mempool.virtualSize += 100 * count;
    mempool.usageBytes += 1000 * count;
    mempool.totalFee += 5n * BigInt(count);
  };
  return {
    clock,
    samples,
    add: () => {
      change(1);
      mempool.events.emit({ type: "transaction-added", entry, spentOutputs: [], arrival: "alone", sequence: 1 });
    },
    remove: () => {
      change(-1);
      mempool.events.emit({ type: "transaction-removed", entry, reason: "block", sequence: 1 });
    },
    pass: (seconds: number) => {
      clock.elapsedMs += seconds * 1000;
    },
  };
}

test("has what the mempool was at each moment, whenever it is asked", () => {
  const { samples, add, remove, pass } = openHistory();
  expect(samples.history(3600).times).toEqual([]);
  add();
  pass(6);
  add();
  // 1_700_000_009: the first moment is to come.
  expect(samples.history(3600).times).toEqual([]);
  pass(1);
  expect(samples.history(3600)).toEqual({
    interval_seconds: 10,
    times: [1_700_000_010],
    transaction_counts: [2],
    virtual_sizes: [200],
    usage_bytes: [2000],
    total_fees: [10],
    added_counts: [2],
    added_virtual_sizes: [200],
  });
  pass(25);
  remove();
  add();
  remove();
  pass(10);
  const { times, transaction_counts: counts, added_counts: added } = samples.history(3600);
  expect(times.map((time) => time - 1_700_000_000)).toEqual([10, 20, 30, 40]);
  expect([counts, added]).toEqual([
    [2, 2, 2, 1],
    [2, 0, 0, 1],
  ]);
  expect(samples.history(20).times.map((time) => time - 1_700_000_000)).toEqual([30, 40]);
});

test("stands still for no clock that is set", () => {
  const { samples, clock, pass } = openHistory();
  pass(10);
  clock.seconds += 7200;
  pass(10);
  expect(samples.history(3600).times).toEqual([1_700_000_010, 1_700_000_020]);
});

test("keeps a day, and tells a long time in fewer points with all that came", () => {
  const { samples, add, pass } = openHistory();
  const count = HISTORY_SAMPLES_MAX + 20;
  for (let at = 0; at < count; at++) {
    add();
    pass(10);
  }
  const day = samples.history(86_400);
  const step = HISTORY_SAMPLES_MAX / HISTORY_POINTS_MAX;
  expect([day.times.length, day.interval_seconds]).toEqual([HISTORY_POINTS_MAX, 10 * step]);
  expect(day.transaction_counts.at(-1)).toBe(count);
  expect(day.added_counts.every((added) => added === step)).toBe(true);
  expect(day.times.at(-1)! - day.times[0]!).toBe((HISTORY_POINTS_MAX - 1) * 10 * step);
  pass(100 * 86_400);
  const rested = samples.history(86_400);
  expect(rested.added_counts.reduce((sum, added) => sum + added, 0)).toBe(0);
  expect(rested.times.at(-1)! - day.times.at(-1)!).toBe(100 * 86_400);
});
