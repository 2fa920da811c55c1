import type { RpcDependencies } from "../rpc-dependencies.ts";
import { walletManageHandlers } from "./rpc-wallet-manage.ts";

/** The handlers of all calls of wallets. */
export function walletHandlers(deps: RpcDependencies) {
  return { ...walletManageHandlers(deps) };
}
