import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { expect, test } from "vitest";
import {
  GENESIS,
  inTemporaryDirectory,
  mine,
  mineMany,
  rewardOf,
  spend,
  spendableOf,
  submitAll,
} from "../../chain/test-kit.ts";
import { openTestNode, type TestNode } from "../test-kit.ts";

const REWARDS = mineMany(GENESIS, 104);
const AN_HOUR_AGO = Math.floor(Date.now() / 1000) - 3600;
const idOf = (tx: Transaction) => displayHash(tx.txid);
const hashOf = (height: number) => displayHash(REWARDS[height - 1]!.block.hash);

const withNode = (work: (node: TestNode) => Promise<void>) =>
  inTemporaryDirectory(async (path) => {
    const node = await openTestNode(path, REWARDS);
    await work(node).finally(() => node.close());
  });

const waiting = (node: TestNode) => [...node.mempool.entries()].map(({ tx }) => idOf(tx)).sort();

test("the mempool of a snapshot is back as it was: order, times and what was added to fees", async () => {
  await withNode(async (node) => {
    const parent = spend([rewardOf(REWARDS[0]!)], { outputCount: 2 });
    const child = spend([spendableOf(parent)], { fee: 5000n });
    const other = spend([rewardOf(REWARDS[1]!)]);
    await node.mempool.accept(parent, { timeSeconds: AN_HOUR_AGO });
    await node.mempool.accept(child);
    node.mempool.prioritise(other.txid, -700n);
    await node.mempool.accept(other);
    const before = await node.call("getmempoolentry", [idOf(other)]);
    const snapshot = (await node.call("getsnapshot")).result;
    expect(snapshot).toMatchObject({ hash: hashOf(104), height: 104 });
    expect(snapshot.mocktime).toBeUndefined();

    // Two of them are mined, one is spent by another, and something new comes.
    const rival = spend([rewardOf(REWARDS[1]!)], { fee: 9000n });
    const stranger = spend([rewardOf(REWARDS[2]!)]);
    const mined = mine(REWARDS.at(-1)!, { transactions: [parent, child, rival] });
    await submitAll(node.chain, [mined, ...mineMany(mined, 14)]);
    await node.mempool.accept(stranger);
    expect(waiting(node)).toEqual([idOf(stranger)]);

    const reverted = await node.call("reverttosnapshot", [snapshot.hash, snapshot.transactions]);
    expect(reverted.result).toEqual({
      hash: hashOf(104),
      height: 104,
      transactions: 3,
      aside: [displayHash(mined.block.hash)],
    });
    expect(waiting(node)).toEqual([parent, child, other].map(idOf).sort());
    expect((await node.call("getmempoolentry", [idOf(parent)])).result.time).toBe(AN_HOUR_AGO);
    expect((await node.call("getmempoolentry", [idOf(other)])).result.fees).toEqual(before.result.fees);
    expect((await node.call("getsnapshot")).result).toEqual(snapshot);
    // What is here can be mined, and what was left behind may come again.
    expect((await node.call("generatetodescriptor", [1, "raw(51)"])).error).toBeNull();
    expect(waiting(node)).toEqual([]);
    expect((await node.mempool.accept(stranger)).kind).toBe("accepted");
  });
});

test("an empty mempool, a chain that is there already, and transactions that do not fit", async () => {
  await withNode(async (node) => {
    const tx = spend([rewardOf(REWARDS[3]!)]);
    await node.mempool.accept(tx);
    const { transactions } = (await node.call("getsnapshot")).result;
    expect((await node.call("reverttosnapshot", [hashOf(104), []])).result.transactions).toBe(0);
    expect((await node.call("reverttosnapshot", [hashOf(104), transactions])).result.transactions).toBe(1);
    // The reward of block 4 cannot be spent in block 103.
    expect((await node.call("reverttosnapshot", [hashOf(102), transactions])).result).toMatchObject({
      height: 102,
      transactions: 0,
    });
    expect((await node.call("reverttosnapshot", [hashOf(104), transactions])).result).toMatchObject({
      height: 104,
      transactions: 1,
    });
  });
});

test("mock time is part of it", async () => {
  await withNode(async (node) => {
    await node.call("setmocktime", [1_800_000_000]);
    const { mocktime } = (await node.call("getsnapshot")).result;
    expect(mocktime).toBe(1_800_000_000);
    await node.call("setmocktime", [0]);
    await node.call("reverttosnapshot", [hashOf(104), [], mocktime]);
    expect(node.clock.mockTimeSeconds).toBe(1_800_000_000);
    await node.call("reverttosnapshot", [hashOf(104), []]);
    expect(node.clock.mockTimeSeconds).toBe(1_800_000_000);
    await node.call("reverttosnapshot", [hashOf(104), [], 0]);
    expect(node.clock.mockTimeSeconds).toBe(0);
  });
});

test("refusals change nothing", async () => {
  await withNode(async (node) => {
    const errorOf = async (...params: unknown[]) => (await node.call("reverttosnapshot", params)).error;
    const other = displayHash(mineMany(GENESIS, 1, { salt: 9 })[0]!.block.hash);
    expect(await errorOf(other, [])).toEqual({ code: -5, message: "Block not found" });
    expect(await errorOf("12", [])).toEqual({ code: -8, message: "blockhash must be a hash" });
    const good = { hex: "00", time: 1 };
    for (const [bad, message] of [
      [1, "transaction 0: not an object"],
      [good, "transaction 0: hex is no transaction"],
      [{ ...good, hex: REWARDS[0]!.block.transactions[0]!.bytes.length }, "transaction 0: hex is no transaction"],
    ] as const) {
      expect(await errorOf(hashOf(100), [bad])).toEqual({ code: -8, message });
    }
    const hex = Buffer.from(spend([rewardOf(REWARDS[0]!)]).bytes).toString("hex");
    expect((await errorOf(hashOf(100), [{ hex }]))?.message).toBe("transaction 0: time is no time");
    expect((await errorOf(hashOf(100), [{ hex, time: 1, feedelta: "1.5" }]))?.message).toBe(
      "transaction 0: feedelta is no number of satoshis",
    );
    expect((await errorOf(hashOf(100), [], 2 ** 33))?.code).toBe(-8);
    expect(node.chain.height).toBe(104);
  });
});

test("a hold is of a bounded time", async () => {
  await withNode(async (node) => {
    expect((await node.call("holdminer", [600])).error).toBeNull();
    expect((await node.call("holdminer", [0])).error).toBeNull();
    for (const seconds of [-1, 601]) expect((await node.call("holdminer", [seconds])).error?.code).toBe(-8);
  });
});
