import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import type { Chain } from "../../../chain/chain.ts";
import type { NodeWallet } from "../../../wallets/node-wallet.ts";
import type { ScanProgress } from "../../../wallets/scan-blocks.ts";
import { scanForWallet } from "../../../wallets/wallet-scan.ts";
import type { RpcDependencies, RpcHandlers } from "../rpc-dependencies.ts";
import { requestedWallet, requireUnlocked } from "./requested-wallet.ts";

/** Calls that look through blocks for a wallet's transactions, and end that. */
export function walletRescanHandlers(deps: RpcDependencies) {
  return {
    rescanblockchain: async ({ start_height: start, stop_height: stop }, context) => {
      const wallet = requestedWallet(context, deps);
      const answer = wallet.scan.run((control) => rescan(wallet, start, stop, control, deps));
      if (answer === undefined) throw new RpcError(RpcErrorCode.WALLET_ERROR, RESCANNING);
      return answer;
    },

    abortrescan: (_params, context) => requestedWallet(context, deps).scan.abort(),
  } satisfies Partial<RpcHandlers>;
}

/** Core's words where a search through blocks is under way already. */
export const RESCANNING = "Wallet is currently rescanning. Abort existing rescan or wait.";

async function rescan(
  wallet: NodeWallet,
  start: number,
  stop: number | undefined,
  control: ScanProgress,
  { chain, indexes, clock }: RpcDependencies,
) {
  requireUnlocked(wallet);
  const tipHeight = wallet.bestBlock.height;
  if (start < 0 || start > tipHeight) throw invalid("Invalid start_height");
  if (stop !== undefined && (stop < 0 || stop > tipHeight)) throw invalid("Invalid stop_height");
  if (stop !== undefined && stop < start) throw invalid("stop_height must be greater than start_height");
  requireBlocks(start, stop ?? tipHeight, chain);
  const scanning = { chain, filterIndex: indexes.blockFilters, clock };
  const range = { from: chain.blockAt(start)!, toHeight: stop };
  const { status, lastScanned } = await scanForWallet(wallet, range, control, scanning);
  if (status === "failed") throw misc("Rescan failed. Potentially corrupted data files.");
  if (status === "aborted") throw misc("Rescan aborted.");
  if (stop === undefined) wallet.takeMempool();
  await wallet.database.flush();
  return { start_height: start, stop_height: lastScanned?.height ?? null };
}

const invalid = (message: string) => new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
const misc = (message: string) => new RpcError(RpcErrorCode.MISC_ERROR, message);

function requireBlocks(start: number, stop: number, chain: Pick<Chain, "blockAt" | "lastPruned">): void {
  const pruned = chain.lastPruned();
  for (let height = start; height <= stop; height++) {
    if (chain.blockAt(height)?.hasData) continue;
    if (pruned !== undefined && pruned.height >= start) {
      throw misc("Can't rescan beyond pruned data. Use RPC call getblockchaininfo to determine your pruned height.");
    }
    throw misc(
      "Failed to rescan unavailable blocks, potentially caused by data corruption. If the issue persists you may want to reindex (see -reindex option).",
    );
  }
}
