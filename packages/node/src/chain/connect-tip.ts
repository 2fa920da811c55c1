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
import { disconnectBlock, disconnectOutPointsOf } from "@bitfleet/protocol/consensus/disconnect-block.ts";
import type { ConsensusParams } from "@bitfleet/protocol/consensus/params.ts";
import { type BlockReject, isReject, rejectText } from "@bitfleet/protocol/consensus/verdict.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { ScriptVerifier } from "../ports.ts";
import { StorageError } from "../storage/storage-error.ts";
import { isLargeBlock, socketTurn } from "../turns.ts";
import type { BlockIndexEntry } from "./block-index.ts";
import { BlockStatus } from "./block-index-codec.ts";
import type { Chainstate } from "./chainstate.ts";
import { encodeUndo } from "./coin-codec.ts";

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
  state: Pick<Chainstate, "params">,
  link: ChainLink,
  block: Block,
  trial: BlockTrial,
): Promise<BlockEffects | BlockReject> {
  const effects = await effectsOf(state.params, link, block, trial.coins);
  if (isReject(effects) || trial.scripts === undefined) return effects;
  if (isLargeBlock(block)) await socketTurn();
  const failure = await trial.scripts.verifyAll(effects.scripts, effects.scriptFlags);
  if (failure === undefined) return effects;
  return scriptReject(effects.scripts[failure.transactionIndex]!.tx, failure.inputIndex, failure.error);
}

/**
 * What the rules but for scripts say. Where no transaction can come twice (see {@link areCoinbasesUnique}) no block that passes
 * has an output that is there already, and the outputs are looked for only to call a block that fails by the right name: most
 * keys of a block are those, and none is found.
 */
async function effectsOf(
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

/**
 * Makes `entry`, whose previous block is the tip, the tip; or says which rule the block breaks, with nothing changed. `checked`
 * is the block where the caller has it and it passed `checkBlock`; else it is read and checked again, since disks forget.
 * Rejects with `StorageError` where it cannot be read.
 */
export async function connectTip(
  state: Chainstate,
  entry: BlockIndexEntry,
  checked: Block | undefined,
): Promise<{ readonly block: Block; readonly reject: BlockReject | undefined }> {
  const block = checked ?? (await readChecked(state, entry));
  const scripts = state.needsScripts(entry) ? state.deps.scriptVerifier : undefined;
  const effects = await tryBlock(state, entry, block, { coins: state.deps.coins, scripts });
  if (isReject(effects)) return { block, reject: effects };
  if (isLargeBlock(block)) await socketTurn();
  applyConnected(state, entry, effects);
  state.updateInitialBlockDownload();
  state.logTip();
  await state.flushIfNeeded("critical");
  return { block, reject: undefined };
}

function applyConnected(state: Chainstate, entry: BlockIndexEntry, effects: BlockEffects): void {
  const { coins, files, index } = state.deps;
  // The only step that may fail (the disk is full) comes first, and takes nothing back that others saw.
  if (entry.previous !== undefined && !entry.hasUndo) {
    const position = files.appendUndo(entry.file, encodeUndo(effects.undo), entry.previous.hash);
    entry.undoOffset = position.offset;
    entry.status |= BlockStatus.HAVE_UNDO;
    index.markDirty(entry);
  }
  if (entry.raiseValidity(BlockStatus.VALID_SCRIPTS)) index.markDirty(entry);
  coins.apply(effects, { hash: entry.hash });
  state.active.setTip(entry);
}

async function readChecked(state: Chainstate, entry: BlockIndexEntry): Promise<Block> {
  const block = await state.readBlock(entry);
  const { secp256k1 } = state.deps;
  const reject = checkBlock(block, state.params, { pow: true, merkle: true, secp256k1 });
  if (reject !== undefined) throw corruptBlock(state, entry, rejectText(reject));
  return block;
}

/** Makes the block before the tip the tip. Rejects with `StorageError` where block or undo data cannot be read or do not fit. */
export async function disconnectTip(state: Chainstate): Promise<Block> {
  const entry = state.active.tip!;
  const { previous } = entry;
  if (previous === undefined) throw new Error("genesis is never disconnected");
  const { coins } = state.deps;
  const block = await state.readBlock(entry);
  const undo = await state.readUndo(entry);
  const lookup = await coins.fetch(disconnectOutPointsOf(block));
  const effects = disconnectBlock(block, entry, undo, lookup);
  if ("failure" in effects) throw corruptBlock(state, entry, effects.failure);
  if (!effects.clean) throw corruptBlock(state, entry, "the coins are not those that it left");
  coins.apply(effects, { hash: previous.hash });
  state.active.setTip(previous);
  state.logTip();
  await state.flushIfNeeded("critical");
  return block;
}

function corruptBlock(state: Chainstate, entry: BlockIndexEntry, why: string): StorageError {
  const block = `block ${displayHash(entry.hash)} at height ${entry.height}`;
  return new StorageError("corrupt", state.options.blocksPath, `Corrupt ${block}: ${why}. Restart with -reindex.`);
}
