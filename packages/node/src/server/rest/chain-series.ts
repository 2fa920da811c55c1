import type { ChainSeries } from "@bitfleet/api/rest/chain-charts.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { Chain } from "../../chain/chain.ts";
import { difficultyOf } from "../chain-json.ts";
import { HASHRATE_BLOCKS, hashesPerSecond } from "../hash-rate.ts";
import type { BlockViews } from "./block-views.ts";

/** The active chain over time. */

/** Bytes of blocks that one answer reads from disk. What it does not reach, the next one does: what was read is remembered. */
const READ_BYTES_MAX = 64 * 1024 * 1024;

/** Blocks from `first` up to `last`, its descendant or itself. Rejects with `StorageError` where one cannot be read. */
export async function chainSeries(
  first: BlockIndexEntry,
  last: BlockIndexEntry,
  views: Pick<BlockViews, "knownFigures" | "figures">,
): Promise<ChainSeries> {
  const entries: BlockIndexEntry[] = [];
  for (let entry: BlockIndexEntry | undefined = last; entry !== first.previous; entry = entry!.previous)
    entries.push(entry!);
  // The newest first: they are what is looked at where not all can be read.
  const figures = [];
  let bytesRead = 0;
  for (const entry of entries) {
    const known = views.knownFigures(entry);
    const found = known ?? (bytesRead < READ_BYTES_MAX ? await views.figures(entry) : undefined);
    if (known === undefined) bytesRead += found?.size ?? 0;
    figures.push(found);
  }
  entries.reverse();
  figures.reverse();
  return {
    time_before: first.previous?.time ?? null,
    heights: entries.map(({ height }) => height),
    times: entries.map(({ time }) => time),
    transaction_counts: entries.map(({ transactionCount }) => transactionCount),
    sizes_bytes: figures.map((found) => found?.size ?? null),
    weights: figures.map((found) => found?.weight ?? null),
    fees: figures.map((found) => found?.fees ?? null),
    difficulties: entries.map(({ bits }) => difficultyOf(bits)),
    hash_rates: entries.map((entry) => hashesPerSecond(entry, HASHRATE_BLOCKS)),
  };
}

/** The last block of the active chain up to which no header says a time later than `seconds`; `undefined` before the first. */
export function blockAtTime(chain: Pick<Chain, "tip">, seconds: number): BlockIndexEntry | undefined {
  const { tip } = chain;
  // Of one chain, even if the tip moves meanwhile. The latest time so far never gets less, so that halving finds it.
  let low = -1;
  let high = tip.height;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (tip.ancestor(middle)!.timeMax <= seconds) low = middle;
    else high = middle - 1;
  }
  return low < 0 ? undefined : tip.ancestor(low);
}
