import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { WalletStorageError } from "../../../wallets/storage/wallet-storage-error.ts";
import type { RpcCallContext, RpcDependencies, RpcHandlers } from "../rpc-dependencies.ts";
import { requestedWallet, walletsOf } from "./requested-wallet.ts";

type Handlers = Partial<RpcHandlers>;
// biome-ignore lint/suspicious/noExplicitAny: any method's
type AnyHandler = (params: any, context: RpcCallContext) => unknown;

/**
 * The same handlers, whose callers are told where a wallet's files cannot be written or read. A wallet that could not be written is
 * unloaded: what it has in memory is more than what is on disk, and an address that was given out of that would have no key after a restart.
 */
export function withFailedWrites<Given extends Handlers>(handlers: Given, deps: RpcDependencies): Given {
  const guarded = Object.entries(handlers).map(([name, handler]) => [name, guard(handler as AnyHandler, deps)]);
  return Object.fromEntries(guarded) as Given;
}

function guard(handler: AnyHandler, deps: RpcDependencies): AnyHandler {
  return (params, context) => {
    const failed = (error: unknown): never => {
      throw failedWrite(error, context, deps);
    };
    try {
      const answer = handler(params, context);
      return answer instanceof Promise ? answer.catch(failed) : answer;
    } catch (error) {
      return failed(error);
    }
  };
}

/** What the caller is told of an error; one of the wallet's files has the wallet unloaded. */
export function failedWrite(
  error: unknown,
  context: Pick<RpcCallContext, "wallet">,
  deps: Pick<RpcDependencies, "wallets">,
): unknown {
  if (!(error instanceof WalletStorageError)) return error;
  if (error.code === "locked") return new RpcError(RpcErrorCode.WALLET_UNLOCK_NEEDED, LOCKED);
  if (["disk-full", "io", "no-permission", "damaged"].includes(error.code)) {
    walletsOf(deps).manager.giveUp(requestedWallet(context, deps), error);
    return new RpcError(RpcErrorCode.WALLET_ERROR, `Error: ${error.message} ${UNLOADED}`);
  }
  return new RpcError(RpcErrorCode.WALLET_ERROR, `Error: ${error.message}`);
}

const LOCKED = "Error: Please enter the wallet passphrase with walletpassphrase first.";
const UNLOADED = "The wallet is unloaded; load it again after that.";
