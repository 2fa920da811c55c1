import type { RpcDependencies } from "../rpc-dependencies.ts";
import { walletAddressHandlers } from "./rpc-wallet-addresses.ts";
import { walletBumpHandlers } from "./rpc-wallet-bump.ts";
import { walletCoinHandlers } from "./rpc-wallet-coins.ts";
import { walletEncryptHandlers } from "./rpc-wallet-encrypt.ts";
import { walletFundHandlers } from "./rpc-wallet-fund.ts";
import { walletManageHandlers } from "./rpc-wallet-manage.ts";
import { walletMessageHandlers } from "./rpc-wallet-messages.ts";
import { walletReceivedHandlers } from "./rpc-wallet-received.ts";
import { walletSendHandlers } from "./rpc-wallet-send.ts";
import { walletSignHandlers } from "./rpc-wallet-sign.ts";
import { walletSpendHandlers } from "./rpc-wallet-spend.ts";
import { walletTransactionHandlers } from "./rpc-wallet-transactions.ts";

/** The handlers of all calls of wallets. */
export function walletHandlers(deps: RpcDependencies) {
  return {
    ...walletAddressHandlers(deps),
    ...walletCoinHandlers(deps),
    ...walletEncryptHandlers(deps),
    ...walletManageHandlers(deps),
    ...walletMessageHandlers(deps),
    ...walletReceivedHandlers(deps),
    ...walletTransactionHandlers(deps),
    ...walletBumpHandlers(deps),
    ...walletFundHandlers(deps),
    ...walletSendHandlers(deps),
    ...walletSignHandlers(deps),
    ...walletSpendHandlers(deps),
  };
}
