import type { Transaction, TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import type { SeededRandom } from "../differential/random.ts";
import type { Life } from "./life.ts";
import { coinKey, idOf, spentKeys } from "./reference-chain.ts";
import { kindOf } from "./scripts.ts";
import type { World } from "./worlds.ts";

/** An output that may be spent. */
export interface KnownCoin {
  readonly key: string;
  readonly output: TxOutput;
}

/** Picks coins to spend: free ones, such that entries spend, and such that nobody may spend yet. */
export class CoinPicker {
  readonly #random: SeededRandom;
  readonly #life: Life;
  readonly #world: World;

  constructor(random: SeededRandom, life: Life, world: World) {
    this.#random = random;
    this.#life = life;
    this.#world = world;
  }

  get #reference() {
    return this.#life.reference;
  }

  freeCoins(count: number, isWanted: (coin: KnownCoin) => boolean = () => true): KnownCoin[] {
    const random = this.#random;
    const { chain, entries } = this.#reference;
    const spent = new Set(entries.flatMap(({ tx }) => spentKeys(tx)));
    const isFree = (coin: KnownCoin) => !spent.has(coin.key) && isSpendable(coin) && isWanted(coin);
    const confirmed = [...chain.coins()].filter(
      ([, { isReward, height }]) => !isReward || height + 99 <= chain.height + (random.oneIn(20) ? 1 : 0),
    );
    const fromChain = confirmed.map(([key, { output }]) => ({ key, output })).filter(isFree);
    const fromMempool = entries.flatMap(({ tx }) => tx.outputs.map((_, index) => madeBy(tx, index))).filter(isFree);
    const grows = this.#world.growsClusters === true;
    const picked = new Map<string, KnownCoin>();
    for (let index = 0; index < count; index++) {
      const wantsUnconfirmed = grows ? !random.oneIn(4) : random.oneIn(2);
      const from = wantsUnconfirmed && fromMempool.length > 0 ? fromMempool : fromChain;
      if (from.length === 0) continue;
      // What was confirmed lately stands last: a reorganisation takes it away.
      const coin = random.pick(random.oneIn(3) ? from.slice(-8) : from);
      picked.set(coin.key, coin);
    }
    return picked.size > 0 ? [...picked.values()] : fromMempool.slice(0, 1);
  }

  /** Coins that entries spend. */
  conflictingCoins(): KnownCoin[] {
    const { entries } = this.#reference;
    const confirmed = entries
      .flatMap(({ tx }) => spentKeys(tx))
      .filter((key) => this.#reference.find(key.split(":")[0]!) === undefined);
    return confirmed.length > 0 ? this.coinsOf([this.#random.pick(confirmed)]) : this.freeCoins(1);
  }

  rewards(isYoung: boolean): KnownCoin[] {
    const { chain } = this.#reference;
    const rewards = [...chain.coins()].filter(
      ([key, { isReward, height }]) =>
        isReward && chain.height + 1 - height < 100 === isYoung && this.#reference.spender(key) === undefined,
    );
    // The edge lies between the youngest that may be spent and the oldest that may not.
    const edge = isYoung ? rewards.slice(0, 2) : rewards.slice(-3);
    if (edge.length === 0) return this.freeCoins(1);
    const [key, { output }] = this.#random.pick(edge);
    return [{ key, output }];
  }

  coinsWhere(isWanted: (script: Uint8Array) => boolean): KnownCoin[] {
    const coins = this.freeCoins(1, ({ output }) => isWanted(output.scriptPubKey));
    if (coins.length > 0) return coins;
    const { chain } = this.#reference;
    const found = [...chain.coins()].filter(([, { output }]) => isWanted(output.scriptPubKey));
    return found.length > 0 ? this.coinsOf([this.#random.pick(found)[0]]) : this.freeCoins(1);
  }

  coinsOf(keys: readonly string[]): KnownCoin[] {
    return keys.flatMap((key) => {
      const [id, index] = key.split(":") as [string, string];
      const output =
        this.#reference.find(id)?.tx.outputs[Number(index)] ?? this.#reference.chain.coins().get(key)?.output;
      return output === undefined ? [] : [{ key, output }];
    });
  }
}

export const isSpendable = ({ output }: KnownCoin) => ["anchor", "condition"].includes(kindOf(output.scriptPubKey));

export function madeBy(tx: Transaction, index: number): KnownCoin {
  return { key: coinKey(idOf(tx), index), output: tx.outputs[index]! };
}
