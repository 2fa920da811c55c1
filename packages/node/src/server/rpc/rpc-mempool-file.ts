import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { JsonObject } from "@bitfleet/api/json.ts";
import { notOfType } from "@bitfleet/api/rpc/rpc-params.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";

/** Calls that write the mempool to its file, and take over that of another node. */
export function mempoolFileHandlers(deps: Pick<RpcDependencies, "chain" | "mempoolKeeper">) {
  const { chain, mempoolKeeper } = deps;
  return {
    savemempool: async () => {
      if (!mempoolKeeper.isLoaded) throw new RpcError(RpcErrorCode.MISC_ERROR, "The mempool was not loaded yet");
      if (!(await mempoolKeeper.save())) {
        throw new RpcError(RpcErrorCode.MISC_ERROR, "Unable to dump mempool to disk");
      }
      return { filename: mempoolKeeper.path };
    },

    importmempool: async ({ filepath, options }) => {
      if (chain.isInitialBlockDownload) {
        const message = "Can only import the mempool after the block download and sync is done.";
        throw new RpcError(RpcErrorCode.CLIENT_IN_INITIAL_DOWNLOAD, message);
      }
      const asked = options ?? new JsonObject([]);
      const isTaken = await mempoolKeeper.import(filepath, {
        usesCurrentTime: flagOf(asked, "use_current_time") ?? true,
        appliesFeeDeltas: flagOf(asked, "apply_fee_delta_priority") ?? false,
        appliesUnbroadcast: flagOf(asked, "apply_unbroadcast_set") ?? false,
      });
      if (isTaken) return {};
      const message = "Unable to import mempool file, see debug log for details.";
      throw new RpcError(RpcErrorCode.MISC_ERROR, message);
    },
  } satisfies Partial<RpcHandlers>;
}

function flagOf(options: JsonObject, name: string): boolean | undefined {
  const value = options.get(name) ?? null;
  if (value === null || typeof value === "boolean") return value ?? undefined;
  throw new RpcError(RpcErrorCode.TYPE_ERROR, notOfType(value, "bool"));
}
