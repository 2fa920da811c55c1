import { describe, expect, test } from "vitest";
import {
  GENESIS,
  inTemporaryDirectory,
  mine,
  mineMany,
  openTestChain,
  rewardOf,
  spend,
  spendableOf,
  submitAll,
} from "./test-kit.ts";

// BIP30 on a network where BIP34 holds from the first block on: such a block can never pass, and is called what Bitcoin Core
// calls it.
describe("a block with a transaction that the chain has already", () => {
  test.each([
    ["one output unspent", 1, "bad-txns-BIP30"],
    ["every output unspent", 0, "bad-txns-BIP30"],
    ["no output unspent", 2, "bad-txns-inputs-missingorspent"],
  ])("of which %s", async (_, spentCount, reason) => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path);
      const rewards = mineMany(GENESIS, 102);
      const first = spend([rewardOf(rewards[0]!)], { outputCount: 2 });
      const spenders = [0, 1].slice(0, spentCount).map((index) => spend([spendableOf(first, index)]));
      const holder = mine(rewards.at(-1)!, { transactions: [first, ...spenders] });
      await submitAll(chain, [...rewards, holder]);

      const repeating = mine(holder, { transactions: [first] });
      expect(await chain.submitBlock(repeating.block)).toMatchObject({ isChecked: true, reject: { reason } });
      expect(chain.height).toBe(holder.height);

      const other = mine(holder, { transactions: [spend([rewardOf(rewards[1]!)])] });
      expect(await chain.submitBlock(other.block)).toMatchObject({ accepted: true, isChecked: true });
      expect(chain.height).toBe(other.height);
      await chain.close();
    });
  });

  test("the same in one block", async () => {
    await inTemporaryDirectory(async (path) => {
      const { chain } = await openTestChain(path);
      const rewards = mineMany(GENESIS, 102);
      await submitAll(chain, rewards);
      const twice = spend([rewardOf(rewards[0]!)]);
      const block = mine(rewards.at(-1)!, { transactions: [twice, spend([rewardOf(rewards[1]!)]), twice] });
      const reason = "bad-txns-inputs-missingorspent";
      expect(await chain.submitBlock(block.block)).toMatchObject({ isChecked: true, reject: { reason } });
      await chain.close();
    });
  });
});
