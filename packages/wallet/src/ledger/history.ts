import type { LedgerView } from "./ledger-store.ts";
import type { WalletTransaction } from "./wallet-transaction.ts";

/** Records that are read at once. */
const PAGE_SIZE = 500;

/** Every transaction of a wallet, newest first. Few of them are in memory at a time. */
export function* historyOf(view: LedgerView): Generator<WalletTransaction, void, undefined> {
  let before: number | undefined;
  for (;;) {
    const page = view.history({ before, limit: PAGE_SIZE });
    yield* page;
    if (page.length < PAGE_SIZE) return;
    before = page.at(-1)!.orderPosition;
  }
}
