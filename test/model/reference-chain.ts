import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import type { Transaction, TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";

/** Txid as hex of its bytes in internal order, so that texts compare as the bytes do. */
export const idOf = ({ txid }: Transaction): string => toHex(txid);
export const coinKey = (id: string, index: number): string => `${id}:${index}`;
/** Keys of the coins that a transaction spends. */
export const spentKeys = ({ inputs }: Transaction): string[] =>
  inputs.map(({ previousOutput }) => coinKey(toHex(previousOutput.txid), previousOutput.index));

export interface ModelCoin {
  readonly output: TxOutput;
  readonly height: number;
  readonly isReward: boolean;
}

export interface ModelBlock {
  readonly block: Block;
  readonly hash: string;
  readonly height: number;
  readonly previous: ModelBlock | undefined;
  /** The operator, or a rule, says so of this block alone. */
  isInvalid: boolean;
  /** Connecting it would fail. */
  readonly isBroken: boolean;
}

/** What a change of the tip consists of, in order. */
export interface ChainMove {
  readonly type: "connect" | "disconnect";
  readonly block: ModelBlock;
  /** Of a block that was disconnected: what is in it need not come back. */
  readonly isGivenUp?: boolean;
}

/** Invalidated blocks, counted from the top, whose transactions come back. */
const WANTED_BLOCKS = 10;

/** The chain that ends at a block. */
export class ChainView {
  readonly tip: ModelBlock;
  readonly #blocks: readonly ModelBlock[];
  #coins: ReadonlyMap<string, ModelCoin> | undefined;

  constructor(tip: ModelBlock) {
    this.tip = tip;
    this.#blocks = branchOf(tip);
  }

  get height(): number {
    return this.tip.height;
  }

  blockAt(height: number): ModelBlock {
    return this.#blocks[height]!;
  }

  contains(block: ModelBlock): boolean {
    return this.#blocks[block.height] === block;
  }

  /** Median of the times of the last eleven blocks up to `height`. */
  medianTime(height: number): number {
    const times = this.#blocks.slice(Math.max(0, height - 10), height + 1).map(({ block }) => block.header.time);
    return times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
  }

  /** Unspent outputs. */
  coins(): ReadonlyMap<string, ModelCoin> {
    this.#coins ??= coinsOf(this.#blocks);
    return this.#coins;
  }
}

/** All blocks there are, each as heavy as the other; the coins are counted from genesis at every tip. */
export class ReferenceChain {
  readonly #blocks: ModelBlock[] = [];
  #view: ChainView;

  constructor(blocks: readonly Block[]) {
    for (const block of blocks) this.#store(block, false);
    this.#view = new ChainView(this.#blocks.at(-1)!);
  }

  get view(): ChainView {
    return this.#view;
  }

  /** Takes a block that comes new, and moves to the best chain. */
  submit(block: Block, isBroken = false): ChainMove[] {
    this.#store(block, isBroken);
    return this.#move();
  }

  invalidate(entry: ModelBlock): ChainMove[] {
    const { height } = this.#view.tip;
    entry.isInvalid = true;
    const isGivenUp = ({ block }: ChainMove) => block.height >= entry.height && block.height <= height - WANTED_BLOCKS;
    return this.#move().map((move) => (move.type === "disconnect" ? { ...move, isGivenUp: isGivenUp(move) } : move));
  }

  /** Takes back what was said of a block, its ancestors and its descendants. */
  reconsider(entry: ModelBlock): ChainMove[] {
    for (const other of this.#blocks) {
      if (branchOf(other).includes(entry) || branchOf(entry).includes(other)) other.isInvalid = false;
    }
    return this.#move();
  }

  find(hash: string): ModelBlock | undefined {
    return this.#blocks.find((block) => block.hash === hash);
  }

  #store(block: Block, isBroken: boolean): void {
    const previousHash = toHex(block.header.previousBlockHash);
    const previous = this.#blocks.findLast(({ hash }) => hash === previousHash);
    const height = previous === undefined ? 0 : previous.height + 1;
    this.#blocks.push({ block, hash: toHex(block.hash), height, previous, isInvalid: false, isBroken });
  }

  /** To the highest block that may be valid, the first that came among those; on the way one may turn out not to be. */
  #move(): ChainMove[] {
    const moves: ChainMove[] = [];
    for (;;) {
      const valid = this.#blocks.filter((block) => branchOf(block).every(({ isInvalid }) => !isInvalid));
      const height = Math.max(...valid.map((block) => block.height));
      const best = valid.find((block) => block.height === height)!;
      const way = branchOf(best);
      let { tip } = this.#view;
      for (; !way.includes(tip); tip = tip.previous!) moves.push({ type: "disconnect", block: tip });
      for (const block of way.slice(tip.height + 1)) {
        if (block.isBroken) {
          block.isInvalid = true;
          break;
        }
        moves.push({ type: "connect", block });
        tip = block;
      }
      this.#view = new ChainView(tip);
      if (tip === best) return moves;
    }
  }
}

/** From genesis to `tip`. */
export function branchOf(tip: ModelBlock): ModelBlock[] {
  const blocks: ModelBlock[] = [];
  for (let at: ModelBlock | undefined = tip; at !== undefined; at = at.previous) blocks.unshift(at);
  return blocks;
}

function coinsOf(blocks: readonly ModelBlock[]): ReadonlyMap<string, ModelCoin> {
  const coins = new Map<string, ModelCoin>();
  // What genesis pays cannot be spent.
  for (const { block, height } of blocks.slice(1)) {
    block.transactions.forEach((tx, position) => {
      if (position > 0) for (const key of spentKeys(tx)) coins.delete(key);
      tx.outputs.forEach((output, index) => {
        const isSpendable = output.scriptPubKey[0] !== 0x6a;
        if (isSpendable) coins.set(coinKey(idOf(tx), index), { output, height, isReward: position === 0 });
      });
    });
  }
  return coins;
}
