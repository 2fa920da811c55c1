import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import { coinsOf, type SpendableCoin, spend } from "./base-chain.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { SimulatedNode } from "./simulated-node.ts";

/** Coins kept for the calm, which nothing spends before. */
const SAVED_COUNT = 20;
const FEE_MIN: Sats = 200n;
const FEE_SPREAD = 20_000;
const OUTPUTS_MAX = 3;
/** Coins smaller than this are left alone. */
const VALUE_MIN: Sats = 1_000_000n;
/** How often a coin may be spent once more although it was spent: two transactions in conflict, or one that replaces the other. */
const DOUBLE_SPEND_RATE = 0.15;

/** Users who send transactions by whatever node: of confirmed and unconfirmed coins, sometimes of the same coin twice. */
export class Spending {
  readonly #random: SeededRandom;
  readonly #coins: SpendableCoin[];
  readonly #saved: SpendableCoin[];

  constructor(coins: readonly SpendableCoin[], random: SeededRandom) {
    this.#random = random;
    this.#saved = coins.slice(0, SAVED_COUNT);
    this.#coins = coins.slice(SAVED_COUNT);
  }

  /** Has a node send a transaction that it may well refuse: it may not know the coin, or know that it is spent. True where it did not. */
  async sendBy(node: SimulatedNode): Promise<boolean> {
    const random = this.#random;
    const inputs = Array.from({ length: random.chance(0.3) ? 2 : 1 }, () => this.#takeCoin());
    const tx = this.#transaction([...new Set(inputs)]);
    // Others may refuse it, and then its coins are of no use to anybody: they are tried all the same.
    if ((await node.send(tx)) !== undefined) return false;
    this.#coins.push(...coinsOf(tx).filter(({ value }) => value > VALUE_MIN));
    return true;
  }

  /** A transaction that nothing stands against, of a coin that every node has. */
  freshTransaction(): Transaction {
    return this.#transaction([this.#saved.pop()!]);
  }

  #takeCoin(): SpendableCoin {
    const index = this.#random.below(this.#coins.length);
    const coin = this.#coins[index]!;
    if (!this.#random.chance(DOUBLE_SPEND_RATE)) this.#coins.splice(index, 1);
    return coin;
  }

  #transaction(inputs: readonly SpendableCoin[]): Transaction {
    const random = this.#random;
    const total = inputs.reduce((sum, { value }) => sum + value, 0n);
    const paid = total - FEE_MIN - BigInt(random.below(FEE_SPREAD));
    const count = BigInt(1 + random.below(OUTPUTS_MAX));
    return spend(inputs, new Array<Sats>(Number(count)).fill(paid / count));
  }
}
