import type { Chain } from "../chain/chain.ts";
import type { Clock, Logger } from "../ports.ts";
import { type Generator, isGenerateRefusal } from "./generate.ts";

/** Blocks between two looks at whether they are wanted still. */
const BLOCKS_PER_STEP = 16;
/** Of a block on regtest, where every second hash will do. */
const TRIES_MAX = 1_000_000;
/**
 * The first of the blocks lies no further back than this. A wallet that was made just now looks at blocks of the last two hours,
 * and what they pay is to be seen by it.
 */
const SPAN_SECONDS_MAX = 3600;
/** A block's time is later than the median of the eleven before: blocks cannot be dated closer to each other than this. */
const SPACING_SECONDS_MIN = 1 / 6;

export interface FirstBlocksOptions {
  /** So high the chain is to be; 0 for no blocks. */
  readonly height: number;
  /** What the miner keeps later: the blocks are dated as if it had kept it before. */
  readonly intervalMs: number;
}

export interface FirstBlocksDependencies {
  readonly chain: Pick<Chain, "tip">;
  readonly generator: Pick<Generator, "generate">;
  readonly clock: Pick<Clock, "nowMs">;
  readonly log: Logger;
}

/**
 * Returns what makes blocks that pay to a script, without a pause, until the chain is so high: mined coins can be spent a hundred
 * blocks later, for which nobody who has just started a network wants to wait. Between the blocks everything else has its turn. Their times
 * lead up to the present: all dated now they would run into the future, a second each six blocks.
 */
export function firstBlocksMaker(
  { height, intervalMs }: FirstBlocksOptions,
  { chain, generator, clock, log }: FirstBlocksDependencies,
): (script: Uint8Array, signal: AbortSignal) => Promise<boolean> {
  return async (script, signal) => {
    const missing = height - chain.tip.height;
    if (missing <= 0) return true;
    log.info("Making the first blocks", { from: chain.tip.height + 1, to: height });
    const spacingSeconds = Math.max(SPACING_SECONDS_MIN, Math.min(intervalMs / 1000, SPAN_SECONDS_MAX / missing));
    const timeAt = (at: number) => Math.floor(clock.nowMs() / 1000 - Math.max(0, height - at) * spacingSeconds);
    while (chain.tip.height < height) {
      if (signal.aborted) return false;
      const count = Math.min(BLOCKS_PER_STEP, height - chain.tip.height);
      const result = await generator.generate(script, count, TRIES_MAX * count, timeAt);
      if (isGenerateRefusal(result)) {
        log.warn("The first blocks end early: one was refused", { height: chain.tip.height, reason: result.reason });
        return true;
      }
      // The node stops.
      if (result.length === 0) return true;
    }
    log.info("The first blocks are made", { height: chain.tip.height });
    return true;
  };
}
