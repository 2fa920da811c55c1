import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { type BlockHash, displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import { BlockStatus } from "../../chain/block-index-codec.ts";
import { blockOfHash, parseHashParam } from "../chain-json.ts";
import { hexOf } from "../hex.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";

/** Calls that ask the indexes, and about them. */
export function indexHandlers(deps: Pick<RpcDependencies, "chain" | "indexes">) {
  const { chain, indexes } = deps;

  return {
    getblockfilter: async ({ blockhash, filtertype }) => {
      parseHashParam<BlockHash>(blockhash, "blockhash");
      if (filtertype !== "basic") throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, "Unknown filtertype");
      const index = indexes.blockFilters;
      if (index === undefined) {
        throw new RpcError(RpcErrorCode.MISC_ERROR, `Index is not enabled for filtertype ${filtertype}`);
      }
      const entry = blockOfHash(chain, blockhash, "blockhash");
      const isCurrent = await index.waitUntilCurrent();
      const stored = await index.filterAt(entry);
      if (stored === undefined) throw filterNotFound(entry, isCurrent);
      return { filter: hexOf(stored.filter), header: displayHash(stored.header) };
    },

    getindexinfo: ({ index_name: name }) => {
      const shown = indexes.all.filter((index) => !name || index.name === name);
      return Object.fromEntries(
        shown.map((index) => [index.name, { synced: index.isSynced, best_block_height: index.best?.height ?? 0 }]),
      );
    },
  } satisfies Partial<RpcHandlers>;
}

/** `isCurrent`: the index has everything that the chain had. */
function filterNotFound(entry: BlockIndexEntry, isCurrent: boolean): RpcError {
  if (!entry.isValid(BlockStatus.VALID_SCRIPTS)) {
    const message = "Filter not found. Block was not connected to active chain.";
    return new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, message);
  }
  if (!isCurrent) {
    const message = "Filter not found. Block filters are still in the process of being indexed.";
    return new RpcError(RpcErrorCode.MISC_ERROR, message);
  }
  const message = "Filter not found. This error is unexpected and indicates index corruption.";
  return new RpcError(RpcErrorCode.INTERNAL_ERROR, message);
}
