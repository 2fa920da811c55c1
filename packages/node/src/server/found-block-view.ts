import { blockSubsidy } from "@bitfleet/protocol/consensus/subsidy.ts";
import { displayHash, type Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { Chain } from "../chain/chain.ts";
import type { Miner } from "../mining/miner.ts";

/** A block that the miner of a node found, and what became of it. */
export interface FoundBlockView {
  readonly height: number;
  /** As JSON shows it. */
  readonly hash: string;
  readonly timeSeconds: number;
  /** Subsidy and fees. */
  readonly reward: Sats;
  readonly fees: Sats;
  readonly transactionCount: number;
  readonly isActive: boolean;
  /** The block that the chain has at its height; absent where it is part of the chain, and above the tip. */
  readonly instead: string | undefined;
}

/** The last `count` blocks that the miner found since its start, newest first. */
export function foundBlocksOf(
  miner: Pick<Miner, "lastFound">,
  chain: Pick<Chain, "blockAt" | "network">,
  count: number,
): readonly FoundBlockView[] {
  return miner.lastFound(count).map(({ hash, height, timeSeconds, reward, transactionCount, isActive }) => {
    const other = isActive ? undefined : chain.blockAt(height);
    return {
      ...{ height, hash: displayHash(hash), timeSeconds, reward, transactionCount, isActive },
      fees: reward - blockSubsidy(height, chain.network.params),
      instead: other && displayHash(other.hash),
    };
  });
}
