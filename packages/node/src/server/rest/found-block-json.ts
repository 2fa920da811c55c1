import type { FoundBlock } from "@bitfleet/api/rest/mining.ts";
import type { FoundBlockView } from "../found-block-view.ts";

/** A block that a miner found, as the routes answer it. */
export function foundBlockJson(block: FoundBlockView): FoundBlock {
  return {
    height: block.height,
    hash: block.hash,
    time: block.timeSeconds,
    reward_sats: Number(block.reward),
    fee_sats: Number(block.fees),
    transaction_count: block.transactionCount,
    is_active: block.isActive,
    instead: block.instead ?? null,
  };
}
