import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { input, output } from "@bitfleet/protocol/consensus/test-kit.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  MemoryLog,
  openTestChain,
  rewardOf,
  type Spendable,
  spendableOf,
  submitAll,
  type TestChain,
  type Tip,
} from "../chain/test-kit.ts";
import { Scheduler } from "../scheduler.ts";
import { ANCHOR, anchorChain, mineAnchors } from "./acceptance-test-kit.ts";
import { FeeKeeper } from "./fee-keeper.ts";
import { encodeFeeRecord } from "./fee-record-codec.ts";
import type { Mempool } from "./mempool.ts";
import { openTestMempool } from "./test-kit.ts";

class DebugLog extends MemoryLog {
  override debug(category?: string, message?: string): void {
    if (category === "estimatefee") this.lines.push(message!);
  }
}

const TIPS = anchorChain(108);
const TIP = TIPS.at(-1)!;
const HOUR_SECONDS = 60 * 60;

let folder: string;
let path: string;
let testChain: TestChain;
let mempool: Mempool;
let scheduler: Scheduler;
let log: DebugLog;
let keeper: FeeKeeper;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-fees-"));
  path = join(folder, "fee_estimates.dat");
  testChain = await openTestChain(join(folder, "data"));
  testChain.clock.seconds = TIP.block.header.time;
  await submitAll(testChain.chain, TIPS.slice(0, -1));
  mempool = openTestMempool(testChain.chain, testChain.clock, testChain.log);
  scheduler = new Scheduler(testChain.clock);
  log = new DebugLog();
  await open();
  // The first block that is seen is what heights are counted from.
  await submitAll(testChain.chain, [TIP]);
});
afterEach(async () => {
  await keeper.close();
  mempool.close();
  await testChain.chain.close();
  await rm(folder, { recursive: true });
});

async function open(): Promise<void> {
  const deps = { chain: testChain.chain, mempool, clock: testChain.clock, scheduler, machineNowMs: Date.now, log };
  keeper = await FeeKeeper.open({ path, acceptsStale: false }, deps);
}

/** The reward of block `number`: an anchor, which needs no signature. */
const reward = (number: number): Spendable => rewardOf(TIPS[number - 1]!);

function pay(coin: Spendable, fee: Sats, version = 2): Transaction {
  const half = coin.output.value / 2n;
  return new Transaction({
    version,
    inputs: [input(coin.outPoint, { sequence: 0xfffffffd })],
    outputs: [output(half, ANCHOR), output(coin.output.value - half - fee, ANCHOR)],
    lockTime: 0,
  });
}

async function take(...transactions: readonly Transaction[]): Promise<void> {
  for (const tx of transactions) expect(await mempool.accept(tx)).toMatchObject({ kind: "accepted" });
}

async function connect(previous: Tip, ...transactions: readonly Transaction[]): Promise<Tip> {
  const [tip] = mineAnchors(previous, 1, { transactions, time: previous.block.header.time + 1 });
  expect(await testChain.chain.submitBlock(tip!.block)).toMatchObject({ accepted: true });
  return tip!;
}

/** What the log says of the last block: how many of its transactions counted, how many were tracked of those that came. */
function lastBlock(): { counted: number; tracked: number; came: number; waiting: number } {
  const pattern = /updated by (\d+) of \d+ block txs, since last block (\d+) of (\d+) tracked, mempool map size (\d+)/;
  const [, counted, tracked, came, waiting] = pattern.exec(log.lines.at(-1)!)!.map(Number);
  return { counted: counted!, tracked: tracked!, came: came!, waiting: waiting! };
}

describe("what is counted", () => {
  test("is a transaction that comes by itself and depends on nothing that waits", async () => {
    const parent = pay(reward(1), 1000n);
    const child = pay(spendableOf(parent), 1000n);
    await take(parent, child, pay(reward(2), 1000n));
    await connect(TIP, parent, child);
    expect(lastBlock()).toEqual({ counted: 1, tracked: 2, came: 3, waiting: 1 });
  });

  test("is nothing of a package", async () => {
    const parent = pay(reward(1), 0n);
    const family = [parent, pay(spendableOf(parent), 5000n)];
    await mempool.acceptPackage(family);
    const rich = pay(reward(2), 5000n);
    await mempool.acceptPackage([rich, pay(spendableOf(rich), 5000n)]);
    expect(mempool.size).toBe(4);
    await connect(TIP, ...family);
    expect(lastBlock()).toEqual({ counted: 0, tracked: 0, came: 4, waiting: 0 });
  });

  test("is nothing that comes back from a block that was lost", async () => {
    const tx = pay(reward(1), 1000n);
    const first = await connect(TIP, tx);
    await submitAll(testChain.chain, mineAnchors(TIP, 2, { salt: 1 }));
    expect(mempool.has(tx.txid)).toBe(true);
    expect(first.height).toBe(TIP.height + 1);
    expect(lastBlock()).toMatchObject({ counted: 0, waiting: 0 });
    await connect({ block: (await tipBlock())!, height: testChain.chain.height }, tx);
    expect(lastBlock()).toMatchObject({ counted: 0, tracked: 0, came: 1 });
  });

  test("is what was replaced or expelled as gone, and what conflicts with a block", async () => {
    const replaced = pay(reward(1), 1000n);
    const rival = pay(reward(2), 1000n);
    await take(replaced, pay(reward(1), 9000n), rival);
    await connect(TIP, pay(reward(2), 2000n));
    expect(lastBlock()).toEqual({ counted: 0, tracked: 3, came: 3, waiting: 1 });
  });

  const tipBlock = () => testChain.chain.readBlock(testChain.chain.tip);
});

describe("a chain that is not current", () => {
  const trackedOf = async (tx: Transaction) => {
    await take(tx);
    return keeper.estimator.giveUpWaiting();
  };

  test("has a tip older than three hours", async () => {
    testChain.clock.seconds = TIP.block.header.time + 3 * HOUR_SECONDS;
    expect(await trackedOf(pay(reward(1), 1000n))).toBe(1);
    testChain.clock.seconds++;
    expect(await trackedOf(pay(reward(2), 1000n))).toBe(0);
  });

  test("lacks the blocks of more than one header", async () => {
    const [next, last] = mineAnchors(TIP, 2);
    await testChain.chain.submitHeader(next!.block.header);
    expect(await trackedOf(pay(reward(1), 1000n))).toBe(1);
    await testChain.chain.submitHeader(last!.block.header);
    expect(await trackedOf(pay(reward(2), 1000n))).toBe(0);
  });
});

describe("the file", () => {
  test("is written every hour", async () => {
    scheduler.moveForward(HOUR_SECONDS * 1000 - 1);
    await expect(stat(path)).rejects.toThrow("ENOENT");
    scheduler.moveForward(1);
    // The write that the scheduler began comes before this one.
    await keeper.save();
    expect(log.lines.filter((line) => line === `Flushed fee estimates to ${path}.`)).toHaveLength(2);
    expect(Buffer.compare(await readFile(path), encodeFeeRecord(keeper.estimator.record()))).toBe(0);
  });

  test("has at the end that what still waits was not confirmed, and the next run goes on from it", async () => {
    const tx = pay(reward(1), 1000n);
    await take(tx);
    const next = await connect(TIP);
    await keeper.close();
    expect(log.lines).toContainEqual(expect.stringMatching(/^Recorded 1 unconfirmed txs from mempool in \d+\.\d{3}s$/));
    await open();
    const record = keeper.estimator.record();
    expect(record.bestHeight).toBe(next.height);
    expect(record.horizons.short.failed[0]!.reduce((sum, count) => sum + count, 0)).toBe(1);
    await connect(next, tx);
    expect(lastBlock()).toMatchObject({ counted: 0 });
  });

  test("is not written, and nothing is followed, after the end", async () => {
    await keeper.close();
    const lineCount = log.lines.length;
    await take(pay(reward(1), 1000n));
    await connect(TIP);
    scheduler.moveForward(2 * HOUR_SECONDS * 1000);
    expect(log.lines).toHaveLength(lineCount);
    expect(scheduler.waitingCount).toBe(0);
  });
});
