import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, outPointKey, type Sats } from "@bitfleet/protocol/primitives/types.ts";
import { payToWitnessPublicKeyHash } from "@bitfleet/protocol/script/templates.ts";
import { ANYONE, COIN_KINDS, type CoinKind } from "../differential/coin-kinds.ts";
import type { SeededRandom } from "../differential/random.ts";
import { coinsMade, type Draft, type KnownCoin, type MempoolChain, signDraft } from "./mempool-chain.ts";

/** Steps of two mempools through the same random life: transactions, replacements, families and packages. */

/** What a chain that moves lets a transaction wait for. */
export interface Locks {
  readonly sequences: readonly number[];
  readonly lockTimes: readonly number[];
}

const NO_LOCKS: Locks = { sequences: [0xffffffff, 0xfffffffd, 0], lockTimes: [0] };

export interface Step {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** Cheap to open and standard: the anchor's size does not depend on a signature. */
const KINDS: readonly CoinKind[] = COIN_KINDS.filter(({ name }) => ["anchor", "p2wpkh", "taproot key"].includes(name));
const UNKNOWN_SCRIPT = payToWitnessPublicKeyHash(new Uint8Array(20));
/** Satoshis a thousand vbytes. Half of them lie at or below what is relayed. */
const FEERATES: readonly Sats[] = [0n, 0n, 50n, 99n, 100n, 101n, 150n, 200n, 300n, 400n, 1000n, 5000n];
const CONFIRMED_COINS = 12;
/** Transactions made lately, whose outputs are spent and replaced. */
const RECENT_MAX = 40;

/** Makes up steps. Remembers what it made; what became of it, it is told. */
export class Walk {
  readonly #random: SeededRandom;
  readonly #first: readonly KnownCoin[];
  #lasting: readonly KnownCoin[];
  #confirmed: readonly KnownCoin[];
  readonly #recent: Transaction[] = [];
  #contents: ReadonlySet<string> = new Set();
  #locks = NO_LOCKS;

  constructor(random: SeededRandom, chain: MempoolChain) {
    this.#random = random;
    this.#first = KINDS.flatMap(({ name }) => chain.coins.get(name)!.slice(0, CONFIRMED_COINS));
    this.#lasting = this.#first;
    this.#confirmed = this.#first;
  }

  /** What the chain has in coins beside those that it began with: some that a branch may undo, some that it may not. */
  setConfirmed(late: readonly KnownCoin[], lasting: readonly KnownCoin[]): void {
    this.#lasting = [...this.#first, ...lasting];
    this.#confirmed = [...this.#lasting, ...late];
  }

  /** `contents` are the txids that the mempools hold now. */
  next(contents: ReadonlySet<string>, locks = NO_LOCKS): Step {
    const random = this.#random;
    this.#contents = contents;
    this.#locks = locks;
    switch (random.below(10)) {
      case 0:
      case 1:
      case 2:
        return this.#package("submitpackage");
      case 3:
        return this.#package("testmempoolaccept");
      case 4:
        return { method: "testmempoolaccept", params: [[hexOf(this.#single())]] };
      case 5: {
        const again = this.#recent.length > 0 && random.oneIn(2) ? random.pick(this.#recent) : this.#single();
        return { method: "sendrawtransaction", params: [hexOf(again)] };
      }
      case 6: {
        const known = this.#recent.length > 0 ? random.pick(this.#recent) : this.#single();
        const delta = random.pick([-1000, -10, 10, 100, 1000]);
        return { method: "prioritisetransaction", params: [displayHash(known.txid), null, delta] };
      }
      default:
        return { method: "sendrawtransaction", params: [hexOf(this.#single())] };
    }
  }

  /** Spends coins from anywhere: confirmed, unconfirmed, spent before. */
  #single(): Transaction {
    return this.#make(this.#someCoins(1 + this.#random.below(3)));
  }

  #someCoins(count: number): KnownCoin[] {
    const random = this.#random;
    const isAny = random.oneIn(12);
    const made = this.#recent.filter(({ txid }) => isAny || this.#contents.has(displayHash(txid))).flatMap(coinsMade);
    const picked = new Map<string, KnownCoin>();
    for (let index = 0; index < count; index++) {
      const coin = made.length > 0 && random.oneIn(2) ? random.pick(made) : random.pick(this.#confirmed);
      picked.set(outPointKey(coin.outPoint), coin);
    }
    return [...picked.values()];
  }

  /** One to three parents and a child that spends them all, or most. */
  #package(method: "submitpackage" | "testmempoolaccept"): Step {
    const random = this.#random;
    const version = random.pick([2, 2, 3]);
    const parents: Transaction[] = [];
    while (parents.length < random.pick([1, 1, 2, 3])) {
      const again = this.#recent.length > 0 && random.oneIn(5);
      const coins = this.#someCoins(1 + random.below(2));
      parents.push(again ? random.pick(this.#recent) : this.#make(coins, random.oneIn(6) ? 2 : version));
    }
    const distinct = [...new Map(parents.map((tx) => [displayHash(tx.txid), tx])).values()];
    const coins = distinct.flatMap((parent) => coinsMade(parent).slice(0, random.oneIn(4) ? 1 : 3));
    const extra = random.oneIn(4) ? this.#someCoins(1) : [];
    const inputs = new Map([...coins, ...extra].map((coin) => [outPointKey(coin.outPoint), coin]));
    const child = inputs.size > 0 ? [this.#make([...inputs.values()], random.oneIn(6) ? 2 : version)] : [];
    const members = [...distinct, ...child];
    const order = random.oneIn(12) ? random.shuffled(members) : members;
    return { method, params: [order.map(hexOf)] };
  }

  /**
   * Relative locks are for coins that the chain keeps. Core remembers until when a lock lasts by the height that an unconfirmed
   * parent would have had when its child came, and drops the child where a block is taken back, though it could be mined.
   */
  #sequence(coin: KnownCoin): number {
    const random = this.#random;
    if (this.#locks === NO_LOCKS || this.#lasting.includes(coin)) return random.pick(this.#locks.sequences);
    return random.pick([0xffffffff, 0xfffffffd]);
  }

  #make(coins: readonly KnownCoin[], version = this.#random.pick([1, 2, 2, 3])): Transaction {
    const random = this.#random;
    const valueIn = coins.reduce((sum, { output }) => sum + output.value, 0n);
    const scripts = Array.from({ length: 1 + random.below(3) }, () => random.pick(KINDS).script);
    // Another output keeps the smallest above 64 bytes.
    if (random.oneIn(8) || (coins.length === 1 && scripts.length === 1)) scripts.push(UNKNOWN_SCRIPT);
    // Padding, for families whose members may not be large.
    if (random.oneIn(10)) scripts.push(dataOfSize(random.pick([850, 950, 9800, 9990])));
    const share = valueIn / BigInt(scripts.length);
    const outputs = scripts.map((scriptPubKey) => ({ value: scriptPubKey[0] === 0x6a ? 0n : share, scriptPubKey }));
    if (random.oneIn(6)) outputs.push({ value: random.pick([0n, 239n, 240n]), scriptPubKey: KINDS.at(-1)!.script });
    const draft: Draft = {
      version,
      coins,
      sequences: coins.map((coin) => this.#sequence(coin)),
      outputs,
      lockTime: random.pick(this.#locks.lockTimes),
    };
    const size = BigInt(signDraft(draft, random).virtualSize);
    const fee = (size * random.pick(FEERATES) + 999n) / 1000n + BigInt(random.pick([-1, 0, 0, 0, 1]));
    const rest = outputs.slice(1).reduce((sum, { value }) => sum + value, 0n);
    const first = valueIn - rest - (fee < 0n ? 0n : fee);
    const paid = [{ ...outputs[0]!, value: first < 0n ? 0n : first }, ...outputs.slice(1)];
    const tx = signDraft({ ...draft, outputs: paid }, random);
    this.#recent.push(tx);
    if (this.#recent.length > RECENT_MAX) this.#recent.shift();
    return tx;
  }
}

function dataOfSize(size: number): Uint8Array {
  const data = new Uint8Array(size).fill(ANYONE.script[0]!);
  data[0] = 0x6a;
  return data;
}

const hexOf = ({ bytes }: Transaction) => toHex(bytes);
