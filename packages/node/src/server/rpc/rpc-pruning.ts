import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import type { RpcValue } from "@bitfleet/api/json.ts";
import type { Chain } from "../../chain/chain.ts";
import { MIN_BLOCKS_TO_KEEP } from "../../chain/prune-plan.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";

/** What is higher is no height but a time: it is of September 2001. */
const HEIGHT_MAX = 1_000_000_000;
/** Blocks may be dated so far from when they were made. */
const TIMESTAMP_WINDOW_SECONDS = 2 * 60 * 60;

/** Calls that delete old blocks. */
export function pruningHandlers({ chain, log }: Pick<RpcDependencies, "chain" | "log">) {
  return {
    pruneblockchain: async ({ height: heightOrTime }) => {
      if (chain.pruneMode === undefined) {
        throw new RpcError(RpcErrorCode.MISC_ERROR, "Cannot prune blocks because node is not in prune mode.");
      }
      if (heightOrTime < 0) throw new RpcError(RpcErrorCode.INVALID_PARAMETER, "Negative block height.");
      const height = heightOrTime > HEIGHT_MAX ? heightAt(chain, heightOrTime) : heightOrTime;
      const tip = chain.height;
      if (tip < chain.network.pruneAfterHeight) {
        throw new RpcError(RpcErrorCode.MISC_ERROR, "Blockchain is too short for pruning.");
      }
      if (height > tip) {
        const message = "Blockchain is shorter than the attempted prune height.";
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
      }
      if (height > tip - MIN_BLOCKS_TO_KEEP) {
        const message = "Attempt to prune blocks close to the tip.  Retaining the minimum number of blocks.";
        log.debug("rpc", message);
      }
      const last = Math.min(height, tip - MIN_BLOCKS_TO_KEEP);
      if (last > 0) await chain.pruneUpTo(last);
      return chain.lastPruned()?.height ?? -1;
    },
  } satisfies Partial<RpcHandlers>;
}

/** The height up to which all blocks are certainly older than a time. */
function heightAt(chain: Pick<Chain, "tip">, timeSeconds: number): number {
  const earliest = timeSeconds - TIMESTAMP_WINDOW_SECONDS;
  let found: number | undefined;
  // `timeMax` only grows with the height.
  for (let entry: typeof chain.tip | undefined = chain.tip; entry && entry.timeMax >= earliest; entry = entry.previous)
    found = entry.height;
  if (found !== undefined) return found;
  const message = "Could not find block with at least the specified timestamp.";
  throw new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
}

/** What `getblockchaininfo` tells of pruning. */
export function pruningJson(chain: Pick<Chain, "pruneMode" | "lastPruned">): Record<string, RpcValue> {
  const { pruneMode } = chain;
  if (pruneMode === undefined) return { pruned: false };
  const last = chain.lastPruned();
  return {
    pruned: true,
    pruneheight: last === undefined ? 0 : last.height + 1,
    automatic_pruning: pruneMode.kind === "automatic",
    ...(pruneMode.kind === "automatic" && { prune_target_size: pruneMode.targetBytes }),
  };
}
