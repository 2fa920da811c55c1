import { areCoinbasesUnique } from "@bitfleet/protocol/consensus/bip30.ts";
import type { ChainLink, Coin, CoinLookup } from "@bitfleet/protocol/consensus/chain-view.ts";
import { checkBlock } from "@bitfleet/protocol/consensus/check-block.ts";
import {
  type BlockEffects,
  bip30OutPointsOf,
  connectBlockInSteps,
  outPointsOf,
  scriptReject,
} from "@bitfleet/protocol/consensus/connect-block.ts";
import type { ConsensusParams } from "@bitfleet/protocol/consensus/params.ts";
import { type BlockReject, isReject, rejectText } from "@bitfleet/protocol/consensus/verdict.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, type OutPointKey, outPointKey } from "@bitfleet/protocol/primitives/types.ts";
import type { ScriptVerifier } from "../ports.ts";
import { StorageError } from "../storage/storage-error.ts";
import { isLargeBlock, socketTurn } from "../turns.ts";
import type { BlockIndexEntry } from "./block-index.ts";
import type { Chainstate } from "./chainstate.ts";

/** Coins fetched in one go. */
const FETCH_COINS_MAX = 1500;

/** Where coins are fetched from: the coins of the tip, or what they would be some blocks back. */
export interface CoinSource {
  fetch(outPoints: readonly OutPoint[]): Promise<CoinLookup>;
}

export interface BlockTrial {
  readonly coins: CoinSource;
  /** `undefined` skips scripts. */
  readonly scripts: ScriptVerifier | undefined;
}

/** What connecting `block` on the coins before it would do, or the rule it breaks. Changes nothing. */
export async function tryBlock(
  params: ConsensusParams,
  link: ChainLink,
  block: Block,
  trial: BlockTrial,
): Promise<BlockEffects | BlockReject> {
  const effects = await effectsOf(params, link, block, trial.coins);
  if (isReject(effects) || trial.scripts === undefined) return effects;
  return (await brokenScript(block, effects, trial.scripts)) ?? effects;
}

/** What becomes of a block, all of whose other rules hold, by its scripts: `undefined` where they all pass. */
export async function brokenScript(
  block: Block,
  { scripts, scriptFlags }: BlockEffects,
  verifier: ScriptVerifier,
): Promise<BlockReject | undefined> {
  if (isLargeBlock(block)) await socketTurn();
  const failure = await verifier.verifyAll(scripts, scriptFlags);
  return failure && scriptReject(scripts[failure.transactionIndex]!.tx, failure.inputIndex, failure.error);
}

/**
 * What the rules but for scripts say. Where no transaction can come twice (see {@link areCoinbasesUnique}) no block that passes
 * has an output that is there already, and the outputs are looked for only to call a block that fails by the right name: most
 * keys of a block are those, and none is found.
 */
export async function effectsOf(
  params: ConsensusParams,
  link: ChainLink,
  block: Block,
  coins: CoinSource,
): Promise<BlockEffects | BlockReject> {
  const spent = outPointsOf(block);
  const connect = async (unwanted: readonly OutPoint[]) => {
    const lookup = await fetchInTurns(coins, [...spent, ...unwanted]);
    const steps = connectBlockInSteps(block, link, params, lookup, unwanted);
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      await socketTurn();
    }
  };
  if (!areCoinbasesUnique(params)) return connect(bip30OutPointsOf(block, link, params));
  const effects = await connect([]);
  return isReject(effects) ? connect(bip30OutPointsOf(block, link, params)) : effects;
}

/** Coins of many outpoints, with turns for others between some and the next. The chain stands still, or `coins` sees to it. */
async function fetchInTurns(coins: CoinSource, outPoints: readonly OutPoint[]): Promise<CoinLookup> {
  if (outPoints.length === 0) return () => undefined;
  if (outPoints.length <= FETCH_COINS_MAX) return coins.fetch(outPoints);
  const found = new Map<OutPointKey, Coin>();
  for (let start = 0; start < outPoints.length; start += FETCH_COINS_MAX) {
    const part = outPoints.slice(start, start + FETCH_COINS_MAX);
    const lookup = await coins.fetch(part);
    for (const outPoint of part) {
      const key = outPointKey(outPoint);
      const coin = lookup(key);
      if (coin !== undefined) found.set(key, coin);
    }
    await socketTurn();
  }
  return (key) => found.get(key);
}

/** A block from disk, checked again, since disks forget. Rejects with `StorageError`. */
export async function readChecked(state: Chainstate, entry: BlockIndexEntry): Promise<Block> {
  const block = await state.readBlock(entry);
  const { secp256k1 } = state.deps;
  const reject = checkBlock(block, state.params, { pow: true, merkle: true, secp256k1 });
  if (reject !== undefined) throw corruptBlock(state, entry, rejectText(reject));
  return block;
}

/** What a block on disk that does not hold what it held when it was stored is called. */
export function corruptBlock(state: Chainstate, entry: BlockIndexEntry, why: string): StorageError {
  const block = `block ${displayHash(entry.hash)} at height ${entry.height}`;
  return new StorageError("corrupt", state.options.blocksPath, `Corrupt ${block}: ${why}. Restart with -reindex.`);
}
