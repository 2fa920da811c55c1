import { workOfBits } from "@bitfleet/protocol/consensus/pow.ts";
import type { BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import type { Chain } from "../../chain/chain.ts";

/** Branches that leave the best chain less deep than this are welcome, at the difficulty of the tip. */
const FORK_DEPTH_BLOCKS = 144n;

/**
 * Work that a chain of headers must claim before its headers are kept: memory for them must cost whoever sends them as much
 * as blocks near the tip cost. It is never below what the best chain is known to have.
 */
export function antiDosWork(chain: Pick<Chain, "tip">, minimumChainwork: bigint): bigint {
  const { tip } = chain;
  const nearTip = tip.chainwork - FORK_DEPTH_BLOCKS * workOfBits(tip.bits);
  return nearTip > minimumChainwork ? nearTip : minimumChainwork;
}

/** Work that the headers claim by their bits. */
export function claimedWork(headers: readonly Pick<BlockHeader, "bits">[]): bigint {
  let sum = 0n;
  let bits: number | undefined;
  let work = 0n;
  for (const header of headers) {
    // Neighbours mostly have the same difficulty, and a division of 256 bits takes a while.
    if (header.bits !== bits) {
      bits = header.bits;
      work = workOfBits(bits);
    }
    sum += work;
  }
  return sum;
}
