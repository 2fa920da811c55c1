import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { expect, test } from "vitest";
import {
  COINBASE_MATURITY,
  GENESIS,
  inTemporaryDirectory,
  mineMany,
  openTestChain,
  rewardOf,
  type Spendable,
  spend,
  spendableOf,
  submitAll,
} from "../../chain/test-kit.ts";
import type { Mempool } from "../../mempool/mempool.ts";
import { openTestMempool } from "../../mempool/test-kit.ts";
import { inMiningOrder } from "./announcement-order.ts";

/** Runs `work` with a real mempool and coins to spend. */
function withMempool(work: (mempool: Mempool, coins: readonly Spendable[]) => Promise<void>): Promise<void> {
  return inTemporaryDirectory(async (path) => {
    const { chain, clock, log } = await openTestChain(path);
    const rewards = mineMany(GENESIS, COINBASE_MATURITY + 4);
    await submitAll(chain, rewards);
    const mempool = openTestMempool(chain, clock, log);
    try {
      await work(mempool, rewards.slice(0, 4).map(rewardOf));
    } finally {
      mempool.close();
      await chain.close();
    }
  });
}

async function accept(mempool: Mempool, ...transactions: readonly Transaction[]): Promise<void> {
  for (const tx of transactions) {
    const { kind } = await mempool.accept(tx);
    if (kind !== "accepted") throw new Error("the transaction was not accepted");
  }
}

const ordered = (mempool: Mempool, transactions: readonly Transaction[]) =>
  inMiningOrder(
    transactions.map(({ txid }) => mempool.get(txid)!),
    mempool,
  ).map(({ tx }) => displayHash(tx.txid));

const names = (...transactions: readonly Transaction[]) => transactions.map(({ txid }) => displayHash(txid));

test("what pays best comes first, however deep it is, but never before its parents", () =>
  withMempool(async (mempool, [a, b, c]) => {
    const cheap = spend([a!], { fee: 500n });
    const middle = spend([b!], { fee: 2000n });
    const parent = spend([c!], { fee: 300n });
    const child = spend([spendableOf(parent)], { fee: 50_000n });
    await accept(mempool, cheap, middle, parent, child);
    const best = names(parent, child, middle, cheap);
    expect(ordered(mempool, [cheap, middle, child, parent])).toEqual(best);
    // The child pays for its parent also where that was announced long ago.
    expect(ordered(mempool, [cheap, middle, child])).toEqual(best.slice(1));
  }));

test("a child that pays less than its parent waits for those who pay more than it", () =>
  withMempool(async (mempool, [a, b]) => {
    const parent = spend([a!], { fee: 10_000n });
    const child = spend([spendableOf(parent)], { fee: 400n });
    const other = spend([b!], { fee: 2000n });
    await accept(mempool, parent, child, other);
    expect(ordered(mempool, [child, other, parent])).toEqual(names(parent, other, child));
  }));

test("it does not show which of those that pay alike came first", async () => {
  const orders: (readonly string[])[] = [];
  for (const isForth of [true, false]) {
    await withMempool(async (mempool, coins) => {
      const transactions = coins.map((coin) => spend([coin], { fee: 1000n }));
      // Signatures, and so sizes, differ by a byte: alike are only those of one size.
      const alike = transactions.filter(({ weight }) => weight === transactions[0]!.weight);
      expect(alike.length).toBeGreaterThan(1);
      if (!isForth) alike.reverse();
      await accept(mempool, ...alike);
      orders.push(ordered(mempool, alike));
    });
  }
  expect(orders[1]).toEqual(orders[0]);
});
