import { mine, rewardOf, type Tip } from "@bitfleet/node/chain/test-kit.ts";
import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { decodeTransaction, type Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { ANYONE } from "../differential/coin-kinds.ts";
import type { SeededRandom } from "../differential/random.ts";
import { coinsMade, type KnownCoin, type MempoolChain, payAnyone } from "./mempool-chain.ts";
import { type Locks, type Step, Walk } from "./mempool-walk.ts";

/** A random life of mempools whose chain moves: blocks with some of the waiting transactions, branches, blocks taken back. */

/** One step of it: calls that are made one after the other, and what they are together. */
export interface BlockStep {
  readonly name: string;
  readonly calls: readonly Step[];
}

const EXPIRY_HOURS = 336;
/** Coins of late blocks that are spent beside those of the beginning. */
const LATE_COINS_MAX = 40;
/** Rewards around the one that becomes spendable with the next block. */
const REWARDS_NEAR_MATURITY = 3;
const MATURITY = 100;
const SEQUENCE_COUNTS_TIME = 1 << 22;
const BRANCH_DEPTH_MAX = 3;
const BLOCK_SPACING_SECONDS = 60;

export class BlockWalk {
  readonly #random: SeededRandom;
  readonly #walk: Walk;
  /** From height 1 to the tip. */
  #tips: Tip[];
  /** How many of them are never replaced: the first coins are in them. */
  readonly #base: number;
  /** All transactions that were sent, by txid. */
  readonly #sent = new Map<string, Transaction>();
  #waiting: readonly string[] = [];
  #salt = 0;
  readonly #made = new Map<string, Tip>();
  /** Seconds since 1970 that both nodes are told. */
  #nowSeconds: number;

  constructor(random: SeededRandom, chain: MempoolChain) {
    this.#random = random;
    this.#walk = new Walk(random, chain);
    this.#tips = chain.blocks.map((block, index) => ({ block, height: index + 1 }));
    this.#base = this.#tips.length;
    for (const tip of this.#tips) this.#made.set(displayHash(tip.block.hash), tip);
    this.#nowSeconds = this.#tip.block.header.time + BLOCK_SPACING_SECONDS;
  }

  get #tip(): Tip {
    return this.#tips.at(-1)!;
  }

  /** The nodes' tip, which is another than thought where a block of a branch was not valid there. */
  settle(bestHash: string): void {
    if (displayHash(this.#tip.block.hash) === bestHash) return;
    const path: Tip[] = [];
    for (let tip = this.#made.get(bestHash); tip; tip = this.#made.get(displayHash(tip.block.header.previousBlockHash)))
      path.push(tip);
    this.#tips = path.reverse();
  }

  /** `waiting` are the txids of the mempools, parents before children. */
  next(waiting: readonly string[]): BlockStep {
    const random = this.#random;
    this.#waiting = waiting;
    const kind = random.below(30);
    if (kind < 22) return { name: "transaction", calls: [this.#transaction()] };
    if (kind < 26) return { name: "block", calls: this.#block(this.#someWaiting()) };
    if (kind < 28) return this.#branch();
    if (kind < 29) return this.#takenBack();
    return this.#later();
  }

  #transaction(): Step {
    const late = this.#tips
      .slice(this.#base)
      .flatMap(({ block }) => block.transactions.slice(1).flatMap(coinsMade))
      .slice(-LATE_COINS_MAX);
    const ripe = this.#tip.height + 1 - MATURITY;
    const rewards = this.#tips
      .slice(Math.max(2, ripe - REWARDS_NEAR_MATURITY), ripe + REWARDS_NEAR_MATURITY)
      .map((tip): KnownCoin => ({ ...rewardOf(tip), kind: ANYONE }));
    this.#walk.setConfirmed(late, rewards);
    const step = this.#walk.next(new Set(this.#waiting), this.#locks());
    if (step.method !== "prioritisetransaction") {
      for (const hex of step.params.flat() as string[]) {
        const tx = decodeTransaction(new Reader(fromHex(hex)));
        this.#sent.set(displayHash(tx.txid), tx);
      }
    }
    return step;
  }

  /** Mostly none; else those on both sides of what the next block allows. */
  #locks(): Locks {
    const { height, block } = this.#tip;
    const median = this.#medianTime();
    const plain = [0xfffffffd, 0xfffffffd, 0xfffffffd, 0xffffffff, 0];
    return {
      sequences: [...plain, 1, 2, 3, SEQUENCE_COUNTS_TIME, SEQUENCE_COUNTS_TIME | 1, 0x80000001],
      lockTimes: [0, 0, 0, 0, height - 1, height, height + 1, median - 1, median, block.header.time],
    };
  }

  #medianTime(): number {
    const times = this.#tips.slice(-11).map(({ block }) => block.header.time);
    return times.sort((a, b) => a - b)[times.length >> 1]!;
  }

  /** Some or all, with their parents. */
  #someWaiting(): Transaction[] {
    const random = this.#random;
    const share = 1 + random.below(10);
    const taken: Transaction[] = [];
    const left = new Set<string>();
    for (const txid of this.#waiting) {
      const tx = this.#sent.get(txid)!;
      const isOrphan = tx.inputs.some(({ previousOutput }) => left.has(displayHash(previousOutput.txid)));
      if (isOrphan || random.below(10) >= share) left.add(txid);
      else taken.push(tx);
    }
    return taken;
  }

  /** A block on the tip, which the clock has reached. */
  #block(transactions: readonly Transaction[]): Step[] {
    const time = this.#tip.block.header.time + this.#random.pick([1, BLOCK_SPACING_SECONDS, 600]);
    const tip = mine(this.#tip, { transactions, salt: ++this.#salt, time, spoil: payAnyone });
    this.#tips.push(tip);
    this.#made.set(displayHash(tip.block.hash), tip);
    this.#nowSeconds = Math.max(this.#nowSeconds, time);
    return [this.#clock(), { method: "submitblock", params: [toHex(tip.block.bytes)] }];
  }

  /** Blocks that replace the last ones: with what those had, some of it, or nothing. */
  #branch(): BlockStep {
    const random = this.#random;
    const depth = Math.min(1 + random.below(BRANCH_DEPTH_MAX), this.#tips.length - this.#base);
    const lost = this.#tips.splice(this.#tips.length - depth);
    const keeps = random.below(3);
    const gone = new Set<string>();
    const calls = lost.map(({ block }) => {
      const again = block.transactions.slice(1).filter((tx) => {
        const isWhole = tx.inputs.every(({ previousOutput }) => !gone.has(displayHash(previousOutput.txid)));
        const comes = isWhole && (keeps === 2 || (keeps === 1 && random.oneIn(2)));
        if (!comes) gone.add(displayHash(tx.txid));
        return comes;
      });
      return this.#block(again);
    });
    return { name: "branch", calls: [...calls, this.#block([])].flat() };
  }

  /** The last block is declared invalid, another takes its place and gets a child, and the first is forgiven. */
  #takenBack(): BlockStep {
    const lost = this.#tips.length > this.#base ? this.#tips.pop() : undefined;
    if (lost === undefined) return { name: "block", calls: this.#block([]) };
    const params = [displayHash(lost.block.hash)];
    const others = [this.#block([]), this.#block([])].flat();
    const calls = [{ method: "invalidateblock", params }, ...others, { method: "reconsiderblock", params }];
    return { name: "block taken back", calls };
  }

  /** Time passes: minutes, or so much that what waits expires, or almost. */
  #later(): BlockStep {
    const hours = this.#random.pick([0, 0, 1, EXPIRY_HOURS / 2, EXPIRY_HOURS]);
    this.#nowSeconds += hours * 3600 + this.#random.below(3);
    return { name: "later", calls: [this.#clock()] };
  }

  #clock(): Step {
    return { method: "setmocktime", params: [this.#nowSeconds] };
  }
}
