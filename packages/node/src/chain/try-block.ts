import { areCoinbasesUnique } from "@bitfleet/protocol/consensus/bip30.ts";
import type { ChainLink, CoinLookup } from "@bitfleet/protocol/consensus/chain-view.ts";
import { checkBlock } from "@bitfleet/protocol/consensus/check-block.ts";
import {
  type BlockEffects,
  bip30OutPointsOf,
  connectBlock,
  outPointsOf,
  scriptReject,
} from "@bitfleet/protocol/consensus/connect-block.ts";
import type { ConsensusParams } from "@bitfleet/protocol/consensus/params.ts";
import { type BlockReject, isReject, rejectText } from "@bitfleet/protocol/consensus/verdict.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { ScriptVerifier } from "../ports.ts";
import { StorageError } from "../storage/storage-error.ts";
import { isLargeBlock, socketTurn } from "../turns.ts";
import type { BlockIndexEntry } from "./block-index.ts";
import type { Chainstate } from "./chainstate.ts";

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
    const outPoints = [...spent, ...unwanted];
    const lookup = outPoints.length > 0 ? await coins.fetch(outPoints) : noCoins;
    if (isLargeBlock(block)) await socketTurn();
    return connectBlock(block, link, params, lookup, unwanted);
  };
  const unwanted = bip30OutPointsOf(block, link, params);
  if (!areCoinbasesUnique(params)) return connect(unwanted);
  const effects = await connect([]);
  return isReject(effects) && unwanted.length > 0 ? connect(unwanted) : effects;
}

const noCoins: CoinLookup = () => undefined;

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
