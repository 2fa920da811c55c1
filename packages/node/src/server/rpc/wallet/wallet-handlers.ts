import type { RpcDependencies } from "../rpc-dependencies.ts";
import { withFailedWrites } from "./failed-writes.ts";
import { walletAddressHandlers } from "./rpc-wallet-addresses.ts";
import { walletBackupHandlers } from "./rpc-wallet-backup.ts";
import { walletBumpHandlers } from "./rpc-wallet-bump.ts";
import { walletCoinHandlers } from "./rpc-wallet-coins.ts";
import { walletDescriptorHandlers } from "./rpc-wallet-descriptors.ts";
import { walletEncryptHandlers } from "./rpc-wallet-encrypt.ts";
import { walletFundHandlers } from "./rpc-wallet-fund.ts";
import { walletImportHandlers } from "./rpc-wallet-import.ts";
import { walletManageHandlers } from "./rpc-wallet-manage.ts";
import { walletMessageHandlers } from "./rpc-wallet-messages.ts";
import { walletReceivedHandlers } from "./rpc-wallet-received.ts";
import { walletRescanHandlers } from "./rpc-wallet-rescan.ts";
import { walletSendHandlers } from "./rpc-wallet-send.ts";
import { walletSignHandlers } from "./rpc-wallet-sign.ts";
import { walletSpendHandlers } from "./rpc-wallet-spend.ts";
import { walletTransactionHandlers } from "./rpc-wallet-transactions.ts";

/** The handlers of all calls of wallets. */
export function walletHandlers(deps: RpcDependencies) {
  const handlers = {
    ...walletAddressHandlers(deps),
    ...walletCoinHandlers(deps),
    ...walletBackupHandlers(deps),
    ...walletDescriptorHandlers(deps),
    ...walletEncryptHandlers(deps),
    ...walletImportHandlers(deps),
    ...walletManageHandlers(deps),
    ...walletMessageHandlers(deps),
    ...walletReceivedHandlers(deps),
    ...walletTransactionHandlers(deps),
    ...walletBumpHandlers(deps),
    ...walletFundHandlers(deps),
    ...walletSendHandlers(deps),
    ...walletSignHandlers(deps),
    ...walletRescanHandlers(deps),
    ...walletSpendHandlers(deps),
  };
  return withFailedWrites(handlers, deps);
}
