import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { beforeEach, describe, expect, test } from "vitest";
import { MemoryLog } from "../chain/test-kit.ts";
import { FeeEstimator, type FeeRecord } from "./fee-estimator.ts";
import { decodeFeeRecord, encodeFeeRecord } from "./fee-record-codec.ts";

class DebugLog extends MemoryLog {
  override debug(category?: string, message?: string): void {
    this.lines.push(`[${category}] ${message}`);
  }
}

let log: DebugLog;
let estimator: FeeEstimator;
let height: number;
let nextTxid: number;

beforeEach(() => {
  log = new DebugLog();
  begin(new FeeEstimator(log));
});

function begin(made: FeeEstimator, at = 0): void {
  estimator = made;
  height = at;
  nextTxid = 1;
}

const txidOf = (number: number) => new Uint8Array(32).fill(0).map((_, index) => (number >>> (8 * index)) & 255) as Txid;

interface Waiting {
  readonly txid: Txid;
  readonly height: number;
  readonly feerateSatPerKvb: bigint;
}

function arrive(
  feerateSatPerKvb: bigint,
  fields: { readonly height?: number; readonly isTelling?: boolean } = {},
): Waiting {
  const transaction = { txid: txidOf(nextTxid++), height, feerateSatPerKvb };
  estimator.transactionAdded({ isTelling: true, ...transaction, ...fields });
  return { ...transaction, ...fields };
}

function block(...confirmed: readonly Waiting[]): void {
  estimator.blockConnected(++height, confirmed);
}

/** Blocks that each confirm `count` transactions of the block before. */
function blocksOf(blockCount: number, count: number, feerate: bigint): void {
  for (let made = 0; made < blockCount; made++) {
    const waiting = Array.from({ length: count }, () => arrive(feerate));
    block(...waiting);
  }
}

/** All that is recorded, to tell whether anything was. */
const confirmedCount = () => estimator.record().horizons.long.confirmed.reduce((sum, count) => sum + count, 0);
const failedCount = () => estimator.record().horizons.short.failed[0]!.reduce((sum, count) => sum + count, 0);
const savedAndRead = (record: FeeRecord) => decodeFeeRecord(encodeFeeRecord(record)) as FeeRecord;

describe("a transaction counts", () => {
  test("where it came on top of the best block and tells something", () => {
    block(arrive(1000n));
    expect(confirmedCount()).toBe(1);
    expect(estimator.record().horizons.short.withinPeriod[0]!.reduce((sum, count) => sum + count, 0)).toBe(1);
  });

  test("not where it tells nothing", () => {
    block(arrive(1000n, { isTelling: false }));
    expect(confirmedCount()).toBe(0);
  });

  test("not where it came at another height than that of the best block", () => {
    block();
    block(arrive(1000n, { height: 0 }), arrive(1000n, { height: 2 }));
    expect(confirmedCount()).toBe(0);
  });

  test("once, though it be told of twice", () => {
    const transaction = arrive(1000n);
    estimator.transactionAdded({ ...transaction, isTelling: true });
    expect(log.lines.at(-1)).toMatch(
      /^\[estimatefee\] Blockpolicy error mempool tx [0-9a-f]{64} already being tracked$/,
    );
    block(transaction, transaction);
    expect(confirmedCount()).toBe(1);
  });

  test("as failed where it leaves without a block after a whole period, and no more when a block has it then", () => {
    const early = arrive(1000n);
    estimator.transactionRemoved(early.txid);
    block();
    const late = arrive(1000n);
    block();
    estimator.transactionRemoved(late.txid);
    estimator.transactionRemoved(late.txid);
    block(early, late);
    expect(confirmedCount()).toBe(0);
    expect(failedCount()).toBe(1 * 0.962);
  });

  test("as failed where the run ends while it waits", () => {
    const waiting = arrive(1000n);
    block();
    arrive(1000n);
    expect(estimator.giveUpWaiting()).toBe(2);
    expect(failedCount()).toBe(1);
    expect(estimator.giveUpWaiting()).toBe(0);
    block(waiting);
    expect(confirmedCount()).toBe(0);
  });
});

test("a transaction that came before any block was seen has waited for none", () => {
  // So it is in Core: the first block counts the heights.
  const transaction = arrive(1000n);
  estimator.transactionRemoved(transaction.txid);
  expect(failedCount()).toBe(0);
});

describe("a block", () => {
  test("that is not above the best one changes nothing, and what it took goes on being tracked", () => {
    block();
    block();
    const transaction = arrive(1000n);
    estimator.blockConnected(2, [transaction]);
    estimator.blockConnected(1, [transaction]);
    expect(confirmedCount()).toBe(0);
    expect(estimator.giveUpWaiting()).toBe(1);
  });

  test("counts from when the mempool has the transaction now, which may be later than when it was first seen", () => {
    block();
    const transaction = arrive(1000n);
    block();
    estimator.blockConnected(3, [{ ...transaction, height: 2 }]);
    const { withinPeriod } = estimator.record().horizons.short;
    expect(withinPeriod[0]!.reduce((sum, count) => sum + count, 0)).toBe(1);
  });

  test("says in the log what it did, in Core's words", () => {
    block(arrive(1000n), arrive(1000n, { isTelling: false }));
    expect(log.lines).toEqual([
      "[estimatefee] Blockpolicy first recorded height 1",
      "[estimatefee] Blockpolicy estimates updated by 1 of 2 block txs, since last block 1 of 2 tracked, mempool map size 0, max target 0 from current",
    ]);
    arrive(1000n);
    block();
    expect(log.lines.at(-1)).toBe(
      "[estimatefee] Blockpolicy estimates updated by 0 of 0 block txs, since last block 1 of 1 tracked, mempool map size 1, max target 0 from current",
    );
  });
});

describe("a smart estimate", () => {
  test("of nothing is none", () => {
    expect(estimator.estimateSmart(6, "economical")).toEqual({
      feerateSatPerKvb: undefined,
      blocks: 0,
      reason: "None",
    });
  });

  test("reaches half as many blocks as there are statistics of, and begins at two", () => {
    blocksOf(4, 30, 1000n);
    expect(estimator.estimateSmart(6, "economical")).toMatchObject({ feerateSatPerKvb: undefined, blocks: 1 });
    blocksOf(1, 30, 1000n);
    expect(estimator.estimateSmart(6, "economical")).toMatchObject({ feerateSatPerKvb: 1000n, blocks: 2 });
    blocksOf(12, 30, 1000n);
    expect([1, 2, 3, 8, 9, 1008].map((target) => estimator.estimateSmart(target, "economical").blocks)).toEqual([
      2, 2, 3, 8, 8, 8,
    ]);
  });

  test.each([0, -1, 1009])("of a target of %i is none", (target) => {
    blocksOf(40, 30, 1000n);
    expect(estimator.estimateSmart(target, "economical")).toEqual({
      feerateSatPerKvb: undefined,
      blocks: target,
      reason: "None",
    });
  });

  test("asks for what is confirmed soon; a longer target for less where less is confirmed later", () => {
    const cheap: Waiting[] = [];
    for (let made = 0; made < 60; made++) {
      for (let count = 0; count < 30; count++) cheap.push(arrive(1000n));
      const dear = Array.from({ length: 30 }, () => arrive(5000n));
      const due = cheap.filter((transaction) => height + 1 - transaction.height >= 8);
      block(...dear, ...due);
      for (const transaction of due) cheap.splice(cheap.indexOf(transaction), 1);
    }
    expect(estimator.estimateSmart(2, "economical").feerateSatPerKvb).toBe(5000n);
    expect(estimator.estimateSmart(24, "economical").feerateSatPerKvb).toBe(1000n);
    const all = Array.from({ length: 25 }, (_, index) => estimator.estimateSmart(index + 1, "economical"));
    for (const [index, { feerateSatPerKvb }] of all.entries())
      expect(feerateSatPerKvb! <= (all[index - 1]?.feerateSatPerKvb ?? 5000n), `target ${index + 1}`).toBe(true);
  });

  test("that is conservative does not follow a few cheap blocks", () => {
    blocksOf(12, 24, 500_000n);
    expect(estimator.estimateSmart(1, "conservative").feerateSatPerKvb).toBe(500_000n);
    expect(estimator.estimateSmart(1, "economical").feerateSatPerKvb).toBe(500_000n);
    blocksOf(4, 24, 100_000n);
    expect(estimator.estimateSmart(1, "conservative")).toMatchObject({
      feerateSatPerKvb: 500_000n,
      reason: "Conservative Double Target longer horizon",
    });
    expect(estimator.estimateSmart(1, "economical")).toMatchObject({
      feerateSatPerKvb: 100_000n,
      reason: "Half Target 60% Threshold",
    });
  });

  test("is never of nothing: what rounds to no satoshi is no answer", () => {
    blocksOf(40, 30, 0n);
    expect(estimator.estimateSmart(2, "economical").feerateSatPerKvb).toBeUndefined();
    expect(estimator.estimateRaw(2, 0.95, "short")).toMatchObject({
      feerateSatPerKvb: undefined,
      decay: 0.962,
      scale: 1,
    });
  });
});

test("a raw estimate is that of one horizon, with its numbers", () => {
  blocksOf(1, 30, 1000n);
  expect(estimator.estimateRaw(1, 0.95, "short")).toEqual({
    feerateSatPerKvb: 1000n,
    decay: 0.962,
    scale: 1,
    pass: expect.objectContaining({ withinTarget: 30, totalConfirmed: 30, inMempool: 0, leftMempool: 0 }),
    fail: expect.objectContaining({ start: 0, totalConfirmed: 0 }),
  });
  // Half a transaction a block over about 26 blocks is 13; a tenth over about 1449 is 145.
  expect(estimator.estimateRaw(1, 0.95, "long").feerateSatPerKvb).toBeUndefined();
  expect(estimator.estimateRaw(13, 0.95, "short").feerateSatPerKvb).toBeUndefined();
});

describe("after another run", () => {
  const run = (blockCount: number) => {
    begin(new FeeEstimator(log));
    blocksOf(blockCount, 30, 1000n);
    return savedAndRead(estimator.record());
  };

  test("the same is answered as before", () => {
    const record = run(40);
    const before = [2, 6, 20].map((target) => estimator.estimateSmart(target, "conservative"));
    begin(new FeeEstimator(log, record), 40);
    expect([2, 6, 20].map((target) => estimator.estimateSmart(target, "conservative"))).toEqual(before);
    expect(Buffer.compare(encodeFeeRecord(estimator.record()), encodeFeeRecord(record))).toBe(0);
  });

  test("its blocks are what is saved until this run has more than half as many", () => {
    const record = run(41);
    expect(record).toMatchObject({ firstHeight: 1, lastHeight: 41, bestHeight: 41 });
    begin(new FeeEstimator(log, record), 41);
    blocksOf(21, 30, 1000n);
    expect(estimator.record()).toMatchObject({ firstHeight: 1, lastHeight: 41, bestHeight: 62 });
    blocksOf(1, 30, 1000n);
    expect(estimator.record()).toMatchObject({ firstHeight: 42, lastHeight: 63, bestHeight: 63 });
  });

  test("its blocks say how far answers reach for six weeks of blocks", () => {
    begin(new FeeEstimator(log, run(41)), 41);
    expect(estimator.estimateSmart(1008, "economical").blocks).toBe(20);
    estimator.blockConnected(41 + 6048, []);
    expect(estimator.estimateSmart(1008, "economical").blocks).toBe(20);
    estimator.blockConnected(41 + 6049, []);
    expect(estimator.estimateSmart(1008, "economical").blocks).toBe(0);
    expect(log.lines.at(-1)).toContain("max target 0 from current");
  });

  test("what comes before the node has caught up is not counted", () => {
    begin(new FeeEstimator(log, run(5)), 3);
    const before = confirmedCount();
    block(arrive(1000n));
    expect(confirmedCount()).toBe(before);
  });
});
