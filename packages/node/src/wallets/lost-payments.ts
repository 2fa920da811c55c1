import { abandonTransaction, canBeAbandoned } from "@bitfleet/wallet/ledger/own-rules.ts";
import type { WalletManager } from "./wallet-manager.ts";

/**
 * Gives up the payments of all loaded wallets that neither chain nor mempool has: behind a return to a snapshot they would hold their coins,
 * and be sent again one day. A wallet that cannot be written is unloaded.
 */
export function abandonLostPayments(manager: Pick<WalletManager, "all" | "giveUp">): void {
  for (const wallet of manager.all()) {
    try {
      // With each go those that spend it.
      for (const { txid } of [...wallet.ledger.unconfirmedTransactions()]) {
        const record = wallet.transaction(txid);
        if (record === undefined || !record.isFromMe || !canBeAbandoned(record)) continue;
        const changes = abandonTransaction(wallet.ledger, txid);
        if (!("error" in changes)) wallet.apply(changes);
      }
    } catch (error) {
      manager.giveUp(wallet, error);
    }
  }
}
