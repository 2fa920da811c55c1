import type { BlockchainInfo } from "@bitfleet/api/rest/chain.ts";
import type { MinerInfo } from "@bitfleet/api/rest/mining.ts";

/** How the node stands to the rest of its network, from the best to what keeps it from knowing new blocks. */
export type Standing = "in-step" | "mines-alone" | "alone" | "unconnected" | "no-headers" | "catching-up";

/** A block that has just been announced is no catching up. */
const BEHIND_MIN = 2;

/** Whether blocks are being fetched or learnt of, and not just the newest one. */
export function isCatchingUp({ height, sync }: Pick<BlockchainInfo, "height" | "sync">): boolean {
  const isAtWork = sync.phase === "presync" || sync.phase === "headers" || sync.phase === "blocks";
  return isAtWork && sync.target_height - height >= BEHIND_MIN;
}

/**
 * What is to be told of the node in a line. On a private chain (regtest, a signet that is mined here) a node may well be by itself; on
 * others there are always peers to be found.
 */
export function standingOf(
  info: Pick<BlockchainInfo, "chain" | "height" | "sync">,
  peerCount: number,
  miner: Pick<MinerInfo, "pacing">,
): Standing {
  if (isCatchingUp(info)) return "catching-up";
  if (peerCount > 0) return info.height === 0 && info.chain !== "regtest" ? "no-headers" : "in-step";
  if (miner.pacing !== "off") return "mines-alone";
  return info.chain === "regtest" ? "alone" : "unconnected";
}
