import { GENESIS, mine, mineMany, rewardOf, spend, spendableOf, type Tip } from "@bitfleet/node/chain/test-kit.ts";

/** Payments in the last block of {@link chainWithLargeBlock}. */
export const PAYMENTS = 1000;

/** A chain of 104 blocks whose last has a thousand payments. */
export function chainWithLargeBlock(): readonly Tip[] {
  const rewards = mineMany(GENESIS, 102);
  const splits = rewards.slice(0, 2).map((tip) => spend([rewardOf(tip)], { outputCount: PAYMENTS }));
  const funding = mine(rewards.at(-1)!, { transactions: splits });
  const payments = Array.from({ length: PAYMENTS }, (_, index) =>
    spend(
      splits.map((split) => spendableOf(split, index)),
      { outputCount: 2 },
    ),
  );
  return [...rewards, funding, mine(funding, { transactions: payments })];
}
