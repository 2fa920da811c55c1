import { equivalentSeconds } from "@bitfleet/protocol/consensus/pow.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import { BlockStatus } from "../../chain/block-index-codec.ts";
import type { Chain } from "../../chain/chain.ts";

/** Blocks off the best chain are served only while this young, so that nobody learns by old ones who we are. */
const STALE_AGE_MAX_SECONDS = 30 * 24 * 60 * 60;

/** Whether a peer may have a block: one of the best chain, or a valid, recent one beside it. */
export function isBlockRequestAllowed(
  chain: Pick<Chain, "isInActiveChain" | "bestHeader" | "network">,
  entry: BlockIndexEntry,
): boolean {
  if (chain.isInActiveChain(entry)) return true;
  const best = chain.bestHeader;
  return (
    entry.isValid(BlockStatus.VALID_SCRIPTS) &&
    best.time - entry.time < STALE_AGE_MAX_SECONDS &&
    equivalentSeconds(best, entry, best, chain.network.params) < STALE_AGE_MAX_SECONDS
  );
}

/** Spacings behind now within which the tip counts as current, so that blocks may be asked for as they are announced. */
const DIRECT_FETCH_SPACINGS = 20;

/** Whether the tip is about as new as the time. */
export function canDirectFetch(chain: Pick<Chain, "tip" | "network">, nowMs: number): boolean {
  const { targetSpacingSeconds } = chain.network.params;
  return chain.tip.time > nowMs / 1000 - DIRECT_FETCH_SPACINGS * targetSpacingSeconds;
}
