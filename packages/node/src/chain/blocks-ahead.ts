import type { Coin, CoinLookup } from "@bitfleet/protocol/consensus/chain-view.ts";
import type { BlockEffects } from "@bitfleet/protocol/consensus/connect-block.ts";
import { type BlockReject, isReject } from "@bitfleet/protocol/consensus/verdict.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import { type HashKey, hashKey, type OutPointKey, outPointKey } from "@bitfleet/protocol/primitives/types.ts";
import { socketTurn } from "../turns.ts";
import type { BlockIndexEntry } from "./block-index.ts";
import type { Chainstate } from "./chainstate.ts";
import { brokenScript, type CoinSource, effectsOf, readChecked } from "./try-block.ts";

/** Blocks under trial at once. They are in memory. */
export const AHEAD_BLOCKS_MAX = 16;
/** Transactions of the blocks under trial from which on no further one is begun: about two blocks as mainnet has them. */
const AHEAD_TRANSACTIONS_MAX = 5000;

/** Blocks that were just checked and stored, by hash, so that they need not be read again. */
export type BlocksAtHand = ReadonlyMap<HashKey, Block>;

/** A block, and what it does to the coins or the rule it breaks. */
export interface TriedBlock {
  readonly block: Block;
  readonly effects: BlockEffects | BlockReject;
}

interface Trial {
  readonly entry: BlockIndexEntry;
  /** All rules but scripts; `undefined` where an earlier block fails, so that this one has nothing to stand on. */
  readonly prepared: Promise<TriedBlock | undefined>;
  readonly result: Promise<TriedBlock | undefined>;
  /** Coins by outpoint, `undefined` for those that are spent: filled in when the effects are known. */
  readonly changes: Map<OutPointKey, Coin | undefined>;
}

/**
 * Tries the blocks behind the tip before those in front of them are through: while workers run the scripts of one, the coins
 * of the next are fetched and its other rules are checked, on the coins as they will be. Nothing is changed by it; the caller
 * connects one block after the other, and what was tried on a block that fails is thrown away.
 */
export class BlocksAhead {
  readonly #state: Chainstate;
  readonly #atHand: BlocksAtHand;
  /** In a row; the first stands on the tip. */
  #trials: Trial[] = [];

  constructor(state: Chainstate, atHand: BlocksAtHand) {
    this.#state = state;
    this.#atHand = atHand;
  }

  /** The outcome for `entry`, whose previous block is the tip; those behind it, up to `best`, are begun. Rejects with `StorageError`. */
  async resultOf(entry: BlockIndexEntry, best: BlockIndexEntry): Promise<TriedBlock> {
    if (this.#trials[0]?.entry !== entry) this.#trials = [];
    // Trials stand on one another: those of a branch that is not the best any more are no ground for its blocks.
    const astray = this.#trials.findIndex((trial) => best.ancestor(trial.entry.height) !== trial.entry);
    if (astray >= 0) this.#trials.length = astray;
    this.#begin(entry, best);
    const result = await this.#trials[0]!.result;
    // The first one stands on the tip.
    return result!;
  }

  /** To be called when the first block's effects are part of the coins. */
  connected(): void {
    this.#trials.shift();
  }

  /** Forgets all trials, and resolves when nothing of them is under way any more. */
  async close(): Promise<void> {
    const trials = this.#trials.splice(0);
    await Promise.allSettled(trials.map(({ result }) => result));
  }

  #begin(first: BlockIndexEntry, best: BlockIndexEntry): void {
    let count = this.#trials.reduce((sum, { entry }) => sum + entry.transactionCount, 0);
    for (;;) {
      const next = first.height + this.#trials.length;
      const isFull = this.#trials.length >= AHEAD_BLOCKS_MAX || count >= AHEAD_TRANSACTIONS_MAX;
      if (next > best.height || isFull) return;
      const entry = best.ancestor(next)!;
      this.#trials.push(this.#trial(entry, [...this.#trials]));
      count += entry.transactionCount;
    }
  }

  #trial(entry: BlockIndexEntry, before: readonly Trial[]): Trial {
    const changes = new Map<OutPointKey, Coin | undefined>();
    const prepared = this.#prepare(entry, before, changes);
    const result = prepared.then((outcome) => outcome && this.#withScripts(entry, outcome));
    // Who asks for the result gets the error; a trial that is thrown away has nobody to ask.
    result.catch(() => {});
    return { entry, prepared, result, changes };
  }

  async #prepare(
    entry: BlockIndexEntry,
    before: readonly Trial[],
    changes: Map<OutPointKey, Coin | undefined>,
  ): Promise<TriedBlock | undefined> {
    const { params } = this.#state;
    const previous = before.at(-1);
    if (previous !== undefined) {
      const outcome = await previous.prepared;
      if (outcome === undefined || isReject(outcome.effects)) return undefined;
      await socketTurn();
    }
    const block = this.#atHand.get(hashKey(entry.hash)) ?? (await readChecked(this.#state, entry));
    const effects = await effectsOf(params, entry, block, this.#coinsAfter(before));
    if (!isReject(effects)) {
      for (const key of effects.spent) changes.set(key, undefined);
      for (const [key, coin] of effects.created) changes.set(key, coin);
    }
    return { block, effects };
  }

  async #withScripts(entry: BlockIndexEntry, tried: TriedBlock): Promise<TriedBlock> {
    const { block, effects } = tried;
    if (isReject(effects) || !this.#state.needsScripts(entry)) return tried;
    const reject = await brokenScript(block, effects, this.#state.deps.scriptVerifier);
    return reject === undefined ? tried : { block, effects: reject };
  }

  /**
   * The coins as they will be when the blocks of `trials` are connected. Some are part of the coins already or will be while
   * these are fetched, which makes no difference: what a block changed is looked for in its changes first.
   */
  #coinsAfter(trials: readonly Trial[]): CoinSource {
    const { coins } = this.#state.deps;
    const waiting = trials.filter((trial) => this.#trials.includes(trial)).reverse();
    if (waiting.length === 0) return coins;
    return {
      fetch: async (outPoints: readonly OutPoint[]): Promise<CoinLookup> => {
        const found = new Map<OutPointKey, Coin>();
        const below = outPoints.filter((outPoint) => {
          const key = outPointKey(outPoint);
          const changed = waiting.find(({ changes }) => changes.has(key));
          const coin = changed?.changes.get(key);
          if (coin !== undefined) found.set(key, coin);
          return changed === undefined;
        });
        const lookup = below.length > 0 ? await coins.fetch(below) : undefined;
        return (key) => found.get(key) ?? lookup?.(key);
      },
    };
  }
}
