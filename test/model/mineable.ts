import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { type ChainView, coinKey, idOf, type ModelCoin, spentKeys } from "./reference-chain.ts";
import { areLocksOver, isFinalNext, isMature, judgeScripts, sum } from "./reference-rules.ts";

/** Those of `transactions`, in their order, that a block on top of `view` may have, whatever a mempool thinks of them. */
export function mineableOn(view: ChainView, transactions: readonly Transaction[]): Transaction[] {
  const coins = new Map<string, ModelCoin>(view.coins());
  const taken: Transaction[] = [];
  for (const tx of transactions) {
    const keys = spentKeys(tx);
    const own = keys.flatMap((key) => coins.get(key) ?? []);
    const isPossible =
      own.length === keys.length &&
      new Set(keys).size === keys.length &&
      isFinalNext(tx, view) &&
      areLocksOver(tx, own, view) &&
      own.every((coin) => isMature(coin, view)) &&
      sum(own.map(({ output }) => output.value)) >= sum(tx.outputs.map(({ value }) => value)) &&
      judgeScripts(tx, own) === undefined;
    if (!isPossible) continue;
    for (const key of keys) coins.delete(key);
    tx.outputs.forEach((output, index) => {
      coins.set(coinKey(idOf(tx), index), { output, height: view.height + 1, isReward: false });
    });
    taken.push(tx);
  }
  return taken;
}
