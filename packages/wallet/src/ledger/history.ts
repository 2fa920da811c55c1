import type { LedgerView } from "./ledger-store.ts";
import type { WalletTransaction } from "./wallet-transaction.ts";

/** Records that are read at once: first as many as a caller mostly looks at, then more and more. */
const FIRST_PAGE_SIZE = 16;
const PAGE_SIZE_MAX = 512;

/** Every transaction of a wallet, newest first. Few of them are in memory at a time. */
export function* historyOf(view: LedgerView): Generator<WalletTransaction, void, undefined> {
  let before: number | undefined;
  for (let limit = FIRST_PAGE_SIZE; ; limit = Math.min(limit * 2, PAGE_SIZE_MAX)) {
    const page = view.history({ before, limit });
    yield* page;
    if (page.length < limit) return;
    before = page.at(-1)!.orderPosition;
  }
}
