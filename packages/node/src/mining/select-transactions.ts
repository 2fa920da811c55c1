import { isFinal } from "@bitfleet/protocol/consensus/locktime.ts";
import { MAX_BLOCK_SIGOPS_COST } from "@bitfleet/protocol/consensus/sigops.ts";
import { compareFeerates, virtualSizeOf } from "@bitfleet/protocol/policy/feerate.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { MempoolEntry } from "../mempool/mempool.ts";

/** Chunks in a row that did not fit, behind which the search in a nearly full block ends. */
const MISFITS_MAX = 1000;
/** Weight that a block may have left and count as nearly full. */
const NEARLY_FULL_WEIGHT = 4000;
/** Signature operations that are kept free for the coinbase. */
const RESERVED_SIGOPS_COST = 400;

/** Transactions that are mined together or not at all; `size` is their adjusted weight. */
export interface MineableChunk {
  readonly fee: Sats;
  readonly size: number;
  readonly entries: readonly MempoolEntry[];
  /** The same for all chunks that depend on one another. */
  readonly cluster: object;
}

export interface SelectionLimits {
  readonly maxWeight: number;
  /** For header and coinbase. */
  readonly reservedWeight: number;
  readonly minFeerateSatPerKvb: Sats;
  /** Height and median time past that lock times are measured against. */
  readonly height: number;
  readonly medianTime: number;
}

/**
 * The entries for the next block, parents before children, of `chunks` in the order of mining: as many as fit. Where a chunk
 * does not fit, nothing that comes behind it in its cluster is tried: it may depend on it.
 */
export function selectTransactions(chunks: Iterable<MineableChunk>, limits: SelectionLimits): readonly MempoolEntry[] {
  const selected: MempoolEntry[] = [];
  const leftOut = new Set<object>();
  let weight = limits.reservedWeight;
  let sigops = RESERVED_SIGOPS_COST;
  let misfitCount = 0;
  const leastFeerate = { fee: limits.minFeerateSatPerKvb, size: 1000 };
  for (const chunk of chunks) {
    if (leftOut.has(chunk.cluster)) continue;
    // Whatever comes behind pays less still.
    if (compareFeerates({ fee: chunk.fee, size: virtualSizeOf(chunk.size) }, leastFeerate) < 0) break;
    const chunkSigops = chunk.entries.reduce((sum, { sigopsCost }) => sum + sigopsCost, 0);
    const fits =
      weight + chunk.size < limits.maxWeight &&
      sigops + chunkSigops < MAX_BLOCK_SIGOPS_COST &&
      chunk.entries.every(({ tx }) => isFinal(tx, limits.height, limits.medianTime));
    if (!fits) {
      leftOut.add(chunk.cluster);
      misfitCount++;
      if (misfitCount > MISFITS_MAX && weight + NEARLY_FULL_WEIGHT > limits.maxWeight) break;
      continue;
    }
    misfitCount = 0;
    selected.push(...chunk.entries);
    sigops += chunkSigops;
    for (const entry of chunk.entries) weight += entry.weight;
  }
  return selected;
}
