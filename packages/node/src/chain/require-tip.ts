import { MAX_FUTURE_BLOCK_TIME_SECONDS } from "@bitfleet/protocol/consensus/check-header.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "./block-index.ts";
import { BlockStatus } from "./block-index-codec.ts";
import type { PruneMode } from "./pruning.ts";
import { StartupError } from "./startup-error.ts";

/** What a directory must fulfil for its chain to be taken up. Each throws {@link StartupError} with what is wrong and what helps. */

/** What Core answers itself where nobody is there to be asked. */
const REBUILD = "Please restart with -reindex or -reindex-chainstate to recover.";

/** A directory without its old blocks is only for a node that does without them. */
export function requirePruneMode(mode: PruneMode | undefined, hasPruned: boolean): void {
  if (mode !== undefined || !hasPruned) return;
  throw new StartupError(
    `You need to rebuild the database using -reindex to go back to unpruned mode.  This will redownload the entire blockchain.\n${REBUILD}`,
    { asksForRebuild: true },
  );
}

/** `hasPruned`: data may be missing on purpose, though not that there ever was any. */
export function requireData(tip: BlockIndexEntry, hasPruned: boolean): void {
  for (let entry: BlockIndexEntry | undefined = tip; entry !== undefined; entry = entry.previous) {
    if ((entry.hasData || hasPruned) && entry.chainTransactionCount > 0) continue;
    const block = `block ${displayHash(entry.hash)} at height ${entry.height}`;
    throw new StartupError(`The block index is damaged: the data of ${block} is missing. Restart with -reindex.`);
  }
}

/** Blocks that were stored when BIP141 did not hold for them came without the witnesses that it asks for now. */
export function requireWitnesses(tip: BlockIndexEntry, segwitHeight: number): void {
  for (let entry: BlockIndexEntry | undefined = tip; entry && entry.height >= segwitHeight; entry = entry.previous) {
    if ((entry.status & BlockStatus.OPT_WITNESS) !== 0) continue;
    throw new StartupError(
      `Witness data for blocks after height ${segwitHeight} requires validation. Please restart with -reindex.`,
    );
  }
}

/** A tip further ahead than any block may be was accepted under another clock; under this one its successors would be refused. */
export function requirePast(tip: BlockIndexEntry, nowSeconds: number): void {
  if (tip.time <= nowSeconds + MAX_FUTURE_BLOCK_TIME_SECONDS) return;
  throw new StartupError(
    "The block database contains a block which appears to be from the future. This may be due to your computer's date and " +
      "time being set incorrectly. Only rebuild the block database if you are sure that your computer's date and time are " +
      `correct.\n${REBUILD}`,
    { asksForRebuild: true },
  );
}
