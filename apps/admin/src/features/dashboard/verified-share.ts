import type { BlockchainInfo } from "@bitfleet/api/rest/chain.ts";

/**
 * Blocks that the node has verified, as a share (0 to 1) of those of the best known chain: by number, as the heights beside it are. The
 * share that JSON-RPC tells goes by transactions, and would look like another answer to the same question.
 */
export function verifiedShare({ height, headers, sync }: Pick<BlockchainInfo, "height" | "headers" | "sync">): number {
  const target = Math.max(headers, sync.target_height);
  return height >= target ? 1 : height / target;
}
