import type { RpcDependencies } from "../rpc-dependencies.ts";
import { walletEncryptHandlers } from "./rpc-wallet-encrypt.ts";
import { walletManageHandlers } from "./rpc-wallet-manage.ts";
import { walletSpendHandlers } from "./rpc-wallet-spend.ts";

/** The handlers of all calls of wallets. */
export function walletHandlers(deps: RpcDependencies) {
  return {
    ...walletEncryptHandlers(deps),
    ...walletManageHandlers(deps),
    ...walletSpendHandlers(deps),
  };
}
