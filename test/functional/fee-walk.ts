import { GENESIS, mine, rewardOf, type Spendable, spendableOf, type Tip } from "@bitfleet/node/chain/test-kit.ts";
import { ANCHOR, anchorChain } from "@bitfleet/node/mempool/acceptance-test-kit.ts";
import { EMPTY_BYTES } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, outPointKey, type Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { SeededRandom } from "../differential/random.ts";

/** A random life of transactions and blocks, made here so that two nodes can be given the same. */

const COIN_COUNT = 1500;
const MATURE_BLOCKS = 101;
/** How far the first block's time lies in the past: enough for a second a block, and young enough to count as current. */
const CHAIN_AGE_SECONDS = 2 * 60 * 60;
/** Like those of real fees, feerates lie evenly on a scale of powers: from 100 to over ten million satoshis a thousand vbytes. */
const FEERATE_LOWEST = 100;
const FEERATE_STEP = 1.3;
const FEERATE_STEPS = 46;
const SEQUENCE_REPLACEABLE = 0xfffffffd;

export class FeeWalk {
  readonly #random: SeededRandom;
  readonly #tips: Tip[];
  /** All that were made, by txid. */
  readonly #made = new Map<string, Transaction>();
  #salt = 0;

  constructor(random: SeededRandom, nowMs = Date.now()) {
    this.#random = random;
    const begin = Math.floor(nowMs / 1000) - CHAIN_AGE_SECONDS;
    this.#tips = retimed(anchorChain(MATURE_BLOCKS), begin);
    const reward = rewardOf(this.#tips[0]!);
    const value = reward.output.value / BigInt(COIN_COUNT);
    const coins = transaction([reward], Array<Sats>(COIN_COUNT).fill(value));
    this.#tips.push(this.#next(this.#tips.at(-1)!, [coins]));
  }

  get tip(): Tip {
    return this.#tips.at(-1)!;
  }

  /** From height 1 to the tip. */
  get blocks(): readonly Block[] {
    return this.#tips.map(({ block }) => block);
  }

  /** Spends a coin of the chain, sometimes one of the mempool, sometimes one that the mempool spends for less already. */
  transaction(contents: readonly string[]): Transaction {
    const random = this.#random;
    const waiting = contents.map((txid) => this.#made.get(txid)!);
    const kind = random.below(10);
    const old = waiting.length > 0 ? random.pick(waiting) : undefined;
    if (old !== undefined && kind === 0) return this.#spending(spendableOf(old, random.below(2)), this.#feerate());
    if (old !== undefined && kind === 1) {
      const coin = this.#coinOf(old);
      if (coin !== undefined) return this.#spending(coin, this.#feerate());
    }
    return this.#spending(random.pick(this.#coins(waiting)), this.#feerate());
  }

  /** A parent that pays little or nothing, and a child that pays for it. */
  family(contents: readonly string[]): readonly Transaction[] {
    const waiting = contents.map((txid) => this.#made.get(txid)!);
    const parent = this.#spending(this.#random.pick(this.#coins(waiting)), this.#random.oneIn(2) ? 0 : 150);
    return [parent, this.#spending(spendableOf(parent), this.#feerate() + 2000)];
  }

  /** A block with some of the mempool, in the order given, that of mining; now and then with what the mempool has a conflict of. */
  block(contents: readonly string[]): Block {
    const random = this.#random;
    const share = 1 + random.below(10);
    const taken: Transaction[] = [];
    const left = new Set<string>();
    for (const txid of contents) {
      const tx = this.#made.get(txid)!;
      const dependsOnLeft = tx.inputs.some(({ previousOutput }) => left.has(displayHash(previousOutput.txid)));
      if (dependsOnLeft || random.below(10) >= share) left.add(txid);
      else taken.push(tx);
    }
    const rival = random.oneIn(5) ? [...left][0] : undefined;
    const coin = rival === undefined ? undefined : this.#coinOf(this.#made.get(rival)!);
    if (coin !== undefined) taken.push(this.#spending(coin, 100));
    return this.#append(taken);
  }

  /** A block with all of the mempool, in the order given. */
  blockOfAll(contents: readonly string[]): Block {
    return this.#append(contents.map((txid) => this.#made.get(txid)!));
  }

  emptyBlock(): Block {
    return this.#append([]);
  }

  /** Blocks that replace the last one or two, sometimes with the same transactions. */
  branch(): readonly Block[] {
    const depth = 1 + this.#random.below(2);
    const lost = this.#tips.splice(-depth);
    const again = this.#random.oneIn(2);
    const blocks = lost.map(({ block }) => this.#append(again ? block.transactions.slice(1) : []));
    return [...blocks, this.#append([])];
  }

  #append(transactions: readonly Transaction[]): Block {
    const tip = this.#next(this.tip, transactions);
    this.#tips.push(tip);
    return tip.block;
  }

  #next(previous: Tip, transactions: readonly Transaction[]): Tip {
    for (const tx of transactions) this.#made.set(displayHash(tx.txid), tx);
    return mine(previous, { transactions, salt: ++this.#salt, time: previous.block.header.time + 1 });
  }

  #feerate(): number {
    return FEERATE_LOWEST * FEERATE_STEP ** this.#random.below(FEERATE_STEPS);
  }

  #spending(coin: Spendable, feerate: number): Transaction {
    const sized = transaction([coin], [0n, 0n]);
    const fee = BigInt(Math.ceil((feerate * sized.size) / 1000));
    const rest = coin.output.value - fee;
    // Both above what counts as dust.
    const tx = transaction([coin], [rest / 2n, rest - rest / 2n]);
    this.#made.set(displayHash(tx.txid), tx);
    return tx;
  }

  /** Coins of the chain that the mempool does not spend, with enough left for any fee. */
  #coins(waiting: readonly Transaction[]): Spendable[] {
    const confirmed = this.#tips.slice(MATURE_BLOCKS).flatMap(({ block }) => block.transactions.slice(1));
    const spent = new Set(
      [...confirmed, ...waiting].flatMap(({ inputs }) => inputs.map((input) => outPointKey(input.previousOutput))),
    );
    return confirmed
      .flatMap((tx) => tx.outputs.map((_, index) => spendableOf(tx, index)))
      .filter(({ outPoint, output }) => output.value > 2_200_000n && !spent.has(outPointKey(outPoint)));
  }

  /** What a transaction spends, where that is in the chain. */
  #coinOf(tx: Transaction): Spendable | undefined {
    const { txid, index } = tx.inputs[0]!.previousOutput;
    const parent = this.#tips
      .flatMap(({ block }) => block.transactions)
      .find((each) => displayHash(each.txid) === displayHash(txid));
    return parent && spendableOf(parent, index);
  }
}

function transaction(coins: readonly Spendable[], values: readonly Sats[]): Transaction {
  return new Transaction({
    version: 2,
    inputs: coins.map(({ outPoint }) => ({
      previousOutput: outPoint,
      scriptSig: EMPTY_BYTES,
      sequence: SEQUENCE_REPLACEABLE,
      witness: [],
    })),
    outputs: values.map((value) => ({ value, scriptPubKey: ANCHOR })),
    lockTime: 0,
  });
}

/** The same blocks, a second apart from `begin` on. */
function retimed(tips: readonly Tip[], begin: number): Tip[] {
  const made: Tip[] = [];
  for (const { block } of tips) {
    const previous = made.at(-1) ?? GENESIS;
    made.push(mine(previous, { time: begin + made.length, spoil: () => block.transactions }));
  }
  return made;
}
