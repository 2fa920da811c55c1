import type { Coin } from "@bitfleet/protocol/consensus/chain-view.ts";
import { disconnectBlock, disconnectOutPointsOf } from "@bitfleet/protocol/consensus/disconnect-block.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import { isCoinbase } from "@bitfleet/protocol/primitives/transaction.ts";
import {
  displayHash,
  hashKey,
  type OutPointKey,
  outPointKey,
  outPointKeyOf,
} from "@bitfleet/protocol/primitives/types.ts";
import { isUnspendable } from "@bitfleet/protocol/script/script.ts";
import { type BlockIndexEntry, commonAncestor } from "./block-index.ts";
import type { Chainstate } from "./chainstate.ts";
import type { CoinsChange, HeadBlocks } from "./coins.ts";
import { StartupError } from "./startup-error.ts";

/**
 * Brings coins into order whose flush was cut off, so that some are of the state before and some of the one after: takes back
 * the blocks that the flush led away from, and applies those it led to. Both may have been done in part, and doing them again
 * changes nothing. Throws {@link StartupError} where the blocks are not known.
 */
export async function replayUnfinishedFlush(state: Chainstate, heads: HeadBlocks): Promise<void> {
  const { log } = state.deps;
  log.info("Replaying blocks");
  const to = known(state, heads.to);
  const from = heads.from && known(state, heads.from);
  const fork = from && commonAncestor(from, to);
  for (let entry = from; entry !== undefined && entry !== fork; entry = entry.previous) await rollBack(state, entry);
  if (from !== undefined && from !== fork) log.info(`Rolled back to ${displayHash(fork!.hash)}`);
  for (let height = fork === undefined ? 0 : fork.height + 1; height <= to.height; height++)
    await rollForward(state, to.ancestor(height)!);
  // The mark goes with this flush, also where there was nothing to do.
  state.deps.coins.apply({ spent: [], created: [] }, { hash: to.hash });
  await state.flush();
  log.info(`Rolled forward to ${displayHash(to.hash)}`);
}

function known(state: Chainstate, hash: HeadBlocks["to"]): BlockIndexEntry {
  const entry = state.deps.index.find(hash);
  if (entry !== undefined) return entry;
  const block = displayHash(hash);
  throw new StartupError(
    `The coins on disk belong to block ${block}, which is not in the index. Restart with -reindex.`,
  );
}

async function rollBack(state: Chainstate, entry: BlockIndexEntry): Promise<void> {
  if (entry.previous === undefined) return;
  const block = await state.readBlock(entry);
  const undo = await state.readUndo(entry);
  const lookup = await state.deps.coins.fetch(disconnectOutPointsOf(block));
  const effects = disconnectBlock(block, entry, undo, lookup);
  if ("failure" in effects)
    throw new StartupError(`Block ${displayHash(entry.hash)}: ${effects.failure}. Restart with -reindex.`);
  // Coins that the cut-off flush had already removed or restored make it unclean, which is why we are here.
  state.deps.coins.apply(effects, { hash: entry.previous.hash });
}

async function rollForward(state: Chainstate, entry: BlockIndexEntry): Promise<void> {
  // Genesis has no coins.
  if (entry.previous === undefined) return;
  const block = await state.readBlock(entry);
  state.deps.coins.apply(netEffectsOf(block, entry.height), { hash: entry.hash });
}

/** What connecting a block that is known to be valid does to the coins, whatever coins are there. */
export function netEffectsOf(block: Block, height: number): CoinsChange {
  const created = new Map<OutPointKey, Coin>();
  const spent: OutPointKey[] = [];
  for (const tx of block.transactions) {
    const coinbase = isCoinbase(tx);
    if (!coinbase) {
      for (const { previousOutput } of tx.inputs) {
        const key = outPointKey(previousOutput);
        // Also what was made in this block: an earlier, unfinished run may have left it on disk.
        created.delete(key);
        spent.push(key);
      }
    }
    const txid = hashKey(tx.txid);
    tx.outputs.forEach((output, index) => {
      if (!isUnspendable(output.scriptPubKey))
        created.set(outPointKeyOf(txid, index), { output, height, isCoinbase: coinbase });
    });
  }
  return { spent, created: [...created] };
}
